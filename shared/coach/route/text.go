package route

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is how much of an utterance is read, in bytes: more is no request of one turn.
const longest = 2000

//go:embed vocabulary.txt
var vocabularyText string

// vocabulary knows the words that stand as they are and those of the domain, which a typo is corrected to.
type vocabulary struct {
	known  map[string]bool
	domain []string
}

var english = readVocabulary(vocabularyText)

func readVocabulary(text string) vocabulary {
	v := vocabulary{known: map[string]bool{}}
	domain := false
	for line := range strings.Lines(text) {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "="):
			domain = strings.Contains(line, "domain")
		default:
			for _, w := range strings.Fields(line) {
				if domain && !v.known[w] {
					v.domain = append(v.domain, w)
				}
				v.known[w] = true
			}
		}
	}
	return v
}

// short are slang and clipped words, and contractions without their apostrophe.
var short = map[string]string{
	"im": "i am", "ive": "i have", "id": "i would", "whats": "what is", "whens": "when is", "wheres": "where is", "hows": "how is", "whos": "who is", "thats": "that is",
	"theres": "there is", "its": "it is", "lets": "let us", "cant": "cannot", "can't": "cannot", "wont": "will not", "won't": "will not", "shan't": "will not", "dont": "do not", "doesnt": "does not",
	"didnt": "did not", "isnt": "is not", "arent": "are not", "wasnt": "was not", "werent": "were not", "havent": "have not", "hasnt": "has not", "hadnt": "had not",
	"couldnt": "could not", "wouldnt": "would not", "shouldnt": "should not", "youre": "you are", "theyre": "they are", "youve": "you have", "let's": "let us", "ain't": "is not", "aint": "is not",
	"i'm": "i am", "what's": "what is", "when's": "when is", "where's": "where is", "how's": "how is", "who's": "who is", "that's": "that is", "there's": "there is",
	"it's": "it is", "he's": "he is", "she's": "she is", "gonna": "going to", "wanna": "want to", "gotta": "have to", "gimme": "give me", "lemme": "let me", "dunno": "do not know", "kinda": "kind of",
	"u": "you", "ur": "your", "r": "are", "pls": "please", "plz": "please", "plse": "please", "pleaze": "please", "thx": "thanks", "tnx": "thanks", "ty": "thanks", "cheers": "thanks", "thanx": "thanks", "cuz": "because", "bc": "because", "coz": "because", "cos": "because",
	"cause": "because", "wat": "what", "wht": "what", "wot": "what", "wen": "when", "hav": "have", "hv": "have", "abt": "about", "bout": "about", "w/": "with", "w": "with", "wit": "with", "wiv": "with", "b4": "before", "n": "and", "&": "and", "+": "and",
	"appt": "appointment", "appts": "appointments", "apt": "appointment", "appmt": "appointment", "appoint": "appointment", "apptment": "appointment", "sesh": "session", "seshes": "sessions", "sess": "session", "sessh": "session",
	"resched": "reschedule", "sched": "schedule", "avail": "available", "avails": "availability", "cxl": "cancel", "canx": "cancel", "bk": "book", "bok": "book", "boook": "book", "mv": "move", "pt": "trainer", "pts": "trainers",
	"teh": "the", "hte": "the", "adn": "and", "nad": "and", "cna": "can", "fro": "for", "yuo": "you", "gte": "get", "taht": "that", "thsi": "this", "waht": "what", "whta": "what", "hwo": "how", "coud": "could", "woud": "would", "shoud": "should", "wich": "which", "ther": "there", "logg": "log", "loosing": "losing", "loose": "lose", "los": "loss", "evry": "every", "masss": "mass", "thrice": "3 times", "realy": "really", "abuot": "about", "somone": "someone", "tiem": "time", "wensday": "wednesday", "wendsday": "wednesday", "wednsday": "wednesday", "thrusday": "thursday", "thursdy": "thursday", "yesterdays": "yesterday", "todays": "today", "tomorrows": "tomorrow", "tonights": "tonight", "wi": "with", "wth": "with", "tmrw": "tomorrow", "tmr": "tomorrow", "tmw": "tomorrow", "tmrow": "tomorrow", "2morrow": "tomorrow", "2moro": "tomorrow", "tomoz": "tomorrow", "tomo": "tomorrow", "2day": "today", "tdy": "today", "2nite": "tonight", "tonite": "tonight", "tonght": "tonight", "nxt": "next", "wk": "week", "wknd": "weekend",
	"mon": "monday", "tue": "tuesday", "tues": "tuesday", "wed": "wednesday", "weds": "wednesday", "thu": "thursday", "thur": "thursday", "thurs": "thursday", "fri": "friday", "sat": "saturday",
	"morn": "morning", "aft": "afternoon", "arvo": "afternoon", "min": "minutes", "mins": "minutes", "hr": "hour", "hrs": "hours", "lbs": "pounds", "lb": "pounds", "kgs": "kg", "kilo": "kg", "kilos": "kg", "kilogram": "kg", "kilograms": "kg", "kilogramme": "kg", "kilogrammes": "kg",
	"rep": "reps", "repetitions": "reps", "cals": "calories", "cal": "calories", "kcals": "calories", "kcal": "calories", "exersise": "exercise", "excercise": "exercise", "excercises": "exercises", "exersises": "exercises", "programme": "program", "programmes": "programs", "favourite": "favorite",
	"ya": "you", "yall": "you", "cancell": "cancel", "canceled": "cancelled", "canceling": "cancelling", "cancle": "cancel", "coulda": "could have", "shoulda": "should have", "wassup": "what is up", "whatcha": "what do you", "gotten": "got", "info": "information", "sth": "something", "smth": "something", "sb": "somebody",
	"rn": "now", "asap": "soon", "msg": "message", "ppl": "people", "yoghurt": "yogurt", "veggie": "vegetarian", "coeliac": "celiac", "diary": "calendar", "arn't": "are not", "n't": "not", "ain": "is not", "sry": "sorry", "soz": "sorry", "prog": "program", "prot": "protein", "carb": "carbs",
	"dl": "deadlift", "dls": "deadlifts", "ohp": "overhead press", "rdl": "romanian deadlift", "rdls": "romanian deadlifts", "db": "dumbbell", "bb": "barbell", "kb": "kettlebell", "pullups": "pull-ups", "pushups": "push-ups", "chinups": "chin-ups", "situps": "sit-ups", "pullup": "pull-up", "pushup": "push-up", "chinup": "chin-up", "situp": "sit-up",
}

