package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit"
	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/launch"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/runner/manifest"
	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/servers"
	"github.com/intellifit/intellifit/shared/catalogue"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/llm"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/sheet"
	"github.com/intellifit/intellifit/shared/postgres"
)

func newUp() *cobra.Command {
	var profile, addr string
	var detach, showDemo, noVoice bool
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start everything and serve until Ctrl-C",
		Long: `Start PostgreSQL, Redis, Ollama, whisper and tts, prepare the database and the models,
and serve the functions of stack.yml until Ctrl-C.

What is missing is fetched or built into INTELLIFIT_HOME first: the first start of a
bare machine takes a few minutes, the next ones seconds. A component given by
DATABASE_URL, REDIS_URL, OLLAMA_HOST, WHISPER_URL or TTS_URL is used as it is.

The servers of speech need Python 3.11 to 3.13, for environments that lie in
INTELLIFIT_HOME/engines; --no-voice goes without them. A Piper voice of your own
(ID.onnx and ID.onnx.json in INTELLIFIT_HOME/voices) speaks with TTS_VOICE=ID.`,
		Example: `  intellifit up --demo             # and show a plan of a member of the demo gym
  intellifit up --profile small    # the small models, which need no GPU
  intellifit up --detach           # in the background; stop it with: intellifit down`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := stack.Home(os.Getenv)
			if err != nil {
				return err
			}
			switch models.Profile(profile) {
			case "", models.Small, models.Standard:
			default:
				return fmt.Errorf("--profile %q: must be small or standard", profile)
			}
			if detach {
				return launch.Detach(cmd.Context(), home, withoutDetach(os.Args[1:]), cmd.OutOrStdout())
			}
			log, closeLog, err := openLog(home)
			if err != nil {
				return err
			}
			defer closeLog()
			return launch.Run(cmd.Context(), launch.Options{
				Home: home, Addr: addr, Profile: models.Profile(profile), NoVoice: noVoice, Demo: showDemo, Out: cmd.OutOrStdout(),
				Progress: models.NewProgress(os.Stderr, os.Getenv), Machine: stack.ThisMachine(), Log: log, Version: version, Parts: parts(),
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&profile, "profile", "", "small or standard; default: standard if its models can be had, else small")
	flags.StringVar(&addr, "addr", stack.DefaultAddr, "where to listen")
	flags.BoolVar(&detach, "detach", false, "return when everything is ready and keep running")
	flags.BoolVar(&noVoice, "no-voice", false, "go without the servers of speech, whisper and tts")
	flags.BoolVar(&showDemo, "demo", false, "make a plan for a member of the demo gym and show it")
	return cmd
}

func parts() launch.Parts {
	return launch.Parts{
		Manifest: func(getenv func(string) string) (*manifest.Stack, error) {
			return manifest.Parse(intellifit.Manifest, getenv)
		},
		Functions: functions,
		Whisper:   servers.Whisper(),
		TTS:       servers.TTS(),
		Seed:      demo.Seed,
		Embed:     embed,
		Demo:      launch.Demo{GymID: demo.GymID, MemberID: demo.MemberID},
		Show:      showPlan,
	}
}

// embed gives every row of the gym's catalogue its vector, with a bar.
func embed(ctx context.Context, db *postgres.DB, ollamaHost string, p models.Progress) error {
	client, err := llm.New(llm.Config{Host: ollamaHost})
	if err != nil {
		return err
	}
	var meter models.Meter
	_, err = catalogue.Embed(ctx, db, client, llm.EmbedModel, func(done, total int) {
		if meter == nil {
			meter = p.Begin(models.Job{Verb: "embed", Name: "catalogue", Total: int64(total), Unit: "rows"})
		}
		meter.Set(int64(done), int64(total))
	})
	if meter != nil {
		meter.End(err)
	}
	return err
}

// menuDays is how much of a menu the first screen shows.
const menuDays = 1

func showPlan(w io.Writer, answer []byte) error {
	var p planner.Plan
	if err := json.Unmarshal(answer, &p); err != nil {
		return fmt.Errorf("read the plan: %w", err)
	}
	return sheet.Text(w, p, sheet.TextOptions{Color: colored(w), Days: menuDays, Brief: true})
}

// openLog appends the logs of the function host to a file, so that the screen stays readable.
func openLog(home string) (*slog.Logger, func(), error) {
	path := filepath.Join(home, "logs", "functions.log")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, nil, fmt.Errorf("open the log: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the log: %w", err)
	}
	return faas.NewLogger(f, slog.LevelInfo), func() { f.Close() }, nil
}

func withoutDetach(args []string) []string {
	var out []string
	for _, a := range args {
		if a != "--detach" && a != "--detach=true" {
			out = append(out, a)
		}
	}
	return out
}
