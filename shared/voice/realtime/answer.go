package realtime

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/voice"
)

// maxJobs bounds what waits for the answer that is being given.
const maxJobs = 8

// answers are what is given in answer, one after the other.
type answers struct {
	jobs    []*job
	running *job
	playing *job // whose sound the client still plays, by our clock
	until   time.Time
	played  *time.Timer
}

// job is an answer that is given, or an answer that is cut to what was heard of it.
type job struct {
	said
	before string // the item before
	hello  bool   // nothing was said: greet
	cut    *clientEvent

	cancel    context.CancelCauseFunc
	cancelled bool
	code      string // why
	taken     bool   // what it answers is part of a later turn
	response  string // its id, once it was told
	done      bool   // its end was told
	rate      int    // Hz of its sound as it is made
	convert   *pcm.Resampler
	first     time.Time // when its first sound went out
	sent      time.Duration
}

// told is an event of the answer that runs.
type told struct {
	job *job
	e   voice.Event
}

// outcome is how a job ended.
type outcome struct {
	job   *job
	heard string // of an answer that was cut
	err   error
}

// start has something said answered.
func (s *session) start(ctx context.Context, w said, before string) {
	s.enqueue(ctx, &job{said: w, before: before})
}

func (s *session) enqueue(ctx context.Context, j *job) {
	if len(s.jobs) >= maxJobs {
		id := ""
		if j.cut != nil {
			id = j.cut.EventID
		}
		s.refuse(id, "turn_running", "too much waits for the answer that is being given")
		return
	}
	s.jobs = append(s.jobs, j)
	s.next(ctx)
}

// next begins the next job when none runs.
func (s *session) next(ctx context.Context) {
	if s.running != nil || len(s.jobs) == 0 {
		return
	}
	j := s.jobs[0]
	s.jobs = s.jobs[1:]
	s.running = j
	ctx, j.cancel = context.WithCancelCause(ctx)
	in := s.call
	in.ID, in.Clip, in.Text, in.Endpoint, in.Received = "rt-"+uuid.NewString(), j.clip, j.text, j.took, time.Now()
	go func() {
		heard, err := s.work(ctx, j, in)
		s.ended <- outcome{j, heard, err}
	}()
}

// errTalkedOver is why a turn ends of which something may have been heard: what was, is kept. A turn that is merely cancelled leaves nothing
// behind when nothing was heard of it.
var errTalkedOver = errors.New("the member went on talking")

// work does a job. It runs beside the session, which hears of it through told.
func (s *session) work(ctx context.Context, j *job, in voice.In) (heard string, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.cfg.Log(ctx).Error("a turn panicked", "stack", string(debug.Stack()))
			err = fmt.Errorf("a turn panicked: %v", p)
		}
	}()
	if j.cut != nil {
		return s.cfg.Calls.Truncate(ctx, in.MemberID, in.SessionID, j.cut.ItemID, time.Duration(*j.cut.AudioEndMS)*time.Millisecond)
	}
	if s.cfg.Allow != nil {
		if err := s.cfg.Allow(ctx, in.MemberID); err != nil {
			return "", err
		}
	}
	lead := s.cfg.Calls.Turn
	if j.hello {
		lead = s.cfg.Calls.Open
	}
	_, err = lead(ctx, in, func(e voice.Event) error {
		select {
		case s.told <- told{j, e}:
			return nil
		case <-s.over:
			return context.Canceled
		}
	})
	return "", err
}

// hear passes on what an answer tells.
func (s *session) hear(t told) {
	j, e := t.job, t.e
	switch e.Type {
	case voice.SessionCreated:
		s.learn(e.Session)
		if e.Session != nil {
			j.rate = e.Session.Audio.Output.Format.Rate
		}
		return
	case voice.InputCommitted: // we have told of it
		return
	case voice.Transcribed:
		if j.taken {
			return
		}
		e.ItemID = j.item
	case voice.ResponseCreated:
		if j.cancelled {
			return
		}
		j.response = e.Response.ID
	case voice.TranscriptDelta:
		if j.cancelled {
			return
		}
	case voice.AudioDelta:
		s.sound(j, e)
		return
	case voice.AudioDone:
		s.rest(j, e)
	case voice.ResponseDone:
		if j.cancelled {
			r := *e.Response
			r.Status, r.Details = voice.Cancelled, &voice.Details{Code: j.code}
			e.Response = &r
		}
		j.done = true
	}
	if j.cancelled && j.response == "" && e.Type != voice.Transcribed { // nobody knows of this answer
		return
	}
	s.pass(e, "")
}

// sound passes on a stretch of the answer at the client's rate.
func (s *session) sound(j *job, e voice.Event) {
	if j.cancelled || len(e.Audio) < 2 || j.rate <= 0 {
		return
	}
	length := time.Duration(len(e.Audio)/2) * time.Second / time.Duration(j.rate)
	if j.first.IsZero() {
		j.first, s.playing = time.Now(), j
		if s.ear != nil {
			s.ear.Playing(true)
		}
		if j.rate != s.set.out {
			j.convert = pcm.NewResampler(j.rate, s.set.out)
		}
	}
	j.sent += length
	if now := time.Now(); s.until.Before(now) {
		s.until = now
	}
	s.until = s.until.Add(length)
	s.played.Reset(time.Until(s.until))
	if j.convert != nil {
		e.Audio = pcm.Clip{Rate: s.set.out, Samples: j.convert.Write(pcm.Of16(e.Audio, j.rate).Samples)}.Bytes16()
	}
	if len(e.Audio) > 0 {
		s.pass(e, j.response)
	}
}

