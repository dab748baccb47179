package route

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/coach/when"
	"github.com/intellifit/intellifit/shared/gym"
)

// ahead is how far a question about free times without a time looks.
const ahead = 7 * 24 * time.Hour

// resolver reads the slots of one action out of one piece of talk.
type resolver struct {
	turn Turn
	talk talk
	d    Decision
}

// resolve fills the slots of action from text and says what is missing. It never makes up what was not said.
func resolve(action, text string, t Turn) Decision {
	r := &resolver{turn: t, talk: hear(text, t), d: Decision{Action: action}}
	switch action {
	case Check:
		r.check()
	case Schedule:
		r.schedule()
	case Reschedule:
		r.reschedule()
	case Cancel:
		r.cancel()
	case List:
		r.list()
	case Workout:
		r.d.Slots.Date = r.date(false)
	case Plan:
		r.plan()
	case Log:
		r.log()
	case Profile:
		r.profile()
	case Escalate:
		r.d.Slots.Reason = reason(read(t.Text, namesOf(t.Coaches)).plain) // it may stand in another sentence
	}
	return r.d
}

// lack notes a missing slot. Only the first one is asked for.
func (r *resolver) lack(slot, question string, open Open) {
	r.d.Missing = append(r.d.Missing, slot)
	if r.d.Question == "" {
		open.Slot = slot
		r.d.Question, r.d.Open = question, &open
	} else if open.Day != nil && r.d.Open != nil {
		r.d.Open.Day, r.d.Open.Until, r.d.Open.Times = open.Day, open.Until, open.Times // for the question after this one
	}
}

func (r *resolver) check() {
	r.coach(false)
	r.d.Slots.Minutes = r.talk.length
	span, ok := r.window()
	if !ok {
		span = when.Span{From: r.turn.Now, To: r.turn.Now.Add(ahead)}
	}
	r.d.Slots.From, r.d.Slots.To = &span.From, &span.To
}

// window is the time that is asked about: the first one that is named, with its day. "From five" has no end but that of the
// day, "from Monday to Wednesday" ends with its second day.
func (r *resolver) window() (when.Span, bool) {
	spans := r.joined(r.talk.times, r.turn.Now)
	if len(spans) == 0 {
		return when.Span{}, false
	}
	spans = r.inRequest(spans)
	s, text := spans[0], r.talk.said.text
	if s.At && (fromHour.MatchString(s.Phrase) || strings.HasSuffix(text[:s.at], "from ")) {
		s.To = when.OnDay(s.From, 24*60)
	}
	if len(spans) > 1 && !s.At && s.Day && spans[1].Day && !spans[1].At {
		if end := s.at + len(s.Phrase); end <= spans[1].at && (through.MatchString(text[end:spans[1].at]) || between.MatchString(text[:s.at])) && spans[1].To.After(s.From) {
			s.To = spans[1].To
		}
	}
	return s.Span, true
}

// inRequest keeps the times of the sentence that asks, where it has any: "I am back on Monday. Is Jonas free on Tuesday?"
func (r *resolver) inRequest(spans []spot) []spot {
	text, from := r.talk.said.text, 0
	ends := append(sentenceEnd.FindAllStringIndex(text, -1), []int{len(text), len(text)})
	if len(ends) < 2 || len(spans) < 2 {
		return spans
	}
	for _, end := range ends {
		within := slices.DeleteFunc(slices.Clone(spans), func(s spot) bool { return s.at < from || s.at >= end[1] })
		if len(within) > 0 && judge(hear(text[from:end[0]], r.turn).masked).action == r.d.Action {
			return within
		}
		from = end[1]
	}
	return spans
}

var (
	fromHour = regexp.MustCompile(`\bfrom (?:\S+ )?\d`)
	through  = regexp.MustCompile(`^ ?(?:to|until|till|through|-) ?$`)
	between  = regexp.MustCompile(`\bbetween (?:the )?$`)
)

func (r *resolver) schedule() {
	r.d.Slots.Minutes = r.talk.length
	spans := r.joined(r.talk.times, r.turn.Now)
	r.coach(true)
	r.startsAt(pickTime(spans))
}

