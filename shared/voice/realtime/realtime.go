// Package realtime is a call over one WebSocket, in a subset of OpenAI's Realtime API: the client sends its microphone, the server
// hears when a turn begins and ends, answers it through package voice, and falls silent when the member speaks. A call that breaks off
// can be taken up again; one that the client closes is hung up.
//
// Where it differs from OpenAI: what a model is told (instructions, tools, temperature) is not taken, since the coach decides it;
// response.create without anything said greets; a turn that the member goes on with before a sound of its answer is one turn with
// the rest, and conversation.item.deleted takes the first half back; semantic_vad asks the recogniser's own judge.
package realtime

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/vad"
	"github.com/intellifit/intellifit/shared/voice"
)

// Calls leads the turns of calls; *voice.Calls does.
type Calls interface {
	Open(ctx context.Context, in voice.In, emit func(voice.Event) error) (voice.Outcome, error)
	Turn(ctx context.Context, in voice.In, emit func(voice.Event) error) (voice.Outcome, error)
	State(ctx context.Context, memberID, sessionID string) (voice.Session, error)
	Truncate(ctx context.Context, memberID, sessionID, itemID string, audioEnd time.Duration) (heard string, err error)
	HangUp(ctx context.Context, memberID, sessionID string) (voice.Ended, error)
}

// Config is what a Server needs. Calls, Verify and Log are required.
type Config struct {
	Calls  Calls
	Verify func(token string) (gym.Principal, error)
	Judge  vad.Judge // nil: silence alone ends turns
	// Turns are the knobs that a client does not set; it may change some.
	Turns vad.TurnConfig
	// Allow is asked before each turn of a member: its error refuses the turn. Nil allows all.
	Allow func(ctx context.Context, memberID string) error
	Most  int // connections at once, default 32
	Log   func(context.Context) *slog.Logger

	Ping time.Duration // how often a client shows that it is there, default 20 s
	Idle time.Duration // without an event a client is sent away, default 15 min, for which its call is kept
	Life time.Duration // the longest connection, default 60 min as OpenAI's

	queued int // bytes that wait for a slow client, default maxQueued
}

const (
	mostConnections = 32
	pingEvery       = 20 * time.Second
	pingTime        = 10 * time.Second
	writeTime       = 10 * time.Second
	longestLife     = time.Hour

	maxMessage = 1 << 20 // bytes of one event: fifteen seconds of sound at 24 kHz
)

// The protocols of the handshake. A browser cannot send a header, so its token comes as a protocol, as OpenAI has it.
const (
	protocol      = "realtime"
	tokenProtocol = "openai-insecure-api-key."
)

// The codes of what a connection is refused for.
const (
	CodeOrigin    = "origin_not_allowed" // 403: a page of another site
	CodeWebSocket = "websocket_required" // 426
)

// Server takes connections. Close ends them.
type Server struct {
	cfg Config

	mu     sync.Mutex
	open   int
	closed bool
	ending chan struct{} // closed by Close
	wait   sync.WaitGroup
}

// New makes a Server.
func New(cfg Config) (*Server, error) {
	if cfg.Calls == nil || cfg.Verify == nil || cfg.Log == nil {
		return nil, errors.New("make the server of realtime calls: Calls, Verify and Log are required")
	}
	if _, err := vad.NewEndpointer(cfg.Turns); err != nil {
		return nil, err
	}
	if cfg.Most <= 0 {
		cfg.Most = mostConnections
	}
	if cfg.queued <= 0 {
		cfg.queued = maxQueued
	}
	for _, d := range []struct {
		value   *time.Duration
		usually time.Duration
	}{{&cfg.Ping, pingEvery}, {&cfg.Idle, voice.SessionTTL}, {&cfg.Life, longestLife}} {
		if *d.value <= 0 {
			*d.value = d.usually
		}
	}
	return &Server{cfg: cfg, ending: make(chan struct{})}, nil
}

