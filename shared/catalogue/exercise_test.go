package catalogue_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/catalogue"
	"github.com/intellifit/intellifit/shared/gym"
)

// The tags are in the order of the rules. Each row was judged by what the movement loads, not by what the rules say.
var exerciseTable = []struct {
	name, muscle, equipment, category string
	pattern, tags                     string
}{
	{"Barbell Walking Lunge", "quadriceps", "barbell", "strength", "lunge", "deep_knee_flexion lunge spinal_axial_load valsalva_heavy neck_load fall_risk"},
	{"Bodyweight Walking Lunge", "quadriceps", "body only", "strength", "lunge", "deep_knee_flexion lunge fall_risk"},
	{"Air Bike", "abdominals", "body only", "strength", "core", "spinal_flexion spinal_rotation_loaded supine neck_load"},
	{"Bicycling, Stationary", "quadriceps", "machine", "cardio", "cardio", ""},
	{"Walking, Treadmill", "quadriceps", "machine", "cardio", "cardio", "fall_risk"},
	{"Running, Treadmill", "quadriceps", "machine", "cardio", "cardio", "run_impact fall_risk loads_ankle"},
	{"Trail Running/Walking", "quadriceps", "", "cardio", "cardio", "run_impact fall_risk loads_ankle"},
	{"Rowing, Stationary", "quadriceps", "machine", "cardio", "cardio", "spinal_flexion"},
	{"Stairmaster", "quadriceps", "machine", "cardio", "cardio", "lunge"},
	{"Zumba", "quadriceps", "body only", "cardio", "cardio", "unclassified"},
	{"Jumping Jacks", "quadriceps", "body only", "cardio", "plyometric", "jump run_impact fall_risk loads_ankle"},
	{"Neck Press", "chest", "barbell", "strength", "horizontal_push", "behind_neck wide_bench wrist_extension supine valsalva_heavy neck_load"},
	{"Push Press - Behind the Neck", "shoulders", "barbell", "olympic weightlifting", "vertical_push", "overhead behind_neck spinal_axial_load wrist_extension valsalva_heavy neck_load"},
	{"Wide-Grip Pulldown Behind The Neck", "lats", "cable", "strength", "vertical_pull", "overhead behind_neck wide_bench grip_heavy neck_load"},
	{"Standing Barbell Press Behind Neck", "shoulders", "barbell", "strength", "vertical_push", "overhead behind_neck spinal_axial_load wrist_extension valsalva_heavy neck_load"},
	{"Isometric Neck Exercise - Sides", "neck", "body only", "strength", "neck", "neck_load isometric"},
	{"Low Pulley Row To Neck", "shoulders", "cable", "strength", "shoulder_raise", "neck_load"},
	{"Push-Ups", "chest", "body only", "strength", "horizontal_push", "wrist_extension"},
	{"Pushups", "chest", "body only", "strength", "horizontal_push", "wrist_extension"},
	{"push up", "chest", "body only", "strength", "horizontal_push", "wrist_extension"},
	{"Pull Ups", "lats", "other", "strength", "vertical_pull", "overhead grip_heavy loads_elbow"},
	{"Pullup", "lats", "other", "strength", "vertical_pull", "overhead grip_heavy loads_elbow"},
	{"Chin-Up", "lats", "other", "strength", "vertical_pull", "overhead grip_heavy loads_elbow"},
	{"Seated Dumbbell Press", "shoulders", "dumbbell", "strength", "vertical_push", "overhead"},
	{"Dumbbell Bench Press", "chest", "dumbbell", "strength", "horizontal_push", "supine"},
	{"Barbell Bench Press - Medium Grip", "chest", "barbell", "strength", "horizontal_push", "wide_bench wrist_extension supine valsalva_heavy"},
	{"Incline Dumbbell Press", "chest", "dumbbell", "strength", "horizontal_push", ""},
	{"Close-Grip Barbell Bench Press", "triceps", "barbell", "strength", "elbow_extension", "wrist_extension supine valsalva_heavy loads_elbow"},
	{"Leverage Chest Press", "chest", "machine", "strength", "horizontal_push", ""},
	{"Handstand Push-Ups", "shoulders", "body only", "strength", "vertical_push", "overhead wrist_extension valsalva_heavy neck_load fall_risk"},
	{"Dips - Chest Version", "chest", "other", "strength", "horizontal_push", "deep_dip wrist_extension loads_elbow"},
	{"Bench Dips", "triceps", "body only", "strength", "elbow_extension", "deep_dip wrist_extension loads_elbow"},
	{"Reverse Flyes", "shoulders", "dumbbell", "strength", "shoulder_raise", "loaded_hinge"},
	{"Dumbbell Flyes", "chest", "dumbbell", "strength", "chest_fly", "wide_bench supine"},
	{"Cable Crossover", "chest", "cable", "strength", "chest_fly", "wide_bench"},
	{"Upright Barbell Row", "shoulders", "barbell", "strength", "shoulder_raise", "upright_row neck_load"},
	{"Cuban Press", "shoulders", "dumbbell", "strength", "shoulder_raise", "overhead upright_row"},
	{"Side Lateral Raise", "shoulders", "dumbbell", "strength", "shoulder_raise", ""},
	{"Face Pull", "shoulders", "cable", "strength", "shoulder_raise", ""},
	{"Bent Over Barbell Row", "middle back", "barbell", "strength", "horizontal_pull", "loaded_hinge grip_heavy valsalva_heavy"},
	{"One-Arm Dumbbell Row", "middle back", "dumbbell", "strength", "horizontal_pull", "grip_heavy"},
	{"Two-Arm Kettlebell Row", "middle back", "kettlebells", "strength", "horizontal_pull", "loaded_hinge grip_heavy"},
	{"Seated Cable Rows", "middle back", "cable", "strength", "horizontal_pull", ""},
	{"Lying T-Bar Row", "middle back", "machine", "strength", "horizontal_pull", "prone"},
	{"Bent-Arm Barbell Pullover", "lats", "barbell", "strength", "vertical_pull", "overhead grip_heavy supine"},
	{"Straight-Arm Pulldown", "lats", "cable", "strength", "vertical_pull", "grip_heavy"},
	{"Barbell Squat", "quadriceps", "barbell", "strength", "squat", "deep_knee_flexion spinal_axial_load valsalva_heavy neck_load"},
	{"Box Squat", "quadriceps", "barbell", "powerlifting", "squat", "spinal_axial_load valsalva_heavy neck_load"},
	{"Front Squat (Clean Grip)", "quadriceps", "barbell", "strength", "squat", "deep_knee_flexion spinal_axial_load wrist_extension valsalva_heavy neck_load"},
	{"Goblet Squat", "quadriceps", "kettlebells", "strength", "squat", "deep_knee_flexion spinal_axial_load"},
	{"Leg Press", "quadriceps", "machine", "strength", "squat", "valsalva_heavy"},
	{"Leg Extensions", "quadriceps", "machine", "strength", "knee_extension", "open_chain_knee_ext"},
	{"Lying Leg Curls", "hamstrings", "machine", "strength", "knee_flexion", "prone"},
	{"Barbell Deadlift", "lower back", "barbell", "strength", "hinge", "spinal_axial_load loaded_hinge grip_heavy valsalva_heavy"},
	{"Clean Deadlift", "hamstrings", "barbell", "olympic weightlifting", "hinge", "spinal_axial_load loaded_hinge wrist_extension grip_heavy valsalva_heavy"},
	{"Romanian Deadlift", "hamstrings", "barbell", "strength", "hinge", "spinal_axial_load loaded_hinge grip_heavy valsalva_heavy"},
	{"Barbell Hip Thrust", "glutes", "barbell", "powerlifting", "hinge", "supine valsalva_heavy"},
	{"Good Morning", "hamstrings", "barbell", "powerlifting", "hinge", "spinal_axial_load loaded_hinge spinal_flexion grip_heavy valsalva_heavy"},
	{"One-Arm Kettlebell Swings", "hamstrings", "kettlebells", "strength", "hinge", "loaded_hinge grip_heavy"},
	{"Hyperextensions (Back Extensions)", "lower back", "other", "strength", "hinge", "loaded_hinge prone"},
	{"Dumbbell Step Ups", "quadriceps", "dumbbell", "strength", "lunge", "deep_knee_flexion lunge fall_risk"},
	{"Step-up with Knee Raise", "glutes", "body only", "strength", "lunge", "deep_knee_flexion lunge fall_risk"},
	{"Kettlebell Pistol Squat", "quadriceps", "kettlebells", "strength", "lunge", "deep_knee_flexion lunge spinal_axial_load fall_risk"},
	{"Kettlebell Turkish Get-Up (Lunge style)", "shoulders", "kettlebells", "strength", "core", "overhead deep_knee_flexion lunge spinal_axial_load spinal_rotation_loaded fall_risk"},
	{"Power Clean", "hamstrings", "barbell", "olympic weightlifting", "olympic", "overhead deep_knee_flexion spinal_axial_load loaded_hinge wrist_extension grip_heavy valsalva_heavy neck_load fall_risk"},
	{"Kettlebell Thruster", "shoulders", "kettlebells", "strength", "vertical_push", "overhead deep_knee_flexion spinal_axial_load wrist_extension"},
	{"Farmer's Walk", "forearms", "other", "strongman", "carry", "spinal_axial_load loaded_hinge grip_heavy valsalva_heavy"},
	{"Tire Flip", "quadriceps", "other", "strongman", "carry", "spinal_axial_load loaded_hinge grip_heavy valsalva_heavy fall_risk"},
	{"Plank", "abdominals", "body only", "strength", "core", "wrist_extension isometric"},
	{"Crunches", "abdominals", "body only", "strength", "core", "spinal_flexion supine neck_load"},
	{"Russian Twist", "abdominals", "body only", "strength", "core", "spinal_flexion spinal_rotation_loaded supine neck_load"},
	{"Hanging Leg Raise", "abdominals", "body only", "strength", "core", "overhead spinal_flexion grip_heavy"},
	{"Dead Bug", "abdominals", "body only", "strength", "core", "supine"},
	{"Pallof Press", "abdominals", "cable", "strength", "core", ""},
	{"Cable Woodchoppers", "abdominals", "cable", "strength", "core", "spinal_flexion spinal_rotation_loaded"},
	{"Exercise Ball Crunch", "abdominals", "exercise ball", "strength", "core", "spinal_flexion supine neck_load fall_risk"},
	{"Barbell Curl", "biceps", "barbell", "strength", "elbow_flexion", "loads_elbow"},
	{"Hammer Curls", "biceps", "dumbbell", "strength", "elbow_flexion", "loads_elbow"},
	{"EZ-Bar Skullcrusher", "triceps", "e-z curl bar", "strength", "elbow_extension", "overhead supine loads_elbow"},
	{"Triceps Pushdown", "triceps", "cable", "strength", "elbow_extension", "loads_elbow"},
	{"Standing Dumbbell Triceps Extension", "triceps", "dumbbell", "strength", "elbow_extension", "overhead loads_elbow"},
	{"Wrist Roller", "forearms", "other", "strength", "wrist", "wrist_extension grip_heavy loads_elbow"},
	{"Barbell Shrug", "traps", "barbell", "strength", "shrug", "spinal_axial_load grip_heavy neck_load"},
	{"Standing Calf Raises", "calves", "machine", "strength", "calf_raise", "spinal_axial_load loads_ankle"},
	{"Thigh Abductor", "abductors", "machine", "strength", "hip_abduction", ""},
	{"Thigh Adductor", "adductors", "machine", "strength", "hip_adduction", ""},
	{"Front Box Jump", "hamstrings", "other", "plyometrics", "plyometric", "jump run_impact fall_risk loads_ankle"},
	{"Burpees", "chest", "body only", "strength", "plyometric", "deep_knee_flexion jump run_impact wrist_extension fall_risk loads_ankle"},
	{"Child's Pose", "lower back", "", "stretching", "stretch", ""},
	{"Calves-SMR", "calves", "foam roll", "stretching", "stretch", ""},
	{"Hip Circles (prone)", "abductors", "body only", "stretching", "stretch", "prone"},
	{"Downward Facing Balance", "glutes", "exercise ball", "strength", "unsorted", "fall_risk unclassified"},
}

