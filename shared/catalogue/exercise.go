package catalogue

import (
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
)

// patternRule finds a movement pattern by the words of a name; the first that fits and is plausible for the muscles counts,
// so the narrow ones come first.
type patternRule struct {
	name    phrases
	pattern gym.Pattern
}

var jumping = words("burpee|squat thrust|snap down|jump*|hop|hopping|bound|bounding|box jump|plyo*|sprint*|skipping|skip|depth jump|leap|explosive|clap|clapping|jumping jack|jack|slam|throw|toss|chest pass|rocket|butt kick|box shuffle|sledgehammer|ballistic")

var patternRules = []patternRule{
	{words("stretch*|smr|foam roll*|blackroll|release|myofascial|mobility|world's greatest|cat cow|cow cat|child's pose|pose|yoga|massage|lacrosse|ankle circle|ankle roll|dislocate|open book|pigeon|figure four|forward fold|sit & reach|leg swing|pancake"), gym.Stretch},
	{words("jump rope|rope jump*|rope skip*|skipping rope|jump rope*|treadmill|bicycling|stationary bike|recumbent|bike|biking|cycling|elliptical|rowing, stationary|rowing machine|rower|jog|jogging|running|run|stairmaster|stair master|step mill|stepmill|stair climber|climbmill|skating|swim*|hiking|cross trainer|ergometer|battle rope|battling rope|marching|march|high knee|shadow box*|ski machine|ski erg|assault bike|air bike sprint"), gym.Cardio},
	{jumping, gym.Plyometric},
	{words("clean|snatch|jerk|high pull|muscle up|power clean|rack delivery|snach"), gym.Olympic},
	{words("farmer*|suitcase carry|carry|yoke walk|loaded walk|waiter walk|rickshaw carry|sandbag load*|keg load|atlas stone*|tire flip|sled push|sled drag|prowler|log lift|conan*|car deadlift|backward drag|forward drag*|power stairs|bear crawl sled*|axe hold|crucifix|overhead backward walk"), gym.Carry},
	{words("lunge*|split squat|step up|bulgarian*|curtsy|cossack|shrimp squat|pistol|single leg squat|one leg squat|one leg barbell squat|side squat|side split squat"), gym.Lunge},
	{words("*crunch|*crunches|sit up|sit out|plank|leg raise|knee raise|leg pull in|russian twist|twist|twisting|ab roller|ab wheel|rollout|roll out|fallout|hollow*|dead bug|deadbug|bird dog|flutter kick|scissor*|mountain climber|v up|jackknife|jack knife|toe touch*|heel touch*|side bend|pallof|wood chop*|woodchop*|chop|air bike|cocoon|bicycle|windmill|superman|hip raise|pike|knee tuck*|bear crawl|crawl|get up|ab draw|abdominal draw in|draw in|vacuum|dragon flag|l sit|anti rotation|landmine 180*|landmine rotation|spider crawl|elbow to knee|oblique|side bridge|bent press|inchworm|bottoms up|leg over|leg tuck*|tuck|otis up|janda*|butt up|pull in|torso|windshield wiper|toes to bar|front lever|corkscrew|judo flip|stability|leg wheel|roman chair|side hold|core rotation|trunk rotation|spell caster|abdominal|skydiver"), gym.Core},
	{words("neck resistance|neck exercise|neck circle|neck half circle|neck extension|neck flexion|neck curl|neck bridge|head harness|head turn|head tilt|chin tuck|neck"), gym.NeckMotion},
	{words("wrist|forearm|gripper|plate pinch|finger|palms up|palms down|hand grip|hand squeeze|dead hang|deadhang|pronation|supination|fingerboard|grip trainer"), gym.WristMotion},
	{words("reverse nordic*|leg extension|knee extension|terminal knee|sissy squat"), gym.KneeExtension},
	{words("leg curl*|hamstring curl|nordic*|glute ham raise|ham raise|natural glute ham|slider curl|ball leg curl|glider hamstring|hamstring slide|manual hamstring|hamstring walkout"), gym.KneeFlexion},
	{words("calf|calves|heel raise|toe raise|toe press|tibialis|dorsiflexion|plantarflexion|ankle"), gym.CalfRaise},
	{words("shrug*|scapular pull up|scapular retraction|scapula pull|scapular push up"), gym.Shrug},
	{words("abduction|abductor|clam|clamshell|monster walk|lateral walk|lateral band|fire hydrant|side leg raise|hip circle|side lying leg"), gym.HipAbduction},
	{words("adduction|adductor|copenhagen|thigh adductor|groin squeeze"), gym.HipAdduction},
	{words("deadlift*|good morning|romanian|rdl|hip thrust|thrust|glute bridge|hip bridge|physioball hip bridge|back bridge|bridge|swing|glute kickback|kickback, glute|cable kickback|pull through|hyperextension|back extension|reverse hyper*|rack pull|hip extension|hip lift|butt lift|glute drive|donkey kick|stiff leg*|hip hinge|hinge|kneeling squat glute|kneeling kickback|kneeling squat|leg lift"), gym.Hinge},
	{words("squat*|leg press|hack|wall sit|goblet|sit to stand|zercher|thruster"), gym.Squat},
	{words("thruster|jammer|wall ball"), gym.VerticalPush},
	{words("pushdown|push down|pressdown|tricep*|skullcrusher|skull crush*|skull crusher|kickback|french press|close grip bench|close grip barbell bench|close grip dumbbell press|close grip ez bar press|jm press|tate press|bench dip|dip machine|lying extension|overhead extension|chain handle extension|body up"), gym.ElbowExtension},
	{words("*curl|biceps*|bicep*|preacher|hammer curl|concentration"), gym.ElbowFlexion},
	{words("reverse fly*|reverse cable fly*|reverse machine fly*|reverse flye*|fly, reverse|back fly*|rear delt*|rear deltoid|butterfly reverse|reverse butterfly|sled reverse fly*|y raise|t raise|w raise|face pull|facepull|upright row|upright barbell row|upright cable row|external rotation|internal rotation|cuban press|pull apart|lateral raise|side lateral|front raise|lateral|raise|raises|power partials|scaption|rotator|iron cross|arm circle|shoulder rotation|pirate ship|bus driver|car driver|to neck|snow angel|wall angel|ytwl|scapular circle"), gym.ShoulderRaise},
	{words("straight arm pulldown|straight arm pull down|pullover|pull over"), gym.VerticalPull},
	{words("fly|flye|flies|pec deck|butterfly|crossover|cross over|cable cross*|pullover|pull over|svend press|iron cross|around the world|isometric wipers|chest squeeze*"), gym.ChestFly},
	{words("pulldown|pull down|pull up|chin up|chin|rope climb|lat pull*|v bar pull*|kipping|climb*|rocky pull*|london bridge|incline pushdown|assisted pull"), gym.VerticalPull},
	{words("row|rowing|inverted row|t bar|upper back|middle back|bench pull|long pulley|cable row|body row"), gym.HorizontalPull},
	{words("bench press|benchpress|chest press|push up|floor press|press up|chest push|board press|pin press|incline press|decline press|incline dumbbell press|decline smith press|dumbbell bench|neck press|hex press|svend"), gym.HorizontalPush},
	{words("overhead press|overhead barbell press|shoulder press|military press|military|push press|arnold*|press overhead|behind the neck|behind neck|handstand*|z press|bradford*|overhead*|see saw press|seesaw press|sots press|log press|axle press|circus bell|press sitting|machine shoulder*|palm in*|palms in*|kettlebell press|para press|anti gravity press|landmine press|ohp|press"), gym.VerticalPush},
	{words("dip|parallel bar hold|press|bench|incline*|decline*"), gym.HorizontalPush},
}

