package faas

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/intellifit/intellifit/shared/gym"
)

// bearer is the name of the security scheme in the specification.
const bearer = "bearer"

// Roles is the Security of an operation that only these roles may call.
func Roles(roles ...gym.Role) []map[string][]string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return []map[string][]string{{bearer: names}}
}

// Public is the Security of an operation that needs no token.
func Public() []map[string][]string { return []map[string][]string{} }

// BearerToken is the token of an Authorization header. Without one the error has the code token_missing.
func BearerToken(h http.Header) (string, error) {
	scheme, token, _ := strings.Cut(strings.TrimSpace(h.Get("Authorization")), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", &gym.Error{
			Kind: gym.ErrUnauthorized, Code: CodeTokenMissing,
			Detail: "the header Authorization has no bearer token",
			Hint:   "send Authorization: Bearer TOKEN; `intellifit token --as ID` prints one",
		}
	}
	return token, nil
}

// Authenticate returns who a request acts for, or an error that is answered with 401 and WWW-Authenticate.
func (v *Verifier) Authenticate(h http.Header) (gym.Principal, error) {
	token, err := BearerToken(h)
	if err != nil {
		return gym.Principal{}, challenge(err)
	}
	p, err := v.Verify(token)
	if err != nil {
		return gym.Principal{}, challenge(err)
	}
	return p, nil
}

// challenge adds what RFC 6750 §3 asks of a 401.
func challenge(err error) error {
	p := ProblemOf(err)
	if p.Status != http.StatusUnauthorized {
		return err
	}
	value := `Bearer realm="intellifit"`
	if p.Code != CodeTokenMissing {
		value += `, error="invalid_token", error_description="` + p.Detail + `"`
	}
	return p.SetHeader("WWW-Authenticate", value)
}

// RequireToken is the huma middleware that NewAPI installs before every operation: default deny. It puts the principal
// into the context; an operation with Security: Roles(…) refuses other roles with 403, one with Public() asks nothing.
func RequireToken(api huma.API, v *Verifier) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		security := ctx.Operation().Security
		if security != nil && len(security) == 0 {
			next(ctx)
			return
		}
		p, err := v.Authenticate(http.Header{"Authorization": {ctx.Header("Authorization")}})
		if err == nil {
			callFrom(ctx.Context()).principal = p
			err = checkRole(p.Role, security)
		}
		if err != nil {
			_ = huma.WriteErr(api, ctx, http.StatusInternalServerError, "", err) // the hook finds the status of err
			return
		}
		next(huma.WithContext(ctx, gym.WithPrincipal(ctx.Context(), p)))
	}
}

// Protect serves a pattern of http.ServeMux that is no huma operation, behind the same token check, for these roles.
func (a *API) Protect(pattern string, h http.Handler, roles ...gym.Role) {
	security := Roles(roles...)
	a.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		p, err := a.verifier.Authenticate(r.Header)
		if err == nil {
			callFrom(r.Context()).principal = p
			err = checkRole(p.Role, security)
		}
		if err != nil {
			WriteProblem(r.Context(), w, err)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, MaxJSONBody)
		h.ServeHTTP(w, r.WithContext(gym.WithPrincipal(r.Context(), p)))
	})
}

func checkRole(role gym.Role, security []map[string][]string) error {
	if len(security) == 0 {
		return nil
	}
	for _, requirement := range security {
		allowed, ok := requirement[bearer]
		if ok && (len(allowed) == 0 || slices.Contains(allowed, string(role))) {
			return nil
		}
	}
	return &gym.Error{Kind: gym.ErrForbidden, Code: CodeRoleNotAllowed, Detail: "a token of the role " + string(role) + " may not do this"}
}
