package gym

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Longest texts of a profile, in characters.
const (
	maxName = 200
	maxNote = 500
	maxWord = 64
	maxList = 50
)

// ValidateMember lists what is wrong with a profile: values outside any human range, units mixed up, texts that are too
// long or not text. It does not judge whether a plan may be made; that is the gate's work.
func ValidateMember(m Member, now time.Time) []Field {
	v := &validator{}
	v.id("id", m.ID)
	v.text("name", m.Name, maxName)
	if m.CoachID != "" {
		v.id("coach_id", m.CoachID)
	}
	if m.BirthDate.IsZero() {
		v.add("birth_date", "is missing")
	} else if age := m.Age(now); age < 5 || age > 110 {
		v.add("birth_date", fmt.Sprintf("gives an age of %d years, must be from 5 to 110", age))
	}
	switch {
	case m.HeightCM >= 1 && m.HeightCM <= 2.5:
		v.add("height_cm", fmt.Sprintf("is %g: did you mean %g cm?", m.HeightCM, m.HeightCM*100))
	case m.HeightCM < 100 || m.HeightCM > 250:
		v.add("height_cm", fmt.Sprintf("is %g cm, must be from 100 to 250", m.HeightCM))
	}
	if m.WeightKG < 25 || m.WeightKG > 350 {
		v.add("weight_kg", fmt.Sprintf("is %g kg, must be from 25 to 350", m.WeightKG))
	} else if bmi := m.BMI(); m.HeightCM >= 100 && (bmi < 10 || bmi > 90) {
		v.add("weight_kg", fmt.Sprintf("gives a body-mass index of %.0f: are height in cm and weight in kg?", bmi))
	}
	if f := m.BodyFatPct; f != nil && (*f < 3 || *f > 70) {
		v.add("body_fat_pct", fmt.Sprintf("is %g %%, must be from 3 to 70", *f))
	}
	if m.DaysPerWeek < 1 || m.DaysPerWeek > 7 {
		v.add("days_per_week", fmt.Sprintf("is %d, must be from 1 to 7", m.DaysPerWeek))
	}
	if m.SessionMinutes < 15 || m.SessionMinutes > 240 {
		v.add("session_minutes", fmt.Sprintf("is %d minutes, must be from 15 to 240", m.SessionMinutes))
	}
	for _, list := range []struct {
		name  string
		words []string
	}{{"equipment", m.Equipment}, {"likes", m.Likes}, {"dislikes", m.Dislikes}} {
		if len(list.words) > maxList {
			v.add(list.name, fmt.Sprintf("has %d entries, at most %d are kept", len(list.words), maxList))
		}
		for _, w := range list.words {
			v.text(list.name, w, maxWord)
		}
	}
	for _, i := range m.Injuries {
		v.text("injuries.note", i.Note, maxNote)
	}
	return v.fields
}

type validator struct{ fields []Field }

func (v *validator) add(name, message string) {
	v.fields = append(v.fields, Field{Name: name, Message: message})
}

func (v *validator) id(name, s string) {
	ok := s != "" && len(s) <= 64
	for i, r := range s {
		ok = ok && (r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) || i > 0 && strings.ContainsRune("._-", r))
	}
	if !ok {
		v.add(name, "must be 1 to 64 letters, digits, dots, dashes or underscores, and start with a letter or digit")
	}
}

func (v *validator) text(name, s string, most int) {
	switch {
	case !utf8.ValidString(s):
		v.add(name, "is not valid UTF-8")
	case strings.ContainsRune(s, 0):
		v.add(name, "contains a NUL character")
	case utf8.RuneCountInString(s) > most:
		v.add(name, fmt.Sprintf("has more than %d characters", most))
	}
}