// byMuscle is the pattern of an isolated movement when the name says nothing.
var byMuscle = map[gym.Muscle]gym.Pattern{
	gym.Abdominals: gym.Core, gym.Biceps: gym.ElbowFlexion, gym.Triceps: gym.ElbowExtension, gym.Calves: gym.CalfRaise, gym.Forearms: gym.WristMotion,
	gym.NeckMuscle: gym.NeckMotion, gym.Abductors: gym.HipAbduction, gym.Adductors: gym.HipAdduction,
}

// moving are words of a strength exercise that a cardio machine's word can stand in: "walking lunge".
var moving = words("lunge|crunch|squat|air bike|walking bridge|bicycle crunch")

// DerivePattern finds the movement pattern from category, name and muscles; gym.Unsorted when nothing fits, and no slot
// asks for that.
func DerivePattern(e gym.Exercise) gym.Pattern {
	name := fold(e.Name)
	switch strings.ToLower(e.Category) {
	case "stretching":
		return gym.Stretch
	case "cardio":
		if jumping.in(name) && !words("rope|skipping|swim*|swimming").in(name) {
			return gym.Plyometric
		}
		return gym.Cardio
	case "plyometrics":
		return gym.Plyometric
	}
	if strings.EqualFold(e.Equipment, "foam roll") {
		return gym.Stretch
	}
	if p := combined(name, e); p != "" {
		return p
	}
	for _, rule := range patternRules {
		if rule.name.in(name) && plausible(rule.pattern, e) && !(rule.pattern == gym.Cardio && moving.in(name)) {
			return rule.pattern
		}
	}
	if strings.EqualFold(e.Category, "olympic weightlifting") {
		return gym.Olympic
	}
	if isWalk.in(name) {
		return gym.Cardio
	}
	if len(e.Primary) > 0 && (e.Mechanic == "isolation" || len(e.Primary) == 1) {
		if p, ok := byMuscle[e.Primary[0]]; ok {
			return p
		}
	}
	return gym.Unsorted
}

