package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/internal/dial"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/vad"
	"github.com/intellifit/intellifit/shared/speech/wav"
)

// microphone is a pair of programs of the system: one that records, one that plays. Both speak raw signed 16-bit mono.
type microphone struct {
	record []string
	play   func(rate int) []string
}

// findMicrophone looks for programs of ALSA, PulseAudio, PipeWire and SoX. INTELLIFIT_RECORD and INTELLIFIT_PLAY name others: programs
// that write 16 kHz samples to their output, and that play samples of the rate in their first argument from their input.
func findMicrophone(getenv func(string) string) (*microphone, error) {
	if record, play := getenv("INTELLIFIT_RECORD"), getenv("INTELLIFIT_PLAY"); record != "" && play != "" {
		return &microphone{record: []string{record}, play: func(rate int) []string { return []string{play, strconv.Itoa(rate)} }}, nil
	}
	for _, m := range []microphone{
		{[]string{"arecord", "-q", "-f", "S16_LE", "-r", "16000", "-c", "1", "-t", "raw"}, func(rate int) []string {
			return []string{"aplay", "-q", "-f", "S16_LE", "-r", strconv.Itoa(rate), "-c", "1", "-t", "raw"}
		}},
		{[]string{"parec", "--raw", "--format=s16le", "--rate=16000", "--channels=1"}, func(rate int) []string {
			return []string{"pacat", "--raw", "--format=s16le", "--rate=" + strconv.Itoa(rate), "--channels=1"}
		}},
		{[]string{"pw-record", "--rate", "16000", "--channels", "1", "--format", "s16", "-"}, func(rate int) []string {
			return []string{"pw-play", "--rate", strconv.Itoa(rate), "--channels", "1", "--format", "s16", "-"}
		}},
		{[]string{"rec", "-q", "-t", "raw", "-r", "16000", "-e", "signed", "-b", "16", "-c", "1", "-"}, func(rate int) []string {
			return []string{"play", "-q", "-t", "raw", "-r", strconv.Itoa(rate), "-e", "signed", "-b", "16", "-c", "1", "-"}
		}},
	} {
		_, records := exec.LookPath(m.record[0])
		_, plays := exec.LookPath(m.play(pcm.Rate)[0])
		if records == nil && plays == nil {
			return &m, nil
		}
	}
	return nil, errors.New("no microphone: install alsa-utils (arecord, aplay), pulseaudio-utils, pipewire or sox, or say recordings with --wav FILE")
}

// frame is how much of the microphone is looked at one time.
const frame = 32 * time.Millisecond

// talk is a call by microphone. It ends when ctx does, or the microphone.
func (c *caller) talk(ctx context.Context, m *microphone, greeting dial.Answer) error {
	recorder := exec.CommandContext(ctx, m.record[0], m.record[1:]...)
	sound, err := recorder.StdoutPipe()
	if err != nil {
		return fmt.Errorf("open the microphone: %w", err)
	}
	if err := recorder.Start(); err != nil {
		return fmt.Errorf("open the microphone: %w", err)
	}
	defer func() {
		_ = recorder.Process.Kill()
		_ = recorder.Wait() // it was killed: its status says nothing
	}()
	frames := make(chan []float32, 4096) // two minutes: nothing is lost while an answer is played
	ended := make(chan error, 1)
	go func() { ended <- listen(sound, frames) }()
	c.printf("Speak; Ctrl-C hangs up.\n")
	if _, err := c.hear(ctx, m, greeting, frames); err != nil {
		return err
	}
	for {
		said, waited, err := utterance(ctx, c.before, frames)
		c.before = nil
		if err != nil || said.Samples == nil {
			return errors.Join(err, ctx.Err())
		}
		var body wavBuffer
		if err := wav.Write(&body, said); err != nil {
			return err
		}
		c.printf("\n")
		a, err := c.line.Say(ctx, dial.Turn{ID: uuid.NewString(), Sound: body, Media: "audio/wav", Endpoint: waited}, c.show)
		if err != nil {
			return err
		}
		played, err := c.hear(ctx, m, a, frames)
		if err != nil {
			return err
		}
		c.note(a, "", "")
		if played < pcm.Of16(a.Sound, a.Rate).Duration() && a.ItemID != "" {
			if _, err := c.line.Truncate(ctx, a.ItemID, played); err != nil {
				return err
			}
		}
	}
}