// rest is what the conversion of the rate still holds at the end.
func (s *session) rest(j *job, e voice.Event) {
	if j.cancelled || j.convert == nil {
		return
	}
	if b := (pcm.Clip{Rate: s.set.out, Samples: j.convert.Flush()}).Bytes16(); len(b) > 0 {
		s.pass(voice.Event{Type: voice.AudioDelta, ResponseID: e.ResponseID, ItemID: e.ItemID, Audio: b, StartMS: j.sent.Milliseconds()}, j.response)
	}
}

// silent: the sound that went out has been played, as far as we can know.
func (s *session) silent() {
	if s.playing == nil || time.Now().Before(s.until) || s.running == s.playing {
		return
	}
	s.playing = nil
	if s.ear != nil {
		s.ear.Playing(false)
	}
}

// interrupt ends the answer that is being given, and leaves out what of its sound is not sent.
func (s *session) interrupt(code string) bool {
	if s.playing != nil {
		s.out.drop(s.playing.response)
		s.playing, s.until = nil, time.Time{}
	}
	if s.ear != nil {
		s.ear.Playing(false)
	}
	j := s.running
	if j == nil || j.cancelled || j.cut != nil {
		return false
	}
	j.cancelled, j.code = true, code
	s.out.drop(j.response)
	if j.taken {
		j.cancel(nil)
	} else {
		j.cancel(errTalkedOver)
	}
	return true
}

// finish ends a job; next says whether others may follow.
func (s *session) finish(ctx context.Context, o outcome, next bool) {
	j := o.job
	j.cancel(nil)
	s.running = nil
	switch {
	case j.cut != nil:
		s.truncated(ctx, o)
	case o.err != nil:
		s.broke(ctx, o)
	}
	if j == s.playing {
		s.played.Reset(max(time.Until(s.until), 0))
	}
	if next {
		s.next(ctx)
	}
}

// broke tells of a turn that ended with an error.
func (s *session) broke(ctx context.Context, o outcome) {
	j := o.job
	r := &voice.Response{ID: j.response, Status: voice.Failed}
	switch {
	case j.cancelled && errors.Is(o.err, context.Canceled):
		r.Status, r.Details = voice.Cancelled, &voice.Details{Code: j.code}
	case ctx.Err() == nil:
		r.Details = &voice.Details{Code: s.complain(ctx, "", o.err)}
	}
	if j.response != "" && !j.done {
		s.pass(voice.Event{Type: voice.ResponseDone, Response: r}, "")
	}
}

// complain tells of an error, and logs it.
func (s *session) complain(ctx context.Context, eventID string, err error) (code string) {
	p := faas.ProblemOf(err)
	kind := "invalid_request_error"
	if p.Status >= http.StatusInternalServerError || p.Status == http.StatusTooManyRequests {
		kind = "server_error"
		s.cfg.Log(ctx).Warn("a turn broke off", "code", p.Code, "cause", err.Error())
	}
	if p.Code == voice.CodeSessionUnknown { // it was not spoken in for too long: the next turn begins another
		s.call.SessionID = ""
	}
	s.tell(serverEvent{Type: voice.ErrorEvent, Error: &errorDetail{voice.ErrorDetail{Type: kind, Code: p.Code, Message: p.Detail}, eventID}})
	return p.Code
}

// create answers what was said; when nothing was said in the call yet, it greets.
func (s *session) create(ctx context.Context, e clientEvent) {
	switch {
	case s.running != nil && s.running.cut == nil && !s.running.cancelled || len(s.jobs) > 0:
		s.refuse(e.EventID, CodeActiveResponse, "an answer is being given: cancel it first, or wait for response.done")
	case len(s.waiting) > 0:
		waiting := s.waiting
		s.waiting = nil
		for _, w := range waiting {
			s.start(ctx, w, "")
		}
	case s.call.SessionID == "":
		s.enqueue(ctx, &job{hello: true})
	default:
		s.refuse(e.EventID, CodeInputMissing, "nothing was said that is not answered")
	}
}

// stop ends the answer that is being given because the client wants it.
func (s *session) stop(e clientEvent) {
	if !s.interrupt("client_cancelled") {
		s.refuse(e.EventID, CodeNoResponse, "no answer is being given")
	}
}

// longestAnswer bounds what a client can say that it played.
const longestAnswer = 10 * time.Minute

// truncate cuts an answer to what the client played of it, once the answer has ended.
func (s *session) truncate(ctx context.Context, e clientEvent) {
	if e.AudioEndMS == nil || *e.AudioEndMS < 0 || *e.AudioEndMS > longestAnswer.Milliseconds() || e.Content != 0 || e.ItemID == "" || !plainID.MatchString(e.ItemID) {
		s.refuse(e.EventID, CodeEventInvalid, "item_id, content_index 0 and audio_end_ms say what was played")
		return
	}
	s.enqueue(ctx, &job{cut: &e})
}

func (s *session) truncated(ctx context.Context, o outcome) {
	e := o.job.cut
	switch {
	case o.err == nil:
		s.tell(serverEvent{Type: voice.ItemTruncated, ItemID: e.ItemID, ContentIndex: new(int), AudioEndMS: e.AudioEndMS, Transcript: o.heard})
	case errors.Is(o.err, gym.ErrNotFound):
		s.refuse(e.EventID, voice.CodeItemUnknown, "no such answer in this call")
	default:
		s.complain(ctx, e.EventID, o.err)
	}
}