var isWalk = words("walking")

// combined looks at names in which a word means something else than alone.
func combined(name string, e gym.Exercise) gym.Pattern {
	hits := func(muscles ...gym.Muscle) bool {
		return slices.ContainsFunc(e.Primary, func(m gym.Muscle) bool { return slices.Contains(muscles, m) })
	}
	switch {
	case words("lunge*|split squat|step up").in(name) && !words("jump*|sprint*|hop|plyo*|stretch*|get up").in(name) && plausible(gym.Lunge, e):
		return gym.Lunge // "walking lunge", "step-up with knee raise", "lunge pass through"
	case words("get up").in(name):
		return gym.Core
	case words("handstand*").in(name) && plausible(gym.VerticalPush, e):
		return gym.VerticalPush
	case words("neck").in(name) && !words("row|press|pulldown|pull down|pull up|stretch*|smr").in(name):
		if plausible(gym.NeckMotion, e) {
			return gym.NeckMotion
		}
		return gym.Unsorted
	case words("front squat|overhead squat").in(name) && plausible(gym.Squat, e):
		return gym.Squat // "front squat (clean grip)"
	case words("clean deadlift|snatch deadlift|deadlift").in(name) && !words("clean and|snatch and|car deadlift|row").in(name) && plausible(gym.Hinge, e):
		return gym.Hinge
	case words("clean shrug|snatch shrug").in(name):
		return gym.Shrug
	case words("press").in(name) && words("behind the neck|behind neck|neck press").in(name):
		if hits(gym.Chest) {
			return gym.HorizontalPush
		}
		return gym.VerticalPush
	case words("pulldown|pull down|pull up").in(name) && words("neck").in(name):
		return gym.VerticalPull
	case words("hanging pike|pike push up|pike pushup|pike press").in(name) && words("push*|press").in(name):
		return gym.VerticalPush
	case words("push up|press up").in(name) && hits(gym.Triceps) && !hits(gym.Chest) && words("close|triceps|diamond|narrow").in(name):
		return gym.ElbowExtension
	case words("press").in(name) && !words("push press|clean|jerk|leg press|calf press|toe press|triceps press|tricep press|floor press|bench press|squat|thruster|row|sit up").in(name) && hits(gym.Shoulders) && !hits(gym.Chest, gym.Triceps, gym.Abdominals) && !words("cuban|pallof|bent press|devil*").in(name):
		return gym.VerticalPush // seated and standing dumbbell presses, half-kneeling presses
	case words("pallof*").in(name):
		return gym.Core
	}
	return ""
}

// region says which primary muscles a pattern can have, so that "leg curl" is never an arm exercise and "press" never one
// for the legs.
var region = map[gym.Pattern][]gym.Muscle{
	gym.ElbowFlexion:   {gym.Biceps, gym.Forearms},
	gym.ElbowExtension: {gym.Triceps},
	gym.KneeExtension:  {gym.Quadriceps},
	gym.KneeFlexion:    {gym.Hamstrings, gym.Glutes},
	gym.HorizontalPush: {gym.Chest, gym.Triceps, gym.Shoulders},
	gym.VerticalPush:   {gym.Shoulders, gym.Triceps},
	gym.HorizontalPull: {gym.MiddleBack, gym.Lats, gym.Traps, gym.Shoulders, gym.LowBack},
	gym.VerticalPull:   {gym.Lats, gym.MiddleBack},
	gym.ChestFly:       {gym.Chest},
	gym.ShoulderRaise:  {gym.Shoulders, gym.Traps, gym.MiddleBack},
	gym.Shrug:          {gym.Traps, gym.MiddleBack, gym.Shoulders},
	gym.NeckMotion:     {gym.NeckMuscle},
	gym.WristMotion:    {gym.Forearms},
	gym.Core:           {gym.Abdominals, gym.LowBack, gym.Glutes, gym.Shoulders},
	gym.Hinge:          {gym.Hamstrings, gym.Glutes, gym.LowBack, gym.Quadriceps},
	gym.Squat:          {gym.Quadriceps, gym.Glutes, gym.Hamstrings, gym.Adductors},
	gym.Lunge:          {gym.Quadriceps, gym.Glutes, gym.Hamstrings, gym.Adductors},
	gym.HipAbduction:   {gym.Glutes, gym.Abductors},
	gym.HipAdduction:   {gym.Adductors, gym.Quadriceps, gym.Glutes},
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
func DeriveUnilateral(e gym.Exercise) bool { return unilateral.in(fold(e.Name)) }

// isLoaded reports whether the exercise adds weight to the body.
func isLoaded(e gym.Exercise) bool {
	return e.Equipment != gym.BodyOnly && e.Equipment != "bands" && e.Equipment != "exercise ball" && e.Equipment != "foam roll" || loaded.in(fold(e.Name))
}
