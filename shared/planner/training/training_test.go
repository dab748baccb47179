package training_test

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
	"github.com/intellifit/intellifit/shared/planner/rules"
	"github.com/intellifit/intellifit/shared/planner/training"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func healthy(goal gym.Goal, level gym.Experience, days, minutes int) training.Profile {
	return training.Profile{Goal: goal, Experience: level, Days: days, Minutes: minutes, Age: 30, Equipment: kits[0], Gate: gate.Assessment{MaxLevel: level}}
}

func build(p training.Profile, seed uint64) (training.Outline, map[string]gym.Exercise, training.Workout, []gate.Warning) {
	o := training.Slots(p, rules.Default())
	picks := pick(o, p, catalogue(), rand.New(rand.NewPCG(seed, 7)))
	w, notes := training.Build(o, picks, p, rules.Default())
	return o, picks, w, notes
}

// The rows of the prescription table: planning rules §3, sources beside each row in rules.json.
func TestPrescribe(t *testing.T) {
	t.Parallel()
	all := byID(catalogue())
	slot := func(role string) training.Slot { return training.Slot{ID: "d1s1", Role: role} }
	tests := []struct {
		name     string
		profile  training.Profile
		slot     training.Slot
		exercise string
		want     func(training.Item) bool
	}{
		{"strength, beginner: 6-8 reps, rest 2-5 min", healthy(gym.Strength, gym.Beginner, 3, 60), slot("compound"), "back-squat", func(it training.Item) bool {
			return it.Reps == training.Range{Min: 6, Max: 8} && it.RestS >= 120 && it.RestS <= 300 && it.RIR.Min >= 1 && it.Load.StepKG == 5
		}},
		{"strength, advanced: 1-6 reps at 80 % or more (ACSM 2026)", healthy(gym.Strength, gym.Advanced, 3, 60), slot("compound"), "back-squat", func(it training.Item) bool {
			return it.Reps.Max <= 6 && it.Load.PctMin >= 80 && it.RIR == training.Range{Min: 1, Max: 3}
		}},
		{"hypertrophy: 6-12 reps at 67-85 %, 60-120 s", healthy(gym.MuscleGain, gym.Advanced, 3, 60), slot("compound"), "barbell-bench-press", func(it training.Item) bool {
			return it.Reps.Min >= 6 && it.Reps.Max <= 12 && it.Load.PctMin >= 67 && it.Load.PctMax <= 85 && it.RestS >= 60 && it.RestS <= 120 && it.RIR.Max <= 3
		}},
		{"endurance: 12-25 reps at 67 % or less, 30-60 s (NSCA)", healthy(gym.Endurance, gym.Intermediate, 3, 60), slot("compound"), "leg-press", func(it training.Item) bool {
			return it.Reps.Min >= 12 && it.Reps.Max <= 25 && it.Load.PctMax <= 67 && it.RestS <= 60 && it.RIR.Min >= 2
		}},
		{"health: 8-12 reps at 60-75 %, 60-90 s, RIR 2-3", healthy(gym.Health, gym.Beginner, 3, 60), slot("compound"), "leg-press", func(it training.Item) bool {
			return it.Reps == training.Range{Min: 8, Max: 12} && it.Load.PctMin >= 60 && it.Load.PctMax <= 75 && it.RestS <= 90 && it.RIR == training.Range{Min: 2, Max: 3}
		}},
		{"hypertension: 10-15 reps, RIR 3 or more", with(healthy(gym.Strength, gym.Intermediate, 3, 60), gym.Hypertension), slot("compound"), "leg-press", func(it training.Item) bool {
			return it.Reps == training.Range{Min: 10, Max: 15} && it.RIR.Min >= 3 && it.Load.PctMax <= 70
		}},
		{"pregnancy: moderate", with(healthy(gym.Strength, gym.Advanced, 3, 60), gym.Pregnancy), slot("compound"), "leg-press", func(it training.Item) bool {
			return it.Reps.Min >= 10 && it.RIR.Min >= 3 && it.RestS <= 90
		}},
		{"power whatever the slot: 3-5 fast reps, RIR 3 or more", healthy(gym.Strength, gym.Intermediate, 3, 60), slot("compound"), "power-clean", func(it training.Item) bool {
			return it.Role == "power" && it.Reps == training.Range{Min: 3, Max: 5} && it.RIR.Min >= 3 && it.RestS >= 120
		}},
		{"plank in seconds", healthy(gym.Health, gym.Beginner, 3, 60), slot("core"), "plank", func(it training.Item) bool {
			return it.Unit == "seconds" && it.Reps.Min >= 20 && it.Load.Bodyweight
		}},
		{"carry in seconds", healthy(gym.Health, gym.Beginner, 3, 60), slot("core"), "farmer's-walk", func(it training.Item) bool { return it.Unit == "seconds" }},
		{"cardio in minutes", healthy(gym.FatLoss, gym.Beginner, 3, 60), slot("conditioning"), "stationary-bike", func(it training.Item) bool { return it.Unit == "minutes" && it.Sets == 1 }},
		{"dumbbells step by 1 kg", healthy(gym.MuscleGain, gym.Beginner, 3, 60), slot("isolation"), "dumbbell-curl", func(it training.Item) bool { return it.Load.StepKG == 1 }},
		{"body weight leaves the repetitions free", healthy(gym.Strength, gym.Advanced, 3, 60), slot("compound"), "pull-up", func(it training.Item) bool {
			return it.Reps.Max >= 12 && it.Load.Bodyweight && it.Load.PctMax == 0
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := training.Prescribe(tt.profile, tt.slot, all[tt.exercise], rules.Default()); !tt.want(got) {
				t.Errorf("Prescribe(%s) = %+v", tt.exercise, got)
			}
		})
	}
}

