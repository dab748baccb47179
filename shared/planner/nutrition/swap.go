package nutrition

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/portion"
)

// SwapFood replaces the food of one slot by the first candidate of a fitting role with which the day still meets its
// targets; its grams are chosen to match and every other item stays as it is. Of the brief it reads Member, Targets and
// Rules. It fails with gym.ErrNotFound for an unknown slot and gym.ErrInfeasible (code swap_infeasible) when no
// candidate fits.
func SwapFood(b Brief, n Nutrition, slot string, candidates []gym.Food) (Nutrition, Item, error) {
	d, m, i, ok := n.find(slot)
	if !ok {
		return Nutrition{}, Item{}, gym.Errorf(gym.ErrNotFound, "slot_unknown", "the menu has no slot %s", slot)
	}
	if n.NumbersHidden {
		return Nutrition{}, Item{}, gym.Errorf(gym.ErrInfeasible, "swap_infeasible", "a menu without numbers cannot be rebalanced: make a new one")
	}
	old := n.Days[d].Meals[m].Items[i]
	for _, f := range candidates {
		if !b.replaces(n.Days[d], old, f) {
			continue
		}
		item, ok := b.match(n.Days[d], old, f)
		if !ok {
			continue
		}
		out := n.clone()
		out.Days[d].Meals[m].Items[i] = item
		out.Days[d].Totals = out.Days[d].sum()
		out.ShoppingList = shopping(out.Days, map[string]gym.Food{f.ID: f}, n.ShoppingList, b.Rules)
		return out, item, nil
	}
	return Nutrition{}, Item{}, &gym.Error{
		Kind: gym.ErrInfeasible, Code: "swap_infeasible", Detail: "no allowed food of the same kind keeps the day on its targets",
		Hint: "regenerate the whole day instead",
	}
}

// alike lists the roles that stand in for each other in a swap.
var alike = map[gym.FoodRole][]gym.FoodRole{
	gym.RoleProtein: {gym.RoleLegume, gym.RoleDairy},
	gym.RoleLegume:  {gym.RoleProtein},
	gym.RoleDairy:   {gym.RoleProtein},
}

func (b Brief) replaces(day Day, old Item, f gym.Food) bool {
	if f.ID == old.FoodID || !b.usable(f) || f.Role != old.Role && !slices.Contains(alike[old.Role], f.Role) {
		return false
	}
	return !slices.ContainsFunc(day.Items(), func(it Item) bool { return it.FoodID == f.ID })
}

// match finds the grams of f with which the day is nearest to its targets; ok is false when that is not near enough.
func (b Brief) match(day Day, old Item, f gym.Food) (Item, bool) {
	var rest []portion.Amount
	for _, it := range day.Items() {
		if it.Slot != old.Slot {
			rest = append(rest, it.Amount())
		}
	}
	t, s := b.Targets, b.Rules.Nutrition.Solver
	target := portion.Target{Kcal: t.Kcal, ProteinG: t.ProteinG, FatG: t.FatG, CarbsG: t.CarbsG}
	bounds, _ := portion.BoundsFor(f, t.Kcal, &b.Rules.Nutrition)
	best, grams := math.Inf(1), 0
	for g := bounds.Min; g <= bounds.Max; g += bounds.Step {
		total := portion.Sum(append(rest, portion.Of(f, g))...)
		if total.Kcal < t.FloorKcal {
			continue
		}
		kcal, macro := target.Errors(total)
		if kcal > s.KcalAccept || macro > s.MacroAccept {
			continue
		}
		if bad := max(kcal/s.KcalAccept, macro/s.MacroAccept); bad < best {
			best, grams = bad, g
		}
	}
	if grams == 0 {
		return Item{}, false
	}
	return b.item(old.Slot, f, grams), true
}

// Regenerate makes one day anew with other foods and leaves the others untouched. The brief is the one of the menu with
// fresh candidates; Slots must contain the day. The old foods of the day come back only when nothing else is legal.
func Regenerate(b Brief, n Nutrition, day int) (Nutrition, DayReport, error) {
	at := slices.IndexFunc(n.Days, func(d Day) bool { return d.Day == day })
	slots := slices.IndexFunc(b.Slots, func(d DaySlots) bool { return d.Day == day })
	if at < 0 || slots < 0 {
		return Nutrition{}, DayReport{}, gym.Errorf(gym.ErrNotFound, "day_unknown", "the menu has no day %d", day)
	}
	menu := Menu{Chosen: map[string]gym.Food{}, Pools: b.pools()}
	u := newUsage(b)
	for i, d := range n.Days {
		for _, it := range d.Items() {
			if i == at {
				u.recent[it.FoodID] = true
			} else {
				u.add(d.Day, it.FoodID, 1)
			}
		}
	}
	b.without(menu, n.Days[at])
	b.arrangeDay(menu, u, b.Slots[slots], true)
	if err := b.enough(menu, b.Slots[slots]); err != nil {
		return Nutrition{}, DayReport{}, err
	}
	menu.options = b.options(menu.Pools)
	made, report, err := b.buildDay(menu, u, b.Slots[slots])
	if err != nil {
		if errors.Is(err, gym.ErrInfeasible) {
			return Nutrition{}, DayReport{}, err
		}
		return Nutrition{}, DayReport{}, fmt.Errorf("regenerate day %d: %w", day, err)
	}
	out := n.clone()
	out.Days[at] = made
	if n.NumbersHidden {
		out = WithoutNumbers(out)
	}
	out.ShoppingList = shopping(out.Days, b.foods(menu), n.ShoppingList, b.Rules)
	return out, report, nil
}

// without moves the foods of the old day to the end of their pools.
func (b Brief) without(menu Menu, old Day) {
	eaten := map[string]bool{}
	for _, it := range old.Items() {
		eaten[it.FoodID] = true
	}
	for key, pool := range menu.Pools {
		fresh := slices.DeleteFunc(slices.Clone(pool), func(f gym.Food) bool { return eaten[f.ID] })
		stale := slices.DeleteFunc(slices.Clone(pool), func(f gym.Food) bool { return !eaten[f.ID] })
		menu.Pools[key] = append(fresh, stale...)
	}
}
