package nutrition

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/portion"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// Brief is everything that a menu is made from. Candidates come from the legal search, best first, by key; they are
// checked again, so that nothing illegal can enter even when the search was wrong.
type Brief struct {
	Member     gym.Member
	Targets    Targets
	Slots      []DaySlots
	Candidates map[string][]gym.Food
	Picks      map[string][]string // the model's ids by key, a rotation of any length; unknown ids are ignored
	Recent     []string            // ids eaten lately: ranked down
	Seed       int64
	Rules      *rules.Rules
}

// Menu says which food goes where. Pools are the legal candidates by key: repairs and swaps draw from them alone.
type Menu struct {
	Chosen map[string]gym.Food // by slot id; a slot without a legal food is missing
	Pools  map[string][]gym.Food

	options map[string]*portion.Option // by food id, made by Build
}

// Arrange fills the slots: the model's picks first, where they do not repeat, then by rank and variety. The same brief
// gives the same menu. It fails with gym.ErrInfeasible (code menu_infeasible) when too few legal foods exist.
func Arrange(b Brief) (Menu, error) {
	pools := b.pools()
	menu := Menu{Chosen: map[string]gym.Food{}, Pools: pools}
	used := newUsage(b)
	for _, day := range b.Slots {
		b.arrangeDay(menu, used, day, true)
	}
	for _, day := range b.Slots {
		if err := b.enough(menu, day); err != nil {
			return Menu{}, err
		}
	}
	return menu, nil
}

// pools keeps the legal candidates that have known portions. A key without any borrows from the keys with the same
// roles.
func (b Brief) pools() map[string][]gym.Food {
	keys := Keys(b.Slots)
	pools := make(map[string][]gym.Food, len(keys))
	var all []gym.Food
	seen := map[string]bool{}
	for _, k := range keys {
		own := map[string]bool{}
		for _, f := range b.Candidates[k.Name] {
			if own[f.ID] || !b.usable(f) {
				continue
			}
			own[f.ID] = true
			if !seen[f.ID] {
				seen[f.ID] = true
				all = append(all, f)
			}
			if slices.Contains(k.Roles, f.Role) {
				pools[k.Name] = append(pools[k.Name], f)
			}
		}
	}
	for _, k := range keys {
		if len(pools[k.Name]) > 0 {
			continue
		}
		for _, f := range all {
			if slices.Contains(k.Roles, f.Role) {
				pools[k.Name] = append(pools[k.Name], f)
			}
		}
	}
	return pools
}

func (b Brief) usable(f gym.Food) bool {
	_, ok := portion.BoundsFor(f, b.Targets.Kcal, &b.Rules.Nutrition)
	return ok && f.Kcal > 0 && Legal(b.Member, f, b.Rules)
}

// least is how many foods a day needs before solving makes sense.
const least = 6

func (b Brief) enough(menu Menu, day DaySlots) error {
	var empty []gym.Field
	filled := 0
	for _, m := range day.Meals {
		for _, s := range m.Slots {
			if _, ok := menu.Chosen[s.ID]; ok {
				filled++
			} else if !s.Optional {
				empty = append(empty, gym.Field{Name: "menu." + s.Key, Message: "no allowed food in the catalogue"})
			}
		}
	}
	if filled >= least {
		return nil
	}
	return &gym.Error{
		Kind: gym.ErrInfeasible, Code: "menu_infeasible", Detail: "too few foods of the catalogue are allowed for a whole day",
		Hint: "remove dislikes, check the diet and allergies of the profile, or import more foods with known allergens", Fields: empty,
	}
}

// usage counts what the menu holds already.
type usage struct {
	week   map[int]map[string]int // week → food → slots
	combos map[int]map[string]int // week → protein+starch → meals
	today  map[string]bool
	heads  map[string]bool // first words of the foods of today
	turn   map[string]int  // key → slots filled, for the rotation of picks
	recent map[string]bool
	rng    *rand.Rand
	relax  int // added to the weekly limits when a day has no other way
}

func newUsage(b Brief) *usage {
	u := &usage{
		week: map[int]map[string]int{}, combos: map[int]map[string]int{}, turn: map[string]int{}, recent: map[string]bool{},
		rng: rand.New(rand.NewPCG(uint64(b.Seed), 0x6d656e75)),
	}
	for _, id := range b.Recent {
		u.recent[id] = true
	}
	return u
}

func weekOf(day int) int { return (day - 1) / 7 }

func (u *usage) count(day int, id string) int { return u.week[weekOf(day)][id] }