func with(p training.Profile, c gym.Condition) training.Profile {
	m := gym.Member{BirthDate: gym.NewDate(1990, 1, 1), HeightCM: 170, WeightKG: 70, Goal: p.Goal, Experience: p.Experience, Activity: gym.Moderate, Conditions: []gym.Condition{c}}
	p.Gate = gate.Assess(m, gate.Input{}, rules.Default(), now)
	return p
}

// Weekly fractional sets a muscle: planning rules §3 (ACSM 2026, Schoenfeld 2017, Pelland 2024).
func TestBand(t *testing.T) {
	t.Parallel()
	tests := []struct {
		goal       gym.Goal
		level      gym.Experience
		low, high  float64
		minutes, d int
		limited    bool
	}{
		{gym.MuscleGain, gym.Beginner, 6, 10, 60, 3, false},
		{gym.MuscleGain, gym.Intermediate, 10, 16, 60, 4, false},
		{gym.MuscleGain, gym.Advanced, 12, 20, 90, 5, false},
		{gym.MuscleGain, gym.Advanced, 12, 20, 30, 2, true},
		{gym.Strength, gym.Beginner, 4, 8, 60, 3, false},
		{gym.Strength, gym.Intermediate, 6, 10, 60, 4, false},
		{gym.Strength, gym.Advanced, 8, 12, 75, 4, false},
		{gym.Endurance, gym.Advanced, 6, 10, 45, 3, false},
		{gym.Health, gym.Beginner, 4, 10, 45, 2, false},
	}
	for _, tt := range tests {
		got := training.Band(tt.goal, tt.level, tt.minutes, tt.d, rules.Default())
		if got.Low != tt.low || got.High != tt.high || got.Limited() != tt.limited || got.Floor > got.Low || got.Floor < 0 {
			t.Errorf("Band(%s, %s, %d, %d) = %+v", tt.goal, tt.level, tt.minutes, tt.d, got)
		}
	}
}

func TestBandGrowsWithTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		goal, level := rapid.SampledFrom(goals).Draw(t, "goal"), rapid.SampledFrom(levels).Draw(t, "level")
		minutes, days := rapid.IntRange(20, 59).Draw(t, "minutes"), rapid.IntRange(1, 5).Draw(t, "days")
		r := rules.Default()
		floor := training.Band(goal, level, minutes, days, r).Floor
		// Sessions from an hour on keep ten minutes for conditioning with some goals, so minutes stay below that here.
		if more := training.Band(goal, level, min(minutes+10, 59), days, r).Floor; more < floor {
			t.Fatalf("longer sessions lower the floor from %v to %v", floor, more)
		}
		if more := training.Band(goal, level, minutes, days+1, r).Floor; more < floor {
			t.Fatalf("another day lowers the floor from %v to %v", floor, more)
		}
	})
}

func TestSlots(t *testing.T) {
	t.Parallel()
	splits := map[int]string{1: "full_body", 2: "full_body", 3: "full_body", 4: "upper_lower", 5: "upper_lower_push_pull_legs", 6: "push_pull_legs", 7: "push_pull_legs_recovery"}
	six := []gym.Pattern{gym.Squat, gym.Hinge, gym.HorizontalPush, gym.VerticalPush, gym.HorizontalPull, gym.VerticalPull}
	for days, split := range splits {
		p := healthy(gym.MuscleGain, gym.Intermediate, days, 60)
		o := training.Slots(p, rules.Default())
		if o.Split != split || len(o.Days) != days {
			t.Errorf("Slots(%d days) = %s with %d days, want %s", days, o.Split, len(o.Days), split)
		}
		ids, patterns := map[string]bool{}, map[gym.Pattern]bool{}
		for _, d := range o.Days {
			rank := 0
			order := []string{"compound", "accessory", "isolation", "core", "conditioning"}
			for _, s := range d.Slots {
				if ids[s.ID] || s.Day != d.Day || len(s.Patterns) == 0 || s.Query == "" {
					t.Errorf("slot %+v", s)
				}
				ids[s.ID] = true
				patterns[s.Patterns[0]] = true
				if at := slices.Index(order, s.Role); at < rank {
					t.Errorf("%d days, day %d: %s after %s", days, d.Day, s.Role, order[rank])
				} else {
					rank = at
				}
			}
		}
		for _, want := range six {
			if !patterns[want] {
				t.Errorf("%d days: pattern %s is missing", days, want)
			}
		}
	}
}

func TestSlotsWeekdays(t *testing.T) {
	t.Parallel()
	days := func(o training.Outline) []time.Weekday {
		var list []time.Weekday
		for _, d := range o.Days {
			list = append(list, d.Weekday)
		}
		return list
	}
	const mon, tue, wed, thu, fri, sat, sun = time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday
	tests := []struct {
		name         string
		days         int
		fixed, avoid []time.Weekday
		want         []time.Weekday
		note         string
	}{
		{"two days", 2, nil, nil, []time.Weekday{mon, thu}, ""},
		{"three days", 3, nil, nil, []time.Weekday{mon, wed, fri}, ""},
		{"four days", 4, nil, nil, []time.Weekday{mon, tue, thu, fri}, ""},
		{"no monday", 3, nil, []time.Weekday{mon}, []time.Weekday{tue, thu, sat}, ""},
		{"tuesday and saturday fixed", 3, []time.Weekday{tue, sat}, nil, []time.Weekday{tue, thu, sat}, ""},
		{"no sunday with six", 6, nil, []time.Weekday{sun}, []time.Weekday{mon, tue, wed, thu, fri, sat}, ""},
		{"only the weekend", 2, []time.Weekday{sat, sun}, nil, []time.Weekday{sat, sun}, "short_recovery"},
		{"more fixed than sessions", 1, []time.Weekday{tue, sat}, nil, []time.Weekday{tue}, "weekday_not_kept"},
		{"too many avoided", 5, nil, []time.Weekday{mon, tue, wed, thu}, []time.Weekday{fri, sat, sun}, "days_reduced"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := healthy(gym.Health, gym.Beginner, tt.days, 45)
			p.Fixed, p.Avoid = tt.fixed, tt.avoid
			o := training.Slots(p, rules.Default())
			got := days(o)
			slices.SortFunc(got, func(a, b time.Weekday) int { return (int(a)+6)%7 - (int(b)+6)%7 })
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("weekdays (-want +got):\n%s", diff)
			}
			if tt.note != "" && !slices.ContainsFunc(o.Warnings, func(w gate.Warning) bool { return w.Code == tt.note }) {
				t.Errorf("warnings = %v, want %s", o.Warnings, tt.note)
			}
		})
	}
}

