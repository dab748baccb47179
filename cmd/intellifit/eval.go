package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit/internal/eval"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/llm"
	"github.com/intellifit/intellifit/shared/postgres"
)

func newEval() *cobra.Command {
	cmd := &cobra.Command{Use: "eval", Short: "Measure the product on data sets"}
	cmd.AddCommand(newEvalPlan(), newEvalChat(), newEvalSpeech(), newEvalVoice())
	return cmd
}

// evalSeed and evalNormal make the standard profiles.
const (
	evalSeed   = 20261124
	evalNormal = 220
)

func newEvalPlan() *cobra.Command {
	var profiles, out, mode, output, gymID string
	var limit int
	var changes bool
	cmd := &cobra.Command{
		Use:   "plan --profiles FILE --out FILE",
		Short: "Make plans for many profiles and judge them from the catalogue alone",
		Long: `Make plans for many profiles with the running installation, write every raw result
to --out (one JSON line each, continued when it was cut off), and judge them by a
scorer with tables of its own.

A profiles file that does not exist is made: ` + fmt.Sprint(evalNormal) + ` stratified profiles of a fixed seed and
the adversarial ones. Their members exist during the run only. The exit status is 1
when a bar is missed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			progress := models.NewProgress(os.Stderr, os.Getenv)
			cases, err := eval.LoadCases(profiles, evalNormal, evalSeed, progress.Line)
			if err != nil {
				return err
			}
			if limit > 0 && limit < len(cases) {
				cases = cases[:limit]
			}
			db, client, err := connect(cmd.Context())
			if err != nil {
				return err
			}
			defer db.Close()
			ctx := gym.WithPrincipal(cmd.Context(), gym.Principal{GymID: gymID, Subject: "eval", Role: gym.RoleService})
			session := eval.Session{DB: db, Embedder: client, Out: out, Changes: changes, Progress: progress}
			switch mode {
			case "on":
				session.Model = client
			case "off":
			default:
				return fmt.Errorf("--model %q: must be on or off", mode)
			}
			results, err := session.Plans(ctx, cases)
			progress.Close()
			if err != nil {
				return err
			}
			score, err := session.Judge(ctx, results)
			if err != nil {
				return err
			}
			return report(cmd.OutOrStdout(), score, output)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&profiles, "profiles", "", "JSONL file of profiles, made when it does not exist (required)")
	flags.StringVar(&out, "out", "", "JSONL file of raw results (required)")
	flags.StringVar(&mode, "model", "on", "on: the coach model chooses; off: the rules do")
	flags.BoolVar(&changes, "changes", true, "also try a swap and a regenerate of each kind on every plan")
	flags.IntVar(&limit, "limit", 0, "only the first so many profiles")
	flags.StringVar(&gymID, "gym", demoGym, "id of the gym whose catalogue is used")
	flags.StringVarP(&output, "output", "o", "text", "text or json")
	cobra.CheckErr(cmd.MarkFlagRequired("profiles"))
	cobra.CheckErr(cmd.MarkFlagRequired("out"))
	return cmd
}

// connect reaches the database and the models of the installation that runs.
func connect(ctx context.Context) (*postgres.DB, *llm.Client, error) {
	state, client, err := connectModels(llm.Config{})
	if err != nil {
		return nil, nil, err
	}
	db, err := postgres.Open(ctx, state.DatabaseURL)
	return db, client, err
}

// connectModels reaches the models of the installation alone.
func connectModels(cfg llm.Config) (stack.State, *llm.Client, error) {
	_, state, err := installed()
	if err != nil {
		return stack.State{}, nil, err
	}
	cfg.Host = state.OllamaHost
	client, err := llm.New(cfg)
	return state, client, err
}

// listed is how many findings of each kind the text shows.
const listed = 40

// report shows a score; its error says that a bar is missed.
func report(w io.Writer, score eval.Score, output string) error {
	if err := writeScore(w, score, output); err != nil {
		return err
	}
	if !score.Held() {
		return errors.New("a bar is missed")
	}
	return nil
}

func writeScore(w io.Writer, s eval.Score, output string) error {
	switch output {
	case "json":
		return writeJSON(w, s)
	case "text":
		return s.Write(w, listed)
	}
	return checkOutput(output)
}
