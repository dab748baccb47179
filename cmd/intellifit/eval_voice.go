package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/eval"
	"github.com/intellifit/intellifit/internal/eval/phone"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech"
)

// callers are members of the demo gym to whom the gate allows everything that the dialogues ask for.
var callers = []string{"mara", "tarik", "yuki", "olu", "noa", "rafael", "miriam", "pavel", "carla"}

func newEvalVoice() *cobra.Command {
	var session phone.Session
	var rescore, output string
	var pick []string
	cmd := &cobra.Command{
		Use:   "voice",
		Short: "Measure whole calls: dialogues by voice, answers that are talked over, ends of turns",
		Long: `Call the running installation as members of the demo gym and judge what comes of it:

  dialogues  scripted calls, spoken by the installation's own voice: bookings, a yes that
             must not count, red flags, noise, turns sent twice, answers cut short, and
             going on in the chat
  bargein    answers that are broken off at random moments (--bargeins): how soon the
             engines let go, that no sound follows, what the conversation holds, and
             the next turn
  endpoint   where the end of a turn is found, with the installation's judge and without
             (--speech DIR with recordings)

Members with an appointment do not call; what a call books is cancelled and what it
said is forgotten, but a red flag stays in the list of the staff. Nobody else should
use the installation meanwhile. Raw results go to --out, one JSON line each; --rescore
judges such a file again. The exit status is 1 when a bar is missed.`,
		Example: "  intellifit eval voice --speech data/speech --out voice.jsonl\n  intellifit eval voice --only dialogues --dialogue book-yes,silence\n  intellifit eval voice --rescore voice.jsonl",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			for _, set := range session.Only {
				if !slices.Contains(phone.Sets(), set) {
					return fmt.Errorf("--only %q: must be of %s", set, strings.Join(phone.Sets(), ", "))
				}
			}
			var score eval.Score
			var err error
			if rescore != "" {
				score, err = rescoreVoice(rescore)
			} else {
				score, err = runVoice(cmd.Context(), session, pick)
			}
			if err != nil {
				return err
			}
			return report(cmd.OutOrStdout(), score, output)
		},
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&session.Only, "only", nil, "sets to measure: "+strings.Join(phone.Sets(), ", ")+" (default all)")
	flags.StringSliceVar(&pick, "dialogue", nil, "ids of the dialogues to run (default all)")
	flags.IntVar(&session.BargeIns, "bargeins", 20, "answers that are talked over, in each way")
	flags.StringVar(&session.Recordings, "speech", "", "folder of recordings for the ends of turns")
	flags.IntVar(&session.Turns, "turns", 100, "turns that are made of them")
	flags.DurationVar(&session.JudgeTakes, "judge-takes", 0, "what an answer of the judge counts as, on a busy machine; 0: what it took")
	flags.StringVar(&session.Out, "out", "", "JSONL file of raw results")
	flags.StringVar(&rescore, "rescore", "", "judge a file of raw results again; nothing is run")
	flags.StringVarP(&output, "output", "o", "text", "text or json")
	cmd.MarkFlagsMutuallyExclusive("out", "rescore")
	return cmd
}

func rescoreVoice(path string) (eval.Score, error) {
	f, err := os.Open(path)
	if err != nil {
		return eval.Score{}, fmt.Errorf("open the results: %w", err)
	}
	defer f.Close()
	results, err := phone.Read(f)
	if err != nil {
		return eval.Score{}, err
	}
	return phone.Score(results), nil
}

func runVoice(ctx context.Context, session phone.Session, pick []string) (eval.Score, error) {
	home, state, err := voiced()
	if err != nil {
		return eval.Score{}, err
	}
	if session.Dialogues, err = pickDialogues(pick); err != nil {
		return eval.Score{}, err
	}
	if session.Zone, err = time.LoadLocation(demo.TimeZone); err != nil {
		return eval.Score{}, err
	}
	session.Gateway, session.Members, session.Now = state.URL, callers, time.Now
	session.Token = func(member string) (string, error) {
		return signToken(home, gym.Principal{GymID: demoGym, Subject: member, Role: gym.RoleMember}, faas.MaxTokenTTL, time.Now())
	}
	session.Voice, session.Ear = speech.NewSynthesizer(speech.Config{URL: state.TTSURL}), speech.NewRecognizer(speech.Config{URL: state.WhisperURL})
	session.Engines = phone.Engines{Whisper: state.WhisperURL, TTS: state.TTSURL}
	session.Progress = models.NewProgress(os.Stderr, os.Getenv)
	defer session.Progress.Close()
	return session.Run(ctx)
}

// pickDialogues are those of the set with these ids, or all.
func pickDialogues(ids []string) ([]phone.Dialogue, error) {
	all, err := phone.Dialogues()
	if err != nil || len(ids) == 0 {
		return all, err
	}
	var out []phone.Dialogue
	for _, id := range ids {
		i := slices.IndexFunc(all, func(d phone.Dialogue) bool { return d.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("--dialogue %q: there is no such dialogue", id)
		}
		out = append(out, all[i])
	}
	return out, nil
}
