package memory_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/coach/memory"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
	"github.com/intellifit/intellifit/shared/redis"
	"github.com/intellifit/intellifit/shared/redis/redistest"
)

type bundle struct {
	*memory.Memory
	db   *postgres.DB
	lost []error
	mara context.Context
	omar context.Context
}

func setup(t *testing.T) *bundle {
	t.Helper()
	db := postgrestest.Open(t)
	if _, err := db.UpsertMembers(postgrestest.Service(t.Context()), []gym.Member{{ID: "mara"}, {ID: "omar"}}); err != nil {
		t.Fatal(err)
	}
	window, err := redis.Open(redistest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { window.Close() })
	b := &bundle{db: db, mara: postgrestest.As(t.Context(), "mara", gym.RoleMember), omar: postgrestest.As(t.Context(), "omar", gym.RoleMember)}
	b.Memory = &memory.Memory{Log: db, Window: window, Lost: func(_ context.Context, err error) { b.lost = append(b.lost, err) }}
	return b
}

func (b *bundle) say(t *testing.T, ctx context.Context, member, id string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
		_, err := b.Append(ctx, member, id, memory.Message{Role: memory.User, Text: text, At: at}, memory.Message{Role: memory.Assistant, Text: "re: " + text, At: at, Action: "reply"})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func texts(messages []memory.Message) string {
	var out []string
	for _, m := range messages {
		out = append(out, m.Text)
	}
	return strings.Join(out, " | ")
}

func TestConversation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := t.Name() + time.Now().Format("150405.000000")
	if s, err := b.Load(b.mara, "mara", ""); err != nil || s.ConversationID == "" || len(s.Messages) != 0 {
		t.Errorf("a new conversation: %+v, %v", s, err)
	}
	b.say(t, b.mara, "mara", id, "one", "two", "three", "four", "five")
	const last = "two | re: two | three | re: three | four | re: four | five | re: five"
	if s, err := b.Load(b.mara, "mara", id); err != nil || texts(s.Messages) != last {
		t.Errorf("the window holds %q, %v", texts(s.Messages), err)
	}
	// Redis forgets, or is behind: the log stands in.
	for name, spoil := range map[string]func() error{
		"forgotten": func() error { return b.Window.DropWindow(b.mara, "mara", id) },
		"behind": func() error {
			return b.Window.SetWindow(b.mara, "mara", id, []memory.Message{{ID: 1, Role: memory.User, Text: "old"}})
		},
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if s, err := b.Load(b.mara, "mara", id); err != nil || texts(s.Messages) != last {
			t.Errorf("%s: %q, %v", name, texts(s.Messages), err)
		}
	}
	// Another member with the same id has a conversation of their own.
	b.say(t, b.omar, "omar", id, "private")
	if s, err := b.Load(b.omar, "omar", id); err != nil || texts(s.Messages) != "private | re: private" {
		t.Errorf("omar reads %q, %v", texts(s.Messages), err)
	}
	if _, messages, err := b.Read(b.omar, "mara", id); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("omar reads mara's: %q, %v", texts(messages), err)
	}
	if _, err := b.Append(b.omar, "mara", id, memory.Message{Role: memory.User, Text: "x", At: time.Now()}); err == nil {
		t.Error("omar writes into mara's conversation")
	}
	if err := b.Delete(b.omar, "mara", id); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("omar deletes mara's: %v", err)
	}
	c, all, err := b.Read(b.mara, "mara", id)
	if err != nil || len(all) != 10 || c.Title != "one" || all[1].Action != "reply" {
		t.Errorf("read %+v with %d messages, %v", c, len(all), err)
	}
	if err := b.Delete(b.mara, "mara", id); err != nil {
		t.Fatal(err)
	}
	if s, err := b.Load(b.mara, "mara", id); err != nil || len(s.Messages) != 0 {
		t.Errorf("after deletion %q, %v", texts(s.Messages), err)
	}
	if _, _, err := b.Read(b.mara, "mara", id); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("after deletion: %v", err)
	}
	if _, err := b.Load(b.mara, "mara", "../../etc"); !errors.Is(err, gym.ErrInvalid) {
		t.Errorf("a strange id: %v", err)
	}
	if len(b.lost) > 0 {
		t.Errorf("the window failed: %v", b.lost)
	}
}

