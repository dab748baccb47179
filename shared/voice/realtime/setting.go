package realtime

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/intellifit/intellifit/shared/speech/vad"
)

// The ways in which turns are found.
const (
	serverVAD   = "server_vad"
	semanticVAD = "semantic_vad"
)

// standardRate is that of OpenAI's pcm16.
const standardRate = 24_000

var rates = []int{8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000}

// settings are what a client may choose.
type settings struct {
	detection *detection // nil: the client says where turns end
	in, out   int        // Hz
	voice     string
}

// detection says how turns are found, as it goes over the wire.
type detection struct {
	Type      string  `json:"type"`
	Threshold float64 `json:"threshold"`
	PrefixMS  int64   `json:"prefix_padding_ms"`
	SilenceMS int64   `json:"silence_duration_ms"`
	Eagerness string  `json:"eagerness,omitempty"`
	Create    bool    `json:"create_response"`
	Interrupt bool    `json:"interrupt_response"`
}

// sessionObject is the session as a client is told of it.
type sessionObject struct {
	ID             string `json:"id"`
	Object         string `json:"object"`
	Type           string `json:"type"`
	ConversationID string `json:"conversation_id,omitempty"`
	ExpiresAt      int64  `json:"expires_at"` // of the connection, Unix seconds
	Audio          struct {
		Input struct {
			Format        format     `json:"format"`
			TurnDetection *detection `json:"turn_detection"`
		} `json:"input"`
		Output struct {
			Format format `json:"format"`
			Voice  string `json:"voice,omitempty"`
		} `json:"output"`
	} `json:"audio"`
}

type format struct {
	Type string `json:"type"`
	Rate int    `json:"rate"` // Hz
}

// standard is the detection of a client that sets nothing.
func standard(judge bool, c vad.TurnConfig) detection {
	d := detection{Type: serverVAD, Threshold: vad.DefaultThreshold, PrefixMS: vad.DefaultPrefix.Milliseconds(), SilenceMS: vad.DefaultFallback.Milliseconds(), Create: true, Interrupt: true}
	if judge {
		d.Type, d.Eagerness = semanticVAD, "auto"
	}
	if c.Threshold > 0 {
		d.Threshold = c.Threshold
	}
	if c.Prefix > 0 {
		d.PrefixMS = c.Prefix.Milliseconds()
	}
	if c.Fallback > 0 {
		d.SilenceMS = c.Fallback.Milliseconds()
	}
	return d
}

// patience is how long a judge's "unfinished" is believed, by eagerness.
var patience = map[string]time.Duration{"low": 3 * time.Second, "medium": vad.DefaultUnfinished, "auto": vad.DefaultUnfinished, "high": 800 * time.Millisecond}

// config is the detection as package vad has it, on top of what the server was given.
func (d detection) config(c vad.TurnConfig) vad.TurnConfig {
	c.Judged = d.Type == semanticVAD
	c.Threshold, c.Exit = d.Threshold, 0
	c.Prefix = time.Duration(d.PrefixMS) * time.Millisecond
	if c.Prefix == 0 {
		c.Prefix = -1 // none, not the default
	}
	c.Fallback = time.Duration(d.SilenceMS) * time.Millisecond
	if d.Eagerness != "" && d.Eagerness != "auto" {
		c.Unfinished = patience[d.Eagerness]
	}
	return c
}

// update is the session of a session.update, in today's shape and in the older one. Fields that are left out change nothing.
type update struct {
	Audio struct {
		Input struct {
			Format        *format         `json:"format"`
			TurnDetection json.RawMessage `json:"turn_detection"`
		} `json:"input"`
		Output struct {
			Format *format `json:"format"`
			Voice  *string `json:"voice"`
		} `json:"output"`
	} `json:"audio"`
	InputFormat   *string         `json:"input_audio_format"`
	OutputFormat  *string         `json:"output_audio_format"`
	TurnDetection json.RawMessage `json:"turn_detection"`
	Voice         *string         `json:"voice"`
}

// change applies what a client asks for; on an error nothing changed.
func (s settings) change(raw json.RawMessage, judge bool, c vad.TurnConfig) (settings, error) {
	var u update
	if err := json.Unmarshal(raw, &u); err != nil || none(raw) {
		return s, fmt.Errorf("session is not of its shape")
	}
	for _, f := range []struct {
		name  string
		to    *int
		now   *format
		older *string
	}{{"input", &s.in, u.Audio.Input.Format, u.InputFormat}, {"output", &s.out, u.Audio.Output.Format, u.OutputFormat}} {
		switch {
		case f.now != nil && (f.now.Type != "audio/pcm" || !slices.Contains(rates, f.now.Rate)):
			return s, fmt.Errorf("the %s format is audio/pcm with a rate of %v", f.name, rates)
		case f.now != nil:
			*f.to = f.now.Rate
		case f.older != nil && *f.older != "pcm16":
			return s, fmt.Errorf("the %s format is pcm16", f.name)
		case f.older != nil:
			*f.to = standardRate
		}
	}
	for _, v := range []*string{u.Audio.Output.Voice, u.Voice} {
		if v == nil {
			continue
		}
		if !plainID.MatchString(*v) {
			return s, fmt.Errorf("voice is at most 64 letters, digits, dots, dashes and underscores")
		}
		s.voice = *v
	}
	for _, raw := range []json.RawMessage{u.Audio.Input.TurnDetection, u.TurnDetection} {
		if raw == nil {
			continue
		}
		d, err := detectionOf(raw, judge, c)
		if err != nil {
			return s, err
		}
		s.detection = d
	}
	return s, nil
}

func none(raw json.RawMessage) bool { return bytes.Equal(bytes.TrimSpace(raw), []byte("null")) }

// detectionOf reads turn_detection; null is none.
func detectionOf(raw json.RawMessage, judge bool, c vad.TurnConfig) (*detection, error) {
	if none(raw) {
		return nil, nil
	}
	d := standard(judge, c)
	d.Type, d.Eagerness = "", ""
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("turn_detection is not of its shape")
	}
	switch {
	case d.Type != serverVAD && d.Type != semanticVAD:
		return nil, fmt.Errorf("turn_detection.type is server_vad or semantic_vad")
	case !(d.Threshold >= 0.05 && d.Threshold <= 0.95):
		return nil, fmt.Errorf("turn_detection.threshold is from 0.05 to 0.95")
	case d.PrefixMS < 0 || d.PrefixMS > 2000:
		return nil, fmt.Errorf("turn_detection.prefix_padding_ms is from 0 to 2000")
	case d.SilenceMS < vad.DefaultMinSilence.Milliseconds() || d.SilenceMS > 6000:
		return nil, fmt.Errorf("turn_detection.silence_duration_ms is from %d to 6000", vad.DefaultMinSilence.Milliseconds())
	case d.Eagerness != "" && patience[d.Eagerness] == 0:
		return nil, fmt.Errorf("turn_detection.eagerness is low, medium, high or auto")
	}
	switch {
	case d.Type == serverVAD || !judge: // the client is told what it gets
		d.Type, d.Eagerness = serverVAD, ""
	case d.Eagerness == "":
		d.Eagerness = "auto"
	}
	return &d, nil
}
