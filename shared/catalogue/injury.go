package catalogue

import (
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
)

// tagRule says when an exercise loads what a complaint must avoid. Too many tags cost choice, too few could hurt, so the
// rules lean to more.
type tagRule struct {
	tag  gym.InjuryTag
	when func(x subject) bool
}

// subject is an exercise as the tag rules see it.
type subject struct {
	gym.Exercise
	name   string // folded
	loaded bool
}

func (x subject) says(list string) bool           { return words(list).in(x.name) }
func (x subject) is(patterns ...gym.Pattern) bool { return slices.Contains(patterns, x.Pattern) }
func (x subject) with(equipment ...string) bool   { return slices.Contains(equipment, x.Equipment) }
func (x subject) hits(muscles ...gym.Muscle) bool {
	return slices.ContainsFunc(muscles, func(m gym.Muscle) bool { return slices.Contains(x.Primary, m) })
}

// floorFlexion is trunk flexion on the floor: on the back, with the neck held against gravity. Core exercises whose name
// says nothing else are taken for it.
func (x subject) floorFlexion() bool {
	return x.is(gym.Core) && !x.says("standing|hanging|kneeling|seated|plank|side|cable|bar|rollout|roll out|wheel|roller|fallout|captain*|mountain climber|crawl|superman|bird dog|l sit|get up|windmill|pallof*|chop|woodchop*|landmine|side bend|carry|crunch machine|lever|planche|figure 8|pass between|bent press|spell caster")
}

// toNeck is a bench press to the neck instead of the chest.
func (x subject) toNeck() bool {
	return x.says("guillotine") || x.says("neck press") && !x.says("behind*")
}

// overheadTriceps is a triceps extension whose name does not say that the arms stay low.
func (x subject) overheadTriceps() bool {
	return x.is(gym.ElbowExtension) && x.loaded && x.says("tricep extension|triceps extension|seated triceps press") && !x.says("lying|decline|incline|kickback|bent over|pushdown|machine")
}

// bentOver is work with a weight in a forward lean that nothing supports.
func (x subject) bentOver() bool {
	if x.says("seated|lying|supported|head on bench|incline|inverted|prone|seal row|bench pull|suspended|trx|helms") {
		return false
	}
	if x.is(gym.ShoulderRaise) && x.with("dumbbell", "barbell", "kettlebells") && x.says("reverse fly*|rear delt row|rear delt raise|back fly*") && !x.says("bench|machine") {
		return true
	}
	return x.loaded && (x.says("bent over|t bar|pendlay|pendelay|yates|kroc|gorilla|meadows") || x.is(gym.HorizontalPull) && (x.with("barbell") || x.with("kettlebells", "dumbbell") && !x.says("one arm|single arm|bench")))
}

