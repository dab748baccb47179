package rules

import (
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/wording"
)

// Number is one threshold with its unit and where it comes from.
type Number struct {
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Source string  `json:"source"`
}

// Gate holds the thresholds of the safety gate and what each finding changes.
type Gate struct {
	AdultAge      Number `json:"adult_age"`
	MinimumAge    Number `json:"minimum_age"`
	OlderAge      Number `json:"older_age"`
	MinimumBMI    Number `json:"minimum_bmi"`
	VeryLowBMI    Number `json:"very_low_bmi"`
	MaxWeeklyLoss Number `json:"max_weekly_loss"`
	MinimumIntake Number `json:"minimum_intake"`
	SurgeryWeeks  Number `json:"surgery_weeks"`
	// Findings says, by code, what a finding changes. Conditions and screening answers use their own word as code.
	Findings map[string]Finding `json:"findings"`
	// Wording finds the same findings in free text.
	Wording   []wording.Entry `json:"wording"`
	Negations wording.Denials `json:"negations"`
}

// Finding is the effect of one thing that the gate found. Text and Relax are fixed, reviewed wording.
type Finding struct {
	Text             string          `json:"text"`
	Relax            string          `json:"relax,omitempty"`
	Stop             bool            `json:"stop,omitempty"`
	Note             bool            `json:"note,omitempty"` // a warning beside the plan, not a reason
	NoDeficit        bool            `json:"no_deficit,omitempty"`
	NoCalorieNumbers bool            `json:"no_calorie_numbers,omitempty"`
	NoSupplements    bool            `json:"no_supplements,omitempty"`
	NutritionDraft   bool            `json:"nutrition_draft,omitempty"`
	LowModerateOnly  bool            `json:"low_moderate_only,omitempty"`
	Guardian         bool            `json:"guardian,omitempty"`
	CoachApproval    bool            `json:"coach_approval,omitempty"`
	NotifyCoach      bool            `json:"notify_coach,omitempty"`
	BalanceWork      bool            `json:"balance_work,omitempty"`
	MaxLevel         gym.Experience  `json:"max_level,omitempty"`
	MinReps          int             `json:"min_reps,omitempty"`
	MinRIR           int             `json:"min_rir,omitempty"`
	Avoid            []gym.InjuryTag `json:"avoid,omitempty"`
	Caution          []gym.InjuryTag `json:"caution,omitempty"`
	Source           string          `json:"source"`
}

// Injuries maps complaints to the injury tags that they exclude or rank down.
type Injuries struct {
	Sites map[gym.InjurySite]Site `json:"sites"`
	// Always is excluded for every hard complaint, whatever its site.
	Always TagRule `json:"always"`
}

// TagRule is a list of tags with its source.
type TagRule struct {
	Tags   []gym.InjuryTag `json:"tags"`
	Source string          `json:"source"`
}

// Site is what one complaint changes. Hard tags are excluded for pain and undiagnosed complaints and ranked down for
// past ones; Caution tags are always ranked down. Muscles and Patterns are the region that is left out altogether when
// the complaint is acute.
type Site struct {
	Hard     []gym.InjuryTag `json:"hard"`
	Caution  []gym.InjuryTag `json:"caution"`
	Prefer   string          `json:"prefer"`
	Muscles  []gym.Muscle    `json:"region_muscles"`
	Patterns []gym.Pattern   `json:"region_patterns"`
	Source   string          `json:"source"`
}

// Training holds the prescription tables.
type Training struct {
	Goals       map[gym.Goal]GoalRule                  `json:"goals"`
	Bands       map[gym.Goal]map[gym.Experience]Volume `json:"bands"`
	Time        TimeModel                              `json:"time"`
	Caps        Caps                                   `json:"caps"`
	Groups      []Group                                `json:"groups"`
	Kinds       map[string]Kind                        `json:"kinds"`
	Focuses     map[string]Focus                       `json:"focuses"`
	Splits      []Split                                `json:"splits"`
	Progression ProgressionRule                        `json:"progression"`
	Load        LoadRule                               `json:"load"`
	Warmup      TextRule                               `json:"warmup"`
	Balance     TextRule                               `json:"balance"`
	Aerobic     map[string]TextRule                    `json:"aerobic"`
	Cues        map[gym.Pattern]TextRule               `json:"cues"`
	// WarmupBodyweight replaces Warmup where the first exercise has no load; Breathe is added to every cue when effort is limited.
	WarmupBodyweight    TextRule            `json:"warmup_bodyweight"`
	Breathe             TextRule            `json:"breathe"`
	ConditioningReserve ConditioningReserve `json:"conditioning_reserve"`
}

// ConditioningReserve keeps minutes of long sessions free for conditioning.
type ConditioningReserve struct {
	Minutes     int        `json:"minutes"`
	FromMinutes int        `json:"from_minutes"`
	Goals       []gym.Goal `json:"goals"`
	Source      string     `json:"source"`
}

// GoalRule is one row of the prescription table. Roles are keyed compound, accessory, isolation and core.
type GoalRule struct {
	Roles  map[string]RoleRule `json:"roles"`
	Source string              `json:"source"`
}

