package nutrition

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/portion"
)

// Report says how a menu came out, for evaluation and logs: ids and shares only.
type Report struct {
	Days []DayReport
}

// DayReport is one day of a Report.
type DayReport struct {
	Day        int
	KcalErr    float64 // share of the target
	MacroErr   float64 // of the worst macronutrient
	Repairs    []portion.Repair
	Rearranged int // times the choice of foods was thrown away because no portions met the targets
}

// Build solves the portions of every day of the menu. A day whose foods cannot meet the targets even after repairs gets
// other legal foods, a few times; then Build fails with gym.ErrInfeasible (code portions_infeasible) naming the
// conflict.
func Build(b Brief, menu Menu) (Nutrition, Report, error) {
	menu.Chosen = maps.Clone(menu.Chosen)
	menu.options = b.options(menu.Pools)
	used := usageOf(b, menu)
	var n Nutrition
	var report Report
	for _, slots := range b.Slots {
		day, dr, err := b.buildDay(menu, used, slots)
		if err != nil {
			return Nutrition{}, Report{}, err
		}
		n.Days = append(n.Days, day)
		report.Days = append(report.Days, dr)
	}
	n.ShoppingList = shopping(n.Days, b.foods(menu), nil, b.Rules)
	return n, report, nil
}

// options states the amounts of every food of the pools once.
func (b Brief) options(pools map[string][]gym.Food) map[string]*portion.Option {
	out := map[string]*portion.Option{}
	for _, pool := range pools {
		for _, f := range pool {
			if out[f.ID] != nil {
				continue
			}
			if bounds, ok := portion.BoundsFor(f, b.Targets.Kcal, &b.Rules.Nutrition); ok {
				out[f.ID] = &portion.Option{Food: f, Bounds: bounds}
			}
		}
	}
	return out
}

// usageOf counts the whole menu, so that repairs of an early day know what a later one eats.
func usageOf(b Brief, menu Menu) *usage {
	u := newUsage(b)
	for _, day := range b.Slots {
		u.addDay(menu, day, 1)
	}
	return u
}

func (u *usage) addDay(menu Menu, day DaySlots, n int) {
	for _, m := range day.Meals {
		for _, s := range m.Slots {
			if f, ok := menu.Chosen[s.ID]; ok {
				u.add(day.Day, f.ID, n)
			}
		}
	}
}

// foods lists everything the menu can hold, by id.
func (b Brief) foods(menu Menu) map[string]gym.Food {
	out := map[string]gym.Food{}
	for _, pool := range menu.Pools {
		for _, f := range pool {
			out[f.ID] = f
		}
	}
	return out
}

// rearrangements is how often a day may start again with other foods; from the second on, the limits of repetition
// give way: the same dish three times is better than no menu.
const rearrangements = 3

func (b Brief) buildDay(menu Menu, u *usage, slots DaySlots) (Day, DayReport, error) {
	var first error
	defer func() { u.relax = 0 }()
	for try := 0; ; try++ {
		if try > 1 {
			u.relax = 7
		}
		problem, places := b.problem(menu, u, slots)
		solved, err := portion.Solve(problem)
		if err == nil {
			u.addDay(menu, slots, -1)
			day := b.day(slots, places, solved)
			for _, it := range day.Items() {
				u.add(slots.Day, it.FoodID, 1)
			}
			return day, DayReport{Day: slots.Day, KcalErr: solved.KcalErr, MacroErr: solved.MacroErr, Repairs: solved.Repairs, Rearranged: try}, nil
		}
		if first == nil {
			first = err
		}
		if try == rearrangements || !errors.Is(err, gym.ErrInfeasible) {
			return Day{}, DayReport{}, fmt.Errorf("solve day %d: %w", slots.Day, first)
		}
		u.addDay(menu, slots, -1)
		for _, m := range slots.Meals {
			for _, s := range m.Slots {
				if f, ok := menu.Chosen[s.ID]; ok {
					u.recent[f.ID] = true // another choice, not the same again
				}
			}
		}
		b.arrangeDay(menu, u, slots, false)
	}
}

// problem states one day for the solver; places maps its place index to the slot.
func (b Brief) problem(menu Menu, u *usage, day DaySlots) (portion.Problem, []Slot) {
	t, r := b.Targets, &b.Rules.Nutrition
	p := portion.Problem{
		Target:    portion.Target{Kcal: t.Kcal, ProteinG: t.ProteinG, FatG: t.FatG, CarbsG: t.CarbsG, FibreG: t.FibreG, SodiumMG: t.SodiumMG},
		FloorKcal: t.FloorKcal, MaxFoods: r.Meals.MaxFood, Rules: r.Solver,
	}
	var places []Slot
	for i, m := range day.Meals {
		share := 0.0
		if m.Kind != "snack" {
			share = r.Protein.MealShareMin
		}
		p.Meals = append(p.Meals, portion.Meal{ProteinG: share * t.ProteinG, Kcal: m.Share * t.Kcal})
		for _, s := range m.Slots {
			f, ok := menu.Chosen[s.ID]
			if !ok {
				continue
			}
			o := menu.options[f.ID]
			if o == nil {
				continue
			}
			p.Places = append(p.Places, portion.Place{Option: *o, Meal: i, Optional: s.Optional, Swaps: b.swaps(menu, u, s, f)})
			places = append(places, s)
		}
	}
	p.Adjusters = b.adjusters(menu, u, day)
	return p, places
}

