package planner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/nutrition"
	"github.com/intellifit/intellifit/shared/planner/training"
)

// builder carries one plan from the gate's verdict to the finished document. It serves one request and is not shared.
type builder struct {
	*Planner
	id      string
	now     time.Time
	member  gym.Member
	req     Request
	wishes  Wishes
	verdict gate.Assessment
	kit     []string // usable equipment
	lately  struct{ exercises, foods []string }
	kept    rows // of the plan that is changed

	targets  nutrition.Targets
	profile  training.Profile
	outline  training.Outline
	slots    []nutrition.DaySlots
	keys     []nutrition.Key
	warnings []Warning

	exercises map[string][]gym.Exercise // legal candidates by slot id, best first
	foods     map[string][]gym.Food     // legal candidates by key, best first

	source       string
	degraded     bool
	model        ModelID
	pickExercise map[string]string   // the model's choice by slot id
	pickFood     map[string][]string // the model's rotation by key
	seconds      []float64           // what Ollama reported for each call
}

// settle computes everything that needs no catalogue: targets, the week's outline, the frame of the menu.
func (b *builder) settle() error {
	goal := b.verdict.Goal
	limits := nutrition.Limits{NoDeficit: b.verdict.NoDeficit, NoCalorieNumbers: b.verdict.NoCalorieNumbers, Draft: b.verdict.NutritionDraft}
	var notes []nutrition.Warning
	var err error
	if b.targets, notes, err = nutrition.TargetsFor(b.member, goal, limits, b.Rules, b.now); err != nil {
		return fmt.Errorf("compute targets: %w", err)
	}
	b.profile = training.Profile{
		Goal: goal, Experience: b.member.Experience, Days: b.req.DaysPerWeek, Minutes: b.req.SessionMinutes, Weeks: b.req.Weeks,
		Age: b.member.Age(b.now), Equipment: b.kit, Gate: b.verdict, Fixed: b.wishes.FixedDays, Avoid: b.wishes.AvoidDays,
	}
	b.outline = training.Slots(b.profile, b.Rules)
	b.slots = nutrition.MenuSlots(b.targets, b.member.Diet, b.req.NutritionDays, b.Rules)
	for _, r := range b.verdict.Reasons {
		b.warn(r.Code, strings.TrimSpace(r.Text+" "+r.Relax))
	}
	for _, w := range slices.Concat(b.verdict.Warnings, b.outline.Warnings) {
		b.warn(w.Code, w.Text)
	}
	for _, w := range notes {
		b.warn(w.Code, w.Text)
	}
	return nil
}

func (b *builder) warn(code, text string) {
	w := Warning{Code: code, Text: text}
	if !slices.Contains(b.warnings, w) {
		b.warnings = append(b.warnings, w)
	}
}

// assemble turns the choices into a finished plan and lets the validator judge it. It may be called again after fallBack.
func (b *builder) assemble() (Plan, error) {
	picks, err := b.fillSlots()
	if err != nil {
		return Plan{}, err
	}
	workout, notes := training.Build(b.outline, b.mended(picks), b.profile, b.Rules)
	eating, err := b.cook()
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{
		ID: b.id, MemberID: b.member.ID, Version: 1, CreatedAt: b.now.UTC().Truncate(time.Microsecond), Goal: b.verdict.Goal, Weeks: b.req.Weeks,
		Source: b.source, Degraded: b.degraded, Draft: b.verdict.Draft(), Model: b.model,
		RulesVersion: b.Rules.Version, Seed: *b.req.Seed, Request: b.req, NumbersHidden: b.verdict.NoCalorieNumbers,
		Targets: b.targets, Workout: workout, Nutrition: eating,
		Warnings: slices.Clone(b.warnings), Candidates: b.candidates(), ModelSeconds: b.seconds,
	}
	for _, w := range notes {
		plan.Warnings = append(plan.Warnings, Warning{Code: w.Code, Text: w.Text})
	}
	if broken := b.check(plan); len(broken) > 0 {
		return Plan{}, &unsafeError{broken}
	}
	return plan, nil
}

