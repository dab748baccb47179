// Package training plans the week in the gym: which days, which slots for exercises, how many sets of what was chosen,
// how to progress, and whether a finished workout keeps every rule. It is pure and deterministic: numbers come from the
// rules file, never from a model.
package training

import (
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// Workout is the training half of a plan: one week that repeats for Progression's weeks.
type Workout struct {
	Split       string                 `json:"split" doc:"full_body, upper_lower, push_pull_legs, …"`
	Days        []Day                  `json:"days"`
	Progression []Week                 `json:"progression" doc:"one entry per week: what changes against week 1"`
	WeeklySets  map[gym.Muscle]float64 `json:"weekly_sets" doc:"fractional sets a week: primary muscle 1.0, secondary 0.5"`
	Volume      []MuscleVolume         `json:"volume,omitempty" doc:"the major muscles against their weekly band"`
	Aerobic     string                 `json:"aerobic,omitempty" doc:"the aerobic base beside the sessions"`
}

// MuscleVolume compares one major muscle's week with its band. Low and High are the band of the literature for goal and
// experience; Floor is the share of Low that the member's days and minutes allow, and equals Low when time is enough.
type MuscleVolume struct {
	Muscle string  `json:"muscle"`
	Sets   float64 `json:"sets"`
	Days   int     `json:"days" doc:"sessions a week with at least one fractional set"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Floor  float64 `json:"floor"`
	Status string  `json:"status" enum:"in_band,time_limited,below,above,no_exercise"`
}

// Day is one session.
type Day struct {
	Day     int      `json:"day" doc:"1-based session of the week"`
	Weekday string   `json:"weekday" doc:"suggested weekday, e.g. monday"`
	Focus   string   `json:"focus"`
	Minutes int      `json:"minutes" doc:"estimated, warm-up included"`
	Warmup  []string `json:"warmup"`
	Items   []Item   `json:"items"`
}

// Item is one exercise of a session with its prescription.
type Item struct {
	Slot       string       `json:"slot" doc:"stable within the plan, e.g. d1s3: names the slot for swap"`
	ExerciseID string       `json:"exercise_id"`
	Name       string       `json:"name"`
	Pattern    gym.Pattern  `json:"pattern"`
	Primary    []gym.Muscle `json:"primary"`
	Secondary  []gym.Muscle `json:"secondary,omitempty"`
	Equipment  string       `json:"equipment"`
	Sets       int          `json:"sets"`
	Reps       Range        `json:"reps" doc:"repetitions a set, or seconds when unit is seconds"`
	Unit       string       `json:"unit" doc:"reps, seconds or minutes"`
	RestS      int          `json:"rest_s"`
	RIR        Range        `json:"rir" doc:"repetitions in reserve at the end of a set"`
	Load       Load         `json:"load"`
	Cue        string       `json:"cue,omitempty"`
	Role       string       `json:"role" doc:"power, compound, accessory, isolation, core or conditioning"`
	Unilateral bool         `json:"unilateral,omitempty" doc:"sets are counted per side, which doubles the work time"`
	Superset   string       `json:"superset,omitempty" doc:"items of a day with the same letter alternate: one set of each, then the rest of the second"`
}

// Range is an inclusive span.
type Range struct {
	Min int `json:"min"`
	Max int `json:"max"`
}

// Load says how heavy: a share of the one-rep max and, since we know no one-rep max at first, how to find it.
type Load struct {
	PctMin     int     `json:"pct_1rm_min,omitempty"`
	PctMax     int     `json:"pct_1rm_max,omitempty"`
	StepKG     float64 `json:"step_kg,omitempty" doc:"smallest increase when all sets reach the top of the range twice"`
	How        string  `json:"how" doc:"how to choose the first load"`
	Bodyweight bool    `json:"bodyweight,omitempty"`
}

// Week is one step of the progression.
type Week struct {
	Week    int    `json:"week"`
	Deload  bool   `json:"deload"`
	SetsPct int    `json:"sets_pct" doc:"share of the sets of the plan, 100 = as written"`
	LoadPct int    `json:"load_pct" doc:"share of the working load, 100 = as reached"`
	Note    string `json:"note"`
}

// Slot is a place in a session that one exercise fills. Retrieval finds legal candidates for it, the model picks one.
type Slot struct {
	ID       string        // d1s3
	Day      int           // 1-based
	Role     string        // compound, accessory, isolation, core, conditioning
	Patterns []gym.Pattern // any of these, in order of preference
	Muscles  []gym.Muscle  // primary muscle must be one of these; empty = any
	Query    string        // words for hybrid search
	Optional bool          // may stay empty when nothing legal exists
	Kind     string        // key of the rules' kinds: squat, hinge, horizontal_push, …
	// Fallback is tried in order when nothing legal fits Patterns and Muscles.
	Fallback []Alternative
}

// Alternative is what else may fill a slot; no patterns = any pattern with one of the muscles as primary.
type Alternative = rules.Alternative
