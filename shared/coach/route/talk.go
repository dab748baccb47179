package route

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/intellifit/intellifit/shared/coach/when"
)

// talk is an utterance, or a part of one, with what was found in it.
type talk struct {
	said   utterance
	times  []spot // in the order of the words
	who    named
	set    set
	length int // minutes, 0 when none is named
	masked string
}

// spot is a time with where it stands.
type spot struct {
	when.Span
	at int // byte of said.text
}

// frames take off what stands around a request: greetings before, thanks behind, words that fill.
var (
	greeting = regexp.MustCompile(`^(?:(?:thanks|thank you|great|cool|perfect|nice|awesome|good|got it|sure|fine)(?: coach| man| mate)?[,.!;-]+ ?|(?:hi there|hi|hello there|hello|hey there|hey|heya|hiya|yo|good (?:morning|afternoon|evening|day)|morning|evening|greetings|howdy|ok so|okay so|so|well|right|alright|all right|um|uh|erm|oh|ah|sorry|excuse me|listen|look|coach|mate|man|dude|bro|buddy|yeah|yes|please|alexa|everyone|team|folks|sup|hmm|quick question|hope you are well|just|and|also|then|actually|but|one more thing|by the way)(?:[,.!:;?-]+ ?| |$))+`)
	fillers  = regexp.MustCompile(` (?:please|just|um+|uh+|uhm|erm|er|hmm+|actually|basically|really|quickly|real quick|kindly|literally|simply|honestly|i mean|i guess|i think|i suppose|as well|tho|though|lol|haha|maybe|perhaps|possibly|if possible|if that is possible|if you can|if i may|if that works|somehow|kind of|sort of|like to please|for me please|pretty please|ah|oh|eh|hey|like uh|like um|definitely|now please|right now|somewhere|mate|dude|bro|man) `)
	liketo   = strings.NewReplacer(" at like ", " at ", " like any ", " any ", " have like ", " have ", " would like like ", " would like ", " like like ", " like ")
)

// pauses are the sounds of speech.
var pauses = regexp.MustCompile(`\b(?:u+m+|u+h+|u+hm+|e+r+m*|hmm+|mhm)\b,? ?`)

var likely = strings.NewReplacer("at like ", "at ", "around like ", "around ", "on like ", "on ", ", like, ", " ", " like on ", " on ", " like at ", " at ")

// possessive are days whose apostrophe was left out: "my fridays session".
var possessive = regexp.MustCompile(`\b((?:mon|tues|wednes|thurs|fri|satur|sun)day)s ((?:\S+ )?(?:session|appointment|booking|slot|training|class|one|workout|meeting|lesson))\b`)

// strip takes off the greeting before the request; all of the text when nothing else is there.
func strip(text string) string {
	text = possessive.ReplaceAllString(strings.TrimSpace(likely.Replace(pauses.ReplaceAllString(text, ""))), "$1 $2")
	rest := strings.TrimSpace(greeting.ReplaceAllString(text, ""))
	if rest == "" {
		return text
	}
	return rest
}

// hear reads cleaned text: finds times, coaches, sets and things, and puts a mark in their place.
func hear(text string, t Turn) talk {
	k := talk{said: said(text)}
	lifted, _ := readSet(k.said.plain)
	for _, s := range when.FindAll(text, t.Now) {
		from := 0
		if n := len(k.times); n > 0 {
			from = k.times[n-1].at + len(k.times[n-1].Phrase)
		}
		if (lifted.sets > 0 || lifted.reps > 0) && (s.At || len(s.Vague) > 0) && !clock.MatchString(s.Phrase) {
			s = dayOnly(s, t.Now)
		}
		at := indexWords(text, s.Phrase, from)
		if at < 0 || s.Phrase == "" {
			continue
		}
		k.times = append(k.times, spot{s, at})
	}
	var rest strings.Builder
	from := 0
	for _, s := range k.times {
		if s.at < from {
			continue
		}
		rest.WriteString(text[from:s.at] + " xtime ")
		from = s.at + len(s.Phrase)
	}
	rest.WriteString(text[from:])
	timeless := said(rest.String())
	var words []string
	k.who, words = findCoaches(timeless, t.Coaches)
	plain := " " + strings.Join(words, " ") + " "
	k.length, plain = readLength(plain)
	k.set, plain = readSet(plain)
	for {
		next := liketo.Replace(fillers.ReplaceAllString(plain, " "))
		if next == plain {
			break
		}
		plain = next
	}
	plain = nouns.Replace(plain)
	for _, m := range masks {
		plain = m.apply(plain)
	}
	k.masked = allergenForm.ReplaceAllString(plain, " xallergen ")
	return k
}

