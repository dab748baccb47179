package phone

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/internal/dial"
	"github.com/intellifit/intellifit/internal/eval"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/coach/memory"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/wav"
	"github.com/intellifit/intellifit/shared/voice"
)

// The ways to break an answer off.
const (
	WayLeft      = "left"      // the connection is closed, and the engines are looked at
	WayOver      = "over"      // the connection is closed, and the next turn follows at once
	WayCancelled = "cancelled" // response.cancel, and the connection stays to hear what comes
)

// points is how many parts an answer has, in each of which it is broken off at a random moment.
const points = 5

// talkedOver are questions with long answers, none of which writes; next is what is asked after them.
var (
	talkedOver = []string{"When is Jonas free on Friday?", "Which times does Lea Sommer have on Saturday?", "How do I do a goblet squat?", "Is anybody free on Monday morning?"}
	next       = Turn{Say: "Show me my appointments.", Action: "list_appointments", Status: "read", Reply: []string{"no appointment"}}
)

// BargeInResult is what came of one answer that was broken off.
type BargeInResult struct {
	Way      string  `json:"way"`
	Question string  `json:"question"`
	Point    float64 `json:"point"` // share of the time of the whole answer
	AfterMS  float64 `json:"after_ms"`
	Whole    string  `json:"whole"`    // the same answer, when nobody broke it off
	Received string  `json:"received"` // until it was
	Broken   bool    `json:"broken"`   // false: it was whole before
	Status   string  `json:"status,omitempty"`

	// How long the engines went on, since the break: requests of the voice, and everything that was computed. Longest is what the longest clause
	// or the recognition of this turn takes alone: what runs cannot be stopped in its middle.
	ClosedMS  float64 `json:"closed_ms,omitempty"`
	IdleMS    float64 `json:"idle_ms,omitempty"`
	LongestMS float64 `json:"longest_ms,omitempty"`
	SoundMS   float64 `json:"sound_ms,omitempty"` // made in the half second after they were idle
	Late      int     `json:"late,omitempty"`     // pieces of sound that came later than 250 ms after a cancellation

	AcceptedMS float64          `json:"accepted_ms"` // since the break, or since it was sent where the engines were looked at first
	AnsweredMS float64          `json:"answered_ms"` // its first sound
	Next       TurnResult       `json:"next"`
	Kept       []memory.Message `json:"kept"`
	Error      string           `json:"error,omitempty"`

	took time.Duration // of an answer that was whole
}

// tries is how often an answer that was whole too soon is asked for again.
const tries = 3

// uncut is a whole answer.
type uncut struct {
	text    string
	clauses []string
	took    time.Duration
}

// bargeIns runs the set.
func (s *Session) bargeIns(ctx context.Context) (err error) {
	var cases []BargeInResult
	r := rand.New(rand.NewPCG(eval.Seed, 0x6f766572))
	for i := range s.BargeIns {
		at := (float64(i/len(talkedOver)%points) + r.Float64()) / points
		ways := []string{WayLeft, WayOver}
		if i%4 == 0 {
			ways = append(ways, WayCancelled)
		}
		for _, way := range ways {
			cases = append(cases, BargeInResult{Way: way, Question: talkedOver[i%len(talkedOver)], Point: at})
		}
	}
	meter := s.Progress.Begin(models.Job{Verb: "eval", Name: SetBargeIn, Total: int64(len(cases)), Unit: "answers"})
	defer func() { meter.End(err) }()
	whole := map[string]*uncut{}
	for i, c := range cases {
		if whole[c.Question] == nil {
			if whole[c.Question], err = s.uncut(ctx, c.Question); err != nil {
				return err
			}
		}
		done, err := s.bargeIn(ctx, c, whole[c.Question])
		for try := 1; err == nil && !done.Broken && try < tries; try++ { // it was quicker than before: now we know
			done, err = s.bargeIn(ctx, c, whole[c.Question])
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			if _, away := s.appointments(ctx, s.Members[0]); away != nil {
				return errors.Join(err, away) // nothing can be measured any more
			}
			done.Error = err.Error()
		}
		if err := s.add(Result{Set: SetBargeIn, ID: fmt.Sprintf("%s-%02d", c.Way, i+1), BargeIn: &done}); err != nil {
			return err
		}
		meter.Set(int64(i+1), int64(len(cases)))
	}
	return nil
}

