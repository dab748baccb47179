package runner

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

// post sends an asynchronous call and returns the status, the call id of the answer and its body.
func (b *asyncBundle) post(t *testing.T, path, body, id string) (status int, callID, answer string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", b.base+"/async-function/effect"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+b.token(t))
	req.Header.Set("Content-Type", "application/json")
	if id != "" {
		req.Header.Set("X-Call-Id", id)
	}
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, res.Header.Get("X-Call-Id"), string(text), err
}

func (b *asyncBundle) mustPost(t *testing.T, path, body, id string) string {
	t.Helper()
	status, callID, answer, err := b.post(t, path, body, id)
	if err != nil || status != http.StatusAccepted || answer != "" || callID == "" || id != "" && callID != id {
		t.Fatalf("POST %s = %d, id %q, body %q, %v; want 202", path, status, callID, answer, err)
	}
	return callID
}

func (b *asyncBundle) call(t *testing.T, id string) postgres.Call {
	t.Helper()
	c, err := b.db.Call(postgrestest.As(t.Context(), "m1", gym.RoleMember), "m1", id)
	if err != nil {
		t.Fatalf("read call %s: %v", id, err)
	}
	return c
}

func (b *asyncBundle) ended(t *testing.T, id string) postgres.Call {
	t.Helper()
	var c postgres.Call
	eventually(t, "the end of call "+id, func() bool {
		c = b.call(t, id)
		return c.State == postgres.CallDone || c.State == postgres.CallFailed
	})
	return c
}

func (b *asyncBundle) count(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	if err := b.db.Pool().QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAsyncCall(t *testing.T) {
	t.Parallel()
	_, db := newDatabase(t)
	b := setupAsync(t, db, nil)
	id := b.mustPost(t, "/sub?note=a%20b", `{"text":"knee"}`, "")
	c := b.ended(t, id)
	if c.State != postgres.CallDone || c.Status != 204 || c.Body != nil || c.Attempts != 1 || c.Problem != nil || c.FinishedAt == nil {
		t.Errorf("call %+v", c)
	}
	var got [5]string
	if err := db.Pool().QueryRow(t.Context(), `SELECT subject, gym_id, path, query, size::text FROM effect WHERE call_id = $1`, id).
		Scan(&got[0], &got[1], &got[2], &got[3], &got[4]); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([5]string{"m1", "testgym", "/sub", "a b", "4"}, got); diff != "" {
		t.Errorf("what the function saw (-want +got):\n%s", diff)
	}
	var args string
	if err := db.Pool().QueryRow(t.Context(), `SELECT args::text FROM river_job`).Scan(&args); err != nil {
		t.Fatal(err)
	}
	if want := `{"gym_id": "testgym", "call_id": "` + id + `", "subject": "m1"}`; args != want {
		t.Errorf("the queue holds %s, want %s", args, want)
	}
}

// TestAsyncIsAPost: any other method is refused before anything is looked at.
func TestAsyncIsAPost(t *testing.T) {
	t.Parallel()
	b := setup(t, options{})
	for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		res, body := b.do(t, method, "/async-function/probe", "", nil)
		if res.StatusCode != 405 || res.Header.Get("Allow") != "POST" || method != "HEAD" && code(t, body) != "method_not_allowed" {
			t.Errorf("%s = %d %v %s, want 405 and Allow: POST", method, res.StatusCode, res.Header, body)
		}
	}
}

func TestAsyncHeaders(t *testing.T) {
	t.Parallel()
	_, db := newDatabase(t)
	b := setup(t, options{change: func(c *Config) { c.DB = db }})
	for sent, kept := range map[string]bool{"my-call.1": true, "": false, "a b": false, strings.Repeat("x", 129): false} {
		res, body := b.do(t, "POST", "/async-function/probe.openfaas-fn", "{}", map[string]string{"X-Call-Id": sent, "X-Callback-Url": "http://127.0.0.1:1/"})
		id := res.Header.Get("X-Call-Id")
		if res.StatusCode != 202 || body != "" || !faas.ValidCallID(id) || (id == sent) != kept {
			t.Errorf("X-Call-Id %q = %d %q, the reply has %q", sent, res.StatusCode, body, id)
		}
		if _, err := strconv.ParseInt(res.Header.Get("X-Start-Time"), 10, 64); err != nil || res.Header.Get("X-Served-By") == "" {
			t.Errorf("X-Start-Time %q, X-Served-By %q", res.Header.Get("X-Start-Time"), res.Header.Get("X-Served-By"))
		}
		if warning := res.Header.Get("Warning"); !strings.Contains(warning, "X-Callback-Url is not followed") {
			t.Errorf("Warning %q, want that the callback is not followed", warning)
		}
	}
}

