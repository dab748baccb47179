package realtime

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/vad"
	"github.com/intellifit/intellifit/shared/speech/vad/silero"
	"github.com/intellifit/intellifit/shared/voice"
)

const (
	maxSound = 60 * time.Second // that waits to be answered, or comes ahead of time
	minSound = 100 * time.Millisecond
	askTime  = 2 * time.Second // after which a judge's word is worth nothing
)

// input is what the member says, until it is a turn.
type input struct {
	ear     *vad.Endpointer // nil while the client says where turns end
	offset  time.Duration   // of the ear's beginning in the sound
	heard   time.Duration   // sound so far
	buffer  []float32       // 16 kHz, while there is no ear
	odd     []byte          // half a sample
	convert *pcm.Resampler
	item    string // of the speech that is going on
	last    string // item before
	waiting []said // without an answer: response.create answers
	deaf    bool   // the judge could not answer, which was logged
}

// said is speech or text that is not answered yet.
type said struct {
	item string
	clip *pcm.Clip
	text string
	took time.Duration // from the end of speech to knowing of it
	turn bool          // found by the ear, so that it may go on
}

func newItem() string { return "item_" + uuid.NewString() }

// listen makes the ear that the settings ask for, and none without.
func (s *session) listen() error {
	s.ear, s.offset, s.buffer = nil, s.heard, nil
	s.newFormat()
	if s.set.detection == nil {
		return nil
	}
	ear, err := vad.NewEndpointer(s.set.detection.config(s.cfg.Turns))
	if err != nil {
		return err
	}
	ear.Playing(s.playing != nil)
	s.ear = ear
	return nil
}

// relisten follows a change of the settings.
func (s *session) relisten(was *detection) error {
	now := s.set.detection
	switch {
	case now == was:
		return nil
	case now == nil || was == nil:
		return s.listen()
	}
	return s.ear.Configure(now.config(s.cfg.Turns))
}

func (s *session) newFormat() { s.odd, s.convert = nil, pcm.NewResampler(s.set.in, pcm.Rate) }

// append hears more of the microphone.
func (s *session) append(ctx context.Context, e clientEvent) {
	b := append(s.odd, e.Audio...)
	length := time.Duration(len(b)/2) * time.Second / time.Duration(s.set.in)
	switch {
	case len(e.Audio) == 0:
		s.refuse(e.EventID, CodeEventInvalid, "audio is missing")
		return
	case s.heard+length > time.Since(s.began)+maxSound:
		s.refuse(e.EventID, CodeBufferFull, "sound comes faster than time passes, and is more than a minute ahead")
		return
	case s.ear == nil && len(s.buffer)+int(length*pcm.Rate/time.Second) > int(maxSound*pcm.Rate/time.Second):
		s.refuse(e.EventID, CodeBufferFull, "a minute of sound waits to be committed")
		return
	}
	whole := len(b) &^ 1
	s.odd = append([]byte(nil), b[whole:]...)
	samples := s.convert.Write(pcm.Of16(b[:whole], s.set.in).Samples)
	s.heard += length
	if s.ear == nil {
		s.buffer = append(s.buffer, samples...)
		return
	}
	for window := range slices.Chunk(samples, silero.Window) { // so that what follows from a signal comes before what is heard next
		s.signals(ctx, s.ear.Feed(window))
	}
}

// commit makes a turn of what was said so far, without an answer yet.
func (s *session) commit(ctx context.Context, e clientEvent) {
	clip := pcm.Clip{Rate: pcm.Rate}
	if s.ear != nil {
		for _, signal := range s.ear.End() {
			clip = signal.Clip
		}
	} else {
		clip.Samples = append(s.buffer, s.convert.Flush()...)
		s.buffer, s.item = nil, newItem()
	}
	if clip.Duration() < minSound {
		s.refuse(e.EventID, CodeBufferEmpty, "less than 100 ms of speech are there to commit")
		return
	}
	s.take(ctx, e.EventID, said{item: s.item, clip: &clip}, false)
}

func (s *session) clear() {
	s.buffer = nil
	s.newFormat()
	if s.ear != nil {
		s.ear.Clear()
	}
	s.tell(serverEvent{Type: bufferCleared})
}

// signals follows what the ear found.
func (s *session) signals(ctx context.Context, list []vad.Signal) {
	for _, signal := range list {
		switch signal.Kind {
		case vad.TurnStarted:
			s.started(signal)
		case vad.TurnAsk:
			s.ask(ctx, signal)
		case vad.TurnEnded:
			s.tell(serverEvent{Type: speechStopped, ItemID: s.item, AudioEndMS: new((s.offset + signal.At).Milliseconds())})
			s.take(ctx, "", said{item: s.item, clip: &signal.Clip, took: signal.Heard - signal.At, turn: true}, s.set.detection.Create)
		}
	}
}