// brief is what the menu is made from.
func (b *builder) brief() nutrition.Brief {
	return nutrition.Brief{Member: b.member, Targets: b.targets, Slots: b.slots, Candidates: b.foods, Picks: b.pickFood,
		Recent: b.lately.foods, Seed: *b.req.Seed, Rules: b.Rules}
}

// cook arranges the menu and solves its portions. When the allowed foods cannot bring the protein that is aimed at, the
// least that the goal needs is tried, and the plan says so.
func (b *builder) cook() (nutrition.Nutrition, error) {
	eating, err := b.portions()
	if !errors.Is(err, gym.ErrInfeasible) {
		return eating, err
	}
	relaxed, note, ok := nutrition.Relax(b.targets, b.member.Diet, b.Rules)
	if !ok {
		return eating, err
	}
	aimed := b.targets
	b.targets = relaxed
	eating, again := b.portions()
	if again != nil {
		b.targets = aimed
		return eating, err
	}
	b.warn(note.Code, note.Text)
	return eating, nil
}

func (b *builder) portions() (nutrition.Nutrition, error) {
	brief := b.brief()
	menu, err := nutrition.Arrange(brief)
	if err != nil {
		return nutrition.Nutrition{}, fmt.Errorf("arrange menu: %w", err)
	}
	eating, _, err := nutrition.Build(brief, menu)
	if err != nil {
		return nutrition.Nutrition{}, fmt.Errorf("solve portions: %w", err)
	}
	return eating, nil
}

// fillSlots gives every slot an exercise: the model's pick when it is legal and new to the day, else the best candidate
// that the day does not have yet, preferring one that the week does not have either. A session for which nothing legal
// is left is left out, and the plan says so.
func (b *builder) fillSlots() (map[string]gym.Exercise, error) {
	picks := map[string]gym.Exercise{}
	inWeek := map[string]int{}
	var trained []training.SlotDay
	for _, d := range b.outline.Days {
		inDay := map[string]bool{}
		for _, s := range d.Slots {
			e, ok := b.fill(s, inDay, inWeek)
			if !ok {
				continue
			}
			picks[s.ID] = e
			inDay[e.ID] = true
			inWeek[e.ID]++
		}
		if len(d.Slots) == 0 || len(inDay) > 0 {
			trained = append(trained, d)
		}
	}
	if len(picks) == 0 {
		return nil, &gym.Error{Kind: gym.ErrInfeasible, Code: "exercises_infeasible", Detail: "the catalogue has no legal exercise for this member",
			Hint: "import exercises for the gym's equipment with: intellifit import exercises FILE"}
	}
	if left := len(b.outline.Days) - len(trained); left > 0 {
		b.outline.Days = trained
		b.warn("session_left_out", fmt.Sprintf("The catalogue has no exercise for %d of the sessions that is allowed for you, so the week has %d.", left, len(trained)))
	}
	return picks, nil
}

func (b *builder) fill(s training.Slot, inDay map[string]bool, inWeek map[string]int) (gym.Exercise, bool) {
	best, found := gym.Exercise{}, false
	for _, e := range b.exercises[s.ID] {
		if inDay[e.ID] {
			continue
		}
		if e.ID == b.pickExercise[s.ID] {
			return e, true
		}
		if !found || inWeek[e.ID] < inWeek[best.ID] {
			best, found = e, true
		}
	}
	return best, found
}

// candidates records what each slot could have become.
func (b *builder) candidates() map[string][]string {
	out := map[string][]string{}
	for slot, list := range b.exercises {
		for _, e := range list {
			out[slot] = append(out[slot], e.ID)
		}
	}
	for key, list := range b.foods {
		for _, f := range list {
			out[key] = append(out[key], f.ID)
		}
	}
	return out
}

// fallBack drops every choice of the model: the rules choose, and the plan says so.
func (b *builder) fallBack(ctx context.Context, why error) {
	if why != nil && ctx.Err() == nil {
		b.log(ctx).WarnContext(ctx, "the rules choose instead of the model", "cause", why)
	}
	b.source, b.degraded, b.model = SourceRules, true, ModelID{}
	b.pickExercise, b.pickFood = nil, nil
}
