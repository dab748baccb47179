package main

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/dial"
	"github.com/intellifit/intellifit/internal/eval/load"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/llm"
	"github.com/intellifit/intellifit/shared/speech"
)

// callBench is what `bench call` measures and found.
type callBench struct {
	turns, beyond, each int
	parallel            []int
	soak, think         time.Duration

	Real     *load.FloorReport `json:"real,omitempty"`
	Parallel []load.CallReport `json:"parallel,omitempty"`
}

func newBenchCall() *cobra.Command {
	var output string
	b := &callBench{}
	cmd := &cobra.Command{
		Use:   "call",
		Short: "Measure how soon a call is answered, and how many calls go at once",
		Long: `Measure calls of the running installation in three ways.

Turns with the real engines, one after the other: the time from the last byte of the
request to the first byte of sound, beside what the engines alone take for the same
turn (the clip heard, the first words or the vector made, the first clause spoken),
each asked directly and right after it. Run it while nothing else uses the machine.

More calls at once than are answered (--beyond), with the real engines: who is refused
learns it at once, and the others are answered.

Calls at once against stand-ins of known speed (--parallel 1,4,8,16): the time that is
not the stand-ins' is ours. With --soak they go on for so long, and memory,
goroutines, descriptors and keys of Redis are sampled.`,
		Example: "  intellifit bench call\n  intellifit bench call --turns 0 --beyond 0 --parallel 4 --soak 1h",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			if err := b.run(cmd); err != nil {
				return err
			}
			return b.write(cmd.OutOrStdout(), output)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&b.turns, "turns", 50, "warm turns with the real engines, 0 = none")
	flags.IntVar(&b.beyond, "beyond", 10, "calls at once with the real engines, 0 = none")
	flags.IntSliceVar(&b.parallel, "parallel", []int{1, 4, 8, 16}, "calls at once against stand-ins")
	flags.IntVar(&b.each, "each", 20, "turns of each of these calls")
	flags.DurationVar(&b.soak, "soak", 0, "let the calls against stand-ins go on for so long")
	flags.DurationVar(&b.think, "think", 500*time.Millisecond, "from an answer to the next words in these calls")
	flags.StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

func (b *callBench) run(cmd *cobra.Command) error {
	home, state, err := installed()
	if err != nil {
		return err
	}
	progress := models.NewProgress(os.Stderr, os.Getenv)
	defer progress.Close()
	if b.turns > 0 {
		if err := hasVoice(state); err != nil {
			return err
		}
		model, err := llm.New(llm.Config{Host: state.OllamaHost, Priority: llm.PriorityCall})
		if err != nil {
			return err
		}
		members, err := demo.Members()
		if err != nil {
			return err
		}
		f := load.Floor{
			Line: lines(home, state.URL, members), Model: model, Language: "en", Turns: b.turns, Beyond: b.beyond, Progress: progress,
			Recognizer: speech.NewRecognizer(speech.Config{URL: state.WhisperURL}), Synthesizer: speech.NewSynthesizer(speech.Config{URL: state.TTSURL}),
		}
		report, err := f.Run(cmd.Context())
		if err != nil {
			return err
		}
		b.Real = &report
	}
	for _, n := range b.parallel {
		c := load.Calls{DatabaseURL: state.DatabaseURL, RedisURL: state.RedisURL, Calls: n, Turns: b.each, Soak: b.soak, Think: b.think, Token: 10 * time.Millisecond, Progress: progress}
		report, err := c.Run(cmd.Context())
		if err != nil {
			return err
		}
		b.Parallel = append(b.Parallel, report)
	}
	return nil
}

// lines are connections of one member of the demo gym after the other.
func lines(home, url string, members []gym.Member) func() *dial.Line {
	var next atomic.Int64
	return func() *dial.Line {
		who := gym.Principal{GymID: demoGym, Subject: members[int(next.Add(1)-1)%len(members)].ID, Role: gym.RoleMember}
		return &dial.Line{URL: url + "/function/call", Client: &http.Client{}, Token: func() (string, error) {
			return signToken(home, who, faas.MaxTokenTTL, time.Now())
		}}
	}
}

func (b *callBench) write(w io.Writer, output string) error {
	held := true
	if output == "json" {
		if err := writeJSON(w, b); err != nil {
			return err
		}
	}
	if b.Real != nil {
		held = b.Real.Held()
		if output == "text" {
			if err := b.Real.Write(w); err != nil {
				return err
			}
		}
	}
	for _, r := range b.Parallel {
		held = held && r.Held()
		if output == "text" {
			if err := r.Write(w); err != nil {
				return err
			}
		}
	}
	if !held {
		return errors.New("a bar is missed")
	}
	return nil
}