// begin begins a call in a conversation of its own and waits until nothing runs behind its greeting.
func (s *Session) begin(ctx context.Context) (p performance, end func() error, err error) {
	member, err := s.free(ctx, "")
	if err != nil {
		return p, nil, err
	}
	p = performance{Session: s, member: member, conversation: newConversation(), line: s.line(member)}
	end = func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
		defer cancel()
		return s.forget(ctx, member, p.conversation)
	}
	if _, err := p.line.Open(ctx, p.conversation, nil); err != nil {
		return p, nil, fmt.Errorf("begin a call: %w", err)
	}
	_, _, _, err = s.Engines.settle(ctx, time.Now(), s.patience())
	return p, end, err
}

func (s *Session) patience() time.Duration {
	if s.longestWait > 0 {
		return s.longestWait
	}
	return 30 * time.Second
}

// uncut hears an answer to its end.
func (s *Session) uncut(ctx context.Context, question string) (_ *uncut, err error) {
	p, end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, end()) }()
	clip, err := s.clip(ctx, Turn{Say: question})
	if err != nil {
		return nil, err
	}
	u := &uncut{}
	a, err := p.line.Say(ctx, dial.Turn{ID: uuid.NewString(), Sound: clip, Media: "audio/wav"}, func(e dial.Event) error {
		if e.Type == voice.TranscriptDelta {
			u.clauses = append(u.clauses, e.Delta)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("ask %q: %w", question, err)
	}
	u.text, u.took = a.Text, a.Took
	return u, nil
}

// longest is what the longest part of a turn takes alone, asked directly: the recognition of its clip, or one of its clauses.
func (s *Session) longest(ctx context.Context, clip []byte, u *uncut) (time.Duration, error) {
	began := time.Now()
	heard, err := wav.Read(bytes.NewReader(clip), pcm.Rate*60)
	if err == nil {
		_, err = s.Ear.Transcribe(ctx, heard, speech.Listening{Language: "en"})
	}
	if err != nil {
		return 0, fmt.Errorf("hear directly: %w", err)
	}
	most := time.Since(began)
	for _, clause := range u.clauses {
		began := time.Now()
		if _, err := s.speak(ctx, clause); err != nil {
			return 0, err
		}
		most = max(most, time.Since(began))
	}
	return most, nil
}

// bargeIn breaks one answer off.
func (s *Session) bargeIn(ctx context.Context, r BargeInResult, whole *uncut) (_ BargeInResult, err error) {
	r.Whole = whole.text
	p, end, err := s.begin(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, end()) }()
	clip, err := s.clip(ctx, Turn{Say: r.Question})
	if err != nil {
		return r, err
	}
	after := time.Duration(r.Point * float64(whole.took))
	r.AfterMS = millis(after)
	broken, err := p.breakOff(ctx, &r, clip, after)
	if err != nil {
		return r, err
	}
	if !r.Broken {
		whole.took = min(whole.took, r.took)
		return r, nil
	}
	since := broken
	if r.Way != WayOver {
		if err := s.watch(ctx, &r, broken); err != nil {
			return r, err
		}
		since = time.Now()
	}
	if err := p.goOn(ctx, &r, since); err != nil {
		return r, err
	}
	if r.Kept, err = s.conversation(ctx, p.member, p.conversation); err != nil || r.Way == WayOver {
		return r, err
	}
	longest, err := s.longest(ctx, clip, whole) // now, since others may use the machine at one time and not at another
	r.LongestMS = millis(longest)
	return r, err
}

