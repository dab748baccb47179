package spoken

import (
	"regexp"
	"strings"
	"unicode"
)

// spelled are short forms and how they are said. Those with capitals are found in capitals only.
var spelled = map[string]string{
	"e.g.": "for example", "E.g.": "For example", "e.g": "for example", "eg.": "for example", "i.e.": "that is", "I.e.": "That is", "etc.": "and so on", "etc": "and so on", "vs.": "versus", "vs": "versus", "approx.": "about", "approx": "about", "incl.": "including",
	"max.": "at most", "ca.": "about", "resp.": "or", "w/o": "without", "w/": "with", "b/c": "because", "n/a": "not available", "N/A": "not available", "and/or": "and or", "Dr.": "Doctor", "Mr.": "Mister", "Mrs.": "Missus", "Ms.": "Miss", "St.": "Saint",
	"kg": "kilos", "Kg": "kilos", "KG": "kilos", "kgs": "kilos", "lbs": "pounds", "lb": "pounds", "kcal": "calories", "kcals": "calories", "bpm": "beats per minute", "BPM": "beats per minute", "mins": "minutes", "secs": "seconds", "hrs": "hours", "km": "kilometers", "ml": "milliliters",
	"km/h": "kilometers per hour", "AMRAP": "as many reps as possible", "EMOM": "every minute on the minute", "DOMS": "muscle soreness", "HIIT": "high intensity intervals", "RIR": "reps in reserve", "ROM": "range of motion", "BW": "bodyweight", "OHP": "overhead press",
	"RDL": "Romanian deadlift", "RDLs": "Romanian deadlifts", "DB": "dumbbell", "DBs": "dumbbells", "BB": "barbell", "KB": "kettlebell", "KBs": "kettlebells", "SLDL": "stiff legged deadlift", "RM": "rep max", "PT": "personal trainer", "TBD": "to be decided", "FAQ": "F A Q",
	"BMI": "B M I", "TDEE": "T D E E", "BMR": "B M R", "NEAT": "neat", "PB": "personal best", "PR": "personal record", "pls": "please", "sec.": "seconds", "reps/set": "reps per set", "sets/week": "sets per week",
}

// word words a short form.
func (s *speaker) word(rest string) (string, int) {
	end := strings.IndexFunc(rest, unicode.IsSpace)
	if end < 0 {
		end = len(rest)
	}
	for _, token := range []string{strings.TrimRight(rest[:end], `,;:!?)"'`), rest[:wordLength(rest)]} {
		full, ok := spelled[token]
		if !ok && strings.HasSuffix(token, ".") { // the end of a sentence
			token = token[:len(token)-1]
			full, ok = spelled[token]
		}
		if !ok || wordFollows(rest[len(token):]) {
			continue
		}
		if strings.HasPrefix(rest[len(token):], "/") || s.before() == '/' && token != rest[:end] { // "w/o" is not "w", then "/o"
			continue
		}
		if strings.HasSuffix(token, ".") && (token == "etc." || token == "max." || token == "min." || token == "sec.") && sentenceEnd(rest, len(token)) < len(token) {
			return full, len(token) - 1
		}
		return full, len(token)
	}
	switch m := pointed.FindStringSubmatch(rest); {
	case m == nil:
	case is(m[1], "min", "Min"):
		return "at least", len(m[0]) - 1
	default: // "No. 3", "no. 12"
		return "number", len(m[0]) - 1
	}
	return "", 0
}

var pointed = regexp.MustCompile(`^([Nn]o|[Nn]r|[Mm]in)\.\s?\d`)

var exertionForm = regexp.MustCompile(`^(RPE|Rpe|rpe|RIR|rir)(?:\s?[:@=]?\s?|\s(?:of|is|at)\s)` + anyNumber + `(?:` + to + anyNumber + `)?\b`)

// exertion words "RPE 8" and "RIR 1-2". A voice runs the letters into the number unless a word stands between them.
func (s *speaker) exertion(rest string) (string, int) {
	m := exertionForm.FindStringSubmatch(rest)
	if m == nil {
		return "", 0
	}
	said := "RPE of " + sayRange(m[2], m[3])
	if strings.EqualFold(m[1], "rir") {
		return sayRange(m[2], m[3]) + " " + units["rir"].after(m[2], m[3]), len(m[0])
	}
	if is(s.last(), "at", "with", "@", "by", "until", "to", "on") {
		said = "an " + said
	}
	return said, len(m[0])
}

var timesForm = regexp.MustCompile(`^[xX]\s?\d`)

// timesMark words the x of "4 sets x 8" and "60 kg x 5".
func (s *speaker) timesMark(rest string) (string, int) {
	if !timesForm.MatchString(rest) || unicode.IsLetter(s.before()) {
		return "", 0
	}
	if is(s.last(), "sets", "set", "rounds", "round") {
		return "of", 1
	}
	if is(s.last(), "kg", "lb", "lbs", "kilos", "pounds") {
		return "for", 1
	}
	return "times", 1
}

// sign words a sign before a number: "-5 °C", "+2.5 kg", "~60", "#3", "<5".
func (s *speaker) sign(rest string) (string, int) {
	said := map[byte]string{'-': "minus", '+': "plus", '#': "number", '~': "about"}[rest[0]]
	if said == "" || len(rest) < 2 || !isFigure(rune(rest[1])) {
		return "", 0
	}
	if last := s.before(); !unicode.IsSpace(last) && !strings.ContainsRune(`("/@=`, last) {
		return "", 0
	}
	if before := strings.TrimRight(s.text[:s.at], " "); rest[0] == '-' && before != "" && isFigure(rune(before[len(before)-1])) {
		return "to", 1 // "8 -12"
	}
	return said, 1
}

// slash words what stands between words: "reps/set", "Knee/Hip Raise", "protein/carbs".
func (s *speaker) slash(rest string) (string, int) {
	if rest[0] != '/' {
		return "", 0
	}
	if counted, n := per(rest); n > 0 && !unicode.IsSpace(s.before()) {
		return counted, n
	}
	if unicode.IsLower(s.next(1)) && unicode.IsLetter(s.before()) {
		return "or", 1
	}
	return " ", 1
}

// marksSaid are marks with words of their own.
var marksSaid = []struct{ mark, said string }{
	{"&", "and"}, {"@", "at"}, {"≥", "at least"}, {">=", "at least"}, {"≤", "at most"}, {"<=", "at most"}, {"±", "plus or minus"}, {"+/-", "plus or minus"}, {"≈", "about"}, {"=", "is"}, {"<", "less than"}, {">", "more than"}, {"+", "plus"}, {"°C", "degrees"}, {"°", "degrees"},
	{" - ", ", "}, {" – ", ", "}, {"—", ", "}, {" -- ", ", "}, {"(", ", "}, {")", ", "}, {"%", "percent"}, {"€", "euros"}, {"$", "dollars"}, {"£", "pounds"}, {"–", " "},
}

// mark words a mark that stands alone.
func (s *speaker) mark(rest string) (string, int) {
	for _, m := range marksSaid {
		if strings.HasPrefix(rest, m.mark) {
			return m.said, len(m.mark)
		}
	}
	return "", 0
}