var tagRules = []tagRule{
	{gym.Overhead, func(x subject) bool {
		return x.is(gym.VerticalPush, gym.Olympic) || x.overheadTriceps() || x.is(gym.VerticalPull) && x.says("pull up|chin up|chin|kipping|climb*|behind*|muscle up|pullover|pull over") ||
			!x.is(gym.Stretch) && x.says("overhead|over head|above head|snatch|jerk|thruster|pullover|handstand*|get up|windmill|press behind|military|slam|muscle up|bent press|push press|french press|skull*|wall ball|log lift|bottoms up|jammer|hanging|dead hang|deadhang|toes to bar|windshield wiper|lever|y raise|wall angel|clean and press|axe hold|cuban press|scapular pull up|scapula pull|london bridge")
	}},
	{gym.BehindNeck, func(x subject) bool {
		return x.says("behind the neck|behind neck|behind the head|bradford*|rear pull up|behind head") || x.toNeck()
	}},
	{gym.UprightRow, func(x subject) bool { return x.says("upright|cuban press|high pull|sumo high pull|muscle snatch") }},
	{gym.DeepDip, func(x subject) bool { return x.says("dip|muscle up") }},
	{gym.WideBench, func(x subject) bool {
		return x.says("wide grip|wide") && x.is(gym.HorizontalPush, gym.VerticalPull) || x.is(gym.ChestFly) || x.toNeck() || x.says("iron cross") ||
			x.is(gym.HorizontalPush) && x.with("barbell")
	}},
	{gym.DeepKneeFlexion, func(x subject) bool {
		return x.says("squat*") && !x.says("box squat|to a bench|half|quarter|partial") || x.is(gym.Squat) && !x.says("box squat|to a bench|wall sit|half|quarter|partial|sit to stand|leg press") || x.is(gym.Lunge, gym.Olympic) ||
			x.says("sissy|pistol|cossack|hack|frog|duck walk|reverse nordic*|thruster|wall ball|get up|burpee|step up|lunge*")
	}},
	{gym.LungeTag, func(x subject) bool {
		return x.is(gym.Lunge) || x.says("lunge*|split squat|get up|stair*|step mill|stepmill|climbmill")
	}},
	{gym.Jump, func(x subject) bool {
		return x.is(gym.Plyometric) || x.says("jump*|hop|bound|bounding|burpee|jack|skipping|skip|leap|plyo*|explosive|rope jump*")
	}},
	{gym.RunImpact, func(x subject) bool {
		return x.is(gym.Plyometric) || x.says("run|running|sprint*|jog|jogging|high knee|skating|rope jump*|rope skip*|jump rope|shuttle|marching|mountain climber|burpee|jack|skipping") || x.says("treadmill") && !x.says("walking|walk")
	}},
	{gym.OpenChainKneeExt, func(x subject) bool {
		return x.is(gym.KneeExtension) || x.says("leg extension|knee extension|flutter kick|leg raise") && x.hits(gym.Quadriceps)
	}},
	{gym.SpinalAxialLoad, func(x subject) bool {
		return x.loaded && (x.is(gym.Squat) && !x.says("leg press|lying|sled|belt") || x.is(gym.Olympic, gym.Carry) || x.is(gym.Lunge) && x.with("barbell") || x.is(gym.VerticalPush) && !x.says("seated|machine|landmine") || x.is(gym.Shrug) || x.is(gym.CalfRaise) && x.says("standing|barbell|smith") || x.says("deadlift*|good morning|rack pull|squat*|get up"))
	}},
	{gym.LoadedHinge, func(x subject) bool {
		return x.is(gym.Hinge) && (x.loaded && !x.says("hip thrust|thrust|glute bridge|bridge|kickback|kick back|hip extension|hip lift|donkey|hip drive|leg lift|glute drive") || x.says("good morning|hyperextension|back extension|reverse hyper*|deadlift*")) || x.is(gym.Olympic, gym.Carry) ||
			x.bentOver() || x.says("figure 8|pass between|swing|tire flip|stone|good morning|deadlift*") && !x.says("leg swing")
	}},
	{gym.SpinalFlexion, func(x subject) bool {
		return x.is(gym.Cardio) && x.says("row|rowing|rower") || x.is(gym.Core) && !x.says("plank|pallof*|dead bug|deadbug|bird dog|anti rotation|carry|side bridge|side hold|vacuum|draw in|stabilization|superman|hollow*|l sit|get up|skydiver|planche") ||
			!x.is(gym.Stretch) && x.says("crunch*|sit up|v up|jackknife|jack knife|toe touch*|roll up|knee tuck*|bicycle crunch|air bike|good morning|inchworm|windmill|toes to bar|hollow*|l sit")
	}},
	{gym.SpinalRotationLoaded, func(x subject) bool {
		return x.says("twist*|russian*|wood chop*|woodchop*|chop|landmine 180*|landmine rotation|windmill|rotation*|rotational|rotary|side bend|oblique*|around the world|judo|sledgehammer|get up|bicycle crunch|air bike|elbow to knee|torso|renegade|bent press|helicopter|windshield wiper|corkscrew|cross body crunch|spell caster|figure 8|pass between|trunk rotation|side trunk") && !x.says("external rotation|internal rotation|pallof press|anti rotation|shoulder*|wrist rotation")
	}},
	{gym.WristExtension, func(x subject) bool {
		return x.says("push up|plank*|handstand*|burpee|mountain climber|bear crawl|crawl|bear walk|dip|front squat*|renegade|inchworm|superman push*|press up|clean*|planche|crow|bird dog|wrist|wheel|squat thrust|quadruped|all fours|donkey kick|fire hydrant|parallel bar hold|l sit|body up|body tricep press") && !x.says("forearm plank|elbow plank") ||
			x.is(gym.Hinge) && x.with(gym.BodyOnly) && x.says("kickback|donkey kick") ||
			x.is(gym.HorizontalPush, gym.VerticalPush) && x.with("barbell", "kettlebells") || x.is(gym.ElbowExtension) && x.with("barbell") || x.is(gym.WristMotion, gym.Olympic)
	}},
	{gym.GripHeavy, func(x subject) bool {
		return x.is(gym.Carry, gym.WristMotion, gym.Olympic) || x.is(gym.VerticalPull) && !x.with("bands") || x.is(gym.Shrug) && x.loaded || x.is(gym.HorizontalPull) && x.with("barbell", "dumbbell", "kettlebells") ||
			x.is(gym.Hinge) && x.with("barbell", "dumbbell", "kettlebells") && !x.says("hip thrust|thrust|glute bridge|bridge") || x.says("hang|hanging|rope climb|battle rope|battling rope|farmer*|swing|deadlift*|toes to bar|lever|sledgehammer") && !x.says("leg swing")
	}},
	{gym.Supine, func(x subject) bool {
		return x.floorFlexion() || x.toNeck() || x.says("lying|floor press|bench press|glute bridge|hip bridge|hip thrust|crunch*|sit up|dead bug|deadbug|leg raise|flutter kick|bicycle crunch|air bike|skull*|pullover|bridge|hollow*|v up|supine|butt lift|board press|hip lift|pin press|flat bench|decline dumbbell|decline ez*|decline smith|smith machine decline|close grip dumbbell press|close grip ez bar press|tate press|jm press|chain press|ball leg curl|hamstring slide") && !x.says("face down|prone|incline|leg curl|reverse fly*|side lying|hanging|seated|standing|captain*|machine crunch|rear*|row|t bar|cable crunch|kneeling") ||
			x.is(gym.HorizontalPush) && x.with("barbell", "dumbbell") && !x.says("incline|standing|seated|push up|landmine|dip") || x.is(gym.ChestFly) && x.with("dumbbell", "barbell") && !x.says("incline|standing|seated")
	}},
	{gym.Prone, func(x subject) bool {
		return x.says("prone|face down|superman*|lying leg curl|leg curl, lying|leg curls, laying|leg curl (laying)|lying t bar*|rear lateral raise|lying rear*|lying cambered*|lying high bench*|seal row|bench pull|reverse hyper*|hyperextension|back extension|glute ham raise|cobra|swimmer*|chest supported|supported on the chest|one half locust|snow angel|skydiver") && !x.says("seated|machine back extension")
	}},
	{gym.ValsalvaHeavy, func(x subject) bool {
		heavy := x.with("barbell") && (x.is(gym.Squat, gym.Hinge, gym.HorizontalPush, gym.VerticalPush, gym.HorizontalPull, gym.Lunge) || x.says("bench press|floor press")) && !x.says("hip thrust|thrust|glute bridge|landmine")
		sport := x.Category != "" && strings.Contains("powerlifting strongman olympic weightlifting", strings.ToLower(x.Category))
		return heavy || sport || x.is(gym.Olympic, gym.Carry) || x.says("deadlift*|rack pull|handstand*|leg press|hack squat|smith machine squat|trap bar*")
	}},
	{gym.NeckLoad, func(x subject) bool {
		return x.is(gym.NeckMotion, gym.Shrug, gym.Olympic) || x.floorFlexion() && x.says("crunch*|sit up|v up|jackknife|cocoon*|hollow*|elbow to knee|heel touch*|toe touch*|twist*|bicycle*|air bike|reach*") || x.says("neck|headstand|handstand*|upright|crunch*|sit up|back squat|bradford*|plough|dragon flag|bridge neck") && !x.says("machine crunch|cable crunch") ||
			x.is(gym.Squat, gym.Lunge) && x.with("barbell")
	}},
	{gym.FallRisk, func(x subject) bool {
		return x.is(gym.Plyometric, gym.Olympic) || x.with("exercise ball") || x.says("handstand*|headstand|pistol|bosu|balance*|london bridge|exercise ball|stability ball|physioball|box jump|step up|climb*|ring|muscle up|kipping|single leg*|one leg*|one legged*|walking lunge|lunges walking|cossack|skating|get up|windmill|slackline|sled|tire flip|frog stand|planche|running|treadmill|inverted row")
	}},
	{gym.LoadsElbow, func(x subject) bool {
		return x.is(gym.ElbowFlexion, gym.ElbowExtension, gym.WristMotion) || x.says("dip|muscle up|chin up|chin|close grip|skull*|pull up|climb*")
	}},
	{gym.LoadsAnkle, func(x subject) bool {
		return x.is(gym.CalfRaise, gym.Plyometric) || x.says("ankle|toe raise|heel raise|jump*|sprint*|run|running|jog|jogging|sled|skating|skipping|rope skip*|tibialis|marching") && !x.is(gym.Stretch)
	}},
	{gym.LongIsometric, func(x subject) bool {
		return x.says("plank*|wall sit|hold|isometric*|isometria|l sit|hollow*|static|side bridge|iron cross|vacuum|planche|lever|dead hang|deadhang") || x.Force == "static" && !x.is(gym.Stretch)
	}},
	{gym.Unclassified, func(x subject) bool {
		return x.is(gym.Unsorted, "") || x.is(gym.Cardio) && !x.says("bike|biking|bicycling|cycling|elliptical|rowing|rower|swim*|walk|walking|cross trainer|stair*|step mill|stepmill|climbmill|step touch|ski machine|ski erg|recumbent|battle rope|battling rope|ergometer|run|running|jog|jogging|treadmill|skating|high knee|marching|jump*|rope skip*|skipping|sled push|shadow box*|hiking")
	}},
}

// DeriveInjuryTags lists what the exercise loads. One whose pattern the rules could not find, or whose name does not tell
// the impact of a cardio exercise, is Unclassified: unsafe for anyone who must avoid anything.
func DeriveInjuryTags(e gym.Exercise) []gym.InjuryTag {
	x := subject{Exercise: e, name: fold(e.Name), loaded: isLoaded(e)}
	tags := []gym.InjuryTag{}
	for _, rule := range tagRules {
		if rule.when(x) {
			tags = append(tags, rule.tag)
		}
	}
	return tags
}