func (u *usage) add(day int, id string, n int) {
	w := weekOf(day)
	if u.week[w] == nil {
		u.week[w], u.combos[w] = map[string]int{}, map[string]int{}
	}
	u.week[w][id] += n
}

// arrangeDay fills one day. usePicks is false when the picked foods turned out not to meet the targets.
func (b Brief) arrangeDay(menu Menu, u *usage, day DaySlots, usePicks bool) {
	u.today, u.heads = map[string]bool{}, map[string]bool{}
	for _, m := range day.Meals {
		protein := ""
		for _, s := range m.Slots {
			f, ok := b.choose(menu.Pools[s.Key], u, s, protein, usePicks)
			u.turn[s.Key]++
			if !ok {
				continue
			}
			menu.Chosen[s.ID] = f
			u.add(day.Day, f.ID, 1)
			u.today[f.ID], u.heads[head(f.Name)] = true, true
			switch {
			case s.Main:
				protein = f.ID
			case f.Role == gym.RoleStarch && protein != "":
				u.combos[weekOf(day.Day)][protein+"+"+f.ID]++
			}
		}
	}
}

// choose picks the food of one slot: the model's, when it may stand there, else the one with the fewest penalties.
func (b Brief) choose(pool []gym.Food, u *usage, s Slot, protein string, usePicks bool) (gym.Food, bool) {
	if usePicks {
		if f, ok := b.picked(pool, u, s); ok {
			return f, true
		}
	}
	best, least := -1, math.Inf(1)
	for rank := range pool {
		if u.today[pool[rank].ID] {
			continue
		}
		if c := b.penalty(u, s, protein, &pool[rank], rank); c < least {
			best, least = rank, c
		}
	}
	if best < 0 {
		return gym.Food{}, false
	}
	return pool[best], true
}

// picked returns the model's next pick of this key that does not repeat today or too often this week.
func (b Brief) picked(pool []gym.Food, u *usage, s Slot) (gym.Food, bool) {
	ids := b.Picks[s.Key]
	for i := range ids {
		id := ids[(u.turn[s.Key]+i)%len(ids)]
		at := slices.IndexFunc(pool, func(f gym.Food) bool { return f.ID == id })
		if at >= 0 && !u.today[id] && u.count(s.Day, id) < b.mostPerWeek(u, s.Main) {
			return pool[at], true
		}
	}
	return gym.Food{}, false
}

func (b Brief) mostPerWeek(u *usage, main bool) int {
	if main {
		return b.Rules.Nutrition.Variety.MainPerWeek + u.relax
	}
	return b.Rules.Nutrition.Variety.PlainPerWeek + u.relax
}

// The penalties of choose, in ranks of the candidate list.
const (
	costUse    = 4   // per earlier use this week
	costTooOft = 200 // over the week's limit: only when nothing else exists
	costCombo  = 150 // the same protein with the same starch over the limit
	costAlike  = 12  // another food of today starts with the same word
	costRecent = 6   // in a plan of the last two weeks
	costRole   = 4   // per place of the role in the slot's order of preference
	costLean   = 30  // times the share of protein energy that the food lacks against the day's need
	jitter     = 3   // what the seed may change
)

func (b Brief) penalty(u *usage, s Slot, protein string, f *gym.Food, rank int) float64 {
	cost := float64(rank) + jitter*u.rng.Float64() + costRole*float64(max(slices.Index(s.Roles, f.Role), 0))
	uses := u.count(s.Day, f.ID)
	cost += costUse * float64(uses)
	if over := uses - b.mostPerWeek(u, s.Main); over >= 0 {
		cost += costTooOft * float64(1+over)
	}
	if protein != "" && f.Role == gym.RoleStarch && u.combos[weekOf(s.Day)][protein+"+"+f.ID] >= b.Rules.Nutrition.Variety.MainPerWeek {
		cost += costCombo
	}
	if u.heads[head(f.Name)] {
		cost += costAlike
	}
	if u.recent[f.ID] {
		cost += costRecent
	}
	if s.Main {
		cost += costLean * max(0, b.proteinNeed()-proteinShare(f))
	}
	return cost
}

// proteinNeed is the share of protein energy that a main has to bring, about twice the share of the day.
func (b Brief) proteinNeed() float64 {
	return min(2*b.Targets.ProteinG*kcalPerProtein/max(b.Targets.Kcal, 1), 0.8)
}

func proteinShare(f *gym.Food) float64 { return f.ProteinG * kcalPerProtein / max(f.Kcal, 1) }

// head is the first word of a name: "Rice" of "Rice, brown, cooked".
func head(name string) string {
	first, _, _ := strings.Cut(strings.ToLower(name), " ")
	return strings.Trim(first, ",.;:")
}