// started: the member speaks. An answer that is being given falls silent; one of which nothing was heard yet is taken back, and what the
// member says is one turn with what it was for.
func (s *session) started(signal vad.Signal) {
	s.item = newItem()
	if s.set.detection.Interrupt {
		s.takeBack()
		s.interrupt(voice.CodeTurnDetected)
	}
	s.tell(serverEvent{Type: speechStarted, ItemID: s.item, AudioStartMS: new((s.offset + signal.From).Milliseconds())})
}

// takeBack makes what the member says one turn with the last one, when nothing of its answer was heard yet.
func (s *session) takeBack() {
	j := s.running
	queued := len(s.jobs) > 0
	if queued {
		j = s.jobs[len(s.jobs)-1]
	}
	if j == nil || !j.turn || j.cancelled || !j.first.IsZero() || !s.ear.Continue() {
		return
	}
	if j.taken = true; queued {
		s.jobs = s.jobs[:len(s.jobs)-1]
	}
	s.last = j.before
	s.tell(serverEvent{Type: itemDeleted, ItemID: j.item})
}

// ask asks the judge, who takes a moment.
func (s *session) ask(ctx context.Context, signal vad.Signal) {
	s.asking.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, askTime)
		defer cancel()
		v := vad.Ask(ctx, s.cfg.Judge, signal)
		select {
		case s.verdicts <- v:
		case <-ctx.Done():
		}
	})
}

func (s *session) judged(ctx context.Context, v vad.Verdict) {
	if v.Err != nil && !s.deaf && !errors.Is(v.Err, gym.ErrNotFound) {
		s.deaf = true
		s.cfg.Log(ctx).Warn("silence alone ends turns for now", "cause", v.Err.Error())
	}
	if s.ear != nil {
		s.signals(ctx, s.ear.Judge(v))
	}
}

// take tells of something said, and has it answered or lets it wait.
func (s *session) take(ctx context.Context, eventID string, w said, answer bool) {
	if !answer && s.waits()+w.length() > maxSound {
		s.refuse(eventID, CodeBufferFull, "a minute of speech waits for response.create")
		return
	}
	before := s.last
	s.tell(serverEvent{Type: voice.InputCommitted, ItemID: w.item, PreviousItem: before})
	s.last = w.item
	if answer {
		s.start(ctx, w, before)
		return
	}
	s.keep(w)
}

// keep lets something said wait for response.create. Speech after speech is one, and so is text after text.
func (s *session) keep(w said) {
	if n := len(s.waiting); n > 0 {
		last := &s.waiting[n-1]
		switch {
		case last.clip != nil && w.clip != nil:
			last.item = w.item
			last.clip = &pcm.Clip{Rate: pcm.Rate, Samples: append(append([]float32(nil), last.clip.Samples...), w.clip.Samples...)}
			return
		case last.clip == nil && w.clip == nil:
			last.item, last.text = w.item, last.text+"\n"+w.text
			return
		}
	}
	s.waiting = append(s.waiting, w)
}

func (s *session) waits() time.Duration {
	sum := time.Duration(0)
	for _, w := range s.waiting {
		sum += w.length()
	}
	return sum
}

func (w said) length() time.Duration {
	if w.clip == nil {
		return 0
	}
	return w.clip.Duration()
}

// maxTyped bounds what waits of text; a turn takes less.
const maxTyped = 32 << 10

// typed takes a message that the member typed.
func (s *session) typed(e clientEvent) {
	text, ok := e.Item.text()
	switch {
	case !ok || !plainID.MatchString(e.Item.ID):
		s.refuse(e.EventID, CodeEventInvalid, "item is a message of the role user with content of the type input_text")
		return
	case strings.TrimSpace(text) == "" || len(text)+s.typedSoFar() > maxTyped || len(s.waiting) >= maxJobs:
		s.refuse(e.EventID, CodeEventInvalid, "the message is empty, or too much waits for response.create")
		return
	}
	item := *e.Item
	if item.ID == "" {
		item.ID = newItem()
	}
	item.Status = "completed"
	for _, kind := range []string{itemAdded, itemDone} {
		s.tell(serverEvent{Type: kind, PreviousItem: s.last, Item: &item})
	}
	s.last = item.ID
	s.keep(said{item: item.ID, text: text})
}

func (s *session) typedSoFar() int {
	n := 0
	for _, w := range s.waiting {
		n += len(w.text)
	}
	return n
}

// text is what a member's message says; ok is false when it is none.
func (m *clientMessage) text() (text string, ok bool) {
	if m == nil || m.Type != "message" || m.Role != "user" || len(m.Content) == 0 {
		return "", false
	}
	var parts []string
	for _, c := range m.Content {
		if c.Type != "input_text" {
			return "", false
		}
		parts = append(parts, c.Text)
	}
	return strings.Join(parts, "\n"), true
}