// RoleRule prescribes one role within a goal. Reps, load and RIR depend on experience where they differ.
type RoleRule struct {
	Reps    map[gym.Experience][2]int `json:"reps"`
	LoadPct map[gym.Experience][2]int `json:"load_pct,omitempty"`
	RIR     map[gym.Experience][2]int `json:"rir"`
	Sets    [2]int                    `json:"sets"`
	RestS   [2]int                    `json:"rest_s"` // shortest that is still sound, preferred
}

// Volume is the weekly span of fractional sets for one major muscle: primary 1.0, secondary 0.5.
type Volume struct {
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Source string  `json:"source"`
}

// TimeModel estimates how long a session takes.
type TimeModel struct {
	WarmupS         int     `json:"warmup_s"`
	PerExerciseS    int     `json:"per_exercise_s"`
	PerRepS         int     `json:"per_rep_s"`
	SupersetS       int     `json:"superset_rest_s"` // walk to the partner exercise
	Tolerance       float64 `json:"tolerance"`       // of the wanted minutes, e.g. 1.10
	Source          string  `json:"source"`
	SetsPerVolume   float64 `json:"sets_per_volume"` // sets a week that raise every major muscle by one fractional set
	SetsPerExercise float64 `json:"sets_per_exercise"`
	Usable          float64 `json:"usable_share"`
	CapacitySource  string  `json:"capacity_source"`
}

// Caps bound one session.
type Caps struct {
	SetsPerMuscle int                    `json:"sets_per_muscle"`
	Sets          map[gym.Experience]int `json:"sets"`
	Items         int                    `json:"items"`
	Source        string                 `json:"source"`
}

// Group is a major muscle as volume is counted: an exercise counts once for a group, by its best share of it.
type Group struct {
	Name     string       `json:"name"`
	Muscles  []gym.Muscle `json:"muscles"`
	Optional bool         `json:"optional,omitempty"`
	Source   string       `json:"source"`
}

// Kind is a kind of slot: what may fill it, what else would do, and what it is expected to train.
type Kind struct {
	Role      string             `json:"role"`
	Patterns  []gym.Pattern      `json:"patterns"`
	Muscles   []gym.Muscle       `json:"muscles"`
	Strength  []gym.Muscle       `json:"strength_muscles,omitempty"` // also allowed for the strength goal
	Query     string             `json:"query"`
	Fallback  []Alternative      `json:"fallback,omitempty"`
	Expected  map[string]float64 `json:"expected"` // group → share of a set
	Spinal    bool               `json:"spinal,omitempty"`
	Weight    float64            `json:"weight,omitempty"` // how much it is wanted, for the choice among equals
	PairsWith []string           `json:"pairs_with,omitempty"`
	Source    string             `json:"source"`
}

// Alternative is what else may fill a slot; no patterns = any pattern with one of the muscles as primary.
type Alternative struct {
	Patterns []gym.Pattern `json:"patterns,omitempty"`
	Muscles  []gym.Muscle  `json:"muscles,omitempty"`
	Query    string        `json:"query"`
}

// Focus is a kind of day: the kinds that it starts from and those that it may add.
type Focus struct {
	Title   string   `json:"title"`
	Anchors []string `json:"anchors"`
	Options []string `json:"options"`
	Source  string   `json:"source"`
}

// Split is the arrangement of days in a week.
type Split struct {
	Days   int      `json:"days"`
	Name   string   `json:"name"`
	Focus  []string `json:"focus"`
	Source string   `json:"source"`
}

// ProgressionRule says how the weeks differ.
type ProgressionRule struct {
	DefaultWeeks  int                    `json:"default_weeks"`
	MaxWeeks      int                    `json:"max_weeks"`
	DeloadEvery   map[gym.Experience]int `json:"deload_every"`
	DeloadSetsPct int                    `json:"deload_sets_pct"`
	DeloadLoadPct int                    `json:"deload_load_pct"`
	First         string                 `json:"first"`
	Normal        string                 `json:"normal"`
	Deload        string                 `json:"deload"`
	AfterDeload   string                 `json:"after_deload"`
	Missed        string                 `json:"missed"`
	Restart       string                 `json:"restart"`
	Source        string                 `json:"source"`
}

// LoadRule says how to find the first load and how much to add.
type LoadRule struct {
	StepUpperKG     float64 `json:"step_upper_kg"`
	StepLowerKG     float64 `json:"step_lower_kg"`
	StepSmallKG     float64 `json:"step_small_kg"`
	Weighted        string  `json:"weighted"` // {rir} is replaced
	Bodyweight      string  `json:"bodyweight"`
	BodyweightReps  [2]int  `json:"bodyweight_reps"`
	Held            string  `json:"held"`
	Conditioning    string  `json:"conditioning"`
	ConditioningMin [2]int  `json:"conditioning_minutes"`
	RecoveryMin     int     `json:"recovery_minutes"`
	// Holds are seconds of held exercises and carries; Power is the row of explosive lifts.
	Holds  map[gym.Experience][2]int `json:"holds"`
	Power  PowerRule                 `json:"power"`
	Source string                    `json:"source"`
}

// PowerRule prescribes explosive lifts, whatever the goal.
type PowerRule struct {
	Reps    [2]int `json:"reps"`
	LoadPct [2]int `json:"load_pct"`
	RIR     [2]int `json:"rir"`
	RestS   [2]int `json:"rest_s"`
	Sets    [2]int `json:"sets"`
}

// TextRule is fixed wording with its source.
type TextRule struct {
	Lines  []string `json:"lines"`
	Source string   `json:"source"`
}
