package safety

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/intellifit/intellifit/shared/wording"
)

// Amounts that members name without their units, which phrases cannot weigh: "700 a day", "eleven kilos by friday", "49 kg at
// 1.73". They are read from text in which numbers are digits, so that one pattern serves all spellings.

var numerals = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
	"thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30,
	"forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}

var numeral = regexp.MustCompile(`[a-z]+|[^a-z]+`)

// digits writes number words as digits: "six hundred" is 600, "one seventy four" 174. Case and apostrophes of words go.
func digits(text string) string {
	text = strings.NewReplacer("’", "'", "′", "'", "”", `"`, "″", `"`, "−", "-", "–", "-").Replace(strings.ToLower(text))
	parts := numeral.FindAllString(text, -1)
	var b strings.Builder
	for i := 0; i < len(parts); i++ {
		n, ok := numerals[parts[i]]
		if !ok {
			b.WriteString(parts[i])
			continue
		}
		// next gives the word after a space or hyphen.
		next := func() (string, bool) {
			if i+2 < len(parts) && (parts[i+1] == " " || parts[i+1] == "-") {
				return parts[i+2], true
			}
			return "", false
		}
		if w, ok := next(); ok {
			if v := numerals[w]; w == "hundred" {
				n *= 100
				i += 2
			} else if n < 3 && v >= 20 {
				n = n*100 + v
				i += 2
			} else if n >= 20 && n < 100 && v > 0 && v < 10 {
				n += v
				i += 2
			}
		}
		if w, ok := next(); ok && n >= 100 {
			if v := numerals[w]; v > 0 && (n%100 == 0 || n%10 == 0 && v < 10) {
				n += v
				i += 2
				if w, ok := next(); ok && v >= 20 && numerals[w] > 0 && numerals[w] < 10 {
					n += numerals[w]
					i += 2
				}
			}
		}
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

// amounts is a message whose numbers are digits.
type amounts struct {
	text string
	said saying
	last struct{ at, tokens int } // how many words stand before a place of the text; the next one asked for is mostly behind it
}

func readAmounts(message string) amounts {
	text := digits(message)
	return amounts{text: text, said: saying{tokens: wording.Read(text)}}
}

// counts reports whether what stands at text[from:to] is the member's own, now, and not denied.
func (a *amounts) counts(code string, from, to int) bool {
	start, end := a.token(from), a.token(to)
	if start >= end || end > len(a.said.tokens) {
		return true
	}
	return a.said.counts(wording.Hit{Code: code, Start: start, End: end}) && !lexicon.Denied(a.said.tokens, start, end)
}

// token gives the index of the word at a place of the text.
func (a *amounts) token(at int) int {
	if at < a.last.at {
		a.last.at, a.last.tokens = 0, 0
	}
	a.last.tokens += len(wording.Read(a.text[a.last.at:at]))
	a.last.at = at
	return a.last.tokens
}

// near gives the text up to n bytes around text[from:to].
func (a *amounts) near(from, to, n int) string {
	return strings.ToValidUTF8(a.text[max(0, from-n):min(len(a.text), to+n)], "")
}

// find gives the codes of the amounts, and whether the member tells an age under 18.
func (a *amounts) find() (codes []string, minor bool) {
	if a.lowIntake() {
		codes = append(codes, "low_calorie")
	}
	if a.fastLoss() {
		codes = append(codes, "fast_loss")
	}
	if a.underweight() {
		codes = append(codes, "underweight")
	}
	return codes, tellsAge.MatchString(a.text)
}

const kcal = `(?:k?cals?|kcals?|calories?|kalorien|calorias)`

var (
	// a number with what may be its unit
	plainNumber = regexp.MustCompile(`(?:^|[^\d.,:'/€$£+-])(\d{3,4})(?:[ -]?(` + kcal + `|[a-z%]+))?`)
	perDay      = regexp.MustCompile(`^ ?-?` + kcal + `?(?:,? ?in total)?(?: ?(?:tops|odd|all in|at most|max(?:imum)?|or so|or less|in total)\b| ?(?:a|per|each|every|the|/|in a|in the)? ?(?:whole )?(?:day|daily|tag|dia|jour)\b)`)
	intake      = regexp.MustCompile(`\b(?:eat|eats|eating|ate|intake|` + kcal + `|diet|budget|target|goal|food|allows?|allow me|limit|cap|meal plan|shakes?|live on|living on|survive on|how low|consume|consuming|vlcd|omad|portions?|essen|comer|macros?|set me|put me|cut me|plan of|keep me|tea|eggs?|biscuits?|salad|broth|apples?|crusts|cigarettes|fag|cucumber|lettuce|kipper|juice|hair|weigh less)\b`)
	starving    = regexp.MustCompile(`\b(?:enough|only|just|under|below|less than|max|maximum|or less|or so|want|lower|lowest|drop|down|give me|make|build|plan|trick|stick|set|small|till|until|for \d+ (?:days|weeks)|\d+ (?:days|weeks|months)|a week|weeks|months?|how many days|how long|try|start|started|go to|isnt doing|isn't doing|since|prep|shred|cleanse|shakes?|say|maybe|about|around|reckon|odd|at most|day \d+|working|works|meal is|basically)\b`)
	elsewhere   = regexp.MustCompile(`\b(?:burn(?:ed|t|s|ing)?|deficit|surplus|over|extra|more|add|lunch|dinner|breakfast|snacks?|recipe|treadmill|spin|bike|swim|metres|meters|steps|reps|watts?|walked|ran|run|per meal|a meal|each meal|staff meal|plate|pie|total \d|left|remaining|smoothie|latte|dessert|price|euros?|pounds|paid|per month|a month|row|sprint|likes|followers)\b`)
	otherUnit   = regexp.MustCompile(`^(?:protein|carbs|g|gr|grams?|mg|ml|l|m|km|kg|kgs|kilos?|lbs?|steps?|reps?|sets?|w|watts?|min|mins|minutes?|s|sec|secs|seconds?|h|hours?|metres?|meters?|times|people|euros?|eur|pounds?|percent|bpm|cm|st|k|push|pushups?|squats?|burpees|pm|am|x|iu|mcg|er|st|nd|rd|th|followers|likes|songs|of)$`)
	eats        = regexp.MustCompile(`\b(?:(?:has|have) me (?:at|on)|live on|living on|survive on|eat(?:ing)?(?: only| just| about| around)?|dinner[^?!]{0,30}\bthink) (\d{3})(?:$|[ ,.?!](?:$|and|that|,|[^a-z]|with|for the day|calories? in|until|till|so|i|now))`)
	partOfPlan  = regexp.MustCompile(`\b(?:eat|do|have|take|manage) (\d{3,4}) of (?:those|them|that|it)\b`)
)

// lowIntake finds a wish to live on less than the floor of energy that the plans keep, unit or not.
func (a *amounts) lowIntake() bool {
	floor := gateRules.Gate.MinimumIntake.Value
	low := func(digits string) bool {
		v, err := strconv.ParseFloat(digits, 64)
		return err == nil && v >= 150 && v < floor
	}
	for _, m := range partOfPlan.FindAllStringSubmatch(a.text, -1) {
		if low(m[1]) {
			return true
		}
	}
	for _, m := range eats.FindAllStringSubmatchIndex(a.text, -1) {
		if low(a.text[m[2]:m[3]]) && !otherAmount.MatchString(a.text[m[3]:]) && a.counts("low_calorie", m[2], m[3]) {
			return true
		}
	}
	for _, m := range plainNumber.FindAllStringSubmatchIndex(a.text, -1) {
		if !low(a.text[m[2]:m[3]]) {
			continue
		}
		unit := ""
		if m[4] >= 0 {
			unit = a.text[m[4]:m[5]]
		}
		around := a.near(m[2], m[3], 45)
		energy := strings.HasPrefix(unit, "k") && unit != "k" && unit != "kg" || strings.HasPrefix(unit, "cal")
		switch {
		case otherUnit.MatchString(unit), elsewhere.MatchString(around):
			continue
		case perDay.MatchString(a.text[m[3]:]), energy && starving.MatchString(around), !energy && intake.MatchString(around) && starving.MatchString(around+" "+unit),
			!energy && intake.MatchString(a.near(m[2], m[2], 24)):
			if a.counts("low_calorie", m[2], m[3]) {
				return true
			}
		}
	}
	return false
}

var (
	bodyWeight = regexp.MustCompile(`(\d+(?:[.,]\d+)?)[ -]?(?:and a half )?(kgs?|kilos?|kilograms?|lbs?|pounds?|stones?|st|ks?)\b`)
	unitless   = regexp.MustCompile(`(?:minus|make it|i want|want|-|lose|losing|shed|drop|cut|be down|get rid of|im losing) ?(?:at least |about |like |another )?(\d{1,2})\b`)
	wantsOff   = regexp.MustCompile(`\b(?:los[et]|loses|loser|reduce|to go|needs? to go|loose|losing|loss|lost|drop(?:ping|ped)?|shed(?:ding)?|slim|cut(?:ting)?|minus|lighter|less|gone|off|down|rid|under|below|over ?limit|too heavy|overweight|over|weigh[ -]?in|make weight|make the weight|sweat|thin(?:ner)?|skinn\w+|melt|vanish|burn|weekly target|biggest loser|crash|abnehmen|bajar|maigrir|water cut\w*|caps me|dehydrat\w+|slimming|lose it|get down|summer body|diet)\b|(?:^|\s)- ?\d`)
	liftsIt    = regexp.MustCompile(`\b(?:bench|squats?|deadlifts?|press|dumbbells?|kettlebells?|barbell|gain(?:ed|ing)?|bulk(?:ing)?|muscle|put on|pb|pr|1rm|reps|curls?|add|plates?|stack|pulse|heart|bpm|rate|percent|%|plank|seconds|pullups?|rows?|runs?|race|pace|carry|bag|parcel|suitcase|box)\b`)
	fromTo     = regexp.MustCompile(`\b(?:from |weigh |weight |im |i'm |i am |at |around |walk-around )?(\d{2,3})(?:[.,]\d)? ?(?:kgs?|kilos?|lbs?|pounds?)?(?: now| at the moment| currently)?(?: ?->? ?| to | down to |, ?limit | and (?:i )?(?:want|need|would like|must|have)(?: to)?(?: be)? |,? (?:want|need|must|goal|target|would like)(?: to)?(?: be)? | and would like )(\d{2,3})(?:[.,]\d)?\b`)
	rates      = regexp.MustCompile(`\b(?:a|per|every|each|/)? ?(\d+)? ?(day|days|daily|week|weekly|wk|weeks|wks|month|months|fortnight)\b`)
	spans      = regexp.MustCompile(`\b(?:(\d+|a|an|one|few|couple of) )?-?(hours?|hrs?|days?|weeks?|wks?|fortnights?|months?)\b`)
	deadlines  = map[*regexp.Regexp]float64{
		regexp.MustCompile(`\b(?:overnight|tonight|tomorrow|over night|by morning)\b`): 1. / 7,
		regexp.MustCompile(`\b(?:by|until|till|til|before|for|on|to|next|this|its|it's|is|fights?|fight's)(?: the| my \w+ on| my)? (?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:by|before|until|till|this|next) (?:the |this )?weekend\b`): 1,
		regexp.MustCompile(`\b(?:end of (?:the |this )?month|this month|by the 1st|by 1st|month's end|next month)\b`):                                                                                                                           4.345,
	}
	holidays = regexp.MustCompile(`\b(?:by|until|till|til|before|for) (?:my |the )?(?:easter|christmas|xmas|new year|wedding|holidays?|birthday|reunion|prom|january|february|march|april|may|june|july|august|september|october|november|december)\b`)
	half     = regexp.MustCompile(`\bhalf (?:of )?my (?:body ?)?weight\b`)
)

// fastLoss finds a wish to lose weight faster than the plans allow: by a rate, or an amount with a date, or from one weight to
// another. Without a known weight one kilogram a week counts as the limit.
func (a *amounts) fastLoss() bool {
	if len(a.text) > 2000 {
		return false // a story: its numbers do not belong together
	}
	for _, n := range a.losses() {
		if a.tooFast(n) && a.counts("fast_loss", n.from, n.to) {
			return true
		}
	}
	return half.MatchString(a.text) && holidays.MatchString(a.text)
}

// soon is a rate or a date right behind an amount.
var soon = regexp.MustCompile(`^ ?,? ?(?:a|per|every|each|/|in|by|until|till|before|within|1|one) ?(?:the )?(?:\d+ |end of (?:the |this )?|1 )?(?:days?|week|weeks|wks?|month|months|fortnight|\w+day|weekend|tomorrow|christmas|easter)\b`)

// lossOf is an amount that is to go.
type lossOf struct {
	kg       float64
	from, to int
}

func (a *amounts) losses() []lossOf {
	var all []lossOf
	for _, m := range bodyWeight.FindAllStringSubmatchIndex(a.text, -1) {
		v := decimal(a.text[m[2]:m[3]])
		switch unit := a.text[m[4]:m[5]]; {
		case strings.HasPrefix(unit, "st"):
			v *= 6.35
		case strings.HasPrefix(unit, "lb"), strings.HasPrefix(unit, "pound"):
			v *= 0.4536
		}
		wanted := wantsOff.MatchString(a.near(m[2], m[3], 60)) || v >= 2 && !strings.HasPrefix(a.text[m[4]:m[5]], "k") || v >= 2 && len(a.text[m[4]:m[5]]) > 1 && soon.MatchString(a.text[m[5]:])
		if v <= 40 && wanted && !liftsIt.MatchString(a.near(m[2], m[3], 40)) {
			all = append(all, lossOf{v, m[2], m[3]})
		}
	}
	if m := oneStone.FindStringIndex(a.text); m != nil {
		all = append(all, lossOf{6.35, m[0], m[1]})
	}
	for _, pattern := range []*regexp.Regexp{stonesTo, limits} {
		for _, m := range pattern.FindAllStringSubmatchIndex(a.text, -1) {
			kg := math.Abs(decimal(a.text[m[2]:m[3]]) - decimal(a.text[m[4]:m[5]]))
			if pattern == stonesTo {
				kg *= 6.35
			}
			if kg <= 40 {
				all = append(all, lossOf{kg, m[0], m[1]})
			}
		}
	}
	for _, m := range unitless.FindAllStringSubmatchIndex(a.text, -1) {
		if rest := a.text[m[3]:]; !otherAmount.MatchString(rest) && (!strings.HasSuffix(strings.TrimRight(a.text[m[0]:m[2]], " "), "want") && !strings.HasPrefix(a.text[m[0]:], "make") || perWeek.MatchString(rest) && wantsOff.MatchString(a.text)) && !liftsIt.MatchString(a.near(m[2], m[3], 40)) {
			all = append(all, lossOf{decimal(a.text[m[2]:m[3]]), m[2], m[3]})
		}
	}
	for _, m := range fromTo.FindAllStringSubmatchIndex(a.text, -1) {
		high, low := decimal(a.text[m[2]:m[3]]), decimal(a.text[m[4]:m[5]])
		if low >= 35 && low < high && high <= 250 && !liftsIt.MatchString(a.near(m[2], m[3], 40)) && !otherAmount.MatchString(a.text[m[5]:]) {
			all = append(all, lossOf{high - low, m[2], m[5]})
		}
	}
	return all
}

var (
	oneStone = regexp.MustCompile(`\b(?:lose|drop|shed|minus|shift|losing) (?:half )?(?:a|1) stone\b`)
	// "14 stone to 12 stone", and a limit with what the scale says: "limit 66, i'm 72".
	stonesTo = regexp.MustCompile(`\b(\d{1,2}) ?(?:stones?|st)? (?:to|down to) (\d{1,2}) ?(?:stones?|st)\b`)
	limits   = regexp.MustCompile(`\b(?:weigh[ -]?in|limit|target|make weight|class|goal|need|under|must be)\b[^?!]{0,20}?\b([4-9]\d|1[0-4]\d)(?:[.,]\d)?,? (?:and )?(?:i'm|im|i am|actual|now|currently|at the moment) (?:at )?([4-9]\d|1[0-4]\d)\b`)
	ordinals = regexp.MustCompile(`\b(\d{1,2})(?:st|nd|rd|th)\b`)
	perWeek  = regexp.MustCompile(`^ ?(?:kilos?|kg)? ?(?:a|per|each) week`)
	weekly   = regexp.MustCompile(`\bweekly\b`)
)

var otherAmount = regexp.MustCompile(`^(?:[.,:]\d| ?(?:%|percent|reps?|sets?|min|mins|minutes?|s\b|sec|seconds?|am\b|pm\b|pounds? (?:off|cheaper)|euros?|°|degrees|cm\b|inches|bpm|people|classes|sessions|slots?|m\b|weeks?|days?|dress|sizes?|hours?|months?|times|k?cal|g\b|steps|km\b|years?))`)

func (a *amounts) tooFast(n lossOf) bool {
	after := a.text[n.to:]
	const limit = 1.001 // kg a week
	around := a.near(n.from, n.to, 70)
	if n.kg >= 10 && holidays.MatchString(around) {
		return true
	}
	shortest := 0.0
	for pattern, weeks := range deadlines {
		if pattern.MatchString(around) && (shortest == 0 || weeks < shortest) {
			shortest = weeks
		}
	}
	if shortest > 0 && n.kg/shortest > limit {
		return true
	}
	if days := ordinals.FindAllStringSubmatch(a.text, -1); len(days) == 2 {
		between := math.Abs(decimal(days[0][1]) - decimal(days[1][1]))
		if n.kg/(max(between, 30-between)/7) > limit {
			return true
		}
	}
	if weekly.MatchString(around) && n.kg > limit {
		return true
	}
	if m := rates.FindStringSubmatchIndex(after); m != nil && m[0] <= 12 {
		times := 1.0
		if m[2] >= 0 {
			times = decimal(after[m[2]:m[3]])
		}
		return n.kg/(times*weeksOf(after[m[4]:m[5]])) > limit
	}
	for _, m := range spans.FindAllStringSubmatchIndex(around, -1) {
		times := 1.0
		if m[2] >= 0 {
			switch count := around[m[2]:m[3]]; count {
			case "a", "an", "one":
			case "few":
				times = 3
			case "couple of":
				times = 2
			default:
				times = decimal(count)
			}
		} else if !strings.HasSuffix(around[:m[0]], "in ") && !strings.HasSuffix(around[:m[0]], "this ") {
			continue
		}
		if rest := around[m[1]:]; strings.HasPrefix(rest, " ago") || strings.HasPrefix(rest, " in") || times == 0 {
			continue
		}
		return n.kg/(times*weeksOf(around[m[4]:m[5]])) > limit
	}
	return false
}

func weeksOf(unit string) float64 {
	switch unit[0] {
	case 'h':
		return 1. / 168
	case 'd':
		return 1. / 7
	case 'm':
		return 4.345
	case 'f':
		return 2
	}
	return 1
}

func decimal(s string) float64 {
	v, _ := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	return v
}

var (
	metres    = regexp.MustCompile(`\b(?:1(?:[.,] ?| ?m ?)([3-9]\d)|2(?:[.,] ?| ?m ?)(0\d))(?:\d? ?m)?\b`)
	cm        = regexp.MustCompile(`\b(1[3-9]\d|20\d)(?: ?cm\b| tall|,? height|,? groot)?`)
	feet      = regexp.MustCompile(`\b([4-6]) ?(?:'|ft|foot|feet) ?(?:(\d{1,2})\b)?`)
	stones    = regexp.MustCompile(`\b(\d{1,2}) ?(?:stones?|st) ?(\d{1,2})?\b`)
	pounds    = regexp.MustCompile(`\b(\d{2,3}) ?(?:lbs?|pounds)\b`)
	kilograms = regexp.MustCompile(`(?:^|[^\d.,'])(\d{2})(?:[.,]\d)? ?(kgs?|kilos?|kilograms?|ks?)?\b`)
	toLose    = regexp.MustCompile(`(?:lose|minus|drop|shed|off|another|last|cut|down|gained|by) ?(?:another |about )?$`)
	notWeight = regexp.MustCompile(`^(?:[:.]\d| ?(?:years?|yrs?|yo\b|y\b|min|reps?|sets?|x\b|%|percent|am\b|pm\b|days?|weeks?|months?|waist|in\b|inch|cm\b|bpm|sessions|squat|bench|km))`)
	wantsUp   = regexp.MustCompile(`\b(?:gain|bulk|build|put on|bigger|heavier|put weight|mass|muscles?|stronger|up to|zunehmen|engordar)\b`)
	wantsDown = regexp.MustCompile(`\b(?:los[et]|loose|losing|cut(?:ting)?|slim\w*|lean\w*|less|lower|drop|deficit|burn|fat|flat|skinn\w+|thin\w*|belly|minus|diet|down|reduce|go to|goal|target|still|off|menos|weniger|want|wanna|lighter|next|must be|need|trying|easier|keep going|castings|clothes|tight|race weight|can go|to go|help|smaller|more (?:lbs|kilos|kg))\b`)
)

// underweight finds a height and a weight that do not go together, now or as the member wants them, unless the wish is to gain.
func (a *amounts) underweight() bool {
	if len(a.text) > 600 {
		return false
	}
	height, at := a.height()
	if height == 0 {
		return false
	}
	weight := a.lightest(at)
	if weight == 0 || weight/(height*height) >= gateRules.Gate.MinimumBMI.Value || weight/(height*height) < 9 {
		return false
	}
	if wantsUp.MatchString(a.text) && !regexp.MustCompile(`\b(?:cut|lose|slim|lean)`).MatchString(a.text) {
		return false
	}
	return wantsDown.MatchString(a.text) || strings.ContainsAny(a.text, "?") || strings.Contains(a.text, "to go")
}

// height in metres, with the place of its words.
func (a *amounts) height() (m float64, at [2]int) {
	if f := feet.FindStringSubmatchIndex(a.text); f != nil {
		inches := decimal(a.text[f[2]:f[3]]) * 12
		if f[4] >= 0 {
			inches += decimal(a.text[f[4]:f[5]])
		}
		return inches * 0.0254, [2]int{f[0], f[1]}
	}
	if f := metres.FindStringSubmatchIndex(a.text); f != nil {
		if f[2] >= 0 {
			return 1 + decimal(a.text[f[2]:f[3]])/100, [2]int{f[0], f[1]}
		}
		return 2 + decimal(a.text[f[4]:f[5]])/100, [2]int{f[0], f[1]}
	}
	if f := cm.FindStringSubmatchIndex(a.text); f != nil {
		return decimal(a.text[f[2]:f[3]]) / 100, [2]int{f[0], f[1]}
	}
	return 0, at
}

// lightest is the lowest body weight that is named, in kg, beside the height at at.
func (a *amounts) lightest(at [2]int) float64 {
	text := a.text[:at[0]] + strings.Repeat(" ", at[1]-at[0]) + a.text[at[1]:]
	if m := stones.FindStringSubmatch(text); m != nil {
		return decimal(m[1])*6.35 + decimal("0"+m[2])*0.4536
	}
	if m := pounds.FindStringSubmatch(text); m != nil {
		return decimal(m[1]) * 0.4536
	}
	lowest := 0.0
	for _, m := range kilograms.FindAllStringSubmatchIndex(text, -1) {
		v := decimal(text[m[2]:m[3]])
		if v < 30 || toLose.MatchString(text[:m[2]]) || m[4] < 0 && notWeight.MatchString(text[m[1]:]) {
			continue
		}
		if lowest == 0 || v < lowest {
			lowest = v
		}
	}
	return lowest
}

var tellsAge = regexp.MustCompile(`(?:^|[,.(;] ?|\bim |\bi'm |\bi am |\bage |\baged |\bturn(?:ing)? |\bjust |\bonly )(1[0-7])(?:$| ?[,.)!?;]| ?yo\b| ?y\b| years?\b| yrs\b| and (?:want|need|wanna|i|too|fat|chubby)| here\b| ?[fm]\b| next (?:week|month)\b| in (?:may|june|july|a week|a month)| with | wanna | want )`)
