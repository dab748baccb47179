package recording

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// Recognizer hears a part.
type Recognizer interface {
	Transcribe(ctx context.Context, clip pcm.Clip, how speech.Listening) (speech.Transcript, error)
}

// Heard is a part of a recording that was recognised.
type Heard struct {
	Transcript speech.Transcript // of this part; its times count from the recording's beginning
	Done       time.Duration     // how much of the recording is recognised now
}

const (
	// patience is how long a part waits for a recogniser that is busy or restarts, once it has recognised another one.
	patience  = time.Minute
	firstWait = time.Second
	longWait  = 10 * time.Second
)

// Transcribe recognises the parts, at most parallel at once, and gives each to heard in order; an error of heard ends the work. The
// first part is refused by a busy recogniser at once; later ones wait, since what was done would be lost.
func (r *Recording) Transcribe(ctx context.Context, recognizer Recognizer, how speech.Listening, parallel int, heard func(Heard) error) (speech.Transcript, error) {
	began := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	whole := speech.Transcript{Language: how.Language}
	results := r.recognise(ctx, &all, recognizer, how, parallel)
	for i := range r.parts {
		var got result
		select {
		case got = <-results[i]:
		case <-ctx.Done():
			return speech.Transcript{}, fmt.Errorf("transcribe a recording: %w", ctx.Err())
		}
		if got.err != nil {
			return speech.Transcript{}, got.err
		}
		t := r.place(got.Transcript, r.parts[i], len(whole.Segments))
		add(&whole, t)
		if err := heard(Heard{Transcript: t, Done: r.parts[i].end}); err != nil {
			return speech.Transcript{}, err
		}
	}
	whole.NoSpeech = whole.Text == ""
	whole.Audio, whole.Took = r.Length, time.Since(began)
	return whole, nil
}

type result struct {
	speech.Transcript
	err error
}

// recognise gives the result of each part in its channel. The first part in which somebody speaks is recognised alone: it tells
// whether the recogniser is there, and the language of the rest when none is named.
func (r *Recording) recognise(ctx context.Context, all *sync.WaitGroup, recognizer Recognizer, how speech.Listening, parallel int) []chan result {
	results := make([]chan result, len(r.parts))
	for i := range results {
		results[i] = make(chan result, 1)
	}
	all.Go(func() {
		answered, spoken := false, false
		places := make(chan struct{}, max(parallel, 1))
		for i := range r.parts {
			switch {
			case r.parts[i].sound == nil:
				results[i] <- result{Transcript: speech.Transcript{Language: how.Language, NoSpeech: true}}
				continue
			case !spoken:
				got := r.hear(ctx, recognizer, i, how, answered)
				results[i] <- got
				if got.err != nil {
					return
				}
				answered = true
				if spoken = !got.NoSpeech; spoken && how.Language == "" {
					how.Language = got.Language
				}
				continue
			}
			select {
			case places <- struct{}{}:
			case <-ctx.Done():
				return
			}
			all.Go(func() {
				defer func() { <-places }()
				results[i] <- r.hear(ctx, recognizer, i, how, true)
			})
		}
	})
	return results
}

// hear recognises a part and lets its sound go. A patient call waits for a recogniser that cannot take it now.
func (r *Recording) hear(ctx context.Context, recognizer Recognizer, i int, how speech.Listening, patient bool) result {
	defer r.drop(i)
	clip := pcm.Of16(r.parts[i].sound, pcm.Rate)
	wait, end := firstWait, time.Now().Add(patience)
	for {
		t, err := recognizer.Transcribe(ctx, clip, how)
		again := errors.Is(err, gym.ErrBusy) || errors.Is(err, gym.ErrUnavailable)
		if asked, ok := gym.Wait(err); ok {
			wait = asked
		}
		wait = min(wait, longWait)
		if !patient || !again || ctx.Err() != nil || time.Now().Add(wait).After(end) {
			return result{t, err}
		}
		select {
		case <-time.After(wait):
			wait *= 2
		case <-ctx.Done():
			return result{t, err}
		}
	}
}

// place moves a part's times to where the part lies. Recognisers now and then name times beyond a clip's end; those that tell of no
// segments get one, since subtitles are made of them.
func (r *Recording) place(t speech.Transcript, p part, segments int) speech.Transcript {
	at := func(seconds float64) float64 {
		exact := min(max(p.start.Seconds()+seconds, p.start.Seconds()), p.end.Seconds())
		return math.Round(exact*1000) / 1000
	}
	if len(t.Segments) == 0 && t.Text != "" {
		t.Segments = []speech.Segment{{End: (p.end - p.start).Seconds(), Text: " " + t.Text}}
	}
	placed := make([]speech.Segment, len(t.Segments))
	for i, s := range t.Segments {
		s.ID, s.Start = segments+i, at(s.Start)
		s.End = max(at(s.End), s.Start)
		placed[i] = s
	}
	words := make([]speech.Word, len(t.Words))
	for i, w := range t.Words {
		w.Word, w.Start = strings.TrimSpace(w.Word), at(w.Start)
		w.End = max(at(w.End), w.Start)
		words[i] = w
	}
	t.Segments, t.Words = placed, words
	return t
}

// add appends a part's transcript to the whole.
func add(whole *speech.Transcript, t speech.Transcript) {
	if whole.Language == "" && !t.NoSpeech {
		whole.Language = t.Language
	}
	if whole.Text != "" && t.Text != "" {
		whole.Text += " "
	}
	whole.Text += t.Text
	whole.Segments, whole.Words = append(whole.Segments, t.Segments...), append(whole.Words, t.Words...)
}