// pickTime is the time to book among those that were named: the first with a time of day.
func pickTime(spans []spot) *spot {
	for i := range spans {
		if spans[i].At {
			return &spans[i]
		}
	}
	if len(spans) > 0 {
		return &spans[0]
	}
	return nil
}

// startsAt sets the start, or asks for it.
func (r *resolver) startsAt(s *spot) {
	switch {
	case s == nil:
		r.lack("starts_at", "When would you like that? Please name a day and a time.", Open{})
	case len(s.Vague) > 0:
		from := s.From
		r.lack("starts_at", "Which time do you mean: "+strings.Join(s.Vague, " or ")+"?", Open{Day: &from, Times: s.Times})
	case !s.At:
		from, to := s.From, s.To
		r.lack("starts_at", "At what time "+spell(s.Span, r.turn.Now)+"?", Open{Day: &from, Until: &to})
	case s.From.Before(r.turn.Now):
		r.lack("starts_at", "That time has passed. Which time would you like instead?", Open{})
	default:
		at := s.From
		r.d.Slots.StartsAt = &at
	}
}

func spell(s when.Span, now time.Time) string {
	if long(s) {
		return "and on which day"
	}
	said := when.Spell(s.From, now)
	if i := strings.LastIndex(said, ","); i > 0 {
		said = said[:i]
	}
	return "on " + said
}

// long reports whether s is more than one day; the longest has 25 hours.
func long(s when.Span) bool { return s.To.Sub(s.From) > 25*time.Hour }

// coach sets the coach. needed says that the action cannot do without one.
func (r *resolver) coach(needed bool) {
	who := r.talk.who
	switch {
	case len(who.ids) == 1:
		r.d.Slots.Coach = who.ids[0]
	case who.meant && r.turn.Last != nil && r.turn.Last.Slots.Coach != "": // "book him": the one that was spoken of
		r.d.Slots.Coach = r.turn.Last.Slots.Coach
	case len(who.ids) > 1:
		r.lack("coach", r.whichCoach(who.ids), Open{Choices: choicesOf(r.turn.Coaches, who.ids)})
	case who.unknown != "":
		r.lack("coach", fmt.Sprintf("There is no coach of the name %s here. %s", title(who.unknown), r.whichCoach(nil)), Open{Choices: choicesOf(r.turn.Coaches, nil)})
	case who.any && !needed:
	case who.own && r.turn.CoachID != "", needed && !who.any && r.turn.CoachID != "":
		r.d.Slots.Coach = r.turn.CoachID
	case needed && len(r.turn.Coaches) == 1:
		r.d.Slots.Coach = r.turn.Coaches[0].ID
	case needed:
		r.lack("coach", r.whichCoach(nil), Open{Choices: choicesOf(r.turn.Coaches, nil)})
	}
}

func (r *resolver) whichCoach(ids []string) string {
	choices := choicesOf(r.turn.Coaches, ids)
	if len(choices) == 0 {
		return "With which coach?"
	}
	names := make([]string, len(choices))
	for i, c := range choices {
		names[i] = c.Name
	}
	return "Which coach: " + either(names) + "?"
}

// choicesOf are the coaches with these ids, all of them without ids.
func choicesOf(coaches []gym.Coach, ids []string) []Choice {
	var out []Choice
	for _, c := range coaches {
		for _, id := range ids {
			if c.ID == id {
				out = append(out, Choice{c.ID, c.Name})
			}
		}
		if len(ids) == 0 {
			out = append(out, Choice{c.ID, c.Name})
		}
	}
	return out
}