type wavBuffer []byte

func (b *wavBuffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

// listen cuts the microphone's sound into frames until it ends, and closes them.
func listen(sound io.Reader, frames chan<- []float32) error {
	defer close(frames)
	buf := make([]byte, int(frame*pcm.Rate/time.Second)*2)
	for {
		if _, err := io.ReadFull(sound, buf); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return nil
			}
			return fmt.Errorf("read the microphone: %w", err)
		}
		frames <- pcm.Of16(buf, pcm.Rate).Samples
	}
}

// The sound before speech is noticed is part of it; silence is not kept.
const (
	lead    = 500 * time.Millisecond
	silence = 5 * time.Second
)

// utterance waits for speech, which may have begun in before, and returns it with what was waited for its end; no samples at the
// microphone's end.
func utterance(ctx context.Context, before []float32, frames <-chan []float32) (pcm.Clip, time.Duration, error) {
	d, err := vad.New(vad.Config{MinSilence: vad.DefaultFallback}) // nobody judges here whether a pause ends the turn
	if err != nil {
		return pcm.Clip{}, 0, err
	}
	clip := pcm.Clip{Rate: pcm.Rate}
	offset := time.Duration(0) // of the detector's beginning in the clip
	from := time.Duration(0)
	samples, ok := before, true
	for {
		clip.Samples = append(clip.Samples, samples...)
		events := d.Feed(samples)
		if !ok {
			events = d.Finish()
		}
		for _, e := range events {
			switch e.Kind {
			case vad.SpeechStarted:
				from = e.At
			case vad.SpeechStopped:
				said := clip.Slice(offset+from-lead, offset+d.Heard())
				return pcm.Clip{Rate: pcm.Rate, Samples: slices.Clone(said.Samples)}, d.Heard() - e.At, nil
			}
		}
		if !ok {
			return pcm.Clip{}, 0, nil
		}
		if !d.Speaking() && clip.Duration() > silence {
			clip.Samples = slices.Clone(clip.Slice(clip.Duration()-lead, clip.Duration()).Samples)
			offset = clip.Duration()
			d.Reset()
		}
		select {
		case <-ctx.Done():
			return pcm.Clip{}, 0, nil
		case samples, ok = <-frames:
		}
	}
}

// hear plays an answer and returns how much of it was played. With headphones, speaking ends it.
func (c *caller) hear(ctx context.Context, m *microphone, a dial.Answer, frames <-chan []float32) (time.Duration, error) {
	whole := pcm.Of16(a.Sound, a.Rate).Duration()
	if whole == 0 {
		return 0, nil
	}
	args := m.play(a.Rate)
	playing, stop := context.WithCancel(ctx)
	defer stop()
	player := exec.CommandContext(playing, args[0], args[1:]...)
	in, err := player.StdinPipe()
	if err != nil {
		return 0, fmt.Errorf("play the answer: %w", err)
	}
	if err := player.Start(); err != nil {
		return 0, fmt.Errorf("play the answer: %w", err)
	}
	began := time.Now()
	go func() {
		_, _ = in.Write(a.Sound) // a player that was stopped takes no more
		_ = in.Close()
	}()
	done := make(chan error, 1)
	go func() { done <- player.Wait() }()
	d, err := vad.New(vad.Config{})
	if err != nil {
		return 0, err
	}
	over := pcm.Clip{Rate: pcm.Rate}
	for {
		select {
		case err := <-done:
			if err != nil && ctx.Err() == nil {
				return 0, fmt.Errorf("play the answer: %s: %w", args[0], err)
			}
			return whole, nil
		case samples, ok := <-frames:
			if !ok {
				frames = nil
				continue
			}
			if !c.handsFree {
				continue
			}
			over.Samples = append(over.Samples, samples...)
			for _, e := range d.Feed(samples) {
				if e.Kind == vad.SpeechStarted {
					stop()
					<-done
					c.before = slices.Clone(over.Slice(e.At-lead, over.Duration()).Samples)
					return min(time.Since(began), whole), nil
				}
			}
		}
	}
}
