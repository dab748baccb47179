package training_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/training"
)

// synthetic is a gym's catalogue: id; pattern; equipment; level; primary; secondary; tags. A trailing ! marks exercises
// that are done side by side.
const synthetic = `
back squat; squat; barbell; beginner; quadriceps; calves, glutes, hamstrings, lower back; spinal_axial_load, deep_knee_flexion, valsalva_heavy
front squat; squat; barbell; intermediate; quadriceps; calves, glutes, hamstrings; spinal_axial_load, deep_knee_flexion
goblet squat; squat; kettlebells; beginner; quadriceps; calves, glutes, hamstrings, shoulders; deep_knee_flexion
leg press; squat; machine; beginner; quadriceps; calves, glutes, hamstrings;
box squat to chair; squat; body only; beginner; quadriceps; glutes, hamstrings;
bodyweight squat; squat; body only; beginner; quadriceps; glutes, hamstrings; deep_knee_flexion
pistol squat; squat; body only; advanced; quadriceps; calves, glutes, hamstrings; deep_knee_flexion !
dumbbell lunge; lunge; dumbbell; beginner; quadriceps; calves, glutes, hamstrings; lunge !
split squat; lunge; body only; beginner; quadriceps; glutes, hamstrings; lunge !
step-up; lunge; body only; beginner; glutes; quadriceps, hamstrings; lunge !
romanian deadlift; hinge; barbell; beginner; hamstrings; calves, glutes, lower back; loaded_hinge, grip_heavy
dumbbell stiff-leg deadlift; hinge; dumbbell; beginner; hamstrings; glutes, lower back; loaded_hinge
deadlift; hinge; barbell; intermediate; lower back; calves, forearms, glutes, hamstrings, lats, middle back, quadriceps, traps; loaded_hinge, grip_heavy, valsalva_heavy
good morning; hinge; barbell; intermediate; hamstrings; abdominals, glutes, lower back; loaded_hinge, spinal_axial_load
kettlebell swing; hinge; kettlebells; intermediate; hamstrings; calves, glutes, lower back, shoulders; loaded_hinge
cable pull-through; hinge; cable; beginner; glutes; hamstrings, lower back; 
glute bridge; hinge; body only; beginner; glutes; hamstrings; supine
barbell hip thrust; hinge; barbell; intermediate; glutes; calves, hamstrings; 
slider leg curl; knee_flexion; body only; beginner; hamstrings; glutes; supine
seated leg curl; knee_flexion; machine; beginner; hamstrings; ;
lying leg curl; knee_flexion; machine; beginner; hamstrings; ; prone
leg extension; knee_extension; machine; beginner; quadriceps; ; open_chain_knee_ext
band knee extension; knee_extension; bands; beginner; quadriceps; ; open_chain_knee_ext
glute kickback; hip_abduction; body only; beginner; glutes; hamstrings; 
cable kickback; hip_abduction; cable; beginner; glutes; hamstrings; 
standing calf raise; calf_raise; machine; beginner; calves; ; loads_ankle
bodyweight calf raise; calf_raise; body only; beginner; calves; ; loads_ankle
barbell bench press; horizontal_push; barbell; beginner; chest; shoulders, triceps; supine, wide_bench
dumbbell bench press; horizontal_push; dumbbell; beginner; chest; shoulders, triceps; supine
machine chest press; horizontal_push; machine; beginner; chest; shoulders, triceps; 
cable chest press; horizontal_push; cable; beginner; chest; shoulders, triceps; 
push-up; horizontal_push; body only; beginner; chest; shoulders, triceps; wrist_extension, prone
hands-elevated push-up; horizontal_push; body only; beginner; chest; shoulders, triceps; wrist_extension
band chest press; horizontal_push; bands; beginner; chest; shoulders, triceps; 
close-grip bench press; horizontal_push; barbell; beginner; triceps; chest, shoulders; supine
chest dip; horizontal_push; body only; intermediate; chest; shoulders, triceps; deep_dip
barbell shoulder press; vertical_push; barbell; intermediate; shoulders; chest, triceps; overhead, spinal_axial_load
dumbbell shoulder press; vertical_push; dumbbell; beginner; shoulders; triceps; overhead
machine shoulder press; vertical_push; machine; beginner; shoulders; triceps; overhead
pike push-up; vertical_push; body only; intermediate; shoulders; triceps; overhead, wrist_extension
band shoulder press; vertical_push; bands; beginner; shoulders; triceps; overhead
bent-over row; horizontal_pull; barbell; beginner; middle back; biceps, lats, shoulders; loaded_hinge
dumbbell row; horizontal_pull; dumbbell; beginner; middle back; biceps, lats, shoulders; !
seated cable row; horizontal_pull; cable; beginner; middle back; biceps, lats, shoulders; 
machine row; horizontal_pull; machine; beginner; middle back; biceps, lats; 
inverted row; horizontal_pull; body only; beginner; middle back; lats; grip_heavy
band row; horizontal_pull; bands; beginner; middle back; biceps, lats; 
lat pulldown; vertical_pull; cable; beginner; lats; biceps, middle back, shoulders; 
pull-up; vertical_pull; body only; beginner; lats; biceps, middle back; grip_heavy
chin-up; vertical_pull; body only; beginner; lats; biceps, forearms, middle back; grip_heavy
machine pulldown; vertical_pull; machine; beginner; lats; biceps, middle back; 
band pulldown; vertical_pull; bands; beginner; lats; biceps, middle back; 
cable crossover; chest_fly; cable; beginner; chest; shoulders; 
dumbbell fly; chest_fly; dumbbell; beginner; chest; ; supine
pec deck; chest_fly; machine; beginner; chest; ;
lateral raise; shoulder_raise; dumbbell; beginner; shoulders; ;
cable lateral raise; shoulder_raise; cable; beginner; shoulders; ; !
reverse fly; shoulder_raise; dumbbell; beginner; shoulders; middle back;
band pull-apart; shoulder_raise; bands; beginner; shoulders; middle back, traps;
dumbbell curl; elbow_flexion; dumbbell; beginner; biceps; forearms; loads_elbow
barbell curl; elbow_flexion; barbell; beginner; biceps; forearms; loads_elbow
cable curl; elbow_flexion; cable; beginner; biceps; ; loads_elbow
band curl; elbow_flexion; bands; beginner; biceps; forearms; loads_elbow
cable pushdown; elbow_extension; cable; beginner; triceps; ; loads_elbow
dumbbell overhead extension; elbow_extension; dumbbell; beginner; triceps; ; loads_elbow, overhead
bench dip; elbow_extension; body only; beginner; triceps; chest, shoulders; deep_dip
band pushdown; elbow_extension; bands; beginner; triceps; ; loads_elbow
plank; core; body only; beginner; abdominals; ; isometric, prone
dead bug; core; body only; beginner; abdominals; ; supine
crunch; core; body only; beginner; abdominals; ; spinal_flexion, supine
pallof press; core; cable; beginner; abdominals; ;
bird dog; core; body only; beginner; abdominals; lower back, glutes; 
standing knee raise; core; body only; beginner; abdominals; ;
cable woodchop; core; cable; beginner; abdominals; shoulders; spinal_rotation_loaded
farmer's walk; carry; dumbbell; beginner; forearms; abdominals, glutes, traps; grip_heavy
stationary bike; cardio; machine; beginner; quadriceps; calves, glutes, hamstrings;
brisk walk; cardio; body only; beginner; quadriceps; calves;
treadmill run; cardio; machine; beginner; quadriceps; calves; run_impact
power clean; olympic; barbell; intermediate; hamstrings; glutes, quadriceps, shoulders, traps; loaded_hinge
cat stretch; stretch; body only; beginner; lower back; ;
`

