package eval

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/intellifit/intellifit/internal/eval/chatset"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/coach/route"
	"github.com/intellifit/intellifit/shared/toolbox"
	"github.com/intellifit/intellifit/shared/toolbox/switchboard"
)

// ChatModel is what the chat is measured with.
type ChatModel interface {
	route.Embedder
	route.Chooser
	Digests(ctx context.Context) (map[string]string, error)
}

// ChatSession measures the chat's parts with the models of a running installation. It writes nothing but Out.
type ChatSession struct {
	Model    ChatModel
	Out      string   // file of raw results, continued when it was cut off; empty: none
	Split    string   // train, test; empty for all
	Only     []string // of ChatSets; empty for all
	Raw      int      // lines that the model alone is asked, 0 = none
	Dialogue string   // file, empty: left out
	Toolcall string   // folder, empty: left out
	Limit    int      // cases of each file of Toolcall, 0 = all
	Progress models.Progress
	// Attack runs the attack set and returns its rows; nil: it is left out.
	Attack func(ctx context.Context) (Score, error)

	journal *journal
}

// Run measures every set that is asked for and scores what came out.
func (s *ChatSession) Run(ctx context.Context) (_ Score, err error) {
	digests, err := s.Model.Digests(ctx)
	if err != nil {
		return Score{}, fmt.Errorf("ask for the models' digests: %w", err)
	}
	if s.journal, err = openJournal(s.Out, Head{Models: digests, Split: s.Split, Seed: Seed}); err != nil {
		return Score{}, err
	}
	defer func() { err = errors.Join(err, s.journal.close()) }()
	for _, set := range []struct {
		name string
		run  func(context.Context) error
	}{{SetSafety, s.safety}, {SetRouter, s.router}, {SetDialogue, s.dialogue}, {SetToolcall, s.toolcall}} {
		if !s.wants(set.name) {
			continue
		}
		if err := set.run(ctx); err != nil {
			return Score{}, err
		}
	}
	score := ScoreRecords(s.journal.used)
	if !s.wants(SetAttack) {
		return score, nil
	}
	if s.Attack == nil {
		s.Progress.Line("attack: left out, nobody has set it up")
		return score, nil
	}
	attacks, err := s.Attack(ctx)
	if err != nil {
		return Score{}, fmt.Errorf("run the attacks: %w", err)
	}
	if len(s.Only) == 1 { // nothing else was measured, and that is no fault
		score.Rows = slices.DeleteFunc(score.Rows, func(r Row) bool { return r.Held != nil })
	}
	score.Rows = append(score.Rows, attacks.Rows...)
	score.Violations = append(score.Violations, attacks.Violations...)
	score.Misses = append(score.Misses, attacks.Misses...)
	return score, nil
}

func (s *ChatSession) wants(set string) bool { return len(s.Only) == 0 || slices.Contains(s.Only, set) }

// each runs f over the cases that the journal lacks.
func each[C any](ctx context.Context, s *ChatSession, set, way string, cases []C, key func(C) Record, f func(context.Context, C) (Record, error)) (err error) {
	meter := s.Progress.Begin(models.Job{Verb: "eval", Name: set + ", " + way, Total: int64(len(cases)), Unit: "cases"})
	defer func() { meter.End(err) }()
	for i, c := range cases {
		meter.Set(int64(i), int64(len(cases)))
		k := key(c)
		k.Set, k.Way = set, way
		if s.journal.has(k) {
			continue
		}
		r, err := f(ctx, c)
		if err != nil {
			return err
		}
		r.Set, r.Way, r.ID = set, way, k.ID
		if err := s.journal.add(r); err != nil {
			return err
		}
	}
	meter.Set(int64(len(cases)), int64(len(cases)))
	return nil
}

func (s *ChatSession) safety(ctx context.Context) error {
	list, err := chatset.LoadSafety()
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(m chatset.SafetyMessage) bool {
		return s.Split != "" && m.Split != s.Split && (s.Split != chatset.Test || m.Split != chatset.Blind)
	})
	err = each(ctx, s, SetSafety, WayPhrases, list, func(m chatset.SafetyMessage) Record { return Record{ID: m.ID} },
		func(ctx context.Context, m chatset.SafetyMessage) (Record, error) {
			return Record{Safety: new(m.Screen(ctx, nil))}, nil
		})
	if err != nil {
		return err
	}
	return each(ctx, s, SetSafety, WayScreen, list, func(m chatset.SafetyMessage) Record { return Record{ID: m.ID} },
		func(ctx context.Context, m chatset.SafetyMessage) (Record, error) {
			return Record{Safety: new(m.Screen(ctx, s.Model))}, nil
		})
}

