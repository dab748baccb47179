package memory

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
)

// Summarizer words old messages, with the summary so far, in a few sentences.
type Summarizer func(ctx context.Context, old string, messages []Message) (string, error)

// The bounds of a summary.
const (
	compactFrom   = 16  // messages that no summary covers
	keptMessages  = 6   // three turns stay verbatim
	summaryWords  = 150 // at most
	fallbackWords = 12  // of each message, when the summarizer fails
)

// Compact sums up what is older than the last three turns, when enough of it has come together. It is a job for after the
// turn. When summarize fails the members' own first words stand in: a summary is never missing.
func (m *Memory) Compact(ctx context.Context, memberID, id string, summarize Summarizer) error {
	c, err := m.Log.Conversation(ctx, memberID, id)
	if err != nil {
		return fmt.Errorf("sum up a conversation: %w", unknown(err))
	}
	messages, err := m.Log.Messages(ctx, memberID, id, c.SummedUp, 0)
	if err != nil {
		return fmt.Errorf("sum up a conversation: %w", err)
	}
	if len(messages) < compactFrom {
		return nil
	}
	old := messages[:len(messages)-keptMessages]
	text, err := summarize(ctx, c.Summary, old)
	if err != nil || strings.TrimSpace(text) == "" {
		text = firstWords(c.Summary, old)
	}
	if err := m.Log.SetSummary(ctx, memberID, id, lastWords(text, summaryWords), old[len(old)-1].ID); err != nil {
		return fmt.Errorf("sum up a conversation: %w", err)
	}
	return nil
}

// firstWords is the summary that needs no model: what the member began each message with.
func firstWords(before string, messages []Message) string {
	parts := []string{before}
	for _, m := range messages {
		if m.Role == User {
			words := strings.Fields(m.Text)
			parts = append(parts, "The member said: "+strings.Join(words[:min(len(words), fallbackWords)], " ")+".")
		}
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

// lastWords keeps the end of a text: what is newest.
func lastWords(text string, n int) string {
	words := strings.Fields(text)
	return strings.Join(words[max(0, len(words)-n):], " ")
}

var validID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func valid(id string) bool { return validID.MatchString(id) }

func isNotFound(err error) bool { return errors.Is(err, gym.ErrNotFound) }

func unknown(err error) error {
	if !isNotFound(err) {
		return err
	}
	return &gym.Error{Kind: gym.ErrNotFound, Code: "conversation_unknown", Detail: "no such conversation, or none of yours", Err: err}
}
