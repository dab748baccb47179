package planner

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/sync/errgroup"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/nutrition"
	"github.com/intellifit/intellifit/shared/planner/training"
)

// Retrieval asks for more rows than a slot may keep, so that the caps on one pattern or one food group still leave a
// full list.
const (
	retrieved     = 30
	maxCandidates = 12
	maxAlike      = 3 // candidates of one slot with the same pattern or food category
)

// vectors embeds the slots' texts. Without an embedder, or when it fails, retrieval is lexical: ok is false and the plan
// says so.
func (p *Planner) vectors(ctx context.Context, texts []string) (byText map[string][]float32, ok bool) {
	if p.Embedder == nil {
		return nil, false
	}
	unique := slices.Compact(slices.Sorted(slices.Values(texts)))
	vecs, err := p.Embedder.Embed(ctx, unique)
	if err != nil {
		p.log(ctx).WarnContext(ctx, "embed slot texts", "cause", err)
		return nil, false
	}
	byText = make(map[string][]float32, len(unique))
	for i, t := range unique {
		byText[t] = vecs[i]
	}
	return byText, true
}

// diverse keeps the best candidates with at most maxAlike of one kind, then fills up with what it passed over, so that
// a narrow slot (calf raises) still has a choice.
func diverse[T any](ranked []T, kind func(T) string) []T {
	var kept, passed []T
	seen := map[string]int{}
	for _, c := range ranked {
		if k := kind(c); seen[k] < maxAlike {
			seen[k]++
			kept = append(kept, c)
		} else {
			passed = append(passed, c)
		}
	}
	if len(kept) < maxCandidates {
		kept = append(kept, passed...)
	}
	return kept[:min(len(kept), maxCandidates)]
}

// usable lists the kinds of equipment that the member may use: the profile's, limited to nothing, or else the gym's.
func (p *Planner) usable(ctx context.Context, m gym.Member) ([]string, error) {
	kinds := slices.Clone(m.Equipment)
	if len(kinds) == 0 {
		var err error
		if kinds, err = p.Library.GymEquipment(ctx); err != nil {
			return nil, fmt.Errorf("list the gym's equipment: %w", err)
		}
	}
	if !slices.Contains(kinds, gym.BodyOnly) {
		kinds = append(kinds, gym.BodyOnly)
	}
	return kinds, nil
}

// retrieve finds the legal candidates of every slot: one search for each half of the plan, side by side.
func (b *builder) retrieve(ctx context.Context) error {
	b.keys = nutrition.Keys(b.slots)
	vectors := b.embedded(ctx, slices.Concat(b.exerciseTexts(), b.foodTexts()))
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) { b.exercises, err = b.findExercises(ctx, vectors); return err })
	g.Go(func() (err error) { b.foods, err = b.findFoods(ctx, vectors); return err })
	return g.Wait()
}

func (b *builder) retrieveExercises(ctx context.Context) (err error) {
	b.exercises, err = b.findExercises(ctx, b.embedded(ctx, b.exerciseTexts()))
	return err
}

func (b *builder) retrieveFoods(ctx context.Context) (err error) {
	b.foods, err = b.findFoods(ctx, b.embedded(ctx, b.foodTexts()))
	return err
}

func (b *builder) embedded(ctx context.Context, texts []string) map[string][]float32 {
	vectors, ok := b.vectors(ctx, texts)
	if !ok && b.Embedder != nil {
		b.warn("retrieval_lexical", "Exercises and foods were found by words alone, since the embedding model did not answer.")
	}
	return vectors
}

func (b *builder) exerciseTexts() (texts []string) {
	for _, d := range b.outline.Days {
		for _, s := range d.Slots {
			texts = append(texts, s.Query)
		}
	}
	return texts
}

func (b *builder) foodTexts() (texts []string) {
	for _, k := range b.keys {
		texts = append(texts, k.Query)
	}
	return texts
}

func (b *builder) exerciseFilter() ExerciseFilter {
	return ExerciseFilter{Equipment: b.kit, AvoidTags: b.verdict.AvoidTags, MaxLevel: b.verdict.MaxLevel, ExcludeWords: b.dislikes()}
}

func (b *builder) foodFilter() FoodFilter {
	return FoodFilter{Diet: b.member.Diet, Allergens: nutrition.Unsafe(b.member.Allergies, b.Rules), ExcludeWords: b.dislikes()}
}

func (b *builder) dislikes() []string { return slices.Concat(b.member.Dislikes, b.wishes.Dislikes) }
func (b *builder) likes() []string    { return slices.Concat(b.member.Likes, b.wishes.Likes) }

// lexical is the text for the full-text half, which matches any of its words: the slot's own and what the member likes.
func (b *builder) lexical(query string) string {
	return strings.Join(append([]string{query}, b.likes()...), " ")
}

