package voice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/spoken"
)

// Who says something.
const (
	user      = "user"
	assistant = "assistant"
)

// The causes with which a turn's context ends.
var (
	errBargeIn = errors.New("the member went on talking")
	errGone    = errors.New("the client went away")
	errLimit   = errors.New("the turn took too long")
)

// Turn answers one clip. emit hears of each step as it happens, from one goroutine; its error ends the turn as a client that went
// away does. The same turn id again gives what the first one came to, spoken anew.
//
// A turn whose engine fails still ends with a spoken answer, where there is a voice, and with a code in its response. A turn that the
// client leaves before a sound was heard leaves nothing behind but what a confirmed write did, and may be sent again.
func (c *Calls) Turn(ctx context.Context, in In, emit func(Event) error) (Outcome, error) {
	if in.Clip == nil && strings.TrimSpace(in.Text) == "" {
		return Outcome{}, gym.Errorf(gym.ErrInvalid, coach.CodeMessageEmpty, "the turn has neither sound nor text")
	}
	leave, err := c.enter()
	if err != nil {
		return Outcome{}, err
	}
	defer leave()
	if _, err := c.consenting(ctx, in.MemberID); err != nil {
		return Outcome{}, err
	}
	stored, first, err := c.Sessions.Once(ctx, in.MemberID, "call:"+in.ID, func(ctx context.Context) ([]byte, error) {
		out, err := c.lead(ctx, in, emit)
		if err != nil {
			return nil, err
		}
		return json.Marshal(out)
	})
	if err != nil {
		return Outcome{}, err
	}
	var out Outcome
	if err := json.Unmarshal(stored, &out); err != nil {
		return Outcome{}, fmt.Errorf("read the stored turn: %w", err)
	}
	if !first {
		return out, c.again(ctx, in, out, emit)
	}
	return out, nil
}

// enter takes one of the places for turns. A member who would wait long is told so at once.
func (c *Calls) enter() (leave func(), err error) {
	c.places.once.Do(func() { c.places.taken = make(chan struct{}, max(c.Most, 1)) })
	select {
	case c.places.taken <- struct{}{}:
		return func() { <-c.places.taken }, nil
	default:
		return nil, &gym.Error{Kind: gym.ErrBusy, Code: CodeCapacity, Detail: "as many members are being answered as this machine can", Hint: "try again in a moment"}
	}
}

// places bounds the turns that run at once.
type places struct {
	once  sync.Once
	taken chan struct{}
}

// turn is the state of one turn.
type turn struct {
	*Calls
	in       In
	session  Session
	info     *SessionInfo
	began    time.Time // the last byte of the request
	out      *outbox
	queue    *queue
	cut      clauses
	response Response
	itemID   string
	userID   string
	heard    string // what the member said
	metrics  Metrics
	events   int

	mu     sync.Mutex // guards what the coach's goroutine shares with the voice
	asked  time.Time  // the coach began
	offer  *coach.Proposal
	filler *time.Timer

	said   []string // the clauses of the answer
	spoken []Spoken
	sentMS int64
	mute   error // why the voice is silent
}

func (c *Calls) newTurn(in In, s Session, emit func(Event) error, cancel context.CancelCauseFunc) *turn {
	if in.Received.IsZero() {
		in.Received = time.Now()
	}
	t := &turn{
		Calls: c, in: in, session: s, began: in.Received, queue: newQueue(),
		itemID: "item_" + uuid.NewString(), userID: "item_" + uuid.NewString(), response: Response{ID: "resp_" + uuid.NewString(), Status: "in_progress"},
	}
	t.info = s.info(SessionTTL)
	t.out = newOutbox(emit, func(error) { cancel(errGone) })
	return t
}

// lead runs a turn from its sound to its end.
func (c *Calls) lead(ctx context.Context, in In, emit func(Event) error) (Outcome, error) {
	ctx, stopLimit := context.WithTimeoutCause(ctx, c.Limit, errLimit)
	defer stopLimit()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s, err := c.session(ctx, in)
	if err != nil {
		return Outcome{}, err
	}
	stop, err := c.heed(ctx, in, s, cancel)
	if err != nil {
		return Outcome{}, err
	}
	defer stop()
	t := c.newTurn(in, s, emit, cancel)
	defer t.out.close()
	t.send(Event{Type: SessionCreated, Session: t.info})
	if in.Clip == nil {
		t.heard = in.Text
		return t.answer(ctx)
	}
	t.send(Event{Type: InputCommitted, ItemID: t.userID})
	none, err := t.listen(ctx)
	switch {
	case ctx.Err() != nil:
		return t.interrupted(ctx, coach.Reply{}, false)
	case err != nil:
		return t.sorry(ctx, err)
	case none:
		return t.fixed(ctx, sorrySilence, Incomplete, &Details{Code: CodeNoSpeech, Reason: "nobody spoke"})
	}
	return t.answer(ctx)
}

