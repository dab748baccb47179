package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/intellifit/intellifit/shared/catalogue"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
)

// badShown bounds the list of bad rows on a screen; -o json has them all.
const badShown = 20

// importReport is what an import did. It is also its -o json.
type importReport struct {
	Kind    string `json:"kind"`
	File    string `json:"file"`
	Rows    int    `json:"rows"` // good ones
	Refused bool   `json:"refused"`
	DryRun  bool   `json:"dry_run"`
	postgres.Changes
	Bad      []catalogue.Problem `json:"bad"`
	Review   []catalogue.Review  `json:"review"`
	Embedded bool                `json:"embedded"`
	Note     string              `json:"note,omitempty"`
}

// embed gives the new rows their vectors. Rows without one are found by words alone until the next `up`, so a model that
// does not answer is no failure of the import.
func (r *importReport) embed(ctx context.Context, embed func(context.Context) error) {
	if err := embed(ctx); err != nil {
		r.Note = "the rows are stored, but not all have their vectors: " + reason(err) + "; the next `intellifit up` goes on with them"
		return
	}
	r.Embedded = true
}

func reason(err error) string {
	var known *gym.Error
	if errors.As(err, &known) {
		return known.Detail
	}
	return err.Error()
}

func (r *importReport) write(w io.Writer, o importOptions) error {
	switch o.output {
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	case "text":
	default:
		return fmt.Errorf("-o %q: must be text or json", o.output)
	}
	for i, p := range r.Bad {
		if i == badShown {
			fmt.Fprintf(w, "  … and %d more; -o json lists them all\n", len(r.Bad)-badShown)
			break
		}
		fmt.Fprintf(w, "✗ %s\n", p)
	}
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "\tgood\tadded\tchanged\tunchanged\tbad\tto review\t")
	fmt.Fprintf(tw, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", r.Kind, r.Rows, r.Added, r.Changed, r.Unchanged, badRows(r.Bad), len(r.Review))
	if err := tw.Flush(); err != nil {
		return err
	}
	switch {
	case r.DryRun:
		fmt.Fprintln(w, "dry run: nothing was stored")
	case len(r.Review) > 0 && o.review == "":
		fmt.Fprintln(w, "to see what should be reviewed: --review FILE.csv")
	}
	if r.Note != "" {
		fmt.Fprintln(w, "! "+r.Note)
	}
	return nil
}

// badRows counts rows, of which one may have several problems.
func badRows(problems []catalogue.Problem) int {
	lines := map[int]bool{}
	for _, p := range problems {
		lines[p.Line] = true
	}
	return len(lines)
}

func writeReview(path string, review []catalogue.Review) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the review list: %w", err)
	}
	w := csv.NewWriter(f)
	rows := [][]string{{"id", "name", "reason"}}
	for _, r := range review {
		rows = append(rows, []string{r.ID, r.Name, r.Reason})
	}
	if err := errors.Join(w.WriteAll(rows), f.Close()); err != nil {
		return fmt.Errorf("write the review list: %w", err)
	}
	return nil
}
