package runner

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/postgres"
)

// TestKilledRunner kills runner after runner with kill -9 at random points, while calls are being accepted and worked.
// In the end every call that was accepted is done, with exactly one effect each.
func TestKilledRunner(t *testing.T) {
	t.Parallel()
	url, db := newDatabase(t)
	random := rand.New(rand.NewPCG(1, 2))
	b := &asyncBundle{db: db}
	accepted := map[string]bool{}
	bodyOf := func(i int) string { return fmt.Sprintf(`{"millis":%d}`, 10*(i+1)) }
	const kills, perRunner = 12, 6
	for round := range kills {
		v := startVictim(t, url)
		b.base = v.base
		dead := make(chan struct{})
		go func() {
			defer close(dead)
			time.Sleep(time.Duration(random.IntN(250)) * time.Millisecond)
			v.kill()
		}()
		for i := range perRunner {
			id := fmt.Sprintf("kill-%d-%d", round, i)
			status, _, _, err := b.post(t, "/", bodyOf(i), id)
			if err == nil && status == 202 {
				accepted[id] = true
			}
		}
		<-dead
	}
	last := startVictim(t, url)
	b.base = last.base
	acknowledged := len(accepted)
	// Who had no answer asks again under the same id. Whether the first one had arrived makes no difference.
	for round := range kills {
		for i := range perRunner {
			if id := fmt.Sprintf("kill-%d-%d", round, i); !accepted[id] {
				b.mustPost(t, "/", bodyOf(i), id)
				accepted[id] = true
			}
		}
	}
	eventually(t, "the end of every call", func() bool {
		return b.count(t, `SELECT count(*) FROM river_job WHERE finalized_at IS NULL`) == 0
	})
	runs := b.count(t, `SELECT count(*) FROM effect_run`)
	t.Logf("%d of %d calls were acknowledged at once, %d runs, %d kills", acknowledged, kills*perRunner, runs, kills)
	if acknowledged == 0 {
		t.Fatal("no call was accepted before a kill")
	}
	for id := range accepted {
		if c := b.call(t, id); c.State != postgres.CallDone || c.Status != 204 || c.Body != nil {
			t.Errorf("call %s: %s %d", id, c.State, c.Status)
		}
		if n := b.count(t, `SELECT count(*) FROM effect WHERE call_id = $1`, id); n != 1 {
			t.Errorf("call %s has %d effects", id, n)
		}
		if n := b.count(t, `SELECT count(*) FROM river_job WHERE args->>'call_id' = $1`, id); n != 1 {
			t.Errorf("call %s has %d jobs", id, n)
		}
	}
	b.mustPost(t, "/", bodyOf(0), "kill-0-0") // a repeat after the end changes nothing
	if again := b.count(t, `SELECT count(*) FROM effect_run`); again != runs {
		t.Errorf("a repeat ran the function again")
	}
}

// TestKilledAt kills the runner with kill -9 at the points that matter. The next one ends the call, with one effect.
func TestKilledAt(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ path, reached string }{
		"before the effect": {"/wait", `SELECT count(*) FROM effect_run WHERE call_id = $1`},
		"after the effect":  {"/after", `SELECT count(*) FROM effect WHERE call_id = $1`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, db := newDatabase(t)
			v := startVictim(t, url)
			b := &asyncBundle{db: db, base: v.base}
			id := b.mustPost(t, tt.path, `{}`, "")
			eventually(t, "the point of the kill", func() bool { return b.count(t, tt.reached, id) > 0 })
			v.kill()
			next := setupAsync(t, db, nil)
			close(next.effect.release)
			if c := next.ended(t, id); c.State != postgres.CallDone || c.Status != 204 {
				t.Errorf("call %+v", c)
			}
			if n := b.count(t, `SELECT count(*) FROM effect WHERE call_id = $1`, id); n != 1 {
				t.Errorf("%d effects", n)
			}
		})
	}
}

// TestKilledBeforeTheJobEnded is a kill between the end of the call and that of its job: the call is not run again.
func TestKilledBeforeTheJobEnded(t *testing.T) {
	t.Parallel()
	_, db := newDatabase(t)
	first := setupAsync(t, db, nil)
	id := first.mustPost(t, "/", `{}`, "")
	unfinished := func() int { return first.count(t, `SELECT count(*) FROM river_job WHERE finalized_at IS NULL`) }
	eventually(t, "the end of the job", func() bool { return unfinished() == 0 })
	first.stop()
	if _, err := db.Pool().Exec(t.Context(), `UPDATE river_job SET state = 'running', finalized_at = NULL`); err != nil {
		t.Fatal(err)
	}
	if unfinished() != 1 {
		t.Fatal("the job is not as the kill leaves it")
	}
	second := setupAsync(t, db, nil)
	eventually(t, "the end of the job", func() bool { return unfinished() == 0 })
	if runs := second.count(t, `SELECT count(*) FROM effect_run WHERE call_id = $1`, id); runs != 1 {
		t.Errorf("%d runs of a call that had ended", runs)
	}
}

// TestSecondRunner starts a runner beside one that works: it must not take over what the other is running.
func TestSecondRunner(t *testing.T) {
	t.Parallel()
	_, db := newDatabase(t)
	entered := make(chan string, 2)
	first := setupAsync(t, db, entered)
	id := first.mustPost(t, "/wait", `{}`, "")
	<-entered
	second := setupAsync(t, db, nil)
	other := second.mustPost(t, "/", `{}`, "")
	second.ended(t, other)
	if runs := first.count(t, `SELECT count(*) FROM effect_run WHERE call_id = $1`, id); runs != 1 {
		t.Errorf("the running call was started %d times", runs)
	}
	close(first.effect.release)
	if c := first.ended(t, id); c.State != postgres.CallDone {
		t.Errorf("call %+v", c)
	}
}
