package faas

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/intellifit/intellifit/shared/gym"
)

// What every token says and how long it may hold.
const (
	Issuer      = "intellifit"
	Audience    = "intellifit"
	MaxTokenTTL = 15 * time.Minute
	tokenLeeway = 60 * time.Second
	minKeyBytes = 32 // RFC 7518 §3.2: an HS256 key is at least as long as its hash
	maxToken    = 4096
)

// The names of the secrets that sign tokens. The previous key is optional and verifies only, so that a key can be rotated
// without refusing the tokens that are out.
const (
	KeySecret         = "jwt-key"
	PreviousKeySecret = "jwt-key-previous"
)

// identity is what a gym's or a person's id in a token may look like.
var identity = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$`)

type claims struct {
	Role gym.Role `json:"role"`
	Gym  string   `json:"gym"`
	jwt.RegisteredClaims
}

// Sign makes a bearer token for p that holds for ttl from now.
func Sign(key string, p gym.Principal, ttl time.Duration, now time.Time) (string, error) {
	switch {
	case len(key) < minKeyBytes:
		return "", fmt.Errorf("sign token: the key has %d bytes, want at least %d", len(key), minKeyBytes)
	case ttl < time.Second || ttl > MaxTokenTTL:
		return "", fmt.Errorf("sign token: ttl %s, want 1s to %s", ttl, MaxTokenTTL)
	}
	if err := checkPrincipal(p); err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		Role: p.Role,
		Gym:  p.GymID,
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    Issuer,
			Audience:  jwt.ClaimStrings{Audience},
			Subject:   p.Subject,
			IssuedAt:  jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(ttl)),
		},
	}).SignedString([]byte(key))
	if err != nil {
		return "", fmt.Errorf("sign token: %w", err)
	}
	return signed, nil
}

// Verifier checks bearer tokens against the host's keys.
type Verifier struct {
	secrets Secrets
	now     func() time.Time
	parser  *jwt.Parser
}

// NewVerifier returns a Verifier. It fails when the key is missing or too short, so that a function without one never
// starts; later it reads the keys at each check and so follows a rotation.
func NewVerifier(secrets Secrets, now func() time.Time) (*Verifier, error) {
	v := &Verifier{secrets: secrets, now: now, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithIssuer(Issuer),
		jwt.WithAudience(Audience),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithLeeway(tokenLeeway),
		jwt.WithTimeFunc(now),
	)}
	if _, err := v.keys(); err != nil {
		return nil, err
	}
	return v, nil
}

func (v *Verifier) keys() ([]string, error) {
	current, err := v.secrets.Secret(KeySecret)
	if err != nil {
		return nil, err
	}
	keys := []string{current}
	previous, err := v.secrets.Secret(PreviousKeySecret)
	switch {
	case err == nil:
		keys = append(keys, previous)
	case !errors.Is(err, ErrNoSecret):
		return nil, err
	}
	for _, key := range keys {
		if len(key) < minKeyBytes {
			return nil, fmt.Errorf("read secret %s: the key has %d bytes, want at least %d", KeySecret, len(key), minKeyBytes)
		}
	}
	return keys, nil
}

// Verify returns who the token is for. Its error is a *gym.Error with code token_invalid or token_expired; a failure to
// read the keys is another error.
func (v *Verifier) Verify(token string) (gym.Principal, error) {
	keys, err := v.keys()
	if err != nil {
		return gym.Principal{}, fmt.Errorf("verify token: %w", err)
	}
	if len(token) > maxToken {
		return gym.Principal{}, gym.Errorf(gym.ErrUnauthorized, CodeTokenInvalid, "the bearer token is longer than %d bytes", maxToken)
	}
	var last error
	for _, key := range keys {
		var c claims
		_, err := v.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return []byte(key), nil })
		if err == nil {
			return principalOf(c)
		}
		last = err
		if !errors.Is(err, jwt.ErrTokenSignatureInvalid) {
			break // the signature holds (or there is none): another key changes nothing
		}
	}
	if errors.Is(last, jwt.ErrTokenExpired) {
		return gym.Principal{}, &gym.Error{Kind: gym.ErrUnauthorized, Code: CodeTokenExpired, Detail: "the bearer token has expired", Hint: "fetch a new token and repeat the request", Err: last}
	}
	return gym.Principal{}, &gym.Error{Kind: gym.ErrUnauthorized, Code: CodeTokenInvalid, Detail: "the bearer token does not hold", Err: last}
}

func principalOf(c claims) (gym.Principal, error) {
	p := gym.Principal{GymID: c.Gym, Subject: c.Subject, Role: c.Role}
	invalid := func(err error) error {
		return &gym.Error{Kind: gym.ErrUnauthorized, Code: CodeTokenInvalid, Detail: "the bearer token does not hold", Err: err}
	}
	if err := checkPrincipal(p); err != nil {
		return gym.Principal{}, invalid(err)
	}
	if c.IssuedAt == nil || c.ExpiresAt.Sub(c.IssuedAt.Time) > MaxTokenTTL {
		return gym.Principal{}, invalid(fmt.Errorf("token holds longer than %s, or does not say since when", MaxTokenTTL))
	}
	return p, nil
}

func checkPrincipal(p gym.Principal) error {
	switch p.Role {
	case gym.RoleMember, gym.RoleCoach, gym.RoleManager, gym.RoleService:
	default:
		return fmt.Errorf("role %q: want member, coach, manager or service", p.Role)
	}
	if !identity.MatchString(p.Subject) {
		return errors.New("subject: want 1 to 128 letters, digits and . _ : @ -")
	}
	if !identity.MatchString(p.GymID) {
		return errors.New("gym: want 1 to 128 letters, digits and . _ : @ -")
	}
	return nil
}