// breakOff asks and breaks the answer off after a while. It returns when that was.
func (p *performance) breakOff(ctx context.Context, r *BargeInResult, clip []byte, after time.Duration) (time.Time, error) {
	var at atomic.Pointer[time.Time]
	leaving, leave := context.WithCancel(ctx)
	defer leave()
	refused := make(chan error, 1)
	timer := time.AfterFunc(after, func() {
		if r.Way != WayCancelled {
			at.Store(new(time.Now()))
			leave()
			return
		}
		err := p.ask(ctx, p.member, http.MethodPost, "/function/call/events?session="+url.QueryEscape(p.line.Session), map[string]string{"type": voice.ClientResponseCancel}, nil)
		at.Store(new(time.Now()))
		refused <- err
	})
	defer timer.Stop()
	line := *p.line // the timer reads p.line's session
	a, err := line.Say(leaving, dial.Turn{ID: uuid.NewString(), Sound: clip, Media: "audio/wav"}, func(e dial.Event) error {
		if since := at.Load(); since != nil && e.Type == voice.AudioDelta && time.Since(*since) > grace {
			r.Late++
		}
		return nil
	})
	r.Received, r.Status, r.took = a.Text, a.Response.Status, a.Took
	if r.Way == WayCancelled && !timer.Stop() {
		if err := <-refused; err != nil {
			return time.Time{}, fmt.Errorf("cancel the answer: %w", err)
		}
	}
	since := at.Load()
	r.Broken = since != nil && (err != nil && leaving.Err() != nil || r.Status == voice.Cancelled)
	if err != nil && !r.Broken {
		return time.Time{}, fmt.Errorf("ask %q: %w", r.Question, err)
	}
	if since == nil || !r.Broken {
		return time.Now(), nil
	}
	return *since, nil
}

// grace is within what the engines must let go of an answer that was broken off.
const grace = 250 * time.Millisecond

// watch waits until the engines are idle, and whether they stay so.
func (s *Session) watch(ctx context.Context, r *BargeInResult, since time.Time) error {
	closed, idle, then, err := s.Engines.settle(ctx, since, s.patience())
	r.ClosedMS, r.IdleMS = millis(closed), millis(idle)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(500 * time.Millisecond):
	}
	now, err := s.Engines.load(ctx)
	r.SoundMS = 1000 * (now.Sound - then.Sound)
	return err
}

// goOn asks the next thing.
func (p *performance) goOn(ctx context.Context, r *BargeInResult, since time.Time) error {
	clip, err := p.clip(ctx, next)
	if err != nil {
		return err
	}
	a, err := p.line.Say(ctx, dial.Turn{ID: uuid.NewString(), Sound: clip, Media: "audio/wav"}, func(e dial.Event) error {
		switch {
		case r.AcceptedMS == 0:
			r.AcceptedMS = millis(time.Since(since))
		case e.Type == voice.AudioDelta && r.AnsweredMS == 0:
			r.AnsweredMS = millis(time.Since(since))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("the next turn: %w", err)
	}
	r.Next = resultOf(a)
	return nil
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// judge says what is wrong with what came of an answer that was broken off.
func (r BargeInResult) judge() (found []finding) {
	add := func(rule, format string, args ...any) {
		found = append(found, finding{0, rule, fmt.Sprintf(format, args...)})
	}
	if r.Error != "" {
		add(ruleError, "%s", r.Error)
		return found
	}
	if !r.Broken {
		return nil
	}
	if r.SoundMS > 0 || r.Late > 0 {
		add(ruleSound, "%.0f ms made, %d pieces sent", r.SoundMS, r.Late)
	}
	for _, f := range next.judge(r.Next) {
		add(ruleNext, "%s: %s", f.rule, f.what)
	}
	answers := 0
	for _, m := range r.Kept {
		if m.Role == memory.Assistant && plain(m.Text) != plain(r.Next.Reply) {
			if answers++; answers > 1 || !begins(r.Received, m.Text) && !begins(r.Whole, m.Text) {
				add(ruleConversation, "%q of %q", m.Text, r.Received)
			}
		}
	}
	return found
}

const (
	ruleSound = "sound after the break"
	ruleNext  = "the next turn went wrong"
)