// findExercises searches once for each distinct kind of slot, then tries the fallbacks of the slots that stayed empty.
// Slots of one kind share their candidates.
func (b *builder) findExercises(ctx context.Context, vectors map[string][]float32) (map[string][]gym.Exercise, error) {
	found := map[string][]gym.Exercise{} // by slotKind
	want := map[string][]training.Alternative{}
	queries := map[string]string{}
	var kinds []string
	for _, d := range b.outline.Days {
		for _, s := range d.Slots {
			kind := slotKind(s)
			if _, seen := want[kind]; !seen {
				kinds = append(kinds, kind)
				want[kind] = append([]training.Alternative{{Patterns: s.Patterns, Muscles: s.Muscles}}, s.Fallback...)
				queries[kind] = s.Query
			}
		}
	}
	for round := 0; len(kinds) > 0; round++ {
		asked := make([]ExerciseQuery, 0, len(kinds))
		for _, kind := range kinds {
			q := ExerciseQuery{Patterns: want[kind][round].Patterns, Muscles: want[kind][round].Muscles, Text: b.lexical(queries[kind]),
				Vector: vectors[queries[kind]], Prefer: b.verdict.SoftTags, Limit: retrieved}
			asked = append(asked, q)
		}
		lists, err := b.Library.FindExercises(ctx, b.exerciseFilter(), asked)
		if err != nil {
			return nil, fmt.Errorf("find exercises: %w", err)
		}
		var empty []string
		for i, kind := range kinds {
			found[kind] = b.legalExercises(lists[i])
			if len(found[kind]) == 0 && round+1 < len(want[kind]) {
				empty = append(empty, kind)
			}
		}
		kinds = empty
	}
	bySlot := map[string][]gym.Exercise{}
	for _, d := range b.outline.Days {
		for _, s := range d.Slots {
			bySlot[s.ID] = found[slotKind(s)]
		}
	}
	return bySlot, nil
}

// slotKind is the same for slots that may share their candidates.
func slotKind(s training.Slot) string {
	return fmt.Sprint(s.Kind, s.Role, s.Patterns, s.Muscles, s.Query)
}

// legalExercises applies what only the gate knows (regions that may not be trained), puts liked ones first and those of
// the last weeks last, and keeps a varied dozen.
func (b *builder) legalExercises(ranked []gym.Exercise) []gym.Exercise {
	legal := slices.DeleteFunc(ranked, func(e gym.Exercise) bool { return !b.verdict.Allows(e) })
	slices.SortStableFunc(legal, func(x, y gym.Exercise) int {
		return cmp.Or(b.taste(x.Name, x.ID, b.lately.exercises)-b.taste(y.Name, y.ID, b.lately.exercises), b.unloaded(x)-b.unloaded(y))
	})
	return diverse(legal, func(e gym.Exercise) string { return string(e.Pattern) + e.Equipment })
}

func (b *builder) findFoods(ctx context.Context, vectors map[string][]float32) (map[string][]gym.Food, error) {
	asked := make([]FoodQuery, len(b.keys))
	for i, k := range b.keys {
		asked[i] = FoodQuery{Roles: k.Roles, Meal: k.Meal, Text: b.lexical(k.Query), Vector: vectors[k.Query], Limit: retrieved}
	}
	lists, err := b.Library.FindFoods(ctx, b.foodFilter(), asked)
	if err != nil {
		return nil, fmt.Errorf("find foods: %w", err)
	}
	byKey := map[string][]gym.Food{}
	for i, k := range b.keys {
		legal := slices.DeleteFunc(lists[i], func(f gym.Food) bool { return !nutrition.Legal(b.member, f, b.Rules) })
		slices.SortStableFunc(legal, func(x, y gym.Food) int { return b.taste(x.Name, "", nil) - b.taste(y.Name, "", nil) })
		byKey[k.Name] = legal
	}
	return byKey, nil
}

// unloaded ranks exercises without an outer load last for those who need one: strength and size grow with load that can be
// raised step by step, beyond what a beginner's own body weight gives.
func (b *builder) unloaded(e gym.Exercise) int {
	needs := (b.profile.Goal == gym.Strength || b.profile.Goal == gym.MuscleGain) && gate.Level(b.profile.Experience) > gate.Level(gym.Beginner)
	if needs && e.Equipment == gym.BodyOnly && e.Pattern != gym.Core {
		return 1
	}
	return 0
}

// taste orders candidates of equal right: liked first, then new ones, then those of the last weeks.
func (b *builder) taste(name, id string, lately []string) int {
	if mentions(name, b.likes()) {
		return 0
	}
	if slices.Contains(lately, id) {
		return 2
	}
	return 1
}

// mentions reports whether any of the words occurs in name as a whole word, singular or plural.
func mentions(name string, words []string) bool {
	have := stems(name)
	for _, w := range words {
		want := stems(w)
		if len(want) > 0 && !slices.ContainsFunc(want, func(s string) bool { return !slices.Contains(have, s) }) {
			return true
		}
	}
	return false
}

func stems(s string) []string {
	fields := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, f := range fields {
		if cut := strings.TrimSuffix(strings.TrimSuffix(f, "s"), "e"); len(cut) >= 3 {
			fields[i] = cut
		}
	}
	return fields
}
