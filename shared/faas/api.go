package faas

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"path"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// API is one function's HTTP surface: a huma.API whose operations are behind the token check, with our limits and
// problem documents, served as an http.Handler.
type API struct {
	huma.API
	mux      *http.ServeMux
	name     string
	host     Host
	verifier *Verifier

	mu    sync.Mutex
	ready []func(context.Context) error
}

// Option changes how an API is made.
type Option func(*huma.Config)

// WithFormat lets clients ask for answers in another media type than JSON by the header Accept. Errors stay problem
// documents, requests stay JSON.
func WithFormat(contentType string, marshal func(w io.Writer, v any) error) Option {
	return func(c *huma.Config) {
		c.Formats = maps.Clone(c.Formats)
		c.Formats[contentType] = huma.Format{
			Marshal:   marshal,
			Unmarshal: func([]byte, any) error { return fmt.Errorf("%w: %s", huma.ErrUnknownContentType, contentType) },
		}
	}
}

// NewAPI makes the API of the function called name. It fails when the host has no signing key.
func NewAPI(name, version, description string, host Host, options ...Option) (*API, error) {
	host = host.withDefaults()
	verifier, err := NewVerifier(host.Secrets, host.Now)
	if err != nil {
		return nil, fmt.Errorf("make the function %s: %w", name, err)
	}
	a := &API{mux: http.NewServeMux(), name: name, host: host, verifier: verifier}
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: name, Version: version, Description: description},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaNamer()),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					bearer: {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "a token for one person of one gym; scopes name the roles that may call"},
				},
			},
		},
		Transformers:  []huma.Transformer{finishProblem},
		Formats:       huma.DefaultFormats,
		DefaultFormat: "application/json",
	}
	for _, change := range options {
		change(&config)
	}
	a.API = huma.NewAPI(config, adapter{a.mux})
	a.API.UseMiddleware(RequireToken(a.API, verifier))
	a.mux.HandleFunc("GET /_/health", a.health)
	a.mux.HandleFunc("GET /_/ready", a.readiness)
	return a, nil
}

// Name is the function's name.
func (a *API) Name() string { return a.name }

// Host is what the function was made with, its gaps filled.
func (a *API) Host() Host { return a.host }

// HandleFunc serves a pattern of http.ServeMux that is no huma operation. It is outside the token check.
func (a *API) HandleFunc(pattern string, h http.HandlerFunc) { a.mux.HandleFunc(pattern, h) }

// ServeHTTP gives the request its call id, logger and idempotency key, answers panics and unknown routes as problems,
// and writes one log line per call.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	c, err := newCall(a.name, r.Header, a.host.Log)
	ctx := withCall(r.Context(), c)
	r = r.WithContext(ctx)
	rec := &recorder{ResponseWriter: w}
	w.Header().Set(CallIDHeader, c.id)
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			c.log.Error("call panicked", "cause", fmt.Sprint(p), "stack", string(debug.Stack()))
			if rec.status == 0 {
				WriteProblem(ctx, rec, NewProblem(http.StatusInternalServerError, CodeInternal, "something went wrong on our side", ""))
			} else { // half an answer must not look whole
				a.logCall(c, r, rec, started)
				panic(http.ErrAbortHandler)
			}
		}
		a.logCall(c, r, rec, started)
	}()
	if err != nil {
		WriteProblem(ctx, rec, err)
		return
	}
	a.route(rec, r)
}

func (a *API) route(w *recorder, r *http.Request) {
	if r.URL.Path == "" {
		r.URL.Path = "/"
	}
	if r.URL.Path != cleanPath(r.URL.Path) {
		WriteProblem(r.Context(), w, NewProblem(http.StatusBadRequest, CodePathInvalid, "the path has empty or dotted segments", ""))
		return
	}
	if _, pattern := a.mux.Handler(r); pattern == "" {
		a.unknownRoute(w, r)
		return
	}
	a.mux.ServeHTTP(w, r)
}