// either joins names as a question does: "A, B or C".
func either(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func (r *resolver) list() {
	if span, ok := r.window(); ok {
		r.d.Slots.From, r.d.Slots.To = &span.From, &span.To
	}
}

// date is the day that was named, "" for none and for today. What is done lies in the past: then a day that is still to come,
// as "on Monday" is by convention, is the last such day.
func (r *resolver) date(done bool) string {
	today := day(r.turn.Now)
	for _, s := range r.talk.times {
		if long(s.Span) {
			continue
		}
		named := day(s.From)
		if done && named.After(today) {
			named = lastSuch(named, today)
		}
		if named.Equal(today) {
			continue
		}
		return named.Format(time.DateOnly)
	}
	return ""
}

// lastSuch is the last day before today that goes by the same weekday, number or date as a day to come.
func lastSuch(named, today time.Time) time.Time {
	for _, back := range []time.Time{named.AddDate(0, 0, -7), named.AddDate(0, -1, 0), named.AddDate(-1, 0, 0)} {
		if back.Before(today) {
			return back
		}
	}
	return named
}

var (
	perWeek   = regexp.MustCompile(` (\d) ?(?:-?days?|times|x|sessions|workouts|trainings|gym days|training days|evenings|mornings|nights|days)?(?: of training| training| in the gym)? ?(?:a|per|each|every|/|in a|in the|this|the) ?week|` + ` (\d) (?:days|times|sessions|workouts|trainings) weekly |` + ` (\d) ?(?:x|times|sessions of|workouts of|by) ?\d{2,3} ?minutes (?:a|per|each|every) week|` + ` (\d) (?:times|days|sessions) (?:a|per) weak |` + ` (\d)[ -]days? (?:\S+ ){0,3}(?:split|plan|program|routine|week)| (\d)x ?(?:a|per|/)? ?week| (\d) days | (\d)-days? `)
	everyDay  = mustForm(`every (?:single )?day|daily|7 days`)
	perSesh   = regexp.MustCompile(` (\d{2,3}) ?-?(?:minutes?|min) `)
	wishForms = regexp.MustCompile(` (?:with more|with less|with no|without|no more|no|more|less|focus on|focusing on|focused on|include|including|avoid) (?:\S+ ){1,6}`)
	wishEnds  = regexp.MustCompile(` (?:and|but|please|for|so|then|because) `)
	notWish   = mustForm(`than|times?|days?|minutes?|hours?|week|weeks|longer`)
)

func (r *resolver) plan() {
	plain := spread(" " + strings.Join(digits(r.talk.said.words), " ") + " ")
	if m := perWeek.FindStringSubmatch(plain); m != nil {
		for _, g := range m[1:] {
			if n := atoi(g); n >= 1 && n <= 7 {
				r.d.Slots.DaysPerWeek = n
			}
		}
	} else if strings.Contains(plain, " twice a week ") || strings.Contains(plain, " twice per week ") || strings.Contains(plain, " twice weekly ") {
		r.d.Slots.DaysPerWeek = 2
	} else if strings.Contains(plain, " once a week ") {
		r.d.Slots.DaysPerWeek = 1
	}
	if r.d.Slots.DaysPerWeek == 0 {
		r.d.Slots.DaysPerWeek = namedDays(plain)
	}
	r.d.Slots.SessionMinutes = r.talk.length
	r.d.Slots.Goal = findGoal(plain)
	r.d.Slots.Wishes = wishes(plain)
}

// namedDays counts the days of the week that are listed, 0 for fewer than two.
func namedDays(plain string) int {
	if weekdays.MatchString(plain) {
		return 5
	}
	named := map[string]bool{}
	for _, d := range weekday.FindAllStringSubmatch(plain, -1) {
		named[d[1]] = true
	}
	if len(named) < 2 {
		return 0
	}
	return len(named)
}

var (
	weekday  = regexp.MustCompile(`\b(mon|tues|wednes|thurs|fri|satur|sun)days?\b`)
	weekdays = mustForm(`(?:every|each|on|all) (?:weekday|working day|workday)s?|weekdays`)
)

// wishes are the parts of a request that say what the plan shall have more or none of, as they were said; what the planner
// cannot follow, it reports.
func wishes(plain string) string {
	var out []string
	for _, part := range wishEnds.Split(plain, -1) {
		w := strings.TrimSpace(wishForms.FindString(" " + strings.TrimSpace(part) + " "))
		if at := strings.IndexAny(w, "0123456789"); at >= 0 { // "more legs, 3 days a week": an amount has a slot of its own
			w = strings.TrimSpace(w[:at])
		}
		if len(strings.Fields(w)) < 2 || notWish.MatchString(" "+w+" ") || findGoal(" "+w+" ") != "" {
			continue // so has a goal
		}
		out = append(out, w)
	}
	return strings.Join(out, ", ")
}

func (r *resolver) log() {
	s := r.talk.set
	r.d.Slots.Sets, r.d.Slots.Reps, r.d.Slots.WeightKG, r.d.Slots.RIR = s.sets, s.reps, s.weight, s.rir
	r.d.Slots.Exercise = findMove(r.talk.said.plain)
	r.d.Slots.Date = r.date(true)
	if r.d.Slots.Exercise == "" {
		r.lack("exercise", "Which exercise was it?", Open{})
	}
	if r.d.Slots.Sets == 0 {
		r.lack("sets", "How many sets, and how many repetitions?", Open{})
	}
	if r.d.Slots.Reps == 0 {
		r.lack("reps", "How many repetitions in each set?", Open{})
	}
}

var moveForm = regexp.MustCompile(` (` + moves + `) `)

// findMove is the exercise as it was said, in full where gyms shorten it.
func findMove(plain string) string {
	m := moveForm.FindStringSubmatch(plain)
	if m == nil {
		for verb, name := range map[string]string{"benched": "bench press", "squatted": "squat", "deadlifted": "deadlift"} {
			if strings.Contains(plain, " "+verb+" ") {
				return name
			}
		}
		return ""
	}
	return strings.TrimSpace(m[1])
}

func (r *resolver) profile() {
	plain := r.talk.said.plain
	s := &r.d.Slots
	allergic := allergyForm.MatchString(plain)
	if allergic {
		s.Allergies = findAllergens(plain)
	}
	if !allergic {
		s.Likes, s.Dislikes = findTastes(plain)
	}
	if len(s.Likes) == 0 && len(s.Dislikes) == 0 && !allergic {
		if site, injury := findInjury(plain); site != "" {
			s.Injury = &injury
		} else {
			s.Goal = findGoal(plain)
		}
	}
	if s.Injury == nil && s.Goal == "" && len(s.Allergies)+len(s.Likes)+len(s.Dislikes) == 0 {
		switch {
		case allergic:
			r.lack("allergies", "What are you allergic to?", Open{})
		case strings.Contains(plain, " goal"):
			r.lack("goal", "What is your goal: losing fat, building muscle, strength, endurance or health?", Open{})
		case hurtForm.MatchString(plain):
			r.lack("injury", "Where does it hurt?", Open{})
		default:
			r.lack("injury", "What shall I note: a complaint, an allergy, a like, a dislike or a goal?", Open{})
		}
	}
}

var (
	allergyForm = mustForm(`allerg(?:y|ies|ic)(?: \S+){0,2}|intoleran(?:t|ce|ces)|celiac|cannot (?:eat|have|tolerate|digest|process|handle|do) (?:\S+ ){0,3}(?:` + alternatives(allergenWords) + `)|(?:makes?|gives?|get) (?:\S+ )?(?:hives|sick|rash|bloated)`)
	hurtForm    = mustForm(`hurts?|hurting|injur(?:y|ed|ies)|pain|painful|sore|sprained|strained|tweaked`)
	complaint   = mustForm(`complaint|late again|not on|not acceptable|not happy|impolite|unfriendly|filthy|dirty|disgusting|complain|unhappy|unacceptable|rude|dissatisfied|disappointed|angry|furious|terrible service`)
	billing     = mustForm(`euros?|pounds a month|price|` + `bill|billing|billed|invoice|payment|charged?|refund|money|membership|contract|fees?|paid|subscription`)
	aboutPlan   = mustForm(`plan|program|routine|workouts?|exercises?|training|nutrition|diet|macros|calories`)
	aboutHurt   = mustForm(`injur(?:y|ed|ies)|pain|hurts?|hurting|knees?|shoulders?|back|wrists?|elbows?|ankles?|neck|hips?`)
)

// reason is the code of why a person is called; a plain wish for one needs none.
func reason(plain string) string {
	switch {
	case complaint.MatchString(plain):
		return "complaint"
	case billing.MatchString(plain):
		return "billing"
	case aboutHurt.MatchString(strings.NewReplacer(" call me back ", " ", " get back ", " ", " back to me ", " ", " called back ", " ", " call back ", " ").Replace(plain)):
		return "injury_question"
	case aboutPlan.MatchString(plain):
		return "plan_question"
	}
	return ""
}