func TestWithoutRedis(t *testing.T) {
	t.Parallel()
	b := setup(t)
	away, err := redis.Open("redis://127.0.0.1:1/0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { away.Close() })
	b.Window = away
	b.say(t, b.mara, "mara", "c1", "one")
	if s, err := b.Load(b.mara, "mara", "c1"); err != nil || texts(s.Messages) != "one | re: one" || len(b.lost) == 0 {
		t.Errorf("%q, %v; heard %d losses", texts(s.Messages), err, len(b.lost))
	}
}

func TestListPages(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for i := range 5 {
		b.say(t, b.mara, "mara", fmt.Sprintf("c%d", i), fmt.Sprintf("hello %d %s", i, strings.Repeat("long ", 30)))
	}
	first, err := b.List(b.mara, "mara", "", 3)
	if err != nil || len(first) != 3 || first[0].ID != "c4" || len([]rune(first[0].Title)) > 60 {
		t.Fatalf("first page %+v, %v", first, err)
	}
	second, err := b.List(b.mara, "mara", first[2].ID, 3)
	if err != nil || len(second) != 2 || second[0].ID != "c1" || second[1].ID != "c0" {
		t.Errorf("second page %+v, %v", second, err)
	}
}

// TestCompact: what is old is summed up once, the last turns stay verbatim, and a failing model loses nothing.
func TestCompact(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := "compact" + time.Now().Format("150405.000000")
	calls := 0
	summarize := func(_ context.Context, old string, messages []memory.Message) (string, error) {
		calls++
		if calls == 2 {
			return "", errors.New("the model is away")
		}
		return fmt.Sprintf("%s[%d]", old, len(messages)), nil
	}
	b.say(t, b.mara, "mara", id, "1", "2", "3", "4", "5", "6", "7")
	if err := b.Compact(b.mara, "mara", id, summarize); err != nil || calls != 0 {
		t.Fatalf("14 messages were summed up: %v", err)
	}
	b.say(t, b.mara, "mara", id, "8")
	for range 2 {
		if err := b.Compact(b.mara, "mara", id, summarize); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := b.Load(b.mara, "mara", id); err != nil || s.Summary != "[10]" || calls != 1 {
		t.Errorf("summary %q after %d calls, %v", s.Summary, calls, err)
	}
	b.say(t, b.mara, "mara", id, "my knee hurts when I squat", "a", "b", "c", "d")
	if err := b.Compact(b.mara, "mara", id, summarize); err != nil {
		t.Fatal(err)
	}
	s, err := b.Load(b.mara, "mara", id)
	if err != nil || !strings.HasPrefix(s.Summary, "[10]") || !strings.Contains(s.Summary, "my knee hurts when I squat") {
		t.Errorf("summary %q, %v", s.Summary, err)
	}
	if _, all, err := b.Read(b.mara, "mara", id); err != nil || len(all) != 26 {
		t.Errorf("%d messages are left, %v", len(all), err)
	}
	if err := b.Compact(b.omar, "mara", id, summarize); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("omar sums up mara's conversation: %v", err)
	}
}

// TestAmend: an answer becomes what was heard of it, near at hand and for good; what the member said stays.
func TestAmend(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := t.Name() + time.Now().Format("150405.000000")
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	stored, err := b.Append(b.mara, "mara", id, memory.Message{Role: memory.User, Text: "hello", At: at}, memory.Message{Role: memory.Assistant, Text: "one two three", At: at})
	if err != nil || len(stored) != 2 || stored[1].ID <= stored[0].ID {
		t.Fatalf("%+v, %v", stored, err)
	}
	for _, c := range []struct{ heard, window string }{{"one two", "hello | one two"}, {"", "hello"}} {
		if err := b.Amend(b.mara, "mara", id, stored[1].ID, c.heard); err != nil {
			t.Fatal(err)
		}
		s, err := b.Load(b.mara, "mara", id)
		if err != nil || texts(s.Messages) != c.window {
			t.Errorf("heard %q: near at hand %q, %v", c.heard, texts(s.Messages), err)
		}
		if _, all, err := b.Read(b.mara, "mara", id); err != nil || texts(all) != c.window {
			t.Errorf("heard %q: for good %q, %v", c.heard, texts(all), err)
		}
	}
	for name, amend := range map[string]func() error{
		"the member's words": func() error { return b.Amend(b.mara, "mara", id, stored[0].ID, "x") },
		"another member's":   func() error { return b.Amend(b.omar, "mara", id, stored[0].ID, "x") },
		"one that is gone":   func() error { return b.Amend(b.mara, "mara", id, stored[1].ID, "x") },
	} {
		if err := amend(); !errors.Is(err, gym.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
