package catalogue

import (
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
)

// patternRule finds a movement pattern by the words of a name; the first that fits counts, so the narrow ones come first.
type patternRule struct {
	name    phrases
	pattern gym.Pattern
}

var patternRules = []patternRule{
	{words("stretch*|smr|foam roll*|release|myofascial|mobility|world's greatest|cat cow|child's pose|pose|yoga|massage|lacrosse"), gym.Stretch},
	{words("jump*|hop|hops|hopping|bound|bounding|box jump|plyo*|burpee|sprint*|skipping|skip|depth|leap|tuck jump|explosive|clap*|jack|jacks|jumping|slam|throw|toss|chest pass|sling shot|rocket|frog"), gym.Plyometric},
	{words("clean|snatch|jerk|high pull|power clean|muscle up|clean and press"), gym.Olympic},
	{words("treadmill|bicycling|bike|cycling|cycle|elliptical|rowing, stationary|rower|rowing machine|running|run|jog*|walking|walk, treadmill|stairmaster|step mill|stepmill|stair climber|rope skipping|rope jumping|recumbent|skating|swim*|hiking|cross trainer|air bike, assault|ergometer|battle rope|battling ropes|marching|high knees|shadow boxing"), gym.Cardio},
	{words("farmer*|suitcase carry|carry|yoke walk|loaded walk|waiter walk|rickshaw carry|sandbag load*|keg load|atlas stone*|tire flip|sled push|sled drag|prowler|log lift|conan*|car deadlift|backward drag|forward drag*"), gym.Carry},
	{words("crunch*|sit-up|sit up|situp|plank*|leg raise|knee raise|leg pull-in|russian twist|twist|twists|ab roller|rollout|roll-out|hollow*|dead bug|deadbug|bird dog|flutter kick*|scissor kick*|mountain climber*|v-up|jackknife|jack knife|toe touch*|heel touch*|side bend|pallof|wood chop*|woodchop*|woodchopper|air bike|cocoon*|bicycle|windmill|superman|back extension, floor|hip raise, hanging|pike|knee tuck*|bear crawl|crawl|get-up|get up|around the world, core|ab draw|stomach vacuum|dragon flag|l-sit|anti-rotation|landmine 180*|spider crawl|elbow to knee|oblique*|side bridge|body-up|bent press|inchworm|bottoms up|leg-over|tuck|otis-up|janda*|hyperextension, floor"), gym.Core},
	{words("neck|lying face*|head harness"), gym.NeckMotion},
	{words("wrist|forearm|gripper|plate pinch|finger|reverse curl, wrist|palms-up|palms-down|hand grip"), gym.WristMotion},
	{words("calf|calves|heel raise|toe raise|tibialis|donkey calf|ankle"), gym.CalfRaise},
	{words("shrug*|scapular pull-up|scapular retraction"), gym.Shrug},
	{words("leg extension|knee extension|terminal knee|sissy squat|reverse nordic"), gym.KneeExtension},
	{words("leg curl|hamstring curl|nordic*|glute ham raise|glute-ham raise|ham raise|slider curl|ball leg curl|natural glute ham"), gym.KneeFlexion},
	{words("abduction|abductor|clam|clamshell*|monster walk|lateral walk|lateral band|fire hydrant|side leg raise|hip circle*|side-lying"), gym.HipAbduction},
	{words("adduction|adductor|copenhagen|thigh adductor"), gym.HipAdduction},
	{words("lunge*|split squat|step-up|step up|stepup|bulgarian|walking lunge|curtsy|cossack|single leg squat|single-leg squat|pistol"), gym.Lunge},
	{words("deadlift*|good morning*|romanian|hip thrust|thrust|glute bridge|bridge|swing|swings|kickback, glute|glute kickback|pull through|pull-through|hyperextension*|back extension|reverse hyper*|rack pull|rack pulls|hip extension|hip lift|donkey kick|rdl|stiff leg*|stiff-leg*|hinge|kneeling squat glute|one-legged cable kickback|single leg glute*|good-morning*|sumo deadlift"), gym.Hinge},
	{words("squat*|leg press|hack|wall sit|goblet|thruster|box squat|sit-to-stand|sit to stand|front squats|zercher|leg drive"), gym.Squat},
	{words("pushdown|push-down|pressdown|triceps*|tricep*|skullcrusher|skull crusher|skull-crusher|kickback|french press|close-grip bench|close grip bench|jm press|tate press|bench dip|dip machine, triceps|lying extension|overhead extension"), gym.ElbowExtension},
	{words("curl|curls|biceps*|bicep*|preacher|hammer curl|concentration"), gym.ElbowFlexion},
	{words("fly|flye|flyes|flies|pec deck|butterfly|crossover|cross-over|cable cross*|pullover|svend press|around the world*|iron cross"), gym.ChestFly},
	{words("lateral raise*|side lateral*|front raise*|rear delt*|reverse fly*|reverse flye*|raise|raises|face pull|upright row|y-raise|t-raise|external rotation|internal rotation|cuban press|bent-over lateral|front plate raise|band pull apart|pull apart|pull-apart|power partials|deltoid raise|scaption|w raise|rotator"), gym.ShoulderRaise},
	{words("pulldown|pull-down|pull down|pullup|pull-up|pull up|pullups|pull-ups|chin-up|chin up|chin|chin-ups|rope climb|lat pull*|straight-arm pull*|v-bar pull*|kipping|climb*|muscle-up|rocky pull*"), gym.VerticalPull},
	{words("row|rows|rowing|inverted row|t-bar|seal row|renegade|bent-over row|bent over row|upper back|middle back|high row|low row|body row|bodyweight row|straight back"), gym.HorizontalPull},
	{words("overhead press|shoulder press|military press|push press|arnold*|press overhead|standing press|seated press|behind the neck press|behind neck press|handstand*|pike push*|landmine press|landmine jammer|z press|bradford*|overhead*|see-saw press|sots press|seesaw|log press|axle press|circus bell|press sitting|neck press|machine shoulder*|dumbbell press, seated|palm-in*|palms-in*|kettlebell press|one-arm military*|anti-gravity press"), gym.VerticalPush},
	{words("bench press|chest press|push-up|push up|pushup|push-ups|pushups|pushup*|floor press|dip|dips|incline press|decline press|dumbbell press|hammer press|press-up|chest push|board press|bench|pin presses|press with bands|incline*|decline*|cable chest*|smith machine press|press"), gym.HorizontalPush},
}

