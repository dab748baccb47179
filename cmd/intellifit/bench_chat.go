package main

import (
	"errors"
	"os"
	"runtime/pprof"
	"time"

	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit/internal/eval/load"
	"github.com/intellifit/intellifit/internal/models"
)

func newBenchChat() *cobra.Command {
	var output, profile string
	var b load.Bench
	cmd := &cobra.Command{
		Use:   "chat",
		Short: "Measure what a turn of a conversation costs beside the model, with many chats at once",
		Long: `Lead many conversations at once through the real function chat, on the database and
the Redis of the running installation, and measure the overhead of a turn: its time
less the time that the model was busy for it. The model is a stand-in of known
speed inside of this process, which also runs the function and the members. They
talk, look for free times, book, say yes and no.

Every member says words that nobody else says, which the stand-in repeats: one in an
answer to another member fails the run, as does a turn without its answer. Members,
gym and conversations exist during the run only. --think is how long a member reads
and types; without it all chats write as fast as they are answered, which measures
how much the machine can do rather than how long a member waits.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			_, state, err := installed()
			if err != nil {
				return err
			}
			if profile != "" {
				f, err := os.Create(profile)
				if err != nil {
					return err
				}
				defer f.Close()
				if err := pprof.StartCPUProfile(f); err != nil {
					return err
				}
				defer pprof.StopCPUProfile()
			}
			progress := models.NewProgress(os.Stderr, os.Getenv)
			b.DatabaseURL, b.RedisURL, b.Progress = state.DatabaseURL, state.RedisURL, progress
			report, err := b.Run(cmd.Context())
			progress.Close()
			if err != nil {
				return err
			}
			if output == "json" {
				err = writeJSON(cmd.OutOrStdout(), report)
			} else {
				err = report.Write(cmd.OutOrStdout())
			}
			if err == nil && !report.Held() {
				err = errors.New("a bar is missed")
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&b.Chats, "chats", 50, "conversations at once")
	flags.IntVar(&b.Turns, "turns", 20, "turns of each")
	flags.DurationVar(&b.Think, "think", time.Second, "from an answer to the member's next message")
	flags.DurationVar(&b.Token, "token", 10*time.Millisecond, "the stand-in's time for a token")
	flags.StringVar(&profile, "cpuprofile", "", "file for a CPU profile (pprof)")
	flags.StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}
