package runner

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/internal/runner/manifest"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
)

// systemAuth guards /system and /metrics. On loopback they may be read by anyone on this machine; on any other address
// they need the basic auth of OpenFaaS, from the secrets basic-auth-user and basic-auth-password.
type systemAuth struct {
	secrets faas.Secrets
	open    bool
}

func (a systemAuth) protect(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.open && !a.holds(r) {
			w.Header().Set("WWW-Authenticate", `Basic realm="intellifit"`)
			faas.WriteProblem(r.Context(), w, gym.Errorf(gym.ErrUnauthorized, "basic_auth_required", "this path needs the basic auth of the host"))
			return
		}
		next(w, r)
	})
}

// holds compares in constant time; without both secrets nobody is let in.
func (a systemAuth) holds(r *http.Request) bool {
	wantUser, userErr := a.secrets.Secret("basic-auth-user")
	wantPassword, passwordErr := a.secrets.Secret("basic-auth-password")
	user, password, ok := r.BasicAuth()
	if userErr != nil || passwordErr != nil || wantUser == "" || wantPassword == "" || !ok {
		return false
	}
	return equal(user, wantUser)&equal(password, wantPassword) == 1
}

func equal(a, b string) int {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:])
}

// functionStatus has the field names of faas-provider's types.FunctionStatus. The environment is left out: its addresses
// may hold passwords.
type functionStatus struct {
	Name              string              `json:"name"`
	Image             string              `json:"image"`
	Namespace         string              `json:"namespace"`
	Secrets           []string            `json:"secrets,omitempty"`
	Labels            map[string]string   `json:"labels"`
	Annotations       map[string]string   `json:"annotations"`
	Limits            *manifest.Resources `json:"limits,omitempty"`
	Replicas          int                 `json:"replicas"`
	AvailableReplicas int                 `json:"availableReplicas"`
	InvocationCount   float64             `json:"invocationCount"`
	CreatedAt         time.Time           `json:"createdAt"`
	NextRun           *time.Time          `json:"nextRun,omitempty"`       // ours: when its schedule comes next
	ScheduleError     string              `json:"scheduleError,omitempty"` // ours: why its schedule never comes
}

func (r *Runner) status(f *function) functionStatus {
	s := functionStatus{
		Name: f.spec.Name, Image: f.spec.Image, Namespace: Namespace, Secrets: f.spec.Secrets, Labels: f.spec.Labels,
		Annotations: f.spec.Annotations, Replicas: 1, AvailableReplicas: 1, CreatedAt: r.started.UTC(),
		InvocationCount: r.metrics.count(f),
	}
	if f.spec.Limits != (manifest.Resources{}) {
		s.Limits = &f.spec.Limits
	}
	schedule, ok, err := f.spec.Schedule()
	if err != nil {
		s.ScheduleError = err.Error()
	}
	if ok {
		next := schedule.Next(r.cfg.Now().UTC()).UTC()
		s.NextRun = &next
	}
	return s
}

func (r *Runner) listFunctions(w http.ResponseWriter, req *http.Request) {
	list := []functionStatus{}
	if ns := req.URL.Query().Get("namespace"); ns == "" || ns == Namespace {
		for _, f := range r.functions {
			list = append(list, r.status(f))
		}
	}
	slices.SortFunc(list, func(a, b functionStatus) int { return strings.Compare(a.Name, b.Name) })
	writeJSON(w, http.StatusOK, list)
}

func (r *Runner) oneFunction(w http.ResponseWriter, req *http.Request) {
	f, err := r.lookup(invocation{name: strings.TrimSuffix(req.PathValue("name"), "."+Namespace)})
	if err != nil {
		faas.WriteProblem(req.Context(), w, err)
		return
	}
	writeJSON(w, http.StatusOK, r.status(f))
}

func (r *Runner) info(w http.ResponseWriter, _ *http.Request) {
	version := map[string]string{"release": r.cfg.Version, "sha": ""}
	writeJSON(w, http.StatusOK, map[string]any{
		"arch":     runtime.GOARCH,
		"provider": map[string]any{"provider": "intellifit", "orchestration": "in-process", "version": version},
		"version":  version,
	})
}

func namespaces(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, []string{Namespace})
}

// notOffered answers what changes functions on OpenFaaS: here they come from stack.yml alone.
func notOffered(w http.ResponseWriter, r *http.Request) {
	faas.WriteProblem(r.Context(), w, faas.NewProblem(http.StatusNotImplemented, "not_offered",
		"the local runner does not offer this", "edit stack.yml and start again"))
}
