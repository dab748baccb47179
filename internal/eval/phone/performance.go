package phone

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/internal/dial"
	"github.com/intellifit/intellifit/internal/eval"
	"github.com/intellifit/intellifit/internal/eval/sound"
	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/spoken"
	"github.com/intellifit/intellifit/shared/speech/wav"
	"github.com/intellifit/intellifit/shared/voice"
)

// performance is a dialogue while it goes on.
type performance struct {
	*Session
	member, conversation string
	line                 *dial.Line
}

// errEnough breaks an answer off.
var errEnough = errors.New("enough of that answer")

func (p *performance) turn(ctx context.Context, t Turn) (r TurnResult, err error) {
	if t.Write != "" {
		r, err = p.written(ctx, t.Write)
	} else {
		r, err = p.said(ctx, t)
	}
	if err != nil {
		return r, err
	}
	if r.Booked, err = p.appointments(ctx, p.member); err != nil {
		return r, fmt.Errorf("read what is booked: %w", err)
	}
	return r, nil
}

func (p *performance) written(ctx context.Context, text string) (TurnResult, error) {
	reply, err := p.chat(ctx, p.member, p.conversation, text)
	if err != nil {
		return TurnResult{}, err
	}
	r := TurnResult{Heard: text, Reply: reply.Reply, Status: voice.Completed}
	r.take(&reply)
	return r, nil
}

func (r *TurnResult) take(reply *coach.Reply) {
	if reply == nil {
		return
	}
	r.Action, r.Then, r.Degraded, r.TimingsMS = &reply.Action, reply.Then, reply.Degraded, reply.TimingsMS
	if reply.Safety != nil {
		r.Safety = reply.Safety.Code
	}
}

func (p *performance) said(ctx context.Context, t Turn) (TurnResult, error) {
	clip, err := p.clip(ctx, t)
	if err != nil {
		return TurnResult{}, err
	}
	say := dial.Turn{ID: uuid.NewString(), Sound: clip, Media: "audio/wav"}
	pieces := 0
	a, err := p.line.Say(ctx, say, func(e dial.Event) error {
		if e.Type == voice.AudioDelta {
			if pieces++; pieces == t.Leave {
				return errEnough
			}
		}
		return nil
	})
	r := resultOf(a)
	if errors.Is(err, errEnough) {
		r.Left = true
		return r, nil
	}
	if err != nil {
		return r, err
	}
	if t.Played > 0 {
		kept, err := p.line.Truncate(ctx, a.ItemID, time.Duration(t.Played*float64(r.AudioMS))*time.Millisecond)
		if err != nil {
			return r, fmt.Errorf("truncate the answer: %w", err)
		}
		r.Kept = &kept
	}
	if t.Again {
		b, err := p.line.Say(ctx, say, nil)
		if err != nil {
			return r, fmt.Errorf("send the turn again: %w", err)
		}
		r.Again = new(resultOf(b))
	}
	return r, nil
}

func resultOf(a dial.Answer) TurnResult {
	r := TurnResult{Heard: a.Heard, Reply: strings.TrimSpace(a.Text), Status: a.Response.Status, Metrics: a.Response.Metrics, FirstSoundMS: a.FirstSound.Milliseconds()}
	if a.Rate > 0 {
		r.AudioMS = int64(len(a.Sound)/2) * 1000 / int64(a.Rate)
	}
	if a.Response.Details != nil {
		r.Code = a.Response.Details.Code
	}
	r.take(a.Response.Reply)
	return r
}

// clip is the sound of a turn, a WAV of 16 kHz.
func (s *Session) clip(ctx context.Context, t Turn) ([]byte, error) {
	key := t.Noise + "\x00" + t.Say
	if made, ok := s.clips[key]; ok {
		return made, nil
	}
	var clip pcm.Clip
	var err error
	if t.Noise != "" {
		clip, err = noise(t.Noise)
	} else {
		clip, err = s.speak(ctx, t.Say)
	}
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := wav.Write(&out, clip); err != nil {
		return nil, err
	}
	s.clips[key] = out.Bytes()
	return out.Bytes(), nil
}

// margin is the silence around what a member says: a client sends what it waited for too.
const margin = 200 * time.Millisecond

func (s *Session) speak(ctx context.Context, text string) (pcm.Clip, error) {
	u, err := s.Voice.Speak(ctx, spoken.Say(text), speech.Speaking{})
	if err != nil {
		return pcm.Clip{}, fmt.Errorf("speak %q: %w", text, err)
	}
	defer u.Close()
	samples, err := io.ReadAll(u)
	if err != nil {
		return pcm.Clip{}, fmt.Errorf("speak %q: %w", text, err)
	}
	clip := pcm.Resample(pcm.Of16(samples, u.Rate), pcm.Rate)
	quiet := make([]float32, int(margin.Seconds()*pcm.Rate))
	clip.Samples = slices.Concat(quiet, clip.Samples, quiet)
	return clip, nil
}

// noise finds a clip of a kind.
func noise(kind string) (pcm.Clip, error) {
	for _, n := range sound.Noises(40, eval.Seed) {
		if strings.Contains(n.Name, " "+kind+",") {
			return n.Clip, nil
		}
	}
	return pcm.Clip{}, fmt.Errorf("there is no noise of the kind %q", kind)
}
