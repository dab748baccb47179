package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/rules"
	"github.com/intellifit/intellifit/shared/planner/sheet"
	"github.com/intellifit/intellifit/shared/postgres"
)

func newPlan() *cobra.Command {
	cmd := &cobra.Command{Use: "plan", Short: "Look at plans"}
	cmd.AddCommand(newPlanShow())
	return cmd
}

func newPlanShow() *cobra.Command {
	var output, gymID string
	var options sheet.TextOptions
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show a plan in its newest version",
		Example: `  intellifit plan show 870d23be-fad3-4c9b-a8c7-1aec054a738e
  intellifit plan show ID -o html >plan.html`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := readPlan(cmd.Context(), gymID, args[0])
			if err != nil {
				return err
			}
			options.Color = output == "text" && colored(cmd.OutOrStdout())
			return writePlan(cmd.OutOrStdout(), p, output, options)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&output, "output", "o", "text", "text, json or html")
	flags.StringVar(&gymID, "gym", demoGym, "id of the gym")
	flags.IntVar(&options.Days, "days", 0, "days of the menu to show as text, 0 = all")
	flags.IntVar(&options.Width, "width", 0, "columns of the text, 0 = 100")
	return cmd
}

// readPlan reads from the database of the installation that runs, as the gym's service.
func readPlan(ctx context.Context, gymID, id string) (planner.Plan, error) {
	_, state, err := installed()
	if err != nil {
		return planner.Plan{}, err
	}
	db, err := postgres.Open(ctx, state.DatabaseURL)
	if err != nil {
		return planner.Plan{}, err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	ctx = gym.WithPrincipal(ctx, gym.Principal{GymID: gymID, Subject: "plan show", Role: gym.RoleService})
	return (&planner.Planner{Members: db, Library: db, Plans: db, Rules: rules.Default(), Now: time.Now}).Plan(ctx, id)
}

func writePlan(w io.Writer, p planner.Plan, output string, o sheet.TextOptions) error {
	switch output {
	case "text":
		return sheet.Text(w, p, o)
	case "html":
		return sheet.HTML(w, p)
	case "json":
		return writeJSON(w, p)
	}
	return fmt.Errorf("-o %q: must be text, json or html", output)
}

// colored reports whether w is a terminal whose user has not asked for plain text.
func colored(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
