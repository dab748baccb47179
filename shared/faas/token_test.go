package faas_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/gym"
)

const otherKey = "another-key-of-at-least-thirty-two-bytes"

// token signs a token with every claim right, after change has made one wrong.
func token(t *testing.T, method jwt.SigningMethod, key any, change func(jwt.MapClaims)) string {
	t.Helper()
	claims := jwt.MapClaims{
		"iss": "intellifit", "aud": "intellifit", "sub": "m1", "role": "member", "gym": "demo",
		"iat": faastest.Now.Unix(), "exp": faastest.Now.Add(10 * time.Minute).Unix(),
	}
	if change != nil {
		change(claims)
	}
	signed, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestVerify(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	hs := func(change func(jwt.MapClaims)) string {
		return token(t, jwt.SigningMethodHS256, []byte(faastest.Key), change)
	}
	set := func(name string, value any) string { return hs(func(c jwt.MapClaims) { c[name] = value }) }
	without := func(name string) string { return hs(func(c jwt.MapClaims) { delete(c, name) }) }
	at := func(d time.Duration) int64 { return faastest.Now.Add(d).Unix() }
	good := hs(nil)
	parts := strings.Split(good, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	forged := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(payload), `"m1"`, `"m2"`, 1)))
	for _, tt := range []struct{ name, token, code string }{
		{"good", good, ""},
		{"audience list", set("aud", []string{"other", "intellifit"}), ""},
		{"expired within leeway", hs(func(c jwt.MapClaims) { c["iat"], c["exp"] = at(-5*time.Minute), at(-59*time.Second) }), ""},
		{"expired", hs(func(c jwt.MapClaims) { c["iat"], c["exp"] = at(-15*time.Minute), at(-61*time.Second) }), "token_expired"},
		{"no expiry", without("exp"), "token_invalid"},
		{"no issue time", without("iat"), "token_invalid"},
		{"holds too long", set("exp", at(16*time.Minute)), "token_invalid"},
		{"issued in the future", hs(func(c jwt.MapClaims) { c["iat"], c["exp"] = at(2*time.Minute), at(10*time.Minute) }), "token_invalid"},
		{"not yet", set("nbf", at(2*time.Minute)), "token_invalid"},
		{"not yet, within leeway", set("nbf", at(30*time.Second)), ""},
		{"other issuer", set("iss", "else"), "token_invalid"},
		{"no issuer", without("iss"), "token_invalid"},
		{"other audience", set("aud", "else"), "token_invalid"},
		{"no audience", without("aud"), "token_invalid"},
		{"no subject", without("sub"), "token_invalid"},
		{"odd subject", set("sub", "m1\n' OR 1=1"), "token_invalid"},
		{"no gym", without("gym"), "token_invalid"},
		{"no role", without("role"), "token_invalid"},
		{"unknown role", set("role", "admin"), "token_invalid"},
		{"role of another type", set("role", []string{"service"}), "token_invalid"},
		{"other key", token(t, jwt.SigningMethodHS256, []byte(otherKey), nil), "token_invalid"},
		{"alg none", token(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil), "token_invalid"},
		{"alg HS512", token(t, jwt.SigningMethodHS512, []byte(faastest.Key), nil), "token_invalid"},
		{"alg RS256", token(t, jwt.SigningMethodRS256, rsaKey, nil), "token_invalid"},
		{"HS256 with a public key", token(t, jwt.SigningMethodHS256, public, nil), "token_invalid"},
		{"tampered payload", parts[0] + "." + forged + "." + parts[2], "token_invalid"},
		{"no signature", parts[0] + "." + parts[1] + ".", "token_invalid"},
		{"garbage", "a.b.c", "token_invalid"},
		{"huge", strings.Repeat("a", 1<<20), "token_invalid"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, err := faas.NewVerifier(faas.SecretMap{faas.KeySecret: faastest.Key}, func() time.Time { return faastest.Now })
			if err != nil {
				t.Fatal(err)
			}
			p, err := v.Verify(tt.token)
			if tt.code == "" {
				if want := (gym.Principal{GymID: "demo", Subject: "m1", Role: gym.RoleMember}); err != nil || p != want {
					t.Errorf("Verify = %v, %v; want %v", p, err, want)
				}
				return
			}
			var known *gym.Error
			if !errors.As(err, &known) || known.Code != tt.code || p != (gym.Principal{}) {
				t.Errorf("Verify = %v, %v; want code %s", p, err, tt.code)
			}
		})
	}
}

func TestKeyRotation(t *testing.T) {
	t.Parallel()
	secrets := faas.SecretMap{faas.KeySecret: faastest.Key}
	v, err := faas.NewVerifier(secrets, func() time.Time { return faastest.Now })
	if err != nil {
		t.Fatal(err)
	}
	old := faastest.Member(t, "m1")
	secrets[faas.KeySecret], secrets[faas.PreviousKeySecret] = otherKey, faastest.Key
	if _, err := v.Verify(old); err != nil {
		t.Errorf("a token of the previous key: %v", err)
	}
	fresh, err := faas.Sign(otherKey, gym.Principal{GymID: "demo", Subject: "m1", Role: gym.RoleMember}, time.Minute, faastest.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(fresh); err != nil {
		t.Errorf("a token of the new key: %v", err)
	}
	delete(secrets, faas.PreviousKeySecret)
	if _, err := v.Verify(old); faas.Status(err) != http.StatusUnauthorized {
		t.Errorf("a token of a withdrawn key: %v", err)
	}
	delete(secrets, faas.KeySecret)
	if _, err := v.Verify(fresh); faas.Status(err) != http.StatusInternalServerError {
		t.Errorf("without any key: %v, want a failure of ours", err)
	}
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	good := gym.Principal{GymID: "demo", Subject: "m1", Role: gym.RoleMember}
	for name, tt := range map[string]struct {
		key string
		p   gym.Principal
		ttl time.Duration
	}{
		"short key":  {"short", good, time.Minute},
		"long ttl":   {faastest.Key, good, 16 * time.Minute},
		"no ttl":     {faastest.Key, good, 0},
		"no gym":     {faastest.Key, gym.Principal{Subject: "m1", Role: gym.RoleMember}, time.Minute},
		"no subject": {faastest.Key, gym.Principal{GymID: "demo", Role: gym.RoleMember}, time.Minute},
		"no role":    {faastest.Key, gym.Principal{GymID: "demo", Subject: "m1"}, time.Minute},
	} {
		if s, err := faas.Sign(tt.key, tt.p, tt.ttl, faastest.Now); err == nil {
			t.Errorf("%s: Sign = %q, want an error", name, s)
		}
	}
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	api := newEcho(t, nil)
	w, _ := call(t, api, "POST", "/", `{}`, map[string]string{"Authorization": "Bearer x.y.z"})
	if got := w.Header().Get("WWW-Authenticate"); !strings.Contains(got, `error="invalid_token"`) {
		t.Errorf("WWW-Authenticate = %q", got)
	}
}
