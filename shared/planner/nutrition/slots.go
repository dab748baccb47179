package nutrition

import (
	"fmt"
	"slices"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// MaxDays is the longest menu.
const MaxDays = 14

// Slot is a place in a meal that one food fills.
type Slot struct {
	ID       string         // n2m1f3: day 2, meal 1, food 3
	Day      int            // 1-based
	Meal     string         // breakfast, lunch, dinner, snack: the catalogue's word, for retrieval
	Roles    []gym.FoodRole // any of these, in order of preference
	Query    string         // words for hybrid search
	Key      string         // places with one key share their candidates, e.g. "lunch.protein"
	Optional bool           // may stay empty
	Main     bool           // the protein that names the dish
}

// DaySlots is the frame of one day.
type DaySlots struct {
	Day   int
	Meals []MealSlots
}

// MealSlots is the frame of one meal.
type MealSlots struct {
	Name  string  // shown: breakfast, morning snack, …
	Kind  string  // breakfast, lunch, dinner, snack
	Share float64 // of the day's energy, softly
	Slots []Slot
}

// Key is one search: its candidates serve every slot with this key.
type Key struct {
	Name     string
	Meal     string
	Roles    []gym.FoodRole
	Query    string
	Optional bool
	Main     bool
	PerDay   int // slots a day that draw from it
}

// MenuSlots lays out days (1–14) for the targets: three meals and one or two snacks by energy, each with its roles.
func MenuSlots(t Targets, diet gym.Diet, days int, r *rules.Rules) []DaySlots {
	frame := frameFor(t.Kcal, diet, r)
	out := make([]DaySlots, 0, min(max(days, 1), MaxDays))
	for d := 1; d <= cap(out); d++ {
		day := DaySlots{Day: d}
		for m, mf := range frame.Meals {
			meal := MealSlots{Name: mf.Name, Kind: mf.Kind, Share: mf.Share}
			for f, key := range mf.Places {
				p := r.Nutrition.Variety.Places[key]
				meal.Slots = append(meal.Slots, Slot{
					ID: slotID(d, m+1, f+1), Day: d, Meal: p.Meal, Roles: p.Roles, Query: p.Query, Key: key, Optional: p.Optional, Main: p.Main,
				})
			}
			day.Meals = append(day.Meals, meal)
		}
		out = append(out, day)
	}
	return out
}

func slotID(day, meal, food int) string { return fmt.Sprintf("n%dm%df%d", day, meal, food) }

func frameFor(kcal float64, diet gym.Diet, r *rules.Rules) rules.Frame {
	frames := r.Nutrition.Meals.Frames
	if diet == gym.LowCarb {
		frames = r.Nutrition.Meals.LowCarb
	}
	for _, f := range frames {
		if kcal <= f.MaxKcal {
			return f
		}
	}
	return frames[len(frames)-1]
}

// Keys lists the searches that a menu needs, in the order of first use. Every day has the same frame.
func Keys(days []DaySlots) []Key {
	var out []Key
	if len(days) == 0 {
		return nil
	}
	for _, m := range days[0].Meals {
		for _, s := range m.Slots {
			i := slices.IndexFunc(out, func(k Key) bool { return k.Name == s.Key })
			if i < 0 {
				out = append(out, Key{Name: s.Key, Meal: s.Meal, Roles: s.Roles, Query: s.Query, Optional: s.Optional, Main: s.Main})
				i = len(out) - 1
			}
			out[i].PerDay++
		}
	}
	return out
}

// KeyOf finds the search for an item of a finished menu, so that a swap can look for its candidates: the key of its
// place, or for a food that a repair added a search for its role at that meal.
func KeyOf(n Nutrition, t Targets, diet gym.Diet, slot string, r *rules.Rules) (Key, bool) {
	day, meal, item, ok := n.find(slot)
	if !ok {
		return Key{}, false
	}
	it := n.Days[day].Meals[meal].Items[item]
	slots := MenuSlots(t, diet, 1, r)[0]
	_, meal, food := parseSlot(slot) // an empty meal is not in the day, but it has its number
	meal--
	if meal < 0 || meal >= len(slots.Meals) {
		return Key{}, false
	}
	want := slotID(1, meal+1, food)
	for _, s := range slots.Meals[meal].Slots {
		if s.ID == want && slices.Contains(s.Roles, it.Role) {
			return Key{Name: s.Key, Meal: s.Meal, Roles: s.Roles, Query: s.Query, Optional: s.Optional, Main: s.Main, PerDay: 1}, true
		}
	}
	return Key{Name: "added." + string(it.Role), Meal: slots.Meals[meal].Kind, Roles: []gym.FoodRole{it.Role}, Query: it.Name, Optional: true, PerDay: 1}, true
}

// parseSlot reads the numbers of a slot id; zeros when it is none.
func parseSlot(slot string) (day, meal, food int) {
	if _, err := fmt.Sscanf(slot, "n%dm%df%d", &day, &meal, &food); err != nil {
		return 0, 0, 0
	}
	return day, meal, food
}

// find locates a slot; the indexes are 0-based.
func (n Nutrition) find(slot string) (day, meal, item int, ok bool) {
	for d := range n.Days {
		for m := range n.Days[d].Meals {
			for i, it := range n.Days[d].Meals[m].Items {
				if it.Slot == slot {
					return d, m, i, true
				}
			}
		}
	}
	return 0, 0, 0, false
}
