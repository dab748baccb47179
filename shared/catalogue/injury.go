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
	name   string // lower case
	loaded bool
}

func (x subject) says(list string) bool           { return words(list).in(x.name) }
func (x subject) is(patterns ...gym.Pattern) bool { return slices.Contains(patterns, x.Pattern) }
func (x subject) with(equipment ...string) bool   { return slices.Contains(equipment, x.Equipment) }
func (x subject) hits(muscles ...gym.Muscle) bool {
	return slices.ContainsFunc(muscles, func(m gym.Muscle) bool { return slices.Contains(x.Primary, m) })
}

var tagRules = []tagRule{
	{gym.Overhead, func(x subject) bool {
		return x.is(gym.VerticalPush, gym.Olympic) || x.says("overhead|snatch|jerk|thruster|pullover|handstand*|get-up|get up|windmill|press behind|military|slam|muscle-up|muscle up|bent press|push press|french press|skull*|wall ball|log lift|bottoms-up|jammer") && !x.is(gym.Stretch) ||
			x.is(gym.VerticalPull) && x.says("pull-up|pull up|pullup|pullups|chin-up|chin up|chin|chin-ups|pull-ups|kipping|climb*|behind*")
	}},
	{gym.BehindNeck, func(x subject) bool {
		return x.says("behind the neck|behind neck|behind-the-neck|bradford*|rear pull-up")
	}},
	{gym.UprightRow, func(x subject) bool { return x.says("upright row|upright|high pull|sumo high pull|muscle snatch") }},
	{gym.DeepDip, func(x subject) bool { return x.says("dip|dips|bench dip|ring dip|korean dip|muscle up|muscle-up") }},
	{gym.WideBench, func(x subject) bool {
		return x.says("wide-grip|wide grip|wide") && x.is(gym.HorizontalPush, gym.VerticalPull) || x.says("guillotine|neck press|flye|flyes|fly|flies|pec deck|crossover|cross-over|iron cross") && x.hits(gym.Chest) ||
			x.is(gym.HorizontalPush) && x.with("barbell")
	}},
	{gym.DeepKneeFlexion, func(x subject) bool {
		return x.is(gym.Squat) && !x.says("box squat|wall sit|half|quarter|partial|sit-to-stand|sit to stand|leg press") || x.is(gym.Lunge) || x.is(gym.Olympic) || x.says("sissy|pistol|cossack|hack|frog|duck walk|nordic reverse")
	}},
	{gym.LungeTag, func(x subject) bool { return x.is(gym.Lunge) }},
	{gym.Jump, func(x subject) bool {
		return x.is(gym.Plyometric) || x.says("jump*|hop|hops|bound*|burpee|jack|jacks|skipping|leap|plyo*|box jump|explosive")
	}},
	{gym.RunImpact, func(x subject) bool {
		return x.is(gym.Plyometric) || x.says("run|running|sprint*|jog*|treadmill|high knees|skating|rope jump*|rope skip*|shuttle|marching|mountain climber*|burpee|jack|jacks") && !x.says("walking")
	}},
	{gym.OpenChainKneeExt, func(x subject) bool {
		return x.is(gym.KneeExtension) || x.says("leg extension|knee extension|flutter kick*|leg raise") && x.hits(gym.Quadriceps)
	}},
	{gym.SpinalAxialLoad, func(x subject) bool {
		return x.loaded && (x.is(gym.Squat) && !x.says("leg press|lying|sled|belt") || x.is(gym.Olympic, gym.Carry) || x.is(gym.Lunge) && x.with("barbell") || x.is(gym.VerticalPush) && !x.says("seated|machine|landmine") || x.is(gym.Shrug) || x.is(gym.CalfRaise) && x.says("standing|barbell|smith") || x.says("deadlift*|good morning*|rack pull*"))
	}},
	{gym.LoadedHinge, func(x subject) bool {
		return x.is(gym.Hinge) && (x.loaded && !x.says("hip thrust|thrust|glute bridge|bridge|kickback|hip extension|hip lift|donkey") || x.says("good morning*|hyperextension*|back extension|reverse hyper*")) || x.is(gym.Olympic, gym.Carry) ||
			x.is(gym.HorizontalPull) && x.loaded && x.says("bent over|bent-over|barbell|t-bar|pendlay|yates|standing") && !x.says("chest supported|chest-supported|lying|seated|supported|incline") || x.says("swing|swings|tire flip|stone*|good morning*")
	}},
	{gym.SpinalFlexion, func(x subject) bool {
		return x.says("crunch*|sit-up|sit up|situp|v-up|jackknife|jack knife|toe touch*|leg raise|knee raise|leg pull-in|roll-up|cocoon*|tuck|knee tuck|hollow*|bicycle|air bike|rollout|ab roller|dragon flag|body-up|janda*|otis-up|flutter kick*|scissor kick*|pike|inchworm|windmill|good morning*|hip raise|bottoms up|toes to bar|leg-over") ||
			x.is(gym.Core) && x.loaded && !x.says("plank*|pallof|dead bug|bird dog|anti-rotation|carry")
	}},
	{gym.SpinalRotationLoaded, func(x subject) bool {
		return x.says("twist*|russian*|wood chop*|woodchop*|chop|landmine 180*|windmill|rotation*|rotational|side bend|oblique*|around the world|judo|sledgehammer|get-up|get up|bicycle|air bike|elbow to knee|torso|renegade|bent press|helicopter") && !x.says("external rotation|internal rotation|pallof|anti-rotation|shoulder*")
	}},
	{gym.WristExtension, func(x subject) bool {
		return x.says("push-up|push up|pushup|push-ups|pushups|plank*|handstand*|burpee|mountain climber*|bear crawl|crawl|dip|dips|front squat*|renegade|inchworm|bench dip|superman push*|press-up|clean*|planche|crow|side plank|bird dog|wrist|wheel") && !x.says("forearm plank|elbow plank") ||
			x.is(gym.HorizontalPush, gym.VerticalPush) && x.with("barbell", "kettlebells") || x.is(gym.WristMotion) || x.is(gym.Olympic)
	}},
	{gym.GripHeavy, func(x subject) bool {
		return x.is(gym.Carry, gym.WristMotion, gym.Olympic, gym.VerticalPull) && !(x.is(gym.VerticalPull) && x.with("bands")) || x.is(gym.Shrug) && x.loaded || x.is(gym.HorizontalPull) && x.with("barbell", "dumbbell", "kettlebells") ||
			x.is(gym.Hinge) && x.with("barbell", "dumbbell", "kettlebells") && !x.says("hip thrust|thrust|glute bridge|bridge") || x.says("hang|hanging|rope|farmer*|swing|swings")
	}},
	{gym.Supine, func(x subject) bool {
		return x.says("lying|floor press|bench press|glute bridge|hip thrust|crunch*|sit-up|sit up|situp|dead bug|leg raise|flutter kick*|bicycle|air bike|skull*|pullover|bridge|hollow*|v-up|supine|butt lift|guillotine|board press|hip lift") && !x.says("face down|prone|incline|leg curl|lying leg curl*|lying face down*|reverse fly*|side-lying|hanging|seated|standing|captain*") ||
			x.is(gym.HorizontalPush) && x.with("barbell", "dumbbell") && !x.says("incline|standing|seated|push-up|landmine") || x.is(gym.ChestFly) && x.with("dumbbell", "barbell") && !x.says("incline|standing|seated")
	}},
	{gym.Prone, func(x subject) bool {
		return x.says("prone|face down|superman*|lying leg curl*|leg curl, lying|lying t-bar*|seal row|reverse hyper*|lying rear*|cobra|swimmer*|lying high bench*|incline bench pull*|chest supported|chest-supported") && !x.says("seated")
	}},
	{gym.ValsalvaHeavy, func(x subject) bool {
		heavy := x.with("barbell") && x.is(gym.Squat, gym.Hinge, gym.HorizontalPush, gym.VerticalPush, gym.HorizontalPull, gym.Lunge) && !x.says("hip thrust|thrust|glute bridge|landmine")
		return heavy || x.is(gym.Olympic, gym.Carry) || strings.Contains("powerlifting strongman olympic weightlifting", strings.ToLower(x.Category)) && x.Category != "" || x.says("deadlift*|rack pull*|handstand*|leg press")
	}},
	{gym.NeckLoad, func(x subject) bool {
		return x.is(gym.NeckMotion, gym.Shrug) || x.says("neck|headstand|handstand*|behind the neck|behind neck|upright row|crunch*|sit-up|sit up|situp|back squat|barbell squat|bradford*|plough|dragon flag") || x.is(gym.Squat) && x.with("barbell") || x.is(gym.Olympic)
	}},
	{gym.FallRisk, func(x subject) bool {
		return x.says("handstand*|headstand|pistol|bosu|balance|exercise ball|stability ball|box jump|step-up|step up|rope climb|climb*|ring|rings|muscle-up|muscle up|kipping|single leg squat|single-leg squat|single leg deadlift|single-leg deadlift|one-leg*|walking lunge|cossack|skating|get-up|windmill|slackline|sled|tire flip") || x.is(gym.Plyometric, gym.Olympic)
	}},
	{gym.LoadsElbow, func(x subject) bool {
		return x.is(gym.ElbowFlexion, gym.ElbowExtension) || x.says("dip|dips|muscle-up|muscle up|chin-up|chin up|close-grip|close grip") || x.is(gym.VerticalPull) && x.says("pull-up|pull up|pullup|pullups|chin")
	}},
	{gym.LoadsAnkle, func(x subject) bool {
		return x.is(gym.CalfRaise, gym.Plyometric) || x.says("ankle|toe raise|heel raise|jump*|sprint*|run|running|sled|rope|skating") && !x.is(gym.Core, gym.VerticalPull, gym.ElbowExtension, gym.ElbowFlexion, gym.ShoulderRaise)
	}},
	{gym.LongIsometric, func(x subject) bool {
		return x.says("plank*|wall sit|hold|isometric*|l-sit|hollow*|static|bridge hold|superman hold|side bridge|iron cross|vacuum") || x.Force == "static" && !x.is(gym.Stretch)
	}},
}

// DeriveInjuryTags lists what the exercise loads. One whose pattern the rules could not find is Unclassified: unsafe for
// anyone who must avoid anything.
func DeriveInjuryTags(e gym.Exercise) []gym.InjuryTag {
	x := subject{Exercise: e, name: strings.ToLower(e.Name), loaded: isLoaded(e)}
	tags := []gym.InjuryTag{}
	for _, rule := range tagRules {
		if rule.when(x) {
			tags = append(tags, rule.tag)
		}
	}
	if e.Pattern == gym.Unsorted || e.Pattern == "" {
		tags = append(tags, gym.Unclassified)
	}
	return tags
}
