package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit/internal/eval"
	"github.com/intellifit/intellifit/internal/eval/chatset"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/shared/llm"
	"github.com/intellifit/intellifit/shared/postgres"
)

// rawLines is how many lines the model alone is asked: a call is slow, and a hundred tell.
const rawLines = 100

func newEvalChat() *cobra.Command {
	var session eval.ChatSession
	var split, rescore, output, host string
	cmd := &cobra.Command{
		Use:   "chat",
		Short: "Measure how the chat understands and screens what members say",
		Long: `Measure the parts of the chat with the models of the running installation:

  safety    what the screen finds, on its set
  router    actions and arguments, on the product's own set; each judge left out in turn;
            and the model alone beside it (--raw)
  dialogue  slots of SGD's appointment dialogues, turn by turn (--dialogue FILE)
  attack    attempts to read or write what is not the member's, or to make the coach lie
  toolcall  the switchboard for any functions, on BFCL's cases (--toolcall DIR)

Raw results go to --out, one JSON line each, continued when it was cut off; --rescore
reads such a file and scores it again. The exit status is 1 when a bar is missed.`,
		Example: "  intellifit eval chat --out chat.jsonl\n  intellifit eval chat --only toolcall --toolcall data/toolcall --limit 40\n  intellifit eval chat --rescore chat.jsonl",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil { // before an hour of work
				return err
			}
			for _, set := range session.Only {
				if !slices.Contains(eval.ChatSets(), set) {
					return fmt.Errorf("--only %q: must be of %s", set, strings.Join(eval.ChatSets(), ", "))
				}
			}
			var score eval.Score
			var err error
			switch {
			case rescore != "":
				score, err = rescoreChat(rescore)
			default:
				if session.Split, err = splitOf(split); err != nil {
					return err
				}
				score, err = runChat(cmd, session, host)
			}
			if err != nil {
				return err
			}
			return report(cmd.OutOrStdout(), score, output)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&session.Out, "out", "", "JSONL file of raw results")
	flags.StringVar(&rescore, "rescore", "", "score a file of raw results again; nothing is run")
	flags.StringVar(&split, "split", chatset.Test, "test, train or all")
	flags.StringSliceVar(&session.Only, "only", nil, "sets to measure: "+strings.Join(eval.ChatSets(), ", ")+" (default all)")
	flags.IntVar(&session.Raw, "raw", rawLines, "lines that the model alone is asked too, 0 for none")
	flags.StringVar(&session.Dialogue, "dialogue", "", "JSONL file of SGD dialogues")
	flags.StringVar(&session.Toolcall, "toolcall", "", "folder of BFCL's cases")
	flags.IntVar(&session.Limit, "limit", 0, "cases of each BFCL file, 0 for all")
	flags.StringVar(&host, "ollama", "", "address of another Ollama with the aliases coach and embed (default the installation's)")
	flags.StringVarP(&output, "output", "o", "text", "text or json")
	cmd.MarkFlagsMutuallyExclusive("out", "rescore")
	return cmd
}

// splitOf is the name of a half, empty for both.
func splitOf(flag string) (string, error) {
	switch flag {
	case chatset.Test, chatset.Train:
		return flag, nil
	case "all":
		return "", nil
	}
	return "", fmt.Errorf("--split %q: must be test, train or all", flag)
}

// runChat measures the models of the installation, or of another server.
func runChat(cmd *cobra.Command, session eval.ChatSession, host string) (eval.Score, error) {
	// A measurement waits where a member would not: the prompts of the model alone are long, and others use the machine.
	cfg := llm.Config{Host: host, Deadline: 5 * time.Minute, Stall: 2 * time.Minute, Priority: llm.PriorityRetrain}
	state, client, missing := connectModels(cfg)
	if host != "" {
		var err error
		if client, err = llm.New(cfg); err != nil {
			return eval.Score{}, err
		}
	} else if missing != nil {
		return eval.Score{}, missing
	}
	session.Model, session.Progress = client, models.NewProgress(os.Stderr, os.Getenv)
	defer session.Progress.Close()
	session.Attack = func(ctx context.Context) (eval.Score, error) {
		if missing != nil { // a model of another server is enough for the other sets
			return eval.Score{}, fmt.Errorf("attacks need the database of an installation: %w", missing)
		}
		return attackBoth(ctx, state, client, session)
	}
	return session.Run(cmd.Context())
}

// attackBoth tries the attacks with a model that obeys every one of them, and with the installation's own. Raw results go beside
// --out.
func attackBoth(ctx context.Context, state stack.State, client *llm.Client, session eval.ChatSession) (total eval.Score, err error) {
	list, err := chatset.LoadAttacks()
	if err != nil {
		return eval.Score{}, err
	}
	db, err := postgres.Open(ctx, state.DatabaseURL)
	if err != nil {
		return eval.Score{}, err
	}
	defer db.Close()
	out := io.Writer(io.Discard)
	if session.Out != "" {
		f, opened := os.Create(session.Out + ".attacks.jsonl")
		if opened != nil {
			return eval.Score{}, fmt.Errorf("open the results: %w", opened)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		out = f
	}
	for _, with := range []struct {
		name  string
		model eval.AttackModel
	}{{"an obeying model", nil}, {"the own model", client}} {
		score, err := eval.Attacks(ctx, eval.AttackDeps{DB: db, Redis: state.RedisURL, Model: with.model}, list, session.Progress)
		if err != nil {
			return eval.Score{}, err
		}
		for _, r := range score.Results {
			if err := eval.WriteAttack(out, r); err != nil {
				return eval.Score{}, err
			}
		}
		for _, row := range score.Rows {
			row.Metric = "attack, " + with.name + ": " + row.Metric
			total.Rows = append(total.Rows, row)
		}
		total.Violations = append(total.Violations, score.Violations...)
	}
	return total, nil
}

func rescoreChat(path string) (eval.Score, error) {
	f, err := os.Open(path)
	if err != nil {
		return eval.Score{}, fmt.Errorf("open the results: %w", err)
	}
	defer f.Close()
	records, err := eval.ReadRecords(f)
	if err != nil {
		return eval.Score{}, err
	}
	return eval.ScoreRecords(records), nil
}
