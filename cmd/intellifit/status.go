package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit/internal/stack"
)

func newStatus() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what runs, where, and what is still loading",
		Long:  "Say what runs, where, and what is still loading. The exit status is 0 only when everything is ready.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := stack.Home(os.Getenv)
			if err != nil {
				return err
			}
			report, err := stack.Look(cmd.Context(), home)
			if err != nil && !errors.Is(err, stack.ErrNotRunning) {
				return err
			}
			if writeErr := writeReport(cmd.OutOrStdout(), report, output); writeErr != nil {
				return writeErr
			}
			if err == nil && !report.Ready {
				err = errors.New("not everything is ready")
			}
			return err
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

func writeReport(w io.Writer, r stack.Report, output string) error {
	switch output {
	case "json":
		return writeJSON(w, r)
	case "text":
	default:
		return checkOutput(output)
	}
	if !r.Running {
		return nil
	}
	fmt.Fprintf(w, "%s at %s since %s, profile %s on %s\n\n", r.Phase, r.URL, r.StartedAt.Local().Format("2006-01-02 15:04"), r.Profile, r.Device)
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "COMPONENT\tSTATE\tVERSION\tADDRESS\tFROM\tPID\tRESTARTS")
	for _, c := range r.Components {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%d\n", c.Name, c.State, c.Version, c.Address, c.Source, orDash(c.PID), c.Restarts)
	}
	fmt.Fprintln(tw, "\t\t\t\t\t\t")
	fmt.Fprintln(tw, "CHECK\tSTATE\tDETAIL\t\t\t\t")
	for _, c := range r.Checks {
		detail := c.Detail
		if c.Percent != nil {
			detail = fmt.Sprintf("%s %d %%", detail, *c.Percent)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t\t\t\t\n", c.Name, c.State, detail)
	}
	return tw.Flush()
}

func orDash(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}
