package faas

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/intellifit/intellifit/shared/gym"
)

// CodeRateLimited is the code of a call that came too soon after others of the same person.
const CodeRateLimited = "rate_limited"

// Allow counts one call of a person against a limit.
type Allow func(ctx context.Context, subject string) (gym.Quota, error)

// Limited is the middleware of an operation whose calls are limited for each person. Every answer tells what is left in the
// headers RateLimit-*; one too many is refused with 429 and Retry-After.
func (a *API) Limited(allow Allow) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		p, _ := gym.PrincipalFrom(ctx.Context())
		quota, err := allow(ctx.Context(), p.Subject)
		if err == nil && !quota.Allowed {
			err = TooMany(quota)
		}
		if err != nil {
			_ = huma.WriteErr(a.API, ctx, http.StatusInternalServerError, "", err) // the hook finds the status of err
			return
		}
		for name, value := range quotaHeaders(quota) {
			ctx.SetHeader(name, value)
		}
		next(ctx)
	}
}

// TooMany is the problem of a call that its quota does not allow.
func TooMany(q gym.Quota) *Problem {
	p := NewProblem(http.StatusTooManyRequests, CodeRateLimited, "more than "+strconv.Itoa(q.Limit)+" calls in a minute", "wait as long as Retry-After says")
	p.SetHeader("Retry-After", retrySeconds(q.RetryAfter))
	for name, value := range quotaHeaders(q) {
		p.SetHeader(name, value)
	}
	return p
}

// quotaHeaders are those of the draft "RateLimit header fields for HTTP", in the form that most clients know.
func quotaHeaders(q gym.Quota) map[string]string {
	if q.Limit <= 0 {
		return nil
	}
	return map[string]string{
		"RateLimit-Limit": strconv.Itoa(q.Limit), "RateLimit-Remaining": strconv.Itoa(q.Remaining), "RateLimit-Reset": retrySeconds(q.ResetAfter),
	}
}