// counted begins a time whose hour is a number of repetitions: "80 kg for 5 on Monday".
var counted = regexp.MustCompile(`^(?:at )?\S+ `)

// dayOnly leaves of a time with such an hour what is behind the number, nothing when that is no day.
func dayOnly(s when.Span, now time.Time) when.Span {
	rest := when.FindAll(counted.ReplaceAllString(s.Phrase, ""), now)
	if !s.Day || len(rest) != 1 || rest[0].At || len(rest[0].Vague) > 0 {
		return when.Span{}
	}
	return rest[0]
}

// indexWords is where phrase stands in text from a place on, as whole words; -1 when it does not.
func indexWords(text, phrase string, from int) int {
	for from <= len(text) {
		at := strings.Index(text[from:], phrase)
		if at < 0 {
			return -1
		}
		at += from
		end := at + len(phrase)
		if !letterBefore(text, at) && !letterAt(text, end) {
			return at
		}
		from = at + 1
	}
	return -1
}

func letterBefore(text string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(text[:at])
	return letter(r)
}

func letterAt(text string, at int) bool {
	r, _ := utf8.DecodeRuneInString(text[at:])
	return letter(r)
}

func letter(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// clock are the times of day that cannot be a number of repetitions or a weight.
var clock = regexp.MustCompile(`\d ?[ap]\.?m|\d[:h]\d|o'?clock|noon|midday|midnight|morning|evening|afternoon|tonight|\bnow$|\bago$|^in `)

// nouns tell the calendar from the verb: what is on someone's schedule is no request to schedule.
var nouns = strings.NewReplacer(" my schedule ", " my calendar ", " the schedule ", " the calendar ", " your schedule ", " your calendar ", " coach schedule ", " coach calendar ", " trainer schedule ", " trainer calendar ",
	" xcoach schedule ", " xcoach calendar ", " his schedule ", " his calendar ", " her schedule ", " her calendar ", " on schedule ", " on calendar ", " schedule look ", " calendar look ", " in my book ", " in my calendar ", " in the book ", " in the books ", " personal trainer ", " trainer ", " personal training ", " trainer session ")

var lengthForms = []struct {
	form    *regexp.Regexp
	minutes int // 0: the first group counts, in minutes
	unit    int // minutes of one of the group, when minutes is 0
}{
	{regexp.MustCompile(` (?:for |a |of |lasting )*(?:an hour and a half|one and a half hours?|1\.5 hours?|hour and a half|90 minutes?|1 and a half hours?) `), 90, 0},
	{regexp.MustCompile(` (?:for |a |of )*(?:an hour and a quarter|hour and a quarter|1 and a quarter hours?|1\.25 hours?) `), 75, 0},
	{regexp.MustCompile(` (?:for |a |of )*(?:three quarters of an hour|3 quarters of an hour|3/4 of an hour|3/4 hours?|3/4 h) `), 45, 0},
	{regexp.MustCompile(` (?:for |a |of )*(?:half an hour|half hour|half-hour|0\.5 hours?|1/2 hour) `), 30, 0},
	{regexp.MustCompile(` (?:for |a |of )*(\d{2,3}) ?-?(?:minutes?|minute-long) `), 0, 1},
	{regexp.MustCompile(` (?:for |a |of )*(\d{2,3})-minutes? `), 0, 1},
	{regexp.MustCompile(` (?:for |of )*(?:an|one|1|a full|a whole|full) ?-?hour(?:-long| long)? `), 60, 0},
	{regexp.MustCompile(` (?:a )?1-hour `), 60, 0},
	{regexp.MustCompile(` (?:for |of )*(\d) ?-?hours?(?: long)? `), 0, 60},
}

// later marks an amount that moves something instead of saying how long it is.
var later = regexp.MustCompile(`^ ?(?:\S+ )?(?:later|earlier|before|after|back|forward|from now|early|late)|^ ?(?:ago|left)`)

// readLength finds how long something shall be, in minutes, and takes it out of the words.
func readLength(plain string) (minutes int, rest string) {
	counted := spread(" " + strings.Join(digits(strings.Fields(plain)), " ") + " ")
	for _, f := range lengthForms {
		at := f.form.FindStringSubmatchIndex(counted)
		if at == nil || later.MatchString(counted[at[1]-1:]) || strings.HasSuffix(counted[:at[0]+1], " by ") || strings.HasSuffix(counted[:at[0]+1], " in ") {
			continue
		}
		minutes = f.minutes
		if minutes == 0 {
			minutes = atoi(counted[at[2]:at[3]]) * f.unit
		}
		return minutes, counted[:at[0]] + " xlength " + counted[at[1]:]
	}
	return 0, plain
}

// day is the start of the day of t in its zone.
func day(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}
