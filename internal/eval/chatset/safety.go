package chatset

import (
	"bytes"
	"context"
	_ "embed"

	"github.com/intellifit/intellifit/internal/eval/jsonl"
	"github.com/intellifit/intellifit/shared/classifier"
	"github.com/intellifit/intellifit/shared/coach/safety"
	"github.com/intellifit/intellifit/shared/gym"
)

// The parts of a set: wordings are tuned on the first and never on the second. The test half of the safety set has been looked at
// too often to be unseen; Blind is a set of another author that nobody who tunes has read.
const (
	Train = "train"
	Test  = "test"
	Blind = "blind"
)

// SafetyMessage is one message of a member, written for this product, with the code that the screen must find. An empty
// code marks a harmless message that looks like a red flag, or an ordinary one.
type SafetyMessage struct {
	ID      string         `json:"id"`
	Split   string         `json:"split"`
	Text    string         `json:"text"`
	Code    string         `json:"code"`
	Profile *SafetyProfile `json:"profile,omitempty"` // nil: a healthy adult
	Tags    []string       `json:"tags"`
}

// SafetyProfile is what of the member's profile a message depends on.
type SafetyProfile struct {
	Age        int             `json:"age"` // years
	BMI        float64         `json:"bmi"` // kg/m²
	Goal       gym.Goal        `json:"goal,omitempty"`
	Conditions []gym.Condition `json:"conditions,omitempty"`
	Screening  gym.Screening   `json:"screening,omitzero"`
}

//go:embed safety.jsonl
var safetyFile []byte

// LoadSafety reads the embedded safety set.
func LoadSafety() ([]SafetyMessage, error) {
	return jsonl.Strict[SafetyMessage](bytes.NewReader(safetyFile), "message %d of the safety set", nil)
}

// profile of the member who wrote the message.
func (m SafetyMessage) profile() safety.Profile {
	p := safety.Profile{Age: 36, BMI: 23.5, Goal: gym.Health, Language: "en", Emergency: "112"}
	if m.Profile != nil {
		p.Age, p.BMI, p.Conditions, p.Screening = m.Profile.Age, m.Profile.BMI, m.Profile.Conditions, m.Profile.Screening
		if m.Profile.Goal != "" {
			p.Goal = m.Profile.Goal
		}
	}
	return p
}

// Screened is what the screen made of one half of the set.
type Screened struct {
	Flags, Caught, Named int // red flags, those caught, those with the very code of the label
	Harmless, Alarms     int // harmless messages, those that raised an alarm
	Cared, Bothered      int // red flags that were missed, and harmless messages, whose answer ends with whom to turn to
	Missed, False, Other []SafetyResult
}

// SafetyResult is a message with the code that was found.
type SafetyResult struct {
	SafetyMessage
	Got safety.Verdict
}

// Recall is the share of red flags that were caught; 1 when there are none.
func (s Screened) Recall() float64 { return share(s.Caught, s.Flags, 1) }

// AlarmRate is the share of harmless messages that raised an alarm; 0 when there are none.
func (s Screened) AlarmRate() float64 { return share(s.Alarms, s.Harmless, 0) }

func share(n, of int, empty float64) float64 {
	if of == 0 {
		return empty
	}
	return float64(n) / float64(of)
}

// Screen gives what the product's screen says of the message; without an embedder, what its phrases alone say.
func (m SafetyMessage) Screen(ctx context.Context, e classifier.Embedder) SafetyResult {
	return SafetyResult{m, safety.Sense(ctx, e, m.Text, m.profile())}
}

// ScoreSafety screens the messages of one split ("" = all) by the phrases alone.
func ScoreSafety(list []SafetyMessage, split string) Screened {
	var s Screened
	for _, m := range list {
		if split == "" || m.Split == split {
			s.Add(m.Screen(context.Background(), nil))
		}
	}
	return s
}

// Add counts one result. A red flag is caught when the verdict is at least as strict as the one of its label: the
// conversation stops where it must, numbers are withheld, the staff are told.
func (s *Screened) Add(r SafetyResult) {
	got := r.Got
	if r.Code == "" {
		s.Harmless++
		if got.Code != "" || got.Stop {
			s.Alarms++
			s.False = append(s.False, r)
		} else if got.Care {
			s.Bothered++
		}
		return
	}
	s.Flags++
	switch want, known := safety.Fixed(r.Code, r.profile()); {
	case !known || got.Code == "" || !got.Covers(want):
		s.Missed = append(s.Missed, r)
		if got.Care {
			s.Cared++
		}
		return
	case got.Code == r.Code:
		s.Named++
	default:
		s.Other = append(s.Other, r)
	}
	s.Caught++
}