// Close sends all clients away, and waits until their turns have ended. Their calls can be taken up elsewhere.
func (s *Server) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.ending)
	}
	s.mu.Unlock()
	s.wait.Wait()
	return nil
}

// enter takes a place; leave gives it back.
func (s *Server) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return gym.Errorf(gym.ErrUnavailable, "stopping", "the server is stopping")
	case s.open >= s.cfg.Most:
		return &gym.Error{Kind: gym.ErrBusy, Code: voice.CodeCapacity, Detail: "as many members are in a call as this machine can", Hint: "try again in a moment"}
	}
	s.open++
	s.wait.Add(1)
	return nil
}

func (s *Server) leave() {
	s.mu.Lock()
	s.open--
	s.mu.Unlock()
	s.wait.Done()
}

// ServeHTTP is the handshake, then the connection until it ends. Query: session takes up a call, conversation goes on with one, voice
// is of a call that begins; others, like model, say nothing here.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, in, err := s.admit(r)
	if err != nil {
		faas.WriteProblem(r.Context(), w, err)
		return
	}
	if err := s.enter(); err != nil {
		faas.WriteProblem(r.Context(), w, err)
		return
	}
	defer s.leave()
	ctx := gym.WithPrincipal(r.Context(), p)
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{protocol}})
	if err != nil {
		s.cfg.Log(ctx).Info("a handshake failed", "cause", err.Error())
		return
	}
	conn.SetReadLimit(maxMessage)
	s.serve(ctx, conn, in)
}

var plainID = regexp.MustCompile(`^[A-Za-z0-9._-]{0,64}$`)

// admit checks a handshake: a WebSocket of this origin or none, the token of a member, and a call that is theirs.
func (s *Server) admit(r *http.Request) (gym.Principal, voice.In, error) {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return gym.Principal{}, voice.In{}, faas.NewProblem(http.StatusUpgradeRequired, CodeWebSocket, "this path speaks WebSocket alone", "connect with a Realtime client").
			SetHeader("Upgrade", "websocket").SetHeader("Connection", "Upgrade")
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || !strings.EqualFold(u.Host, r.Host) {
			return gym.Principal{}, voice.In{}, gym.Errorf(gym.ErrForbidden, CodeOrigin, "pages of another origin may not call")
		}
	}
	token, err := tokenOf(r.Header)
	if err != nil {
		return gym.Principal{}, voice.In{}, err
	}
	p, err := s.cfg.Verify(token)
	if err != nil {
		return gym.Principal{}, voice.In{}, err
	}
	if p.Role != gym.RoleMember {
		return gym.Principal{}, voice.In{}, gym.Errorf(gym.ErrForbidden, faas.CodeRoleNotAllowed, "a token of the role %s may not do this", p.Role)
	}
	q := r.URL.Query()
	in := voice.In{MemberID: p.Subject, SessionID: q.Get("session"), ConversationID: q.Get("conversation"), Voice: q.Get("voice")}
	for _, id := range []string{in.SessionID, in.ConversationID, in.Voice} {
		if !plainID.MatchString(id) {
			return gym.Principal{}, voice.In{}, gym.Errorf(gym.ErrInvalid, faas.CodeInvalidRequest, "session, conversation and voice are at most 64 letters, digits, dots, dashes and underscores")
		}
	}
	if in.SessionID != "" {
		call, err := s.cfg.Calls.State(gym.WithPrincipal(r.Context(), p), p.Subject, in.SessionID)
		if err != nil {
			return gym.Principal{}, voice.In{}, err
		}
		in.ConversationID, in.Voice = call.ConversationID, call.Voice
	}
	return p, in, nil
}

// tokenOf is the bearer token of a handshake: from the header, or from the list of protocols.
func tokenOf(h http.Header) (string, error) {
	for _, line := range h.Values("Sec-WebSocket-Protocol") {
		for name := range strings.SplitSeq(line, ",") {
			if token, ok := strings.CutPrefix(strings.TrimSpace(name), tokenProtocol); ok && token != "" {
				return token, nil
			}
		}
	}
	return faas.BearerToken(h)
}
