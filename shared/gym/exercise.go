package gym

// Muscle is the catalogue's word for a muscle group, e.g. "quadriceps", "chest", "lats".
type Muscle string

// The muscle words of the catalogue (those of free-exercise-db).
const (
	Abdominals Muscle = "abdominals"
	Abductors  Muscle = "abductors"
	Adductors  Muscle = "adductors"
	Biceps     Muscle = "biceps"
	Calves     Muscle = "calves"
	Chest      Muscle = "chest"
	Forearms   Muscle = "forearms"
	Glutes     Muscle = "glutes"
	Hamstrings Muscle = "hamstrings"
	Lats       Muscle = "lats"
	LowBack    Muscle = "lower back"
	MiddleBack Muscle = "middle back"
	NeckMuscle Muscle = "neck"
	Quadriceps Muscle = "quadriceps"
	Shoulders  Muscle = "shoulders"
	Traps      Muscle = "traps"
	Triceps    Muscle = "triceps"
)

// Pattern is the movement pattern of an exercise, derived from its name, muscles and mechanic.
type Pattern string

// The movement patterns. A balanced week trains the first six.
const (
	Squat          Pattern = "squat"
	Hinge          Pattern = "hinge"
	HorizontalPush Pattern = "horizontal_push"
	VerticalPush   Pattern = "vertical_push"
	HorizontalPull Pattern = "horizontal_pull"
	VerticalPull   Pattern = "vertical_pull"
	Lunge          Pattern = "lunge"
	KneeExtension  Pattern = "knee_extension"
	KneeFlexion    Pattern = "knee_flexion"
	HipAbduction   Pattern = "hip_abduction"
	HipAdduction   Pattern = "hip_adduction"
	CalfRaise      Pattern = "calf_raise"
	ElbowFlexion   Pattern = "elbow_flexion"
	ElbowExtension Pattern = "elbow_extension"
	ShoulderRaise  Pattern = "shoulder_raise" // lateral and front raises, reverse flyes
	ChestFly       Pattern = "chest_fly"
	Shrug          Pattern = "shrug"
	Core           Pattern = "core"
	Carry          Pattern = "carry"
	WristMotion    Pattern = "wrist"
	NeckMotion     Pattern = "neck"
	Olympic        Pattern = "olympic" // cleans, snatches, jerks
	Plyometric     Pattern = "plyometric"
	Cardio         Pattern = "cardio"
	Stretch        Pattern = "stretch" // stretching and foam rolling: never fills a strength slot
	Unsorted       Pattern = "unsorted"
)

// InjuryTag marks what an exercise loads, so that a complaint can exclude it. Derived by rules, listed for review.
type InjuryTag string

// The injury tags.
const (
	Overhead             InjuryTag = "overhead"
	BehindNeck           InjuryTag = "behind_neck"
	UprightRow           InjuryTag = "upright_row"
	DeepDip              InjuryTag = "deep_dip"
	WideBench            InjuryTag = "wide_bench"
	DeepKneeFlexion      InjuryTag = "deep_knee_flexion"
	LungeTag             InjuryTag = "lunge"
	Jump                 InjuryTag = "jump"
	RunImpact            InjuryTag = "run_impact"
	OpenChainKneeExt     InjuryTag = "open_chain_knee_ext"
	SpinalAxialLoad      InjuryTag = "spinal_axial_load"
	LoadedHinge          InjuryTag = "loaded_hinge"
	SpinalFlexion        InjuryTag = "spinal_flexion"
	SpinalRotationLoaded InjuryTag = "spinal_rotation_loaded"
	WristExtension       InjuryTag = "wrist_extension"
	GripHeavy            InjuryTag = "grip_heavy"
	Supine               InjuryTag = "supine"
	Prone                InjuryTag = "prone"
	ValsalvaHeavy        InjuryTag = "valsalva_heavy"
	NeckLoad             InjuryTag = "neck_load"    // neck bridges, neck machines, inverted loading
	FallRisk             InjuryTag = "fall_risk"    // balance on unstable ground, climbing, inverted
	LoadsElbow           InjuryTag = "loads_elbow"  // isolated elbow flexion or extension under load
	LoadsAnkle           InjuryTag = "loads_ankle"  // calf raises and loaded dorsiflexion
	LongIsometric        InjuryTag = "isometric"    // held contractions (planks, wall sits)
	Unclassified         InjuryTag = "unclassified" // rules could not tell: unsafe for anyone with a hard complaint
)

// Exercise is one row of a gym's catalogue.
type Exercise struct {
	ID            string      `json:"id"`
	Name          string      `json:"name"`
	Force         string      `json:"force,omitempty"`     // push, pull, static
	Level         Experience  `json:"level,omitempty"`     // "expert" of free-exercise-db reads as advanced
	Mechanic      string      `json:"mechanic,omitempty"`  // compound, isolation
	Equipment     string      `json:"equipment,omitempty"` // empty = unknown: only for whoever has everything
	Primary       []Muscle    `json:"primaryMuscles"`
	Secondary     []Muscle    `json:"secondaryMuscles"`
	Category      string      `json:"category,omitempty"` // strength, stretching, cardio, plyometrics, …
	Description   string      `json:"description,omitempty"`
	License       string      `json:"license,omitempty"`
	LicenseAuthor string      `json:"license_author,omitempty"`
	Pattern       Pattern     `json:"pattern,omitempty"`
	Tags          []InjuryTag `json:"injury_tags,omitempty"`
	// Unilateral is true when sets are counted per side, which doubles the time of a set.
	Unilateral bool `json:"unilateral,omitempty"`
}