// Whatever legal exercises are chosen, sessions keep their time and caps, and nothing forbidden is in them.
func TestBuildKeepsTheRules(t *testing.T) {
	t.Parallel()
	r, list := rules.Default(), catalogue()
	all := byID(list)
	rapid.Check(t, func(t *rapid.T) {
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		p := profile(rnd)
		p.Days, p.Minutes, p.Weeks = rapid.IntRange(1, 7).Draw(t, "days"), rapid.IntRange(20, 120).Draw(t, "minutes"), rapid.IntRange(0, 20).Draw(t, "weeks")
		o := training.Slots(p, r)
		picks := pick(o, p, list, rnd)
		for id := range picks { // slots may stay empty
			if rnd.IntN(12) == 0 {
				delete(picks, id)
			}
		}
		w, _ := training.Build(o, picks, p, r)
		if v := training.Check(w, p, all, r); len(v) > 0 {
			t.Fatalf("%+v breaks %v", p, v)
		}
		if again, _ := training.Build(o, picks, p, r); !cmp.Equal(w, again) {
			t.Fatalf("the same input gave another workout")
		}
		for _, d := range w.Days {
			if 10*d.Minutes > 11*p.Minutes {
				t.Fatalf("day %d takes %d of %d minutes", d.Day, d.Minutes, p.Minutes)
			}
		}
		if n := len(w.Progression); n < 1 || n > 16 {
			t.Fatalf("%d weeks", n)
		}
	})
}

func TestRebuildDayLeavesTheRest(t *testing.T) {
	t.Parallel()
	r, list := rules.Default(), catalogue()
	rapid.Check(t, func(t *rapid.T) {
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		p := profile(rnd)
		o := training.Slots(p, r)
		picks := pick(o, p, list, rnd)
		before, _ := training.Build(o, picks, p, r)
		i := rnd.IntN(len(o.Days))
		fresh := pick(training.Outline{Days: o.Days[i : i+1]}, p, list, rnd)
		after, _ := training.RebuildDay(before, o.Days[i], fresh, p, r)
		for k := range before.Days {
			if k != i && !cmp.Equal(before.Days[k], after.Days[k]) {
				t.Fatalf("day %d changed with day %d: %s", k+1, i+1, cmp.Diff(before.Days[k], after.Days[k]))
			}
		}
		if v := training.Check(after, p, byID(list), r); len(v) > 0 {
			t.Fatalf("%v", v)
		}
		if !cmp.Equal(after.WeeklySets, training.WeeklySets(after.Days)) {
			t.Fatal("weekly sets do not match the days")
		}
	})
}

func TestSwap(t *testing.T) {
	t.Parallel()
	r, all := rules.Default(), byID(catalogue())
	p := healthy(gym.MuscleGain, gym.Intermediate, 3, 60)
	_, _, w, _ := build(p, 1)
	at := slices.IndexFunc(w.Days[0].Items, func(it training.Item) bool { return it.Pattern == gym.HorizontalPush })
	old := w.Days[0].Items[at]
	candidate := all["machine-chest-press"]
	if old.ExerciseID == candidate.ID {
		candidate = all["cable-chest-press"]
	}
	got, err := training.Swap(w, old.Slot, candidate, p, r)
	if err != nil {
		t.Fatal(err)
	}
	if it := got.Days[0].Items[at]; it.ExerciseID != candidate.ID || it.Sets != old.Sets || it.Slot != old.Slot {
		t.Errorf("Swap gave %+v for %+v", it, old)
	}
	got.Days[0].Items[at] = old
	got.Days[0].Minutes, got.Days[0].Warmup = w.Days[0].Minutes, w.Days[0].Warmup
	if diff := cmp.Diff(w.Days, got.Days); diff != "" {
		t.Errorf("more than the slot changed:\n%s", diff)
	}
	if _, err := training.Swap(w, "d9s9", candidate, p, r); err == nil {
		t.Error("Swap of an unknown slot: want an error")
	}
}

