// Package memory keeps what was said in a conversation: every message in PostgreSQL, the last turns in Redis as well, and a
// rolling summary of what is older. Facts of a member are not here: they are part of the record, and no summary changes one.
package memory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/gym"
)

// Role is who said something.
type Role string

// The two who talk.
const (
	User      Role = "user"
	Assistant Role = "assistant"
)

// Message is one thing that was said.
type Message struct {
	ID         int64     `json:"id"` // grows within a conversation
	Role       Role      `json:"role" enum:"user,assistant"`
	Text       string    `json:"text"`
	At         time.Time `json:"at"`
	Action     string    `json:"action,omitempty"`
	SafetyCode string    `json:"safety_code,omitempty"`
}

// Conversation is one conversation without its messages.
type Conversation struct {
	ID        string    `json:"id"`
	Title     string    `json:"title" doc:"the member's first words"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	Summary   string    `json:"-"`
	SummedUp  int64     `json:"-"` // the last message that Summary covers
	Newest    int64     `json:"-"` // the last message
}

// State is what a turn begins with.
type State struct {
	ConversationID string
	Summary        string
	Messages       []Message // the last ones, oldest first
	Full           bool      // older ones may be left out: a summary is worth its while
}

// Log keeps conversations for good. A conversation of another member is gym.ErrNotFound.
type Log interface {
	// Conversation finds one; gym.ErrNotFound when there is none.
	Conversation(ctx context.Context, memberID, id string) (Conversation, error)
	Conversations(ctx context.Context, memberID, before string, limit int) ([]Conversation, error)
	// Messages lists those after a message, oldest first; with a limit above 0 only the last so many.
	Messages(ctx context.Context, memberID, id string, after int64, limit int) ([]Message, error)
	// AppendMessages adds to a conversation, which it begins when it is new, and returns them with their ids.
	AppendMessages(ctx context.Context, memberID, id, title string, messages []Message) ([]Message, error)
	// AmendMessage gives an answer another text, or removes it when text is empty.
	AmendMessage(ctx context.Context, memberID, id string, messageID int64, text string) error
	SetSummary(ctx context.Context, memberID, id, summary string, upTo int64) error
	DeleteConversation(ctx context.Context, memberID, id string) error
}

// Window keeps the last messages near at hand. It may lose them at any time.
type Window interface {
	Window(ctx context.Context, memberID, conversationID string) (messages []Message, ok bool, err error)
	SetWindow(ctx context.Context, memberID, conversationID string, messages []Message) error
	DropWindow(ctx context.Context, memberID, conversationID string) error
}

// Memory is safe for concurrent use.
type Memory struct {
	Log    Log
	Window Window
	// Lost hears why the window did not answer; the log stands in.
	Lost func(ctx context.Context, err error)
}

// The bounds of what a turn begins with.
const (
	windowMessages = 8     // four turns
	windowBytes    = 4_000 // of text; older messages are left out first
	titleLength    = 60    // characters
)

// Load reads what a turn needs. An empty id begins a new conversation; an id that nobody used yet begins one under it.
func (m *Memory) Load(ctx context.Context, memberID, id string) (State, error) {
	if id == "" {
		return State{ConversationID: uuid.NewString()}, nil
	}
	if !valid(id) {
		return State{}, gym.Errorf(gym.ErrInvalid, "conversation_id_invalid", "a conversation's id has 1 to 64 letters, digits, dots, underscores and hyphens")
	}
	c, err := m.Log.Conversation(ctx, memberID, id)
	if isNotFound(err) {
		return State{ConversationID: id}, nil
	}
	if err != nil {
		return State{}, fmt.Errorf("read a conversation: %w", err)
	}
	messages, ok, err := m.Window.Window(ctx, memberID, id)
	if err != nil {
		m.Lost(ctx, err)
	}
	if n := len(messages); !ok || err != nil || n == 0 || messages[n-1].ID != c.Newest { // gone, or behind the log
		if messages, err = m.Log.Messages(ctx, memberID, id, 0, windowMessages); err != nil {
			return State{}, fmt.Errorf("read a conversation: %w", err)
		}
	}
	near := fit(messages)
	return State{ConversationID: id, Summary: c.Summary, Messages: near, Full: len(near) < len(messages) || len(messages) >= windowMessages}, nil
}

// Append stores what was said, for good first, then near at hand, and returns it with its ids.
func (m *Memory) Append(ctx context.Context, memberID, id string, said ...Message) ([]Message, error) {
	stored, err := m.Log.AppendMessages(ctx, memberID, id, title(said), said)
	if err != nil {
		return nil, fmt.Errorf("store what was said: %w", err)
	}
	last, err := m.Log.Messages(ctx, memberID, id, 0, windowMessages)
	if err != nil || len(last) == 0 {
		last = stored
	}
	if err := m.Window.SetWindow(ctx, memberID, id, fit(last)); err != nil {
		m.Lost(ctx, err)
	}
	return stored, nil
}

// Amend makes an answer what the member heard of it; of one that nobody heard nothing stays.
func (m *Memory) Amend(ctx context.Context, memberID, id string, messageID int64, heard string) error {
	if err := m.Log.AmendMessage(ctx, memberID, id, messageID, heard); err != nil {
		return fmt.Errorf("store what was heard: %w", unknown(err))
	}
	last, err := m.Log.Messages(ctx, memberID, id, 0, windowMessages)
	if err == nil {
		err = m.Window.SetWindow(ctx, memberID, id, fit(last))
	}
	if err == nil {
		return nil
	}
	m.Lost(ctx, err)
	return m.Window.DropWindow(ctx, memberID, id) // what is near at hand must not say more than the log
}

// List lists a member's conversations, the newest first; before is the id of the last one of the page before.
func (m *Memory) List(ctx context.Context, memberID, before string, limit int) ([]Conversation, error) {
	return m.Log.Conversations(ctx, memberID, before, limit)
}

// Read reads a whole conversation.
func (m *Memory) Read(ctx context.Context, memberID, id string) (Conversation, []Message, error) {
	c, err := m.Log.Conversation(ctx, memberID, id)
	if err != nil {
		return Conversation{}, nil, unknown(err)
	}
	messages, err := m.Log.Messages(ctx, memberID, id, 0, 0)
	return c, messages, err
}

// Delete removes a conversation for good.
func (m *Memory) Delete(ctx context.Context, memberID, id string) error {
	if err := m.Log.DeleteConversation(ctx, memberID, id); err != nil {
		return unknown(err)
	}
	if err := m.Window.DropWindow(ctx, memberID, id); err != nil {
		m.Lost(ctx, err) // it is read only for conversations that the log has
	}
	return nil
}

// fit keeps the newest messages that fit the window.
func fit(messages []Message) []Message {
	from, size := len(messages), 0
	for from > 0 && len(messages)-from < windowMessages {
		size += len(messages[from-1].Text)
		if size > windowBytes && from < len(messages) {
			break
		}
		from--
	}
	return slices.Clone(messages[from:])
}

// title is the member's first words.
func title(said []Message) string {
	for _, m := range said {
		if m.Role != User {
			continue
		}
		text := strings.Join(strings.Fields(m.Text), " ")
		if utf8.RuneCountInString(text) <= titleLength {
			return text
		}
		return string([]rune(text)[:titleLength-1]) + "…"
	}
	return ""
}
