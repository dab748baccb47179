package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	Derived  tally               `json:"derived,omitempty"`
	Embedded bool                `json:"embedded"`
	Note     string              `json:"note,omitempty"`
}

func newImportReport(o importOptions, in intake) *importReport {
	r := &importReport{Kind: o.kind, File: filepath.Base(o.file), Rows: in.rows, DryRun: o.dryRun, Bad: in.problems, Review: in.review, Derived: in.derived}
	if r.Bad == nil {
		r.Bad = []catalogue.Problem{}
	}
	if r.Review == nil {
		r.Review = []catalogue.Review{}
	}
	return r
}

// store stores the good rows and embeds the catalogue; a dry run only counts what that would change.
func (r *importReport) store(ctx context.Context, o importOptions, db *postgres.DB, in intake, embed func(context.Context) error) (err error) {
	if o.dryRun {
		if _, err := db.Gym(ctx); errors.Is(err, gym.ErrNotFound) {
			r.Added = in.rows // the gym itself would be made
			return nil
		}
		r.Changes, err = in.store(postgres.DryRun(ctx))
		return err
	}
	if err := ensureGym(ctx, db, o); err != nil {
		return err
	}
	if r.Changes, err = in.store(ctx); err != nil {
		return err
	}
	if o.kind == "exercises" || o.kind == "foods" {
		r.embed(ctx, o, embed)
	}
	return nil
}

// embed gives the new rows their vectors. Rows without one are found by words alone until they have it, so a model that
// does not answer is no failure of the import.
func (r *importReport) embed(ctx context.Context, o importOptions, embed func(context.Context) error) {
	err := embed(ctx)
	if r.Embedded = err == nil; r.Embedded {
		return
	}
	follow := "run this import again, and they follow"
	if o.gymID == demoGym {
		follow = "vectors follow with the next `intellifit up`, or when this import runs again"
	}
	r.Note = "the rows are stored, but not all have vectors (" + reason(err) + "): " + follow
}

func reason(err error) string {
	var known *gym.Error
	if errors.As(err, &known) {
		return known.Detail
	}
	return err.Error()
}

func (r *importReport) write(w io.Writer, o importOptions) error {
	if o.output == "json" {
		return writeJSON(w, r)
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
	for _, line := range r.Derived.lines() {
		fmt.Fprintln(w, line)
	}
	switch {
	case r.DryRun:
		fmt.Fprintln(w, "dry run: nothing was stored; the table shows what would be")
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