// byMuscle is the pattern of an isolated movement when the name says nothing.
var byMuscle = map[gym.Muscle]gym.Pattern{
	gym.Abdominals: gym.Core, gym.Biceps: gym.ElbowFlexion, gym.Triceps: gym.ElbowExtension, gym.Calves: gym.CalfRaise, gym.Forearms: gym.WristMotion,
	gym.Traps: gym.Shrug, gym.NeckMuscle: gym.NeckMotion, gym.Abductors: gym.HipAbduction, gym.Adductors: gym.HipAdduction,
}

// DerivePattern finds the movement pattern from category, name and muscles; gym.Unsorted when nothing fits, and no slot
// asks for that.
func DerivePattern(e gym.Exercise) gym.Pattern {
	switch strings.ToLower(e.Category) {
	case "stretching":
		return gym.Stretch
	case "cardio":
		return gym.Cardio
	case "plyometrics":
		return gym.Plyometric
	}
	if strings.EqualFold(e.Equipment, "foam roll") {
		return gym.Stretch
	}
	name := strings.ToLower(e.Name)
	for _, rule := range patternRules {
		if rule.name.in(name) && plausible(rule.pattern, e) {
			return rule.pattern
		}
	}
	if strings.EqualFold(e.Category, "olympic weightlifting") {
		return gym.Olympic
	}
	if len(e.Primary) > 0 {
		if p, ok := byMuscle[e.Primary[0]]; ok {
			return p
		}
	}
	return gym.Unsorted
}

// region says which primary muscles a pattern can have, so that "leg curl" is never an arm exercise and "press" never one
// for the legs.
var region = map[gym.Pattern][]gym.Muscle{
	gym.ElbowFlexion:   {gym.Biceps, gym.Forearms},
	gym.ElbowExtension: {gym.Triceps},
	gym.KneeFlexion:    {gym.Hamstrings, gym.Glutes},
	gym.HorizontalPush: {gym.Chest, gym.Triceps, gym.Shoulders},
	gym.VerticalPush:   {gym.Shoulders, gym.Triceps, gym.Traps},
	gym.HorizontalPull: {gym.MiddleBack, gym.Lats, gym.Traps, gym.Shoulders, gym.LowBack},
	gym.VerticalPull:   {gym.Lats, gym.MiddleBack, gym.Biceps, gym.Traps},
	gym.ChestFly:       {gym.Chest, gym.Lats, gym.Shoulders},
	gym.ShoulderRaise:  {gym.Shoulders, gym.Traps, gym.MiddleBack},
	gym.Core:           {gym.Abdominals, gym.LowBack, gym.Glutes, gym.Shoulders},
	gym.Hinge:          {gym.Hamstrings, gym.Glutes, gym.LowBack, gym.Quadriceps},
	gym.Squat:          {gym.Quadriceps, gym.Glutes, gym.Hamstrings, gym.Adductors},
	gym.Lunge:          {gym.Quadriceps, gym.Glutes, gym.Hamstrings, gym.Adductors},
	gym.CalfRaise:      {gym.Calves},
}

func plausible(p gym.Pattern, e gym.Exercise) bool {
	muscles, bounded := region[p]
	return !bounded || slices.ContainsFunc(e.Primary, func(m gym.Muscle) bool { return slices.Contains(muscles, m) })
}

var (
	loaded     = words("barbell|dumbbell|kettlebell*|machine|cable|e-z curl bar|medicine ball|other|sandbag|plate|weighted|smith")
	unilateral = words("one-arm|one arm|single-arm|single arm|one-leg|one leg|single-leg|single leg|one-legged|alternating|alternate|lunge*|split squat|step-up|step up|bulgarian|pistol|side plank|bird dog|dead bug|suitcase|cossack|curtsy|side bend|concentration|copenhagen|clamshell*|fire hydrant|windmill|get-up")
)

// DeriveUnilateral reports whether sets are counted per side.
func DeriveUnilateral(e gym.Exercise) bool { return unilateral.in(strings.ToLower(e.Name)) }

// isLoaded reports whether the exercise adds weight to the body.
func isLoaded(e gym.Exercise) bool {
	return e.Equipment != gym.BodyOnly && e.Equipment != "bands" && e.Equipment != "exercise ball" && e.Equipment != "foam roll" || loaded.in(strings.ToLower(e.Name))
}