func catalogue() []gym.Exercise {
	var list []gym.Exercise
	for line := range strings.Lines(strings.TrimSpace(synthetic)) {
		line, unilateral := strings.CutSuffix(strings.TrimSpace(line), "!")
		f := strings.Split(line, ";")
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		e := gym.Exercise{
			ID: strings.ReplaceAll(f[0], " ", "-"), Name: f[0], Pattern: gym.Pattern(f[1]), Equipment: f[2], Level: gym.Experience(f[3]), Unilateral: unilateral,
		}
		e.Primary, e.Secondary, e.Tags = split[gym.Muscle](f[4]), split[gym.Muscle](f[5]), split[gym.InjuryTag](f[6])
		list = append(list, e)
	}
	return list
}

func split[T ~string](s string) []T {
	var list []T
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, T(part))
		}
	}
	return list
}

func byID(list []gym.Exercise) map[string]gym.Exercise {
	m := map[string]gym.Exercise{}
	for _, e := range list {
		m[e.ID] = e
	}
	return m
}

// candidates does what retrieval does: the slot's own patterns and muscles first, then each fallback.
func candidates(s training.Slot, p training.Profile, list []gym.Exercise) []gym.Exercise {
	for _, alt := range append([]training.Alternative{{Patterns: s.Patterns, Muscles: s.Muscles}}, s.Fallback...) {
		var found []gym.Exercise
		for _, e := range list {
			legal := p.Gate.Allows(e) && (e.Equipment == gym.BodyOnly || slices.Contains(p.Equipment, e.Equipment))
			if legal && slices.Contains(alt.Patterns, e.Pattern) && (len(alt.Muscles) == 0 || slices.ContainsFunc(e.Primary, func(m gym.Muscle) bool { return slices.Contains(alt.Muscles, m) })) {
				found = append(found, e)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// pick fills every slot with a random legal candidate that the day does not have yet.
func pick(o training.Outline, p training.Profile, list []gym.Exercise, rnd *rand.Rand) map[string]gym.Exercise {
	picks := map[string]gym.Exercise{}
	for _, d := range o.Days {
		seen := map[string]bool{}
		for _, s := range d.Slots {
			c := slices.DeleteFunc(candidates(s, p, list), func(e gym.Exercise) bool { return seen[e.ID] })
			if len(c) == 0 {
				continue
			}
			e := c[rnd.IntN(len(c))]
			seen[e.ID] = true
			picks[s.ID] = e
		}
	}
	return picks
}

func TestCatalogueIsWhole(t *testing.T) {
	t.Parallel()
	for _, e := range catalogue() {
		if e.ID == "" || e.Pattern == "" || len(e.Primary) == 0 || e.Equipment == "" {
			t.Errorf("row %+v is incomplete", e)
		}
	}
}
