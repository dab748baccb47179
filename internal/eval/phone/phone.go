// Package phone measures calls of a running installation: scripted dialogues spoken by its own voice, answers that are talked over, and where the
// end of a turn is found. It speaks HTTP only, as a member's telephone does, and takes back what it booked.
//
// Raw results are kept as they came; judging is apart from running, so that a file can be judged again.
package phone

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/intellifit/intellifit/internal/dial"
	"github.com/intellifit/intellifit/internal/eval"
	"github.com/intellifit/intellifit/internal/eval/jsonl"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// The sets of `eval voice`.
const (
	SetDialogues = "dialogues"
	SetBargeIn   = "bargein"
	SetEndpoint  = "endpoint"
)

// Sets lists the sets in the order in which they run.
func Sets() []string { return []string{SetDialogues, SetBargeIn, SetEndpoint} }

// Voice speaks a text.
type Voice interface {
	Speak(ctx context.Context, text string, o speech.Speaking) (*speech.Utterance, error)
}

// Ear hears a clip, and judges whether a turn is over.
type Ear interface {
	Transcribe(ctx context.Context, clip pcm.Clip, o speech.Listening) (speech.Transcript, error)
	Turn(ctx context.Context, clip pcm.Clip) (complete bool, probability float64, err error)
}

// Session measures one installation.
type Session struct {
	Gateway     string // http://127.0.0.1:8080: the functions are below it
	Token       func(member string) (string, error)
	Members     []string       // who may call: those without an appointment do
	Zone        *time.Location // of the gym
	Voice       Voice
	Ear         Ear
	Engines     Engines
	Dialogues   []Dialogue
	BargeIns    int           // answers that are talked over, in each way
	Recordings  string        // folder of recordings for the ends of turns; empty: left out
	Turns       int           // made of them
	JudgeTakes  time.Duration // what an answer of the judge counts as; 0: what it took
	Only        []string
	Out         string // file of raw results; empty: none
	Progress    models.Progress
	Now         func() time.Time
	clips       map[string][]byte
	found       int // slots
	nextMember  int
	out         *json.Encoder
	results     []Result
	longestWait time.Duration // for the engines to be idle; 0: usual
}

// Result is one line of raw results.
type Result struct {
	Set      string          `json:"set"`
	ID       string          `json:"id"`
	Dialogue *DialogueResult `json:"dialogue,omitempty"`
	BargeIn  *BargeInResult  `json:"barge_in,omitempty"`
	Endpoint *EndpointResult `json:"endpoint,omitempty"`
}

// Run measures every set that is asked for and judges what came out. A result is written as soon as it is there.
func (s *Session) Run(ctx context.Context) (_ eval.Score, err error) {
	s.clips = map[string][]byte{}
	if s.Out != "" {
		f, err := os.OpenFile(s.Out, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return eval.Score{}, fmt.Errorf("open the results: %w", err)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		s.out = json.NewEncoder(f)
	}
	for _, set := range []struct {
		name string
		run  func(context.Context) error
	}{{SetDialogues, s.dialogues}, {SetBargeIn, s.bargeIns}, {SetEndpoint, s.endpoint}} {
		if len(s.Only) > 0 && !slices.Contains(s.Only, set.name) {
			continue
		}
		if err := set.run(ctx); err != nil {
			return eval.Score{}, fmt.Errorf("eval %s: %w", set.name, err)
		}
	}
	return Score(s.results), nil
}

func (s *Session) add(r Result) error {
	s.results = append(s.results, r)
	if s.out == nil {
		return nil
	}
	if err := s.out.Encode(r); err != nil {
		return fmt.Errorf("write the result of %s: %w", r.ID, err)
	}
	return nil
}

// Read reads raw results.
func Read(r io.Reader) ([]Result, error) { return jsonl.Read[Result](r, "results, line %d", nil) }

// line is a connection of a member.
func (s *Session) line(member string) *dial.Line {
	return &dial.Line{URL: s.Gateway + "/function/call", Client: client, Token: func() (string, error) { return s.Token(member) }}
}
