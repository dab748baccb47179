package phone

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/internal/eval"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/coach/memory"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/toolbox"
	"github.com/intellifit/intellifit/shared/voice"
)

// DialogueResult is what came of a dialogue.
type DialogueResult struct {
	Dialogue     Dialogue         `json:"dialogue"` // with days and times in its words
	Member       string           `json:"member"`
	Slots        []gym.Slot       `json:"slots,omitempty"`
	Greeting     string           `json:"greeting"`
	Turns        []TurnResult     `json:"turns"`
	Conversation []memory.Message `json:"conversation"`
	Error        string           `json:"error,omitempty"` // it could not go on
}

// TurnResult is what came of a turn.
type TurnResult struct {
	Heard        string            `json:"heard,omitempty"`
	Reply        string            `json:"reply"`
	Status       string            `json:"status,omitempty"` // of the response
	Code         string            `json:"code,omitempty"`   // of its end
	Action       *coach.Action     `json:"action,omitempty"`
	Then         *coach.Action     `json:"then,omitempty"`
	Safety       string            `json:"safety,omitempty"`
	Degraded     bool              `json:"degraded,omitempty"`
	TimingsMS    map[string]int64  `json:"timings_ms,omitempty"`
	Metrics      *voice.Metrics    `json:"metrics,omitempty"`
	FirstSoundMS int64             `json:"first_sound_ms,omitempty"` // as it was felt here
	AudioMS      int64             `json:"audio_ms,omitempty"`
	Left         bool              `json:"left,omitempty"`  // the connection was closed before the end
	Again        *TurnResult       `json:"again,omitempty"` // of the same turn, sent a second time
	Kept         *string           `json:"kept,omitempty"`  // what was heard of a truncated answer, as the call says
	Booked       []gym.Appointment `json:"booked"`          // afterwards
}

// dialogues runs the set.
func (s *Session) dialogues(ctx context.Context) (err error) {
	meter := s.Progress.Begin(models.Job{Verb: "eval", Name: SetDialogues, Total: int64(len(s.Dialogues)), Unit: "dialogues"})
	defer func() { meter.End(err) }()
	for i, d := range s.Dialogues {
		r, err := s.dialogue(ctx, d)
		if err != nil {
			return fmt.Errorf("%s: %w", d.ID, err)
		}
		if err := s.add(Result{Set: SetDialogues, ID: d.ID, Dialogue: &r}); err != nil {
			return err
		}
		meter.Set(int64(i+1), int64(len(s.Dialogues)))
	}
	return nil
}

// cleanTime bounds taking back what a dialogue did.
const cleanTime = time.Minute

// dialogue runs one call. What the product refuses is a result; an error says that nothing can be measured.
func (s *Session) dialogue(ctx context.Context, d Dialogue) (r DialogueResult, err error) {
	member, err := s.free(ctx, d.Member)
	if err != nil {
		return r, err
	}
	conversation := newConversation()
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
		defer cancel()
		err = errors.Join(err, s.clear(ctx, member), s.forget(ctx, member, conversation))
	}()
	slots, err := s.slots(ctx, member, d.Slots)
	if err != nil {
		return r, err
	}
	r = DialogueResult{Dialogue: d.with(slots, s.Zone), Member: member, Slots: slots}
	for _, n := range d.Before {
		if err := s.book(ctx, member, slots[n]); err != nil {
			return r, fmt.Errorf("book what is there before: %w", err)
		}
	}
	p := performance{Session: s, member: member, conversation: conversation, line: s.line(member)}
	hello, err := p.line.Open(ctx, conversation, nil)
	if err != nil {
		return r, fmt.Errorf("begin a call: %w", err)
	}
	r.Greeting = hello.Text
	for _, t := range r.Dialogue.Turns {
		one, err := p.turn(ctx, t)
		if ctx.Err() != nil {
			return r, ctx.Err()
		}
		if err != nil {
			r.Error = fmt.Sprintf("turn %d: %v", len(r.Turns)+1, err)
			break
		}
		r.Turns = append(r.Turns, one)
	}
	r.Conversation, err = s.conversation(ctx, member, conversation)
	return r, err
}

// with puts days and times into the words.
func (d Dialogue) with(slots []gym.Slot, zone *time.Location) Dialogue {
	fill := func(text string) string { return d.fill(text, slots, zone, time.Time{}) }
	all := func(list []string) (out []string) {
		for _, text := range list {
			out = append(out, fill(text))
		}
		return out
	}
	turns := slices.Clone(d.Turns)
	for i, t := range turns {
		turns[i].Say, turns[i].Write, turns[i].Reply, turns[i].Never = fill(t.Say), fill(t.Write), all(t.Reply), all(t.Never)
	}
	d.Turns = turns
	return d
}

// free finds a member without an appointment, so that what is there afterwards is ours and may be taken back.
func (s *Session) free(ctx context.Context, wanted string) (string, error) {
	list := s.Members
	if wanted != "" {
		list = []string{wanted}
	}
	for range list {
		m := list[s.nextMember%len(list)]
		s.nextMember++
		booked, err := s.appointments(ctx, m)
		if err != nil {
			return "", err
		}
		if len(booked) == 0 {
			return m, nil
		}
	}
	return "", fmt.Errorf("every one of %s has appointments already: cancel those that may go", strings.Join(list, ", "))
}

// slots finds free times, whole hours of different days.
func (s *Session) slots(ctx context.Context, member string, wanted []Slot) ([]gym.Slot, error) {
	var out []gym.Slot
	for _, w := range wanted {
		found, err := s.slot(ctx, member, w, out)
		if err != nil {
			return nil, err
		}
		out = append(out, found)
	}
	return out, nil
}

// The days that a dialogue speaks of: neither today nor tomorrow, whose times pass, and so near that a weekday says which.
const (
	firstDay = 2
	lastDay  = 6
)

func (s *Session) slot(ctx context.Context, member string, w Slot, others []gym.Slot) (gym.Slot, error) {
	now := s.Now().In(s.Zone)
	var starts []time.Time
	for day := firstDay; day <= lastDay; day++ {
		for hour := max(w.From, 8); hour <= 20 && (w.To == 0 || hour < w.To); hour++ {
			starts = append(starts, time.Date(now.Year(), now.Month(), now.Day()+day, hour, 0, 0, 0, s.Zone))
		}
	}
	r := rand.New(rand.NewPCG(eval.Seed, uint64(s.found)))
	r.Shuffle(len(starts), func(i, j int) { starts[i], starts[j] = starts[j], starts[i] })
	for _, at := range starts {
		if slices.ContainsFunc(others, func(o gym.Slot) bool {
			return o.StartsAt.Sub(at).Abs() < 2*time.Hour || o.StartsAt.In(s.Zone).Weekday() == at.Weekday()
		}) {
			continue
		}
		var free toolbox.FreeTimes
		if err := s.tool(ctx, member, "check_availability", toolbox.CheckAvailability{Coach: w.Coach, From: at, To: at.Add(30 * time.Minute)}, &free); err != nil {
			return gym.Slot{}, fmt.Errorf("look for a free time: %w", err)
		}
		for _, f := range free.Slots {
			if f.StartsAt.Equal(at) && f.CoachID == w.Coach {
				s.found++
				return f, nil
			}
		}
	}
	return gym.Slot{}, fmt.Errorf("%s has no free whole hour in the next days", w.Coach)
}
