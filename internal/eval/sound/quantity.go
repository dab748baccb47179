package sound

import (
	"regexp"
	"strings"
)

// quantity is a number with what makes it one: 3x12, 18:30, 60 kg, 2.5 %, RPE 8.
var quantity = regexp.MustCompile(`(?i)(?:\b(rpe|rir)\s*)?(\d+(?:[.,:x×–-]\d+)*)(?:st|nd|rd|th)?\s*(kg|kilos?|kilograms?|lbs?|pounds?|grams?|g|mg|ml|millilit(?:er|re)s?|l|lit(?:er|re)s?|km|kilomet(?:er|re)s?|m|met(?:er|re)s?|cm|` +
	`seconds?|secs?|s|minutes?|mins?|min|hours?|h|days?|weeks?|sets?|reps?|repetitions|kcal|calories|bpm|percent|%|a\.?\s?m\b\.?|p\.?\s?m\b\.?)?(?:\b|$|\s)`)

var units = map[string]string{
	"kilo": "kg", "kilos": "kg", "kilogram": "kg", "kilograms": "kg", "lb": "lb", "lbs": "lb", "pound": "lb", "pounds": "lb", "gram": "g", "grams": "g",
	"milliliter": "ml", "milliliters": "ml", "millilitre": "ml", "millilitres": "ml", "liter": "l", "liters": "l", "litre": "l", "litres": "l",
	"kilometer": "km", "kilometers": "km", "kilometre": "km", "kilometres": "km", "meter": "m", "meters": "m", "metre": "m", "metres": "m",
	"second": "s", "seconds": "s", "sec": "s", "secs": "s", "minute": "min", "minutes": "min", "mins": "min", "hour": "h", "hours": "h", "day": "day", "days": "day", "week": "week", "weeks": "week",
	"set": "set", "sets": "set", "rep": "rep", "reps": "rep", "repetitions": "rep", "calories": "kcal", "percent": "%",
}

// Quantities lists the numbers of a text with their units, in order and in one spelling.
func Quantities(text string) (out []string) {
	for _, m := range quantity.FindAllStringSubmatch(text, -1) {
		unit := strings.ToLower(strings.NewReplacer(".", "", " ", "").Replace(m[3]))
		if same, ok := units[unit]; ok {
			unit = same
		}
		number := strings.NewReplacer(",", "", "×", "x", "–", "-").Replace(strings.ToLower(m[2]))
		one := strings.TrimSpace(strings.ToLower(m[1]) + " " + number + " " + unit)
		out = append(out, one)
	}
	return out
}
