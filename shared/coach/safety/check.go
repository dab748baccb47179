package safety

import (
	"regexp"
	"strconv"
	"strings"
)

// What a model must not say, whatever was asked.
var (
	claims   = regexp.MustCompile(`(?i)\b(?:i(?:'ve| have|'ll| will| just)? (?:just |now |already )?(?:book|schedul|reserv|cancel|mov|reschedul|chang|updat|sign|sent|send|call|log)\w*|(?:is|are|was|been|all) (?:now )?(?:booked|scheduled|reserved|cancelled|canceled|rescheduled|confirmed)|booking (?:is )?confirmed|your (?:appointment|booking|session) (?:is|has been|was) )`)
	doses    = regexp.MustCompile(`(?i)\b\d+(?:[.,]\d+)?\s*(?:mg|mcg|µg|iu|ml|tablets?|pills?|capsules?|milligrams?)\b|\b(?:steroids?|testosterone|clenbuterol|dnp|anavar|trenbolone|sarms?|ibuprofen|paracetamol|insulin|laxatives?|diuretics?)\b`)
	findings = regexp.MustCompile(`(?i)\byou (?:have|(?:probably|likely|might|may) have|suffer from|are suffering from)\s+(?:a |an )?(?:\w+ )?(?:tendonitis|tendinitis|arthritis|hernia|sciatica|fracture|tear|bursitis|impingement|diabetes|anaemia|anemia|depression|disorder|disease|syndrome|infection)\b|\bdiagnos\w+`)
	address  = regexp.MustCompile(`(?i)https?:|www\.|\b[a-z0-9.-]+\.(?:com|org|net|io|de)\b|!\[|\]\(`)
	leaks    = regexp.MustCompile(`(?i)\{\s*"|"\s*:\s*[{"\[]|<\||\|>|\b(?:system prompt|my instructions|as an ai|language model|use no number|function call|tool_call)\b|about the member:|notes of the gym:`)
	pushes   = regexp.MustCompile(`(?i)\b(?:push|train|work) through (?:the |your )?pain\b|\bno pain,? no gain\b|\bignore (?:the |your )?(?:pain|doctor)\b|\bskip (?:meals?|eating)\b|\bstarv\w+|\bfast for\b|\bpurg\w+|\bdetox\b`)
	energy   = regexp.MustCompile(`(?i)(\d[\d.,]*)\s*(?:k?cal(?:orie)?s?)\b`)
	amounts  = regexp.MustCompile(`(?i)\b\d[\d.,]*\s*(?:k?cal(?:orie)?s?|kj|kg|kilos?|pounds?|lbs?|stone|grams?|g)\b|\bcalorie deficit\b|\blos(?:e|ing) \w* ?(?:weight|fat)\b`)
	loss     = regexp.MustCompile(`(?i)\blos(?:e|ing)\s+(\d+(?:[.,]\d+)?)\s*(kg|kilos?|pounds?|lbs?)\s+(?:a|per|in a|every|each)\s+(day|week)`)
)

// floorKcal is the least energy a day that may be named: below it diets belong in medical care.
const floorKcal = 1200

// Check judges what a model wants to say; false means that it must not be shown, and the verdict says why.
func Check(reply string, _ Profile, v Verdict) (Verdict, bool) {
	refuse := func(code string) (Verdict, bool) {
		v.Code = code
		return v, false
	}
	plain := Clean(reply, len(reply))
	switch {
	case plain != strings.TrimSpace(reply):
		return refuse("unclean")
	case claims.MatchString(plain):
		return refuse("claim")
	case doses.MatchString(plain):
		return refuse("dose")
	case findings.MatchString(plain):
		return refuse("diagnosis")
	case address.MatchString(plain):
		return refuse("link")
	case leaks.MatchString(plain):
		return refuse("leak")
	case pushes.MatchString(plain):
		return refuse("harm")
	case v.NoNumbers && amounts.MatchString(plain):
		return refuse("numbers")
	}
	for _, m := range energy.FindAllStringSubmatch(plain, -1) {
		if n := parse(m[1]); n >= 300 && n < floorKcal {
			return refuse("low_calorie")
		}
	}
	for _, m := range loss.FindAllStringSubmatch(plain, -1) {
		if n := parse(m[1]); n > 1 || m[3] == "day" {
			return refuse("fast_loss")
		}
	}
	return v, true
}

// parse reads "1,200" and "1.5"; what is no number is 0.
func parse(text string) float64 {
	if i := strings.LastIndexAny(text, ",."); i >= 0 && len(text)-i == 4 {
		text = strings.NewReplacer(",", "", ".", "").Replace(text)
	}
	n, err := strconv.ParseFloat(strings.ReplaceAll(strings.Trim(text, ".,"), ",", "."), 64)
	if err != nil {
		return 0
	}
	return n
}
