package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/catalogue"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
)

// importKinds are what can be imported.
var importKinds = []string{"exercises", "foods", "equipment", "members"}

type importOptions struct {
	kind, file, gymID, zone, review, output string
	skipBad, dryRun                         bool
}

func newImport() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import KIND FILE",
		Short: "Import exercises, foods, equipment or members",
		Long: `Import exercises (JSON), foods and equipment (CSV or JSON) or members (JSON) from a
file, which may be gzipped. What is in the file counts, not its name. Rows are added, or changed where the id exists; a second
import of the same file changes nothing.

A file with a bad row changes nothing and every bad row is listed with its line,
field and reason, unless --skip-bad leaves those rows out. What the rules derived
without being sure stands on the review list: such rows are never planned for whoever
could be harmed. Then every new exercise and food gets its vector.`,
		Example: `  intellifit import exercises exercises.json --review review.csv
  intellifit import foods foods.csv --dry-run
  intellifit import members members.json -o json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 || !slices.Contains(importKinds, args[0]) {
				return fmt.Errorf("say what to import and from which file: intellifit import %s FILE", strings.Join(importKinds, "|"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o.kind, o.file = args[0], args[1]
			_, state, err := installed()
			if err != nil {
				return err
			}
			if state.DatabaseURL == "" {
				return errors.New("IntelliFit is still starting; try again when `intellifit status` shows the database as ready")
			}
			db, err := postgres.Open(cmd.Context(), state.DatabaseURL)
			if err != nil {
				return err
			}
			defer db.Close()
			ctx := gym.WithPrincipal(cmd.Context(), gym.Principal{GymID: o.gymID, Subject: "import", Role: gym.RoleService})
			progress := models.NewProgress(os.Stderr, os.Getenv)
			defer progress.Close()
			return runImport(ctx, o, db, func(ctx context.Context) error {
				return embed(ctx, db, state.OllamaHost, progress)
			}, cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.gymID, "gym", demoGym, "id of the gym")
	flags.StringVar(&o.zone, "zone", "UTC", "IANA time zone of a gym that is not there yet and is made")
	flags.BoolVar(&o.skipBad, "skip-bad", false, "leave bad rows out instead of refusing the file")
	flags.BoolVar(&o.dryRun, "dry-run", false, "read and check the file, store nothing")
	flags.StringVar(&o.review, "review", "", "write the review list to this CSV file")
	flags.StringVarP(&o.output, "output", "o", "text", "text or json")
	return cmd
}

// intake is one file that was read: how many good rows, what is wrong, and how to store the good ones.
type intake struct {
	rows     int
	problems []catalogue.Problem
	review   []catalogue.Review
	derived  tally
	store    func(context.Context) (postgres.Changes, error)
}

// runImport reads, checks and stores one file, and reports. With a bad row and without skipBad nothing is stored.
func runImport(ctx context.Context, o importOptions, db *postgres.DB, embed func(context.Context) error, out io.Writer) error {
	if err := checkOutput(o.output); err != nil {
		return err
	}
	in, err := readImport(ctx, o, db)
	if err != nil {
		return plainly(o, err)
	}
	report := newImportReport(o, in)
	report.Refused = len(in.problems) > 0 && !o.skipBad
	if o.review != "" {
		if err := writeReview(o.review, in.review); err != nil {
			return err
		}
	}
	if !report.Refused {
		if err := report.store(ctx, o, db, in, embed); err != nil {
			return plainly(o, err)
		}
	}
	if err := report.write(out, o); err != nil {
		return err
	}
	if report.Refused {
		return fmt.Errorf("%d rows are bad and nothing was imported; mend them, or leave them out with --skip-bad", badRows(in.problems))
	}
	return nil
}

// plainly says to a person what is wrong with the file, without codes.
func plainly(o importOptions, err error) error {
	return fmt.Errorf("%s: %s; nothing was imported", filepath.Base(o.file), reason(err))
}

// ensureGym makes the gym on its first import.
func ensureGym(ctx context.Context, db *postgres.DB, o importOptions) error {
	if _, err := db.Gym(ctx); !errors.Is(err, gym.ErrNotFound) {
		return err
	}
	if _, err := time.LoadLocation(o.zone); err != nil {
		return fmt.Errorf("--zone %q is no IANA time zone, such as Europe/Berlin", o.zone)
	}
	return db.UpsertGym(ctx, gym.Gym{ID: o.gymID, Name: o.gymID, TimeZone: o.zone})
}

// gzipped are the first bytes of a gzip file.
var gzipped = []byte{0x1f, 0x8b}

// openImport opens a file, unpacks it if need be, and reports whether it holds JSON and not CSV.
func openImport(path string) (in io.ReadCloser, isJSON bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, false, fmt.Errorf("open the file to import: %w", err)
	}
	text := bufio.NewReader(f)
	if head, _ := text.Peek(len(gzipped)); bytes.Equal(head, gzipped) {
		z, err := gzip.NewReader(text)
		if err != nil {
			return nil, false, errors.Join(fmt.Errorf("unpack: %w", err), f.Close())
		}
		text = bufio.NewReader(z)
	}
	head, err := text.Peek(text.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, errors.Join(fmt.Errorf("read the file: %w", err), f.Close())
	}
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))
	isJSON = bytes.HasPrefix(head, []byte("[")) || bytes.HasPrefix(head, []byte("{")) || strings.HasSuffix(strings.TrimSuffix(strings.ToLower(path), ".gz"), ".json")
	return struct {
		io.Reader
		io.Closer
	}{text, f}, isJSON, nil
}

func readImport(ctx context.Context, o importOptions, db *postgres.DB) (intake, error) {
	file, isJSON, err := openImport(o.file)
	if err != nil {
		return intake{}, err
	}
	defer file.Close()
	switch o.kind {
	case "foods":
		read := catalogue.FoodsCSV
		if isJSON {
			read = catalogue.FoodsJSON
		}
		r, err := read(file)
		return taken(r, db.UpsertFoods).counted(tallyFoods(r.Rows)), err
	case "equipment":
		read := catalogue.EquipmentCSV
		if isJSON {
			read = catalogue.EquipmentJSON
		}
		r, err := read(file)
		return taken(r, db.UpsertEquipment), err
	}
	if !isJSON {
		return intake{}, fmt.Errorf("%s are imported from a JSON array: their lists have no place in CSV", o.kind)
	}
	if o.kind == "exercises" {
		r, err := catalogue.Exercises(file)
		return taken(r, db.UpsertExercises).counted(tallyExercises(r.Rows)), err
	}
	kinds, err := equipmentKinds(ctx, db)
	if err != nil {
		return intake{}, err
	}
	r, err := catalogue.Members(file, kinds, time.Now())
	return taken(r, db.UpsertMembers), err
}

func taken[T any](r catalogue.Result[T], store func(context.Context, []T) (postgres.Changes, error)) intake {
	return intake{rows: len(r.Rows), problems: r.Problems, review: r.Review,
		store: func(ctx context.Context) (postgres.Changes, error) { return store(ctx, r.Rows) }}
}

func (in intake) counted(t tally) intake {
	in.derived = t
	return in
}

// equipmentKinds are the words of the gym's exercises, which a member's equipment must use; nil before there are any.
func equipmentKinds(ctx context.Context, db *postgres.DB) ([]string, error) {
	exercises, err := db.Exercises(ctx, nil)
	if err != nil {
		return nil, err
	}
	var kinds []string
	for _, e := range exercises {
		if e.Equipment != "" {
			kinds = append(kinds, e.Equipment)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds), nil
}