// utterance is what was said, in the forms that the judges and the resolvers read.
type utterance struct {
	text  string   // cleaned: lower case, typos and slang resolved, with its digits and marks
	words []string // of text, without marks
	plain string   // words joined by single spaces, with one before and behind
}

// read cleans text. names are words that stand as they are, such as coaches' names.
func read(text string, names map[string]bool) utterance {
	text = strings.ReplaceAll(text, "×", "x")
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "")
	}
	var out strings.Builder
	for token, word := range tokens(text) {
		if word {
			token = correct(token, names)
		}
		out.WriteString(token)
	}
	return said(strings.Join(strings.Fields(out.String()), " "))
}

func said(text string) utterance {
	u := utterance{text: text}
	for token, word := range tokens(text) {
		if word {
			u.words = append(u.words, token)
		}
	}
	u.plain = " " + strings.Join(u.words, " ") + " "
	return u
}

// tokens yields the words of text in lower case without accents, and what stands between them. A number keeps its inner
// marks: "5:30", "3x8", "27.3."
func tokens(text string) func(yield func(string, bool) bool) {
	runes := []rune(text)
	return func(yield func(string, bool) bool) {
		for i := 0; i < len(runes); {
			j := i
			for j < len(runes) && inWord(runes, i, j) {
				j++
			}
			if j > i {
				if !yield(strings.TrimRight(fold(runes[i:j]), "'-"), true) {
					return
				}
				i = j
				continue
			}
			if r := runes[i]; unicode.IsControl(r) || unicode.IsSpace(r) {
				if !yield(" ", false) {
					return
				}
			} else if !yield(string(r), false) {
				return
			}
			i++
		}
	}
}

