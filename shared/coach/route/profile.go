package route

import (
	"regexp"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
)

var sites = []struct {
	form *regexp.Regexp
	site gym.InjurySite
}{
	{mustForm(`lower back|low back|lumbar|lower spine|sciatica|slipped disc|herniated disc|disc|si joint|tailbone|sacrum`), gym.LowerBack},
	{mustForm(`upper back|mid back|middle back|thoracic|between my shoulder blades|shoulder blades?|traps?`), gym.UpperBack},
	{mustForm(`shoulders?|rotator cuffs?|ac joint|collarbone|frozen shoulder`), gym.Shoulder},
	{mustForm(`neck|cervical|whiplash`), gym.Neck},
	{mustForm(`elbows?|tennis elbow|golfers? elbow|forearms?`), gym.Elbow},
	{mustForm(`wrists?|hands?|carpal tunnel|thumbs?|fingers?`), gym.Wrist},
	{mustForm(`hips?|groin|hip flexors?|adductors?`), gym.Hip},
	{mustForm(`knees?|acl|mcl|meniscus|kneecaps?|patella|patellar|runners knee|it band`), gym.Knee},
	{mustForm(`ankles?|achilles|foot|feet|heels?|plantar fasciitis|toes?|shin splints|shins?|calf|calves`), gym.Ankle},
	{mustForm(`back|spine`), gym.LowerBack},
}

var (
	pastInjury  = mustForm(`(?:years?|months?) (?:ago|back)|last (?:year|summer|winter|spring|autumn|season)|used to|old|previous|previously|past|healed|recovered|history of|in the past|fine (?:again|now)|(?:all )?(?:good|well|better|okay|ok) (?:again|now)|back to normal|no more (?:problems?|trouble|issues?|pain)|gone now|cleared up|behind me|is over|over now|ok now|okay now|back then|when i was|as a (?:kid|teenager|child)|had (?:\S+ ){0,5}(?:surgery|operation|replacement|reconstruction|injury|fracture)|(?:tore|broke|dislocated|sprained|fractured|injured|hurt) (?:\S+ ){0,5}(?:years|in (?:19|20)\d\d|in college|at school|once)|in (?:19|20)\d\d|no longer hurts|does not hurt anymore|all good now|all healed|completely healed|was operated|surgery in`)
	unknownHurt = mustForm(`undiagnosed|not (?:been )?(?:diagnosed|checked|examined|seen)|no (?:idea|clue) (?:what|why)|do not know (?:what|why)|not sure (?:what|why)|no diagnosis|(?:have|has) not (?:\S+ ){0,3}(?:diagnosed|checked|looked at|seen|been to|a doctor)|without (?:a )?diagnosis|unclear|(?:nobody|no one|no-one|no doctor) (?:knows|can tell|could tell|can say|found|has found|seems to know|really knows)|doctor does not know|waiting for (?:\S+ ){0,3}(?:mri|scan|x-?ray|results|diagnosis)|for no reason|unexplained|unknown|cannot tell (?:what|why)|(?:something|weird|strange|funny|odd) (?:\S+ ){0,3}(?:wrong|noise|feeling|sensation|with)|never got it checked|not looked at|do not yet know|yet to be diagnosed|waiting on`)
	sided       = regexp.MustCompile(` (left|right|both) `)
)

// findInjury reads where a complaint is and how it stands. It knows words, not medicine: what is not said to be past or
// unexplained is pain now, the most careful reading.
func findInjury(plain string) (gym.InjurySite, gym.Injury) {
	for _, s := range sites {
		if !s.form.MatchString(plain) {
			continue
		}
		injury := gym.Injury{Site: s.site, Status: gym.Pain}
		switch {
		case unknownHurt.MatchString(plain):
			injury.Status = gym.Undiagnosed
		case pastInjury.MatchString(plain):
			injury.Status = gym.PastInjury
		}
		if side := sided.FindStringSubmatch(plain); side != nil {
			injury.Note = side[1]
		}
		return s.site, injury
	}
	return "", gym.Injury{}
}

