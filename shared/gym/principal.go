package gym

import "context"

// Role is what a token allows. Rights are decided from it and never from text.
type Role string

// The four roles of a token.
const (
	RoleMember  Role = "member"  // own profile, own plans
	RoleCoach   Role = "coach"   // assigned and consenting members
	RoleManager Role = "manager" // capacity, equipment, revenue; no health data
	RoleService Role = "service" // cron, imports, the async worker
)

// Principal is who a request acts for, as its verified token says.
type Principal struct {
	GymID   string // the gym that the token is for
	Subject string // member, coach or manager id
	Role    Role
}

type principalKey struct{}

// WithPrincipal returns a context that acts as p. The database scopes every query to it by row-level security.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// PrincipalFrom returns who ctx acts for; ok is false when nobody was authenticated.
func PrincipalFrom(ctx context.Context) (p Principal, ok bool) {
	p, ok = ctx.Value(principalKey{}).(Principal)
	return p, ok
}
