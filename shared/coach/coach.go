// Package coach leads a conversation with a member: gate, route, resolve, validate, propose, run, answer, remember. The model
// judges and words; every fact, date, permission and write is the code's. At most one tool runs in a turn, a write
// only after the member's yes, and what is said of it comes from a template.
package coach

import (
	"context"
	"log/slog"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/shared/coach/memory"
	"github.com/intellifit/intellifit/shared/coach/persona"
	"github.com/intellifit/intellifit/shared/coach/route"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/rules"
	"github.com/intellifit/intellifit/shared/toolbox"
)

// Members gives the profile of a member that the principal in ctx may see; gym.ErrNotFound else.
type Members interface {
	Member(ctx context.Context, id string) (gym.Member, error)
}

// Gyms gives the gym that ctx acts for and the persona that it set.
type Gyms interface {
	Gym(ctx context.Context) (gym.Gym, error)
	Persona(ctx context.Context) (persona.Persona, error)
}

// Appointments is what the router must know of the appointment book.
type Appointments interface {
	Coaches(ctx context.Context) ([]gym.Coach, error)
	Upcoming(ctx context.Context, memberID string, from, to time.Time) ([]gym.Appointment, error)
}

// Plans gives the plan that was made for a member last; gym.ErrNotFound when there is none.
type Plans interface {
	NewestPlan(ctx context.Context, memberID string) (planner.Plan, error)
}

// Router finds what an utterance asks for.
type Router interface {
	Route(ctx context.Context, t route.Turn) (route.Decision, error)
}

// Memory keeps what was said and what is known of a member.
type Memory interface {
	Load(ctx context.Context, memberID, conversationID string) (memory.State, error)
	Append(ctx context.Context, memberID, conversationID string, said ...memory.Message) ([]memory.Message, error)
	Amend(ctx context.Context, memberID, conversationID string, messageID int64, heard string) error
	Compact(ctx context.Context, memberID, conversationID string, summarize memory.Summarizer) error
}

// Desk keeps what is open between two turns of a conversation, for a while.
type Desk interface {
	toolbox.Proposals
	// Open returns what SetOpen stored last, nil when there is nothing or too old.
	Open(ctx context.Context, memberID, conversationID string) ([]byte, error)
	SetOpen(ctx context.Context, memberID, conversationID string, open []byte) error
	// Once runs f for the first of several calls with the same id and gives the others what it returned.
	Once(ctx context.Context, memberID, id string, f func(context.Context) ([]byte, error)) (result []byte, first bool, err error)
}

// Escalations tells the staff that a member needs a person: ids and a code, never what was said.
type Escalations interface {
	Escalate(ctx context.Context, memberID, conversationID, code, key string) error
}

// Embedder turns texts into vectors of the catalogue's embedding model.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// Model words an answer, part by part. An error of each ends it and is returned.
type Model interface {
	// Talks reports whether the model is large enough to word an answer of its own.
	Talks(ctx context.Context) bool
	Stream(ctx context.Context, req *api.ChatRequest, each func(part string) error) (*api.ChatResponse, error)
}

// Writer answers a call whole.
type Writer interface {
	Talks(ctx context.Context) bool
	Chat(ctx context.Context, req *api.ChatRequest) (*api.ChatResponse, error)
}

// Coach leads conversations. It is safe for concurrent use.
type Coach struct {
	Members      Members
	Gyms         Gyms
	Appointments Appointments
	Router       Router
	Tools        *toolbox.Registry
	Desk         Desk
	Memory       Memory
	Escalations  Escalations
	Catalogue    Catalogue
	Plans        Plans
	Embedder     Embedder
	Model        Model  // nil: fixed words answer
	Background   Writer // sums up old turns, with less urgency; nil: the member's own first words stand in
	// After takes a job for when the turn is answered; nil: old turns are not summed up.
	After     func(ctx context.Context, job func(context.Context))
	Rules     *rules.Rules
	Emergency string // the number to call, e.g. "112"
	Now       func() time.Time
	Log       func(context.Context) *slog.Logger
}

// The codes of what a turn is refused for.
const (
	CodeMessageEmpty    = "message_empty"
	CodeMessageTooLarge = "message_too_large"
	CodeConsentMissing  = "consent_missing"
)

// MaxMessage is the longest message of a member in bytes.
const MaxMessage = 8192

// In is one message of a member.
type In struct {
	ID             string // of the turn: a repeat gets the first one's answer
	MemberID       string
	ConversationID string // empty begins a new one
	Message        string
	Confirm        string // the proposal that the member says yes to
	Decline        string // the proposal that the member says no to
}
