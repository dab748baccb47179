package voice

import (
	"context"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/coach"
)

// Session is one call between its turns.
type Session struct {
	ID             string    `json:"id"`
	MemberID       string    `json:"member_id"`
	ConversationID string    `json:"conversation_id"`
	Voice          string    `json:"voice,omitempty"`
	Rate           int       `json:"rate"` // Hz, of what is sent
	StartedAt      time.Time `json:"started_at"`
	LastAt         time.Time `json:"last_at"`
	Turns          int       `json:"turns"`
	Items          []Item    `json:"items,omitempty"` // oldest first
}

// keptItems bounds a session: the oldest are left out. Their texts stay in the conversation.
const keptItems = 400

// Item is one thing that was said in a call.
type Item struct {
	ID        string          `json:"id"`
	Role      string          `json:"role" enum:"user,assistant"`
	Text      string          `json:"text"` // as far as it was heard
	At        time.Time       `json:"at"`
	Status    string          `json:"status,omitempty"`
	TurnID    string          `json:"turn_id,omitempty"`
	MessageID int64           `json:"message_id,omitempty"` // in the conversation
	AudioMS   int64           `json:"audio_ms,omitempty"`
	HeardMS   int64           `json:"heard_ms,omitempty"`
	Spoken    []Spoken        `json:"spoken,omitempty"`
	Proposal  *coach.Proposal `json:"proposal,omitempty"`
}

// Spoken is a clause and where in the answer's sound it is. A filler has no text.
type Spoken struct {
	Text  string `json:"text,omitempty"`
	Start int64  `json:"start_ms"`
	End   int64  `json:"end_ms"`
}

// Sessions keeps calls between two requests. It may lose them: what was said is in the conversation.
type Sessions interface {
	// Session finds a call of a member; gym.ErrNotFound with code session_unknown when there is none.
	Session(ctx context.Context, memberID, id string) (Session, error)
	SaveSession(ctx context.Context, s Session) error
	// ChangeSession changes a call as it is now; two changes never lose one another.
	ChangeSession(ctx context.Context, memberID, id string, change func(*Session) error) (Session, error)
	DropSession(ctx context.Context, memberID, id string) error
	// CancelTurn tells whoever runs a turn of the call to end it, but not the turn `except`.
	CancelTurn(ctx context.Context, memberID, sessionID, except string) error
	// Cancellations hears of CancelTurn, wherever it was called. stop must be called.
	Cancellations(ctx context.Context, memberID, sessionID string) (except <-chan string, stop func(), err error)
	// Once runs f for the first of several calls with the same id and gives the others what it returned.
	Once(ctx context.Context, memberID, id string, f func(context.Context) ([]byte, error)) (result []byte, first bool, err error)
}

// add appends items.
func (s *Session) add(items ...Item) {
	s.Items = append(s.Items, items...)
	if over := len(s.Items) - keptItems; over > 0 {
		s.Items = s.Items[over:]
	}
}

// item finds what was said by its id, nil when there is none.
func (s *Session) item(id string) *Item {
	for i := range s.Items {
		if s.Items[i].ID == id {
			return &s.Items[i]
		}
	}
	return nil
}

// info is what a client must know.
func (s *Session) info(ttl time.Duration) *SessionInfo {
	info := &SessionInfo{ID: s.ID, ConversationID: s.ConversationID, Voice: s.Voice, ExpiresAt: s.LastAt.Add(ttl)}
	info.Audio.Output.Format.Type, info.Audio.Output.Format.Rate = "audio/pcm", s.Rate
	return info
}

// heard is the text of an answer up to a time of its sound. Of a clause that was cut the whole words count that fit its share
// of time: nobody can say more without the times of words.
func heard(spoken []Spoken, ms int64) string {
	var parts []string
	for _, c := range spoken {
		if c.Start >= ms || c.Text == "" {
			continue
		}
		if c.End <= ms {
			parts = append(parts, c.Text)
			continue
		}
		words := strings.Fields(c.Text)
		n := int(int64(len(words)) * (ms - c.Start) / max(c.End-c.Start, 1))
		if n > 0 {
			parts = append(parts, strings.Join(words[:n], " "))
		}
	}
	return strings.Join(parts, " ")
}
