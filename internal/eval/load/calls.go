package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/functions/call"
	"github.com/intellifit/intellifit/internal/dial"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/voice"
)

// Calls is one run of calls at once, against stand-ins for all engines.
type Calls struct {
	DatabaseURL string
	RedisURL    string
	Calls       int
	Turns       int           // of each call; 0 with Soak
	Soak        time.Duration // calls go on so long, and what they hold is sampled
	Think       time.Duration // from an answer to the next words
	Token       time.Duration // of each of the stand-in's tokens
	Progress    models.Progress
}

// hangUpAfter is how many turns a call has in a soak before the member hangs up and calls again.
const hangUpAfter = 10

// Run measures and leaves nothing behind, also when ctx ends.
func (c *Calls) Run(ctx context.Context) (report CallReport, err error) {
	if c.Calls < 1 || c.Calls > MaxChats || c.Turns < 1 && c.Soak <= 0 {
		return CallReport{}, fmt.Errorf("bench calls: 1 to %d calls of at least one turn", MaxChats)
	}
	before := goroutines(0)
	speech, err := startSpeech()
	if err != nil {
		return CallReport{}, err
	}
	s, err := start(ctx, setting{
		database: c.DatabaseURL, redis: c.RedisURL, members: c.Calls, token: c.Token,
		env: map[string]string{
			"CALL_PER_MINUTE": "0", "CALL_TURNS": fmt.Sprint(c.Calls), "WHISPER_URL": speech.url, "TTS_URL": speech.url, "WHISPER_MODEL": "whisper", "TTS_MODEL": "tts",
		},
		function: func(ctx context.Context, host faas.Host) (function, error) { return call.New(ctx, host) },
	})
	if err != nil {
		return CallReport{}, errors.Join(err, speech.close(ctx))
	}
	r := &recorder{}
	began := time.Now()
	err = c.lead(s, r)
	took := time.Since(began)
	if err = errors.Join(err, s.close(), speech.close(context.WithoutCancel(ctx))); err != nil {
		return CallReport{}, err
	}
	report = r.calls()
	report.Calls, report.Seconds = c.Calls, took.Seconds()
	report.GoroutinesBefore, report.GoroutinesAfter = before, goroutines(before)
	return report, nil
}

func (c *Calls) lead(s *stage, r *recorder) (err error) {
	total := int64(c.Calls * c.Turns)
	if c.Soak > 0 {
		total = int64(c.Soak.Seconds())
	}
	meter := c.Progress.Begin(models.Job{Verb: "bench", Name: "call", Total: total, Unit: map[bool]string{true: "seconds", false: "turns"}[c.Soak > 0]})
	defer func() { meter.End(err) }()
	end := time.Now().Add(c.Soak)
	var all sync.WaitGroup
	for i := range c.Calls {
		all.Go(func() {
			m := &caller{stage: s, i: i, conversation: uuid.NewString()}
			for n := 0; c.Soak > 0 && time.Now().Before(end) || n < c.Turns; n++ {
				if !pause(s.ctx, c.Think) {
					return
				}
				r.add(m.turn(n))
				if c.Soak <= 0 {
					meter.Set(int64(r.done()), total)
				} else if n%hangUpAfter == hangUpAfter-1 {
					r.fail(m.hangUp())
				}
			}
			r.fail(m.hangUp())
		})
	}
	stop := make(chan struct{})
	var sampling sync.WaitGroup
	if c.Soak > 0 {
		sampling.Go(func() { r.watch(s, stop, func(d time.Duration) { meter.Set(min(int64(d.Seconds()), total), total) }) })
	}
	all.Wait()
	close(stop)
	sampling.Wait()
	return s.ctx.Err()
}

// caller is one member who calls.
type caller struct {
	*stage
	i            int
	conversation string
	line         *dial.Line
	proposal     *coach.Proposal
}

