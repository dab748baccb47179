package runner

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/internal/runner/manifest"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/gym"
)

func TestSystemFunctions(t *testing.T) {
	t.Parallel()
	b := setup(t, options{})
	b.do(t, "POST", "/function/probe", "{}", nil)
	_, body := b.do(t, "GET", "/system/functions?namespace=openfaas-fn", "", nil)
	var got []functionStatus
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	next := time.Date(2026, time.March, 3, 3, 0, 0, 0, time.UTC)
	want := []functionStatus{{
		Name: "probe", Image: "example/probe:1", Namespace: "openfaas-fn", Labels: map[string]string{},
		Annotations: map[string]string{"topic": "cron-function", "schedule": "0 3 * * *"}, Limits: &manifest.Resources{Memory: "64Mi"},
		Replicas: 1, AvailableReplicas: 1, InvocationCount: 1, CreatedAt: faastest.Now, NextRun: &next,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("/system/functions (-want +got):\n%s", diff)
	}
	if _, body := b.do(t, "GET", "/system/functions?namespace=other", "", nil); strings.TrimSpace(body) != "[]" {
		t.Errorf("other namespace: %s", body)
	}
}

func TestBadScheduleIsLoud(t *testing.T) {
	t.Parallel()
	b := setup(t, options{schedule: "every night"})
	if !strings.Contains(b.log.String(), "A SCHEDULE WILL NOT RUN") {
		t.Errorf("log %s", b.log)
	}
	if _, body := b.do(t, "GET", "/system/function/probe", "", nil); !strings.Contains(body, "scheduleError") {
		t.Errorf("status %s", body)
	}
}

func TestSystemAuth(t *testing.T) {
	t.Parallel()
	b := setup(t, options{change: func(c *Config) {
		c.Addr = "0.0.0.0:8080"
		c.Secrets = faas.SecretMap{faas.KeySecret: faastest.Key, "basic-auth-user": "admin", "basic-auth-password": "pass\n"}
	}})
	basic := func(user, password string) map[string]string {
		req, _ := http.NewRequest("GET", "/", nil)
		req.SetBasicAuth(user, password)
		return map[string]string{"Authorization": req.Header.Get("Authorization")}
	}
	for _, path := range []string{"/system/functions", "/system/info", "/metrics"} {
		for name, tt := range map[string]struct {
			header map[string]string
			status int
		}{
			"none": {nil, 401}, "wrong": {basic("admin", "word"), 401}, "right": {basic("admin", "pass"), 200},
		} {
			if res, _ := b.do(t, "GET", path, "", tt.header); res.StatusCode != tt.status {
				t.Errorf("%s with %s auth = %d, want %d", path, name, res.StatusCode, tt.status)
			}
		}
	}
	none := setup(t, options{change: func(c *Config) { c.Addr = ":8080" }})
	if res, _ := none.do(t, "GET", "/system/info", "", basic("", "")); res.StatusCode != 401 {
		t.Errorf("without the secrets: %d, want 401", res.StatusCode)
	}
}

func TestReadyz(t *testing.T) {
	t.Parallel()
	percent := 42
	state := CheckResult{State: StateLoading, Percent: &percent, Model: "coach"}
	b := setup(t, options{change: func(c *Config) {
		c.Checks = []Check{{Name: "model coach", Run: func(context.Context) CheckResult { return state }}}
	}})
	res, body := b.do(t, "GET", "/readyz", "", nil)
	want := `{"status":"not_ready","checks":[{"name":"function probe","state":"ok"},{"name":"model coach","state":"loading","percent":42,"model":"coach"}]}`
	if res.StatusCode != 503 || strings.TrimSpace(body) != want || res.Header.Get("Retry-After") == "" {
		t.Errorf("readyz = %d %s, want 503 %s", res.StatusCode, body, want)
	}
	state = CheckResult{}
	if res, _ := b.do(t, "GET", "/readyz", "", nil); res.StatusCode != 200 {
		t.Errorf("readyz = %d after loading", res.StatusCode)
	}
	b.probe.OnReady(func(context.Context) error {
		return gym.Errorf(gym.ErrUnavailable, "model_missing", "the model is missing")
	})
	res, body = b.do(t, "GET", "/readyz", "", nil)
	if res.StatusCode != 503 || !strings.Contains(body, "the model is missing") {
		t.Errorf("readyz = %d %s", res.StatusCode, body)
	}
}