func TestSwapOK(t *testing.T) {
	t.Parallel()
	all := byID(catalogue())
	tests := []struct {
		old, candidate string
		want           bool
	}{
		{"back-squat", "leg-press", true}, {"back-squat", "back-squat", false}, {"back-squat", "romanian-deadlift", false},
		{"barbell-bench-press", "push-up", true}, {"barbell-bench-press", "close-grip-bench-press", false}, {"lat-pulldown", "pull-up", true}, {"lat-pulldown", "seated-cable-row", false},
	}
	for _, tt := range tests {
		if got := training.SwapOK(all[tt.old], all[tt.candidate]); got != tt.want {
			t.Errorf("SwapOK(%s, %s) = %v, want %v", tt.old, tt.candidate, got, tt.want)
		}
	}
}

// Planning rules §3: deload every 4-8 weeks, sets -40-50 %, load -10 %.
func TestProgression(t *testing.T) {
	t.Parallel()
	for _, level := range levels {
		p := healthy(gym.Strength, level, 3, 60)
		p.Weeks = 16
		weeks, last := training.Progression(p, rules.Default()), 0
		for _, w := range weeks {
			if !w.Deload {
				if w.SetsPct != 100 || w.LoadPct != 100 || w.Note == "" {
					t.Errorf("%s: %+v", level, w)
				}
				continue
			}
			if gap := w.Week - last; gap < 4 || gap > 8 || w.SetsPct < 50 || w.SetsPct > 60 || w.LoadPct != 90 {
				t.Errorf("%s: %+v after %d weeks", level, w, gap)
			}
			last = w.Week
		}
		if last == 0 || len(weeks) != 16 {
			t.Errorf("%s: %d weeks, last deload %d", level, len(weeks), last)
		}
	}
	if n := len(training.Progression(training.Profile{}, rules.Default())); n != 8 {
		t.Errorf("default is %d weeks, want 8", n)
	}
}

// Every way to break a workout is seen.
func TestCheckFindsWhatIsBroken(t *testing.T) {
	t.Parallel()
	r, all := rules.Default(), byID(catalogue())
	p := healthy(gym.MuscleGain, gym.Beginner, 3, 45)
	p.Gate.AvoidTags = []gym.InjuryTag{gym.Jump, gym.WristExtension}
	tests := []struct {
		code   string
		change func(*training.Workout, *training.Profile)
	}{
		{"equipment", func(_ *training.Workout, p *training.Profile) { p.Equipment = nil }},
		{"tag", func(w *training.Workout, _ *training.Profile) { replace(w, all["push-up"]) }},
		{"level", func(w *training.Workout, _ *training.Profile) { replace(w, all["pistol-squat"]) }},
		{"region", func(w *training.Workout, p *training.Profile) {
			p.Gate.ExcludedMuscles = w.Days[0].Items[0].Primary
		}},
		{"unknown_exercise", func(w *training.Workout, _ *training.Profile) { replace(w, gym.Exercise{ID: "made-up"}) }},
		{"duplicate", func(w *training.Workout, _ *training.Profile) {
			w.Days[0].Items[1] = w.Days[0].Items[0]
		}},
		{"slot", func(w *training.Workout, _ *training.Profile) { w.Days[0].Items[0].Slot = w.Days[0].Items[1].Slot }},
		{"order", func(w *training.Workout, _ *training.Profile) { slices.Reverse(w.Days[0].Items) }},
		{"time", func(_ *training.Workout, p *training.Profile) { p.Minutes = 20 }},
		{"session_cap", func(w *training.Workout, _ *training.Profile) { w.Days[0].Items[0].Sets = 30 }},
		{"muscle_cap", func(w *training.Workout, _ *training.Profile) { w.Days[0].Items[0].Sets = 11 }},
		{"superset", func(w *training.Workout, _ *training.Profile) { w.Days[0].Items[0].Superset = "Z" }},
		{"prescription", func(w *training.Workout, _ *training.Profile) { w.Days[0].Items[0].Sets = 0 }},
		{"prescription", func(_ *training.Workout, p *training.Profile) { p.Gate.MinRIR = 4 }},
	}
	for _, tt := range tests {
		t.Run(tt.code, func(t *testing.T) {
			t.Parallel()
			p := p
			_, _, w, _ := build(p, 3)
			if v := training.Check(w, p, all, r); len(v) > 0 {
				t.Fatalf("before the change: %v", v)
			}
			tt.change(&w, &p)
			if v := training.Check(w, p, all, r); !slices.ContainsFunc(v, func(x training.Violation) bool { return x.Code == tt.code }) {
				t.Errorf("Check = %v, want %s", v, tt.code)
			}
		})
	}
}