func TestDeriveExercises(t *testing.T) {
	t.Parallel()
	for _, row := range exerciseTable {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			e := gym.Exercise{Name: row.name, Primary: []gym.Muscle{gym.Muscle(row.muscle)}, Equipment: row.equipment, Category: row.category}
			e.Pattern = catalogue.DerivePattern(e)
			if string(e.Pattern) != row.pattern {
				t.Errorf("pattern %s, want %s", e.Pattern, row.pattern)
			}
			if diff := cmp.Diff(strings.Fields(row.tags), join(catalogue.DeriveInjuryTags(e))); diff != "" {
				t.Errorf("tags differ (-want +got):\n%s", diff)
			}
		})
	}
}

// join turns words into plain strings, nil into an empty list.
func join[T ~string](words []T) []string {
	out := []string{}
	for _, w := range words {
		out = append(out, string(w))
	}
	return out
}

// Hyphens, plurals and capitals are matters of taste; they must not change what a member with a complaint gets.
func TestSpellingOfExercises(t *testing.T) {
	t.Parallel()
	for _, variants := range [][]string{
		{"Push-Up", "push ups", "PUSHUPS", "Push–Up", "pushup"},
		{"Behind-the-Neck Press", "Behind the neck presses", "BEHIND NECK PRESS"},
		{"Step-Up", "Step Ups", "Stepup"},
		{"Sit-Up", "Situps", "sit ups"},
		{"Bent-Over Row", "Bent over rows", "bent‑over row"},
		{"Upright-Row", "Upright rows"},
	} {
		var first gym.Exercise
		for i, name := range variants {
			e := gym.Exercise{Name: name, Primary: muscleOf(variants[0]), Equipment: "barbell", Category: "strength"}
			e.Pattern = catalogue.DerivePattern(e)
			e.Tags = catalogue.DeriveInjuryTags(e)
			if i == 0 {
				first = e
				continue
			}
			if e.Pattern != first.Pattern || !slices.Equal(e.Tags, first.Tags) {
				t.Errorf("%q: %s %v, but %q: %s %v", name, e.Pattern, e.Tags, first.Name, first.Pattern, first.Tags)
			}
		}
	}
}

func muscleOf(name string) []gym.Muscle {
	for word, m := range map[string]gym.Muscle{"Push": gym.Chest, "Neck": gym.Shoulders, "Step": gym.Quadriceps, "Sit": gym.Abdominals, "Bent": gym.MiddleBack, "Upright": gym.Shoulders} {
		if strings.Contains(name, word) {
			return []gym.Muscle{m}
		}
	}
	return nil
}

func TestUnilateral(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"One-Arm Dumbbell Row": true, "Single Arm Cable Press": true, "Dumbbell Lunges": true, "Side Plank": true, "Bulgarian Split Squat": true,
		"Alternating Hammer Curl": true, "Barbell Squat": false, "Bench Press": false, "Plank": false,
	} {
		if got := catalogue.DeriveUnilateral(gym.Exercise{Name: name}); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