// turn says the next thing and checks its answer.
func (c *caller) turn(n int) result {
	m := &member{stage: c.stage, i: c.i, proposal: c.proposal}
	word := word(c.i, n%MaxChats) // in a long run words come again
	kind := kinds[n%len(kinds)]
	body, done := m.message(kind, n, word)
	r := result{kind: kind, who: memberID(c.i), n: n}
	words := body["message"]
	if body["confirm"] != "" {
		words = "yes, book it"
	}
	sound, err := clip(words)
	if err != nil {
		r.lost = err.Error()
		return r
	}
	if err := c.dial(); err != nil {
		r.lost = "call: " + err.Error()
		return r
	}
	before := c.model.untilFirst(word)
	a, err := c.line.Say(c.ctx, dial.Turn{ID: uuid.NewString(), Sound: sound, Media: "audio/wav"}, nil)
	if err != nil {
		r.lost = err.Error()
		return r
	}
	r.wall = a.FirstSound
	r.engines = hearTime + speakTime + c.model.untilFirst(word) - before
	for _, heard := range canary.FindAllString(a.Text, -1) {
		if !strings.HasPrefix(heard, mine(c.i)) {
			r.foreign = append(r.foreign, heard)
		}
	}
	if a.Response.Status != voice.Completed || a.Response.Reply == nil || a.FirstSound == 0 {
		r.lost = fmt.Sprintf("ended as %s %+v", a.Response.Status, a.Response.Details)
		return r
	}
	c.proposal = a.Response.Reply.Proposal
	if why := done(*a.Response.Reply); why != "" {
		r.lost = fmt.Sprintf("%s: heard %q, answered %q", why, a.Heard, a.Text)
	}
	return r
}

// dial begins a call where none is; the conversation is the member's own from call to call.
func (c *caller) dial() error {
	if c.line != nil {
		return nil
	}
	c.line = &dial.Line{URL: c.url, Client: c.client, Token: func() (string, error) {
		return faas.Sign(c.key, gym.Principal{GymID: c.gymID, Subject: memberID(c.i), Role: gym.RoleMember}, time.Minute, time.Now())
	}}
	_, err := c.line.Open(c.ctx, c.conversation, nil)
	return err
}

// hangUp ends the call; it says what went wrong, "" when nothing.
func (c *caller) hangUp() string {
	if c.line == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), 10*time.Second)
	defer cancel()
	ended, err := c.line.HangUp(ctx)
	c.line = nil
	switch {
	case err != nil:
		return "hang up: " + err.Error()
	case !ended.TranscriptStored:
		return "hang up: no transcript"
	}
	return ""
}

// sampleEvery is how often a soak looks at what the process and Redis hold.
const sampleEvery = 15 * time.Second

// Sample is what a soak holds at one time.
type Sample struct {
	Seconds     float64 `json:"seconds"`
	RSSMB       float64 `json:"rss_mb"`
	HeapMB      float64 `json:"heap_mb"` // after a collection
	Goroutines  int     `json:"goroutines"`
	Descriptors int     `json:"descriptors"`
	RedisKeys   int     `json:"redis_keys"` // of the run's gym
}

func (r *recorder) watch(s *stage, stop <-chan struct{}, tick func(time.Duration)) {
	began := time.Now()
	for {
		select {
		case <-stop:
			return
		case <-time.After(sampleEvery):
		}
		sample, err := s.sample(time.Since(began))
		if err != nil {
			r.fail("sample: " + err.Error())
			continue
		}
		r.mu.Lock()
		r.samples = append(r.samples, sample)
		r.mu.Unlock()
		tick(time.Since(began))
	}
}

func (s *stage) sample(since time.Duration) (Sample, error) {
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return Sample{}, err
	}
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return Sample{}, err
	}
	keys, err := s.redis.CountGym(s.ctx)
	if err != nil {
		return Sample{}, err
	}
	out := Sample{Seconds: since.Seconds(), HeapMB: float64(memory.HeapAlloc) / 1e6, Goroutines: runtime.NumGoroutine(), Descriptors: len(files), RedisKeys: keys}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				return Sample{}, err
			}
			out.RSSMB = kb / 1e3
		}
	}
	return out, nil
}