// swaps lists the best other foods of the place that the week still allows.
func (b Brief) swaps(menu Menu, u *usage, s Slot, chosen gym.Food) []portion.Option {
	out := make([]portion.Option, 0, b.Rules.Nutrition.Variety.CandidatesMax)
	most := b.Rules.Nutrition.Variety.CandidatesMax
	for _, f := range menu.Pools[s.Key] {
		if len(out) == most {
			break
		}
		if f.ID == chosen.ID || u.count(s.Day, f.ID) >= b.mostPerWeek(u, s.Main) {
			continue
		}
		if o, ok := menu.options[f.ID]; ok {
			out = append(out, *o)
		}
	}
	return out
}

// adjusters lists the purest sources of each macronutrient among the legal candidates, each for the meal that it suits.
func (b Brief) adjusters(menu Menu, u *usage, day DaySlots) []portion.Adjuster {
	type source struct {
		option *portion.Option
		meal   int
	}
	var all []source
	seen := map[string]bool{}
	for i, m := range day.Meals {
		for _, s := range m.Slots {
			for _, f := range menu.Pools[s.Key] {
				o, ok := menu.options[f.ID]
				if ok && !seen[f.ID] && u.count(s.Day, f.ID) < b.mostPerWeek(u, s.Main) {
					seen[f.ID] = true
					all = append(all, source{o, i})
				}
			}
		}
	}
	slices.SortFunc(all, func(a, c source) int { return cmp.Compare(a.option.Food.ID, c.option.Food.ID) })
	var out []portion.Adjuster
	taken := map[string]bool{}
	take := func(n int, purity func(*gym.Food) float64) {
		slices.SortStableFunc(all, func(a, c source) int { return cmp.Compare(purity(&c.option.Food), purity(&a.option.Food)) })
		for _, s := range all {
			if f := &s.option.Food; n == 0 || purity(f) <= 0 {
				return
			} else if !taken[f.ID] {
				taken[f.ID] = true
				out = append(out, portion.Adjuster{Option: *s.option, Meal: s.meal})
				n--
			}
		}
	}
	take(4, proteinShare)
	take(4, func(f *gym.Food) float64 { return healthyFat(f) * kcalPerFat / f.Kcal })
	take(4, func(f *gym.Food) float64 { return f.CarbsG * kcalPerCarbs / f.Kcal })
	take(2, func(f *gym.Food) float64 { // protein and carbohydrate without fat
		return min(proteinShare(f), f.CarbsG*kcalPerCarbs/f.Kcal)
	})
	return out
}

// healthyFat counts unsaturated fat whole and the rest half, so that oil comes before butter. Unknown saturated fat
// counts as half of the fat.
func healthyFat(f *gym.Food) float64 {
	saturated := f.FatG / 2
	if f.SatFatG != nil {
		saturated = min(*f.SatFatG, f.FatG)
	}
	return f.FatG - saturated/2
}

// day turns the solved portions into a day of meals.
func (b Brief) day(slots DaySlots, places []Slot, s portion.Solution) Day {
	day := Day{Day: slots.Day}
	next := make([]int, len(slots.Meals))
	for i, m := range slots.Meals {
		day.Meals = append(day.Meals, Meal{Name: m.Name})
		next[i] = len(m.Slots)
	}
	for _, p := range s.Portions {
		var id string
		if p.Place >= 0 {
			id = places[p.Place].ID
		} else {
			next[p.Meal]++
			id = slotID(slots.Day, p.Meal+1, next[p.Meal])
		}
		day.Meals[p.Meal].Items = append(day.Meals[p.Meal].Items, b.item(id, p.Food, p.Grams))
	}
	day.Meals = slices.DeleteFunc(day.Meals, func(m Meal) bool { return len(m.Items) == 0 })
	day.Totals = day.sum()
	return day
}

func (b Brief) item(slot string, f gym.Food, grams int) Item {
	a := portion.Of(f, grams)
	return Item{
		Slot: slot, FoodID: f.ID, Name: f.Name, Role: f.Role, Grams: grams, Measure: Measure(f, grams, b.Rules),
		Kcal: a.Kcal, ProteinG: a.ProteinG, FatG: a.FatG, CarbsG: a.CarbsG,
	}
}