func inWord(runes []rune, start, at int) bool {
	r := runes[at]
	switch {
	case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
		return true
	case at == start:
		return false
	case r == '\'' || r == '’' || r == '‘' || r == '-':
		return at+1 < len(runes) && (unicode.IsLetter(runes[at+1]) || unicode.IsDigit(runes[at+1])) && (r != '-' || unicode.IsLetter(runes[at-1]) || unicode.IsDigit(runes[at-1]))
	case r == ':' || r == '.' || r == ',' || r == '/':
		return unicode.IsDigit(runes[at-1]) && at+1 < len(runes) && unicode.IsDigit(runes[at+1])
	}
	return false
}

func fold(word []rune) string {
	var b strings.Builder
	for _, r := range word {
		switch {
		case r == '’' || r == '‘':
			r = '\''
		case unicode.Is(unicode.Mn, r):
			continue
		default:
			r = unicode.ToLower(r)
		}
		if plain, ok := accents[r]; ok {
			b.WriteString(plain)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

var accents = map[rune]string{
	'á': "a", 'à': "a", 'â': "a", 'ä': "a", 'ã': "a", 'å': "a", 'ç': "c", 'é': "e", 'è': "e", 'ê': "e", 'ë': "e", 'í': "i", 'ì': "i", 'î': "i", 'ï': "i",
	'ñ': "n", 'ó': "o", 'ò': "o", 'ô': "o", 'ö': "o", 'õ': "o", 'ø': "o", 'ú': "u", 'ù': "u", 'û': "u", 'ü': "u", 'ý': "y", 'ß': "ss", 'ł': "l", 'ž': "z", 'š': "s", 'č': "c",
}

// correct gives a word its plain form: slang in full, contractions apart, a typo of a word of the domain put right.
func correct(w string, names map[string]bool) string {
	if names[w] {
		return w
	}
	if full, ok := short[w]; ok {
		return full
	}
	if stem, ok := strings.CutSuffix(w, "n't"); ok {
		return stem + " not"
	}
	for suffix, full := range map[string]string{"'ll": " will", "'ve": " have", "'re": " are", "'d": " would", "'m": " am"} {
		if stem, ok := strings.CutSuffix(w, suffix); ok {
			return stem + full
		}
	}
	stem, possessive := strings.CutSuffix(w, "'s")
	if possessive {
		if names[stem] {
			return stem
		}
		w = stem
	}
	return english.correct(w, names)
}

func (v vocabulary) correct(w string, names map[string]bool) string {
	n := utf8.RuneCountInString(w)
	if v.known[w] || n < 4 || n > 20 || strings.ContainsAny(w, "0123456789") || strings.Contains(w, "-") {
		return w
	}
	if s, ok := strings.CutSuffix(w, "s"); ok && v.known[s] { // plurals that the list leaves out
		return w
	}
	for _, suffix := range []string{"ing", "ed", "er", "ly"} {
		if s, ok := strings.CutSuffix(w, suffix); ok && len(s) > 2 && (v.known[s] || v.known[s+"e"]) {
			return w
		}
	}
	for name := range names {
		if len(name) > 3 && distance(w, name, 1) <= 1 {
			return w // a misspelled name is the resolver's
		}
	}
	most := 1
	if n >= 8 {
		most = 2
	}
	best, at := "", most+1
	for _, d := range v.domain {
		if d[0] != w[0] && !(len(d) > 1 && len(w) > 1 && d[0] == w[1] && d[1] == w[0]) {
			continue
		}
		if k := distance(w, d, most); k < at || k == at && best != "" && len(d) == len(w) && len(best) != len(w) {
			best, at = d, k
		}
	}
	if best == "" || len(best) < 4 {
		return w
	}
	if full, ok := short[best]; ok {
		return full
	}
	return best
}

// distance counts the letters that were left out, added, exchanged or turned round between a and b; beyond most it is
// most+1.
func distance(a, b string, most int) int {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > most || len(y)-len(x) > most {
		return most + 1
	}
	before, last, now := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		now[0] = i
		least := i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
			least = min(least, now[j])
		}
		if least > most {
			return most + 1
		}
		before, last, now = last, now, before
	}
	return min(last[len(y)], most+1)
}