// heed ends the answer of an earlier turn of the call, which the member has talked over, and lets a later one end this.
func (c *Calls) heed(ctx context.Context, in In, s Session, cancel context.CancelCauseFunc) (stop func(), err error) {
	if in.SessionID != "" {
		if err := c.Sessions.CancelTurn(ctx, in.MemberID, s.ID, in.ID); err != nil {
			return nil, fmt.Errorf("end the answer before: %w", err)
		}
	}
	calls, stop, err := c.Sessions.Cancellations(ctx, in.MemberID, s.ID)
	if err != nil {
		return nil, fmt.Errorf("listen for interruptions: %w", err)
	}
	go func() {
		for except := range calls {
			if except != in.ID {
				cancel(errBargeIn)
			}
		}
	}()
	return stop, nil
}

// listenTime bounds the recognition of one clip.
const listenTime = 20 * time.Second

// listen turns the clip into the member's words; none says that there were no words in it.
func (t *turn) listen(ctx context.Context) (none bool, err error) {
	t.metrics.Decode, t.metrics.AudioIn = ms(t.in.Decode), ms(t.in.Clip.Duration())
	if t.in.Endpoint > 0 {
		t.metrics.Endpoint = ms(t.in.Endpoint)
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(ctx, listenTime)
	defer cancel()
	got, err := t.Recognizer.Transcribe(ctx, *t.in.Clip, speech.Listening{Language: t.Language, Prompt: t.expected(ctx)})
	if err != nil {
		return false, fmt.Errorf("hear the member: %w", err)
	}
	t.metrics.STT = ms(time.Since(began))
	t.heard = spoken.Hear(got.Text)
	if got.NoSpeech || strings.TrimSpace(t.heard) == "" {
		t.heard = ""
		return true, nil
	}
	t.send(Event{Type: Transcribed, ItemID: t.userID, Transcript: t.heard})
	return false, nil
}

// expected is what the recogniser may expect to hear.
func (t *turn) expected(ctx context.Context) string {
	coaches, err := t.Calls.Coaches.Coaches(ctx)
	if err != nil {
		t.Log(ctx).Warn("the names of the coaches are not expected", "cause", err.Error())
	}
	return Vocabulary(coaches)
}

// maxNames bounds what a recogniser expects: a long prompt costs time.
const maxNames = 12

// Vocabulary is the prompt of a recogniser that hears a call. Without it a small one hears "yes, bucket", and names that nobody has. It is
// short on purpose: with a list of the gym's words whisper base heard twice as many words wrong (eval speech --only spoken --prompt).
func Vocabulary(coaches []gym.Coach) string {
	text := ""
	if len(coaches) > 0 {
		var names []string
		for _, c := range coaches[:min(len(coaches), maxNames)] {
			names = append(names, c.Name)
		}
		text = "Coaches: " + strings.Join(names, ", ") + ". "
	}
	return text + "Yes, book it."
}

// answer lets the coach answer while the voice speaks what is there.
func (t *turn) answer(ctx context.Context) (Outcome, error) {
	t.send(Event{Type: ResponseCreated, Response: &Response{ID: t.response.ID, Status: "in_progress"}})
	t.mu.Lock()
	t.asked = time.Now()
	t.mu.Unlock()
	var reply coach.Reply
	var failed error
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		defer t.queue.close()
		reply, failed = t.Coach.Turn(ctx, coach.In{ID: "voice:" + t.in.ID, MemberID: t.in.MemberID, ConversationID: t.session.ConversationID, Message: t.heard}, t.hear)
		t.stopFiller()
		t.say(t.cut.end()...)
	}()
	t.speakAll(ctx)
	<-answered
	t.out.drain(ctx)
	switch {
	case ctx.Err() != nil:
		return t.interrupted(ctx, reply, failed == nil)
	case failed != nil:
		return t.sorry(ctx, failed)
	}
	t.response.Reply = &reply
	t.offer = reply.Proposal
	if t.mute != nil {
		return t.finish(ctx, Incomplete, &Details{Code: codeOf(t.mute), Reason: "the voice broke off; the rest of the answer is in the transcript"}, reply.MessageID)
	}
	return t.finish(ctx, Completed, nil, reply.MessageID)
}