func replace(w *training.Workout, e gym.Exercise) {
	it := &w.Days[0].Items[0]
	it.ExerciseID, it.Name, it.Pattern, it.Equipment, it.Primary = e.ID, e.Name, e.Pattern, e.Equipment, e.Primary
}

func TestSupersetsOnlyWhenTimeIsShort(t *testing.T) {
	t.Parallel()
	count := func(p training.Profile) int {
		_, _, w, _ := build(p, 5)
		n := 0
		for _, d := range w.Days {
			for _, it := range d.Items {
				if it.Superset != "" {
					n++
				}
			}
		}
		return n
	}
	if n := count(healthy(gym.MuscleGain, gym.Beginner, 3, 75)); n > 0 {
		t.Errorf("long sessions have %d items in supersets", n)
	}
	if n := count(healthy(gym.MuscleGain, gym.Intermediate, 3, 30)); n == 0 {
		t.Error("short sessions have no supersets")
	}
	if n := count(with(healthy(gym.MuscleGain, gym.Intermediate, 2, 30), gym.Pregnancy)); n > 0 {
		t.Errorf("limited effort has %d items in supersets", n)
	}
}

// An excluded region never comes back through a fallback.
func TestExcludedRegionStaysOut(t *testing.T) {
	t.Parallel()
	for _, site := range sites {
		m := gym.Member{BirthDate: gym.NewDate(1990, 1, 1), HeightCM: 170, WeightKG: 70, Goal: gym.Health, Experience: gym.Beginner, Activity: gym.Moderate,
			Injuries: []gym.Injury{{Site: site, Status: gym.Undiagnosed}}, Screening: gym.Screening{NightPain: true}}
		p := healthy(gym.Health, gym.Beginner, 3, 45)
		p.Gate = gate.Assess(m, gate.Input{}, rules.Default(), now)
		if p.Gate.Blocked {
			t.Errorf("%s: blocked", site)
		}
		for _, d := range training.Slots(p, rules.Default()).Days {
			if len(d.Slots) == 0 {
				t.Errorf("%s: day %d has no slot", site, d.Day)
			}
			for _, s := range d.Slots {
				for _, alt := range append(s.Fallback, training.Alternative{Patterns: s.Patterns, Muscles: s.Muscles}) {
					for _, pattern := range alt.Patterns {
						if slices.Contains(p.Gate.ExcludedPattern, pattern) {
							t.Errorf("%s: slot %s may take %s", site, s.ID, pattern)
						}
					}
				}
			}
		}
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	p := healthy(gym.MuscleGain, gym.Intermediate, 4, 60)
	_, _, w, notes := build(p, 11)
	got, err := json.MarshalIndent(map[string]any{"workout": w, "warnings": notes}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "muscle_gain_4x60.golden.json")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Errorf("workout (-want +got):\n%s", diff)
	}
}
