// Package voice leads calls: what a member says becomes text, the coach answers, and the answer is spoken clause by clause while
// it is still being worded. A call shares its conversation with the chat. Whoever speaks, hangs up or goes away ends the
// running answer, and the conversation then holds what was heard of it.
package voice

import (
	"context"
	"log/slog"
	"time"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/coach/persona"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// Recognizer turns speech into text.
type Recognizer interface {
	Transcribe(ctx context.Context, clip pcm.Clip, o speech.Listening) (speech.Transcript, error)
}

// Synthesizer turns text into speech.
type Synthesizer interface {
	Speak(ctx context.Context, text string, o speech.Speaking) (*speech.Utterance, error)
}

// Coach answers.
type Coach interface {
	Turn(ctx context.Context, in coach.In, emit func(coach.Event) error) (coach.Reply, error)
	Interrupt(ctx context.Context, i coach.Interruption) (messageID int64, err error)
	Preload(ctx context.Context, memberID, conversationID string) error
}

// Members gives the profile of a member that the principal in ctx may see.
type Members interface {
	Member(ctx context.Context, id string) (gym.Member, error)
}

// Gyms gives the gym that ctx acts for and how its coach presents itself.
type Gyms interface {
	Gym(ctx context.Context) (gym.Gym, error)
	Persona(ctx context.Context) (persona.Persona, error)
}

// Coaches lists the coaches of the gym that ctx acts for: a recogniser hears names better that it expects.
type Coaches interface {
	Coaches(ctx context.Context) ([]gym.Coach, error)
}

// Record is a call that has ended.
type Record struct {
	ID             string
	MemberID       string
	ConversationID string
	StartedAt      time.Time
	EndedAt        time.Time
	Turns          int
	Transcript     []Item // nil without the member's consent
}

// Records keeps calls that have ended. One that is stored twice is one.
type Records interface {
	StoreCall(ctx context.Context, r Record) error
}

// SessionTTL is how long a call that nobody speaks in is kept.
const SessionTTL = 15 * time.Minute

// Calls leads calls. It is safe for concurrent use.
type Calls struct {
	Recognizer  Recognizer
	Synthesizer Synthesizer
	Coach       Coach
	Members     Members
	Gyms        Gyms
	Coaches     Coaches
	Sessions    Sessions
	Records     Records
	Rate        int           // Hz of what is sent; another rate of the voice server is converted
	Language    string        // ISO 639-1, of what members say
	Most        int           // turns that run at once; one more is refused with code call_capacity
	FillAfter   time.Duration // a tool that takes longer is covered by "one moment"
	Limit       time.Duration // of one turn: whatever hangs, it ends
	Now         func() time.Time
	Log         func(context.Context) *slog.Logger

	phrases phrases
	places  places
}

// The codes of what a call is refused for, and of why an answer ended early.
const (
	CodeCapacity       = "call_capacity"
	CodeSessionUnknown = "session_unknown"
	CodeItemUnknown    = "item_unknown"
	CodeNoSpeech       = "no_speech"
	CodeTurnDetected   = "turn_detected" // the answer was broken off, as OpenAI calls it
	CodeTurnTimeout    = "turn_timeout"
)

// In is one turn of a member: a clip, or text in its place.
type In struct {
	ID             string // of the turn: a repeat gets the first one's answer
	MemberID       string
	SessionID      string // empty begins a call
	ConversationID string // of a call that begins; empty begins a conversation as well
	Voice          string // of a call that begins; empty is the server's default
	Clip           *pcm.Clip
	Text           string
	Received       time.Time     // when the last byte of the request was there, by time.Now
	Decode         time.Duration // what decoding took
	Endpoint       time.Duration // what the client waited for the end of speech, as it says
}

// Outcome is a whole turn.
type Outcome struct {
	Session  SessionInfo `json:"session"`
	HeardID  string      `json:"heard_id"`
	Heard    string      `json:"heard"` // what the member said
	Response Response    `json:"response"`
	Spoken   []Spoken    `json:"spoken,omitempty"`
	ItemID   string      `json:"item_id"`
	Text     string      `json:"text"` // of the answer, whole
}