// unknownRoute asks the mux whether the path or only the method is wrong, and says it as a problem.
func (a *API) unknownRoute(w http.ResponseWriter, r *http.Request) {
	probe := &headerOnly{header: http.Header{}}
	h, _ := a.mux.Handler(r)
	h.ServeHTTP(probe, r)
	if probe.status == http.StatusMethodNotAllowed {
		WriteProblem(r.Context(), w, NewProblem(http.StatusMethodNotAllowed, CodeMethodNotAllowed,
			"this path does not take "+r.Method, "it takes "+probe.header.Get("Allow")).SetHeader("Allow", probe.header.Get("Allow")))
		return
	}
	WriteProblem(r.Context(), w, NewProblem(http.StatusNotFound, CodeRouteNotFound,
		"the function "+a.name+" has no such path", "GET /openapi.json lists the paths"))
}

func (a *API) logCall(c *call, r *http.Request, rec *recorder, started time.Time) {
	if strings.HasPrefix(r.URL.Path, "/_/") {
		return
	}
	status := rec.status
	if status == 0 {
		status = http.StatusOK
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method), slog.String("route", routeOf(r)), slog.Int("status", status),
		slog.Int64("dur_ms", time.Since(started).Milliseconds()), slog.Int64("bytes", rec.bytes),
	}
	if c.principal.Subject != "" {
		attrs = append(attrs, slog.String("subject", c.principal.Subject), slog.String("gym", c.principal.GymID))
	}
	if c.code != "" {
		attrs = append(attrs, slog.String("code", c.code))
	}
	c.log.LogAttrs(r.Context(), slog.LevelInfo, "call", attrs...)
}

// routeOf is the pattern and not the path, which holds ids that a metric or log must not multiply by.
func routeOf(r *http.Request) string {
	if r.Pattern == "" {
		return "none"
	}
	_, route, _ := strings.Cut(r.Pattern, " ")
	return strings.TrimSuffix(route, "{$}")
}

func cleanPath(p string) string {
	if !strings.HasPrefix(p, "/") {
		return ""
	}
	cleaned := path.Clean(p)
	if strings.HasSuffix(p, "/") && cleaned != "/" {
		cleaned += "/"
	}
	return cleaned
}

// adapter registers huma operations with the mux. It differs from humago's in three ways: "/" means exactly "/", bodies
// go through bodyContext, and unknown query parameters are refused.
type adapter struct{ *http.ServeMux }

// Handle registers one operation.
func (a adapter) Handle(op *huma.Operation, handle func(huma.Context)) {
	limit := op.MaxBodyBytes
	if limit <= 0 || limit == humaDefaultBody {
		limit = MaxJSONBody
	}
	op.MaxBodyBytes = -1 // bodyContext keeps the limit; huma's own check refuses a body of exactly the limit
	op.RejectUnknownQueryParameters = true
	if op.Security == nil {
		op.Security = Roles()
	}
	pattern := op.Path
	if strings.HasSuffix(pattern, "/") {
		pattern += "{$}"
	}
	a.HandleFunc(op.Method+" "+pattern, func(w http.ResponseWriter, r *http.Request) {
		ctx := huma.Context(humago.NewContext(op, r, w))
		if op.RequestBody != nil {
			if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
				r.Body = http.MaxBytesReader(w, r.Body, limit) // huma parses the form from r itself
			}
			ctx = &bodyContext{humaContext: ctx, w: w, r: r, limit: limit, timeout: op.BodyReadTimeout}
		}
		handle(ctx)
	})
}

// schemaNamer names schemas by their type, and by package and type where two packages use the same name.
func schemaNamer() func(reflect.Type, string) string {
	owners := map[string]reflect.Type{}
	return func(t reflect.Type, hint string) string {
		name := huma.DefaultSchemaNamer(t, hint)
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if owner, taken := owners[name]; taken && owner != t {
			pkg := path.Base(t.PkgPath())
			if pkg != "." && pkg != "" {
				name = strings.ToUpper(pkg[:1]) + pkg[1:] + name
			}
		}
		owners[name] = t
		return name
	}
}