func TestAsyncSameID(t *testing.T) {
	t.Parallel()
	_, db := newDatabase(t)
	b := setupAsync(t, db, nil)
	b.mustPost(t, "/", `{"text":"a"}`, "same")
	b.mustPost(t, "/", `{"text":"a"}`, "same")
	b.ended(t, "same")
	b.mustPost(t, "/", `{"text":"a"}`, "same")
	for _, other := range [][2]string{{"/", `{"text":"b"}`}, {"/sub", `{"text":"a"}`}, {"/?note=x", `{"text":"a"}`}} {
		if status, _, answer, err := b.post(t, other[0], other[1], "same"); status != 409 || code(t, answer) != "call_id_reused" {
			t.Errorf("POST %v = %d %s %v, want 409", other, status, answer, err)
		}
	}
	if jobs, runs := b.count(t, `SELECT count(*) FROM river_job`), b.count(t, `SELECT count(*) FROM effect_run`); jobs != 1 || runs != 1 {
		t.Errorf("%d jobs and %d runs for one id", jobs, runs)
	}
}

func TestAsyncConcurrentSameID(t *testing.T) {
	t.Parallel()
	_, db := newDatabase(t)
	b := setupAsync(t, db, nil)
	statuses := make(chan int, 8)
	for range cap(statuses) {
		go func() {
			status, _, _, _ := b.post(t, "/", `{}`, "storm")
			statuses <- status
		}()
	}
	for range cap(statuses) {
		if status := <-statuses; status != 202 {
			t.Errorf("status %d", status)
		}
	}
	b.ended(t, "storm")
	if jobs := b.count(t, `SELECT count(*) FROM river_job`); jobs != 1 {
		t.Errorf("%d jobs for one id", jobs)
	}
}

func TestAsyncBodyLimit(t *testing.T) {
	t.Parallel()
	_, db := newDatabase(t)
	b := setupAsync(t, db, nil)
	for n, want := range map[int]int{255_999: 202, 256_000: 202, 256_001: 413} {
		body := `{"text":"` + strings.Repeat("x", n-len(`{"text":""}`)) + `"}`
		status, id, answer, err := b.post(t, "/", body, "")
		if err != nil || status != want {
			t.Errorf("%d bytes: %d %s %v, want %d", n, status, answer, err, want)
		}
		if want == 202 {
			if c := b.ended(t, id); c.State != postgres.CallDone {
				t.Errorf("%d bytes: call %s %s", n, c.State, c.Problem)
			}
		}
	}
	chunked, err := http.NewRequestWithContext(t.Context(), "POST", b.base+"/async-function/effect", io.MultiReader(strings.NewReader(strings.Repeat("x", 256_001))))
	if err != nil {
		t.Fatal(err)
	}
	chunked.Header.Set("Authorization", "Bearer "+b.token(t))
	res, err := http.DefaultClient.Do(chunked)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 413 {
		t.Errorf("chunked: %d, want 413", res.StatusCode)
	}
}

