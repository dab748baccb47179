package spoken

import (
	"slices"
	"strings"
)

// kind is what a unit measures.
type kind int

const (
	other kind = iota
	weight
	length
	span // of time
)

// unit is how a unit is said.
type unit struct {
	one, many string
	kind      kind
}

// units are the written units, as plans write them. Those of one letter are case-sensitive, the rest is found in any case.
var units = map[string]unit{
	"kg": {"kilo", "kilos", weight}, "kgs": {"kilo", "kilos", weight}, "kilo": {"kilo", "kilos", weight}, "kilos": {"kilo", "kilos", weight}, "lb": {"pound", "pounds", weight}, "lbs": {"pound", "pounds", weight},
	"g": {"gram", "grams", weight}, "gr": {"gram", "grams", weight}, "mg": {"milligram", "milligrams", weight}, "mcg": {"microgram", "micrograms", weight}, "μg": {"microgram", "micrograms", weight}, "oz": {"ounce", "ounces", weight},
	"l": {"liter", "liters", other}, "L": {"liter", "liters", other}, "ml": {"milliliter", "milliliters", other}, "cl": {"centiliter", "centiliters", other}, "dl": {"deciliter", "deciliters", other},
	"km": {"kilometer", "kilometers", length}, "m": {"meter", "meters", length}, "cm": {"centimeter", "centimeters", length}, "mm": {"millimeter", "millimeters", length}, "mi": {"mile", "miles", length}, "ft": {"foot", "feet", length},
	"kcal": {"calorie", "calories", other}, "kcals": {"calorie", "calories", other}, "cal": {"calorie", "calories", other}, "cals": {"calorie", "calories", other}, "kj": {"kilojoule", "kilojoules", other}, "W": {"watt", "watts", other},
	"bpm": {"beat per minute", "beats per minute", other}, "rpm": {"turn per minute", "turns per minute", other}, "spm": {"step per minute", "steps per minute", other}, "km/h": {"kilometer per hour", "kilometers per hour", other},
	"kph": {"kilometer per hour", "kilometers per hour", other}, "mph": {"mile per hour", "miles per hour", other}, "m/s": {"meter per second", "meters per second", other}, "min/km": {"minute per kilometer", "minutes per kilometer", span},
	"h": {"hour", "hours", span}, "hr": {"hour", "hours", span}, "hrs": {"hour", "hours", span}, "min": {"minute", "minutes", span}, "mins": {"minute", "minutes", span}, "s": {"second", "seconds", span}, "sec": {"second", "seconds", span},
	"secs": {"second", "seconds", span}, "wk": {"week", "weeks", other}, "wks": {"week", "weeks", other}, "%": {"percent", "percent", other}, "°C": {"degree", "degrees", other}, "°F": {"degree", "degrees", other}, "°": {"degree", "degrees", other},
	"rir": {"rep in reserve", "reps in reserve", other}, "iu": {"I U", "I U", other}, "ms": {"millisecond", "milliseconds", other}, "hz": {"hertz", "hertz", other}, "kwh": {"kilowatt hour", "kilowatt hours", other}, "dB": {"decibel", "decibels", other},
}

// unitNames are the keys of units, longest first.
var unitNames = func() []string {
	var names []string
	for name := range units {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return names
}()

// unitAt is the unit that text begins with, and how many bytes it takes.
func unitAt(text string) (unit, int) {
	for _, name := range unitNames {
		if len(text) < len(name) || text[:len(name)] != name && (len(name) == 1 || !strings.EqualFold(text[:len(name)], name)) {
			continue
		}
		if rest := text[len(name):]; !wordFollows(rest) {
			return units[name], len(name)
		}
	}
	return unit{}, 0
}

// unitAfter is unitAt with a space or none before the unit.
func unitAfter(text string) (unit, int) {
	trimmed := strings.TrimPrefix(text, " ")
	u, n := unitAt(trimmed)
	if n == 0 {
		return unit{}, 0
	}
	return u, n + len(text) - len(trimmed)
}

// perWords are what amounts are counted by, after a slash.
var perWords = setOf(`day week month year session workout set side leg arm hand hour minute second meal serving portion rep person class visit round kilo km kg h min d wk s lb l 100 muscle exercise`)

// per reads what an amount is counted by: "/week", "/ kg", "/100 g". It says that with "per".
func per(text string) (said string, n int) {
	rest := strings.TrimLeft(text, " ")
	if !strings.HasPrefix(rest, "/") {
		return "", 0
	}
	rest = strings.TrimLeft(rest[1:], " ")
	skipped := len(text) - len(rest)
	if strings.HasPrefix(rest, "100") {
		if u, k := unitAfter(rest[3:]); k > 0 {
			return " per one hundred " + u.many, skipped + 3 + k
		}
	}
	word := rest[:wordLength(rest)]
	switch u, k := unitAt(rest); {
	case !perWords[word] && k == 0:
		return "", 0
	case word == "d":
		return " per day", skipped + 1
	case k > 0:
		return " per " + u.one, skipped + k
	}
	return " per " + word, skipped + len(word)
}