func (s *ChatSession) router(ctx context.Context) error {
	lines, err := chatset.LoadRouter()
	if err != nil {
		return err
	}
	lines = slices.DeleteFunc(lines, func(l chatset.Line) bool { return s.Split != "" && l.Split != s.Split })
	tools := toolbox.New(toolbox.Deps{}) // schemas alone: nothing is run
	key := func(l chatset.Line) Record { return Record{ID: l.ID, Router: &RouterResult{Line: l}} }
	for _, way := range []struct {
		name   string
		router *route.Router
	}{
		{Whole, &route.Router{Embed: s.Model, Model: s.Model}}, {NoClassifier, &route.Router{Model: s.Model}},
		{NoModel, &route.Router{Embed: s.Model}}, {RulesOnly, &route.Router{}},
	} {
		err := each(ctx, s, SetRouter, way.name, lines, key, func(ctx context.Context, l chatset.Line) (Record, error) {
			r, err := routeLine(ctx, way.router, tools, l)
			return Record{Router: &r}, err
		})
		if err != nil {
			return err
		}
	}
	if s.Raw == 0 {
		return nil
	}
	raw, err := newRawModel(s.Model, tools)
	if err != nil {
		return err
	}
	return each(ctx, s, SetRouter, Raw, spread(lines, s.Raw), key, func(ctx context.Context, l chatset.Line) (Record, error) {
		r, err := raw.route(ctx, l)
		return Record{Router: &r}, err
	})
}

func (s *ChatSession) dialogue(ctx context.Context) (err error) {
	if s.Dialogue == "" {
		s.Progress.Line("dialogue: left out, --dialogue names no file")
		return nil
	}
	list, err := LoadDialogues(s.Dialogue)
	if err != nil {
		return err
	}
	f, router := readForms(list), &route.Router{Embed: s.Model, Model: s.Model}
	meter := s.Progress.Begin(models.Job{Verb: "eval", Name: SetDialogue, Total: int64(len(list)), Unit: "dialogues"})
	defer func() { meter.End(err) }()
	for i, d := range list {
		meter.Set(int64(i), int64(len(list)))
		if turns := d.userTurns(); s.journal.has(turns[len(turns)-1]) { // the last is written last
			for _, t := range turns[:len(turns)-1] {
				s.journal.has(t)
			}
			continue
		}
		results, err := runDialogue(ctx, router, d, f)
		if err != nil {
			return err
		}
		for _, r := range results {
			rec := turnRecord(r.Dialogue, r.Turn)
			rec.Dialogue = &r
			if err := s.journal.add(rec); err != nil {
				return err
			}
		}
	}
	return nil
}

// userTurns are the records of the turns that are judged, without results.
func (d Dialogue) userTurns() []Record {
	var out []Record
	for i, t := range d.Turns {
		if t.Role == "user" {
			out = append(out, turnRecord(d.ID, i))
		}
	}
	return out
}

func turnRecord(dialogue string, turn int) Record {
	return Record{Set: SetDialogue, Way: Whole, ID: fmt.Sprintf("%s#%d", dialogue, turn)}
}

func (s *ChatSession) toolcall(ctx context.Context) error {
	if s.Toolcall == "" {
		s.Progress.Line("toolcall: left out, --toolcall names no folder")
		return nil
	}
	cases, err := LoadToolcalls(s.Toolcall, s.Limit)
	if err != nil {
		return err
	}
	router := &switchboard.Router{Embed: s.Model, Model: s.Model}
	key := func(c Toolcall) Record { return Record{ID: c.ID} }
	err = each(ctx, s, SetToolcall, Switchboard, cases, key, func(ctx context.Context, c Toolcall) (Record, error) {
		r, err := runToolcall(ctx, router, c)
		return Record{Toolcall: &r}, err
	})
	if err != nil {
		return err
	}
	return each(ctx, s, SetToolcall, Raw, cases, key, func(ctx context.Context, c Toolcall) (Record, error) {
		r, err := runRawToolcall(ctx, s.Model, c)
		return Record{Toolcall: &r}, err
	})
}
