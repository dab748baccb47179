package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit/internal/eval"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/gym"
)

func newBench() *cobra.Command {
	var output, gymID string
	var profiles, withLLM int
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure the speed of plans on the running installation",
		Long: `Measure, warm, how long the searches of a plan take, how long a plan by the rules
takes from request to stored row, and how much time a plan with the model takes
beyond what Ollama itself reports. Run it while nothing else uses the machine.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			db, client, err := connect(cmd.Context())
			if err != nil {
				return err
			}
			defer db.Close()
			progress := models.NewProgress(os.Stderr, os.Getenv)
			b := eval.Bench{DB: db, Embedder: client, Profiles: profiles, WithLLM: withLLM, Progress: progress}
			if withLLM > 0 {
				b.Model = client
			}
			ctx := gym.WithPrincipal(cmd.Context(), gym.Principal{GymID: gymID, Subject: "bench", Role: gym.RoleService})
			score, err := b.Run(ctx)
			progress.Close()
			if err != nil {
				return err
			}
			return writeScore(cmd.OutOrStdout(), score, output)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&gymID, "gym", demoGym, "id of the gym whose catalogue is used")
	flags.IntVar(&profiles, "profiles", 100, "plans by the rules")
	flags.IntVar(&withLLM, "model", 10, "plans with the model, 0 = none")
	flags.StringVarP(&output, "output", "o", "text", "text or json")
	cmd.AddCommand(newBenchChat(), newBenchCall())
	return cmd
}