var goalForms = []struct {
	form *regexp.Regexp
	goal gym.Goal
}{
	{mustForm(`(?:lose|losing|drop|dropping|shed|shedding|burn|burning)(?: \S+){0,3} (?:weight|fat|kg|kilos|pounds|belly|inches|xweight)|(?:lose|drop|shed) (?:\S+ )?(?:xweight|\d+ ?kg)|weight loss|fat loss|slim(?:ming)? down|lean(?:ing)? out|cutting|(?:to|on a|a) cut|get(?:ting)? (?:\S+ )?(?:lean|leaner|shredded|ripped|slim|slimmer)|lose weight|fat-loss`), gym.FatLoss},
	{mustForm(`(?:build|building|gain|gaining|add|adding|put on|putting on|grow|growing|more)(?: \S+){0,3} (?:muscles?|mass|size|weight)|muscle (?:gain|growth|building|mass)|mass (?:gain|gaining|building)|hypertrophy|bulk|bulking|get(?:ting)? (?:\S+ )?(?:bigger|big|jacked|muscular|swole|huge)|muscle-gain|gain xweight`), gym.MuscleGain},
	{mustForm(`strength|stronger|strong|powerlifting|power|1rm|one rep max|max(?:es)?`), gym.Strength},
	{mustForm(`endurance|stamina|marathon|half marathon|triathlon|conditioning|10 ?km?|5 ?km?|run(?:ning)? (?:further|longer|faster)|cardio|aerobic`), gym.Endurance},
	{mustForm(`health|healthy|healthier|fitness|fit|fitter|wellness|wellbeing|stay active|feel better|general|toned|tone up`), gym.Health},
}

func findGoal(plain string) gym.Goal {
	// "not lose weight but build muscle", "from fat loss to strength": the last one counts
	for _, turn := range []string{" instead of ", " rather than ", " not "} {
		if before, _, ok := strings.Cut(plain, turn); ok && turn != " not " {
			if g := findGoal(before + " "); g != "" {
				return g
			}
		}
	}
	if _, after, ok := strings.Cut(plain, " from "); ok {
		if _, to, ok := strings.Cut(after, " to "); ok {
			if g := findGoal(" " + to); g != "" {
				return g
			}
		}
	}
	for _, f := range goalForms {
		if f.form.MatchString(plain) {
			return f.goal
		}
	}
	return ""
}

var (
	thing      = `(?:` + foods + `|` + moves + `|` + activities + `)`
	thingForm  = regexp.MustCompile(` (` + thing + `) `)
	lovesForm  = mustForm(`love|like|likes|enjoy|adore|into|fan of|prefer|fond of|keen on|crazy about|mad about|partial to|favorites?|loving|enjoying|more|give me|include|my thing|my jam|great fun`)
	hatesForm  = mustForm(`hate|dislikes?|(?:do|does) not (?:like|enjoy|want|eat|fancy|care for|do)|cannot (?:stand|bear|stomach)|can not stand|despise|not a (?:\S+ )?fan|no fan|detest|sick of|loathe|never eat|avoid|not into|not keen|tired of|rather not|fed up with|refuse|not fond|bored of|no more|leave out|stop giving|not my thing|the worst|disgusting|gross|boring|not for me|awful|yuck|horrible|without|no`)
	turnOfTalk = regexp.MustCompile(` (?:but|although|though|however|whereas|while) | and (?:i )?(?:hate|love|like|do not|cannot|dislike|enjoy) `)
)

// findTastes lists what plain words like and dislike. A part that says both counts for what it says last.
func findTastes(plain string) (likes, dislikes []string) {
	from := 0
	var partsOf []string
	for _, at := range turnOfTalk.FindAllStringIndex(plain, -1) {
		partsOf = append(partsOf, plain[from:at[0]+1])
		from = at[0]
	}
	partsOf = append(partsOf, plain[from:])
	for _, part := range partsOf {
		things := findThings(part)
		switch {
		case hatesForm.MatchString(part):
			dislikes = append(dislikes, things...)
		case lovesForm.MatchString(part):
			likes = append(likes, things...)
		}
	}
	return likes, dislikes
}

func findThings(plain string) []string {
	var out []string
	for {
		at := thingForm.FindStringSubmatchIndex(plain)
		if at == nil {
			return out
		}
		if name := plain[at[2]:at[3]]; !slices.Contains(out, name) {
			out = append(out, name)
		}
		plain = plain[at[3]:]
	}
}