// hear takes what the coach does.
func (t *turn) hear(e coach.Event) error {
	switch e.Kind {
	case coach.Working:
		t.mu.Lock()
		t.filler = time.AfterFunc(t.FillAfter, t.fill)
		t.mu.Unlock()
	case coach.Acted:
		t.stopFiller()
		t.called(*e.Action, nil)
	case coach.Proposed:
		t.mu.Lock()
		t.offer = e.Proposal
		t.mu.Unlock()
		t.called(coach.Action{Name: e.Proposal.Tool, Status: coach.StatusProposed}, e.Proposal)
	case coach.Delta:
		t.stopFiller()
		t.mu.Lock()
		if t.metrics.FirstToken == nil {
			t.metrics.FirstToken = ms(time.Since(t.asked))
		}
		t.mu.Unlock()
		t.say(t.cut.write(e.Text)...)
	}
	return nil
}

func (t *turn) called(a coach.Action, p *coach.Proposal) {
	if a.Name == "reply" || a.Status == coach.StatusProposed && p == nil { // the proposal comes right behind
		return
	}
	args := string(a.Args)
	if args == "" {
		args = "{}"
	}
	t.send(Event{Type: FunctionCall, ResponseID: t.response.ID, ItemID: t.itemID, Call: &Called{CallID: "fc_" + t.in.ID, Name: a.Name, Arguments: args, Status: a.Status, Proposal: p}})
}

func (t *turn) fill() {
	t.mu.Lock()
	t.metrics.Filler = true
	n := t.session.Turns
	t.mu.Unlock()
	t.queue.add(part{text: fillers[n%len(fillers)], filler: true, kept: true})
}

func (t *turn) stopFiller() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.filler != nil {
		t.filler.Stop()
	}
}

// say queues clauses of the answer.
func (t *turn) say(clauses ...string) { t.enqueue(false, clauses) }

func (t *turn) enqueue(kept bool, clauses []string) {
	for _, c := range clauses {
		t.mu.Lock()
		if t.metrics.FirstClause == nil && !t.asked.IsZero() {
			t.metrics.FirstClause = ms(time.Since(t.asked))
		}
		t.mu.Unlock()
		t.queue.add(part{text: c, kept: kept})
	}
}

// speakAll speaks what is queued until the queue ends or the turn does, which the caller sees by ctx. When the voice fails the words
// still go out as text.
func (t *turn) speakAll(ctx context.Context) {
	for {
		p, ok, err := t.queue.next(ctx)
		if err != nil || !ok {
			return
		}
		if !p.filler {
			delta := p.text
			if len(t.said) > 0 {
				delta = " " + delta
			}
			t.said = append(t.said, p.text)
			t.send(Event{Type: TranscriptDelta, ResponseID: t.response.ID, ItemID: t.itemID, Text: delta})
		}
		if t.mute != nil {
			continue
		}
		began, start := time.Now(), t.sentMS
		t.spoken = append(t.spoken, Spoken{Start: start, End: start})
		at := &t.spoken[len(t.spoken)-1]
		if !p.filler {
			at.Text = p.text
		}
		err = t.speak(ctx, t.session.Voice, t.session.Rate, p.text, p.kept, func(sound []byte) error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if t.metrics.TTSFirst == nil {
				t.metrics.TTSFirst = ms(time.Since(began))
			}
			t.send(Event{Type: AudioDelta, ResponseID: t.response.ID, ItemID: t.itemID, Audio: sound, StartMS: t.sentMS})
			t.sentMS += int64(len(sound)/2) * 1000 / int64(t.session.Rate)
			at.End = t.sentMS
			return nil
		})
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			t.mute = err
			t.Log(ctx).Warn("the voice broke off", "cause", err.Error())
			t.send(failure(err))
		}
	}
}

func (t *turn) send(e Event) {
	t.mu.Lock()
	t.events++
	e.ID = "event_" + strconv.Itoa(t.events)
	t.mu.Unlock()
	t.out.send(e)
}

func ms(d time.Duration) *int64 { return new(d.Milliseconds()) }