func TestAsyncFailures(t *testing.T) {
	t.Parallel()
	_, db := newDatabase(t)
	b := setupAsync(t, db, nil)
	for _, tt := range []struct {
		name, path, body string
		fail             int32
		state            postgres.CallState
		status, runs     int
		code             string
	}{
		{"refused once and for all", "/refuse", `{}`, 0, postgres.CallFailed, 422, 1, "refused"},
		{"bad body", "/", `{"x":1}`, 0, postgres.CallFailed, 400, 0, "unknown_field"},
		{"recovers", "/flaky", `{}`, 2, postgres.CallDone, 204, 3, ""},
		{"never recovers", "/flaky", `{}`, 99, postgres.CallFailed, 503, 5, "model_loading"},
	} {
		b.effect.fail.Store(tt.fail)
		id := b.mustPost(t, tt.path, tt.body, "")
		c := b.ended(t, id)
		runs := b.count(t, `SELECT count(*) FROM effect_run WHERE call_id = $1`, id)
		if c.State != tt.state || c.Status != tt.status || runs != tt.runs || code(t, string(c.Problem)) != tt.code || c.Body != nil {
			t.Errorf("%s: %s %d after %d runs, problem %s", tt.name, c.State, c.Status, runs, c.Problem)
		}
	}
}

func TestAsyncTimeout(t *testing.T) {
	t.Parallel()
	_, db := newDatabase(t)
	b := setupAsync(t, db, nil)
	id := b.mustPost(t, "/slow", `{}`, "")
	eventually(t, "a second attempt", func() bool {
		return b.count(t, `SELECT count(*) FROM effect_run WHERE call_id = $1`, id) > 1
	})
	if c := b.call(t, id); c.State != postgres.CallRunning || c.Body == nil {
		t.Errorf("call %+v, want it to be tried again", c)
	}
}

// TestAsyncStop interrupts a running call by a stop: it costs no attempt and the next runner finishes it.
func TestAsyncStop(t *testing.T) {
	t.Parallel()
	_, db := newDatabase(t)
	entered := make(chan string, 1)
	first := setupAsync(t, db, entered)
	id := first.mustPost(t, "/wait", `{}`, "")
	<-entered
	first.stop()
	if n := first.count(t, `SELECT count(*) FROM river_job WHERE attempt = 0 AND state IN ('available', 'scheduled')`); n != 1 {
		t.Errorf("the interrupted job is not back in the queue without a lost attempt")
	}
	second := setupAsync(t, db, nil)
	close(second.effect.release)
	if c := second.ended(t, id); c.State != postgres.CallDone || c.Attempts != 2 {
		t.Errorf("call %+v", c)
	}
}

func TestAsyncConcurrency(t *testing.T) {
	t.Parallel()
	_, db := newDatabase(t)
	entered := make(chan string, 8)
	b := setupAsync(t, db, entered)
	for range 4 {
		b.mustPost(t, "/wait", `{}`, "")
	}
	<-entered
	<-entered
	// max_inflight is 3: asynchronous calls take two slots, and a caller who waits for the answer still gets in.
	req, err := http.NewRequestWithContext(t.Context(), "POST", b.base+"/function/effect", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+b.token(t))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 204 {
		t.Errorf("direct call beside a busy queue: %d", res.StatusCode)
	}
	if n := b.count(t, `SELECT count(*) FROM river_job WHERE state = 'running'`); n != 2 {
		t.Errorf("%d asynchronous calls run at once, want 2", n)
	}
	close(b.effect.release)
}

func TestQueueFull(t *testing.T) {
	t.Parallel()
	_, db := newDatabase(t)
	b := setupAsync(t, db, nil)
	if _, err := db.Pool().Exec(t.Context(), `INSERT INTO river_job (kind, args, queue, max_attempts, state, scheduled_at)
		SELECT $1, '{}', $2, 5, 'scheduled', now() + interval '1 day' FROM generate_series(1, $3)`, jobKind, queuePrefix+"effect", maxQueued); err != nil {
		t.Fatal(err)
	}
	status, id, answer, err := b.post(t, "/", `{}`, "late")
	if err != nil || status != 429 || code(t, answer) != "queue_full" {
		t.Errorf("POST = %d %s %v, want 429", status, answer, err)
	}
	if _, err := db.Call(postgrestest.As(t.Context(), "m1", gym.RoleMember), "m1", id); err == nil {
		t.Error("a refused call was stored")
	}
	res, err := http.Get(b.base + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if want := `intellifit_queue_calls{function_name="effect.openfaas-fn",state="waiting"} 1000`; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("/metrics lacks %s: %v", want, err)
	}
}
