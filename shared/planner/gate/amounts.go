package gate

import (
	"slices"
	"strconv"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/wording"
)

// span is how far apart the words of one demand may stand.
const span = 6

var (
	energyWords = set([]string{"kcal", "kcals", "cal", "cals", "calorie", "calories", "kalorien", "calorias", "kilocalories", "kilocalorias"})
	dayWords    = set([]string{"day", "days", "daily", "tag", "taglich", "taeglich", "tags", "dia", "diarias", "diario", "diaria", "jour", "jours", "d"})
	eatWords    = set([]string{"eat", "eating", "diet", "under", "below", "max", "maximum", "only", "just", "intake", "live", "limit", "essen", "nur", "comer", "solo", "manger", "dieta", "regime", "diat"})
	burnWords   = set([]string{"burn", "burns", "burning", "burned", "deficit", "surplus", "less", "fewer", "extra", "more", "minus", "add", "adding", "verbrennen", "defizit", "quemar", "bruler", "cut", "reduce", "reducing"})
	mealWords   = set([]string{"meal", "meals", "snack", "snacks", "breakfast", "lunch", "dinner", "shake", "mahlzeit", "comida", "repas", "workout", "session"})
	lossWords   = set([]string{"lose", "losing", "loose", "loss", "lost", "drop", "shed", "slim", "cut", "abnehmen", "abzunehmen", "verlieren", "runter", "perder", "bajar", "adelgazar", "perdre", "maigrir"})
	liftWords   = set([]string{"squat", "bench", "deadlift", "press", "lift", "row", "curl", "bar", "barbell", "dumbbell", "add", "gain"})
	weightWords = map[string]float64{
		"kg": 1, "kgs": 1, "kilo": 1, "kilos": 1, "kilogram": 1, "kilograms": 1, "kilogramm": 1, "lb": 0.4536, "lbs": 0.4536,
		"pound": 0.4536, "pounds": 0.4536, "libras": 0.4536, "livres": 0.5, "pfund": 0.5, "stone": 6.35, "stones": 6.35,
	}
	weekWords = map[string]float64{
		"day": 1. / 7, "days": 1. / 7, "week": 1, "weeks": 1, "weekly": 1, "wk": 1, "wks": 1, "month": 4.345, "months": 4.345, "tag": 1. / 7,
		"tage": 1. / 7, "tagen": 1. / 7, "woche": 1, "wochen": 1, "monat": 4.345, "monate": 4.345, "monaten": 4.345, "dia": 1. / 7, "dias": 1. / 7,
		"semana": 1, "semanas": 1, "mes": 4.345, "meses": 4.345, "jour": 1. / 7, "jours": 1. / 7, "semaine": 1, "semaines": 1, "mois": 4.345,
	}
	numberWords = map[string]float64{
		"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "last": 1,
		"ein": 1, "eine": 1, "einer": 1, "einem": 1, "zwei": 2, "drei": 3, "vier": 4, "funf": 5, "fuenf": 5, "sechs": 6, "acht": 8, "zehn": 10,
		"una": 1, "un": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "diez": 10, "une": 1, "deux": 2, "trois": 3, "quatre": 4,
		"cinq": 5, "dix": 10,
	}
	surgeryWords = set([]string{"surgery", "operation", "operated", "operiert", "op", "cirugia", "operaron", "operado", "operada", "operacion", "opere", "operee", "chirurgie"})
)

func set(list []string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, w := range list {
		m[w] = true
	}
	return m
}

// number reads the number at list[i] ("1,500", "1.5", "five hundred") and the index after it. Thousands marks are told
// from decimals by the three digits behind them.
func number(list []wording.Token, i int) (value float64, next int, ok bool) {
	t := list[i]
	v, err := strconv.ParseFloat(t.Word, 64)
	if err != nil {
		w, known := numberWords[t.Word]
		if !known {
			return 0, i, false
		}
		if i+1 < len(list) && list[i+1].Word == "hundred" {
			return w * 100, i + 2, true
		}
		return w, i + 1, true
	}
	if i+1 < len(list) && list[i+1].At == t.At+len(t.Word)+1 {
		if frac, err := strconv.ParseFloat(list[i+1].Word, 64); err == nil && list[i+1].Comma != t.Comma {
			if len(list[i+1].Word) == 3 {
				return v*1000 + frac, i + 2, true
			}
			scale := 1.0
			for range list[i+1].Word {
				scale *= 10
			}
			return v + frac/scale, i + 2, true
		}
	}
	return v, i + 1, true
}

// amount is a number of the text: list[start:next] spells it.
type amount struct {
	value       float64
	start, next int
}

// amounts lists the numbers that a word follows.
func amounts(list []wording.Token) []amount {
	var all []amount
	for i := 0; i < len(list); {
		v, next, ok := number(list, i)
		if ok && next < len(list) {
			all = append(all, amount{v, i, next})
		}
		i = max(next, i+1)
	}
	return all
}

// asksLowIntake finds a wish to eat fewer than minimum kcal a day. Burning 500 kcal, a 500 kcal deficit or a 500 kcal
// meal are something else.
func asksLowIntake(list []wording.Token, minimum float64, w Wider) bool {
	for _, n := range amounts(list) {
		if n.value < 50 || n.value >= minimum || !energyWords[list[n.next].Word] {
			continue
		}
		if n.beside(list, burnWords, 4, 3) || n.beside(list, mealWords, 2, 3) {
			continue
		}
		if (n.beside(list, dayWords, 3, 4) || n.beside(list, eatWords, 4, 2) || n.beside(list, w.Eat, 4, 2)) && w.keeps("low_calorie", n.start, n.next+1) {
			return true
		}
	}
	return false
}

// Energy is an amount of energy that a text names.
type Energy struct {
	Kcal float64
	Part bool // of a meal, burned, or a difference: not what is eaten in a day
}

// Energies lists the amounts of energy in a text.
func Energies(list []wording.Token) []Energy {
	var all []Energy
	for _, n := range amounts(list) {
		kcal := n.value
		switch unit := list[n.next].Word; {
		case unit == "kj" || unit == "kilojoules":
			kcal /= 4.184
		case !energyWords[unit]:
			continue
		}
		all = append(all, Energy{Kcal: kcal, Part: n.beside(list, burnWords, 4, 3) || n.beside(list, mealWords, 2, 3)})
	}
	return all
}

// beside looks for one of words up to before words ahead of the number or after words behind its unit.
func (n amount) beside(list []wording.Token, words map[string]bool, before, after int) bool {
	in := func(t wording.Token) bool { return words[t.Word] }
	return slices.ContainsFunc(list[max(0, n.start-before):n.start], in) ||
		slices.ContainsFunc(list[n.next:min(len(list), n.next+1+after)], in)
}

// asksFastLoss finds a wish to lose more than limit percent of the body weight a week. Without a known weight one
// kilogram a week counts as the limit.
func asksFastLoss(list []wording.Token, weightKG, limit float64, w Wider) bool {
	if weightKG <= 0 {
		weightKG = 100
	}
	for _, n := range amounts(list) {
		kg := 0.0
		if scale, isWeight := weightWords[list[n.next].Word]; isWeight {
			kg = n.value * scale
		} else if unit := list[n.next].Word; unit == "percent" || unit == "prozent" {
			kg = n.value / 100 * weightKG
		}
		if kg == 0 || !n.beside(list, lossWords, span, span) && !n.beside(list, w.Lose, span, span) || n.beside(list, liftWords, 3, 3) {
			continue
		}
		if weeks := period(list, n.next+1, max(span, w.Span)); weeks > 0 && kg/weeks > weightKG*limit/100*1.001 && w.keeps("fast_loss", n.start, n.next+1) {
			return true
		}
	}
	return false
}

// period reads "in two weeks", "per week", "a month" within a few words and gives weeks, or 0.
func period(list []wording.Token, i, reach int) float64 {
	for k := i; k < len(list) && k < i+reach; k++ {
		weeks, ok := weekWords[list[k].Word]
		if !ok {
			continue
		}
		if k > i {
			if n, known := numberWords[list[k-1].Word]; known {
				return n * weeks
			}
			if n, err := strconv.ParseFloat(list[k-1].Word, 64); err == nil {
				return n * weeks
			}
		}
		return weeks
	}
	return 0
}

// targetWeight finds a wanted body weight in kg ("get down to 45 kg", "weigh 100 lbs"), or 0.
func targetWeight(list []wording.Token) float64 {
	for _, n := range amounts(list) {
		scale, isWeight := weightWords[list[n.next].Word]
		if !isWeight || n.beside(list, liftWords, 4, 4) {
			continue
		}
		before := list[max(0, n.start-4):n.start]
		wanted := slices.ContainsFunc(before, func(t wording.Token) bool {
			switch t.Word {
			case "weigh", "weighing", "down", "target", "wiegen", "pesar", "peser", "zielgewicht":
				return true
			}
			return false
		})
		now := slices.ContainsFunc(before, func(t wording.Token) bool { return t.Word == "currently" || t.Word == "now" || t.Word == "from" })
		if wanted && !now {
			return n.value * scale
		}
	}
	return 0
}

// surgery is an operation that a text told of, with the sites that it named.
type surgery struct{ sites []gym.InjurySite }

var siteWords = map[string]gym.InjurySite{
	"knee": gym.Knee, "knees": gym.Knee, "acl": gym.Knee, "meniscus": gym.Knee, "knie": gym.Knee, "rodilla": gym.Knee, "genou": gym.Knee,
	"shoulder": gym.Shoulder, "shoulders": gym.Shoulder, "cuff": gym.Shoulder, "schulter": gym.Shoulder, "hombro": gym.Shoulder, "epaule": gym.Shoulder,
	"hip": gym.Hip, "hips": gym.Hip, "hufte": gym.Hip, "huefte": gym.Hip, "cadera": gym.Hip, "hanche": gym.Hip,
	"back": gym.LowerBack, "spine": gym.LowerBack, "disc": gym.LowerBack, "rucken": gym.LowerBack, "ruecken": gym.LowerBack, "espalda": gym.LowerBack,
	"ankle": gym.Ankle, "achilles": gym.Ankle, "foot": gym.Ankle, "tobillo": gym.Ankle, "cheville": gym.Ankle, "wrist": gym.Wrist, "hand": gym.Wrist,
	"handgelenk": gym.Wrist, "muneca": gym.Wrist, "poignet": gym.Wrist, "elbow": gym.Elbow, "ellbogen": gym.Elbow, "codo": gym.Elbow, "coude": gym.Elbow,
	"neck": gym.Neck, "nacken": gym.Neck, "cuello": gym.Neck, "cou": gym.Neck,
}

// recentSurgery finds an operation that is told to be less than limit weeks ago, or gives nil.
func recentSurgery(list []wording.Token, l *wording.Lexicon, limit float64, w Wider) *surgery {
	for i, t := range list {
		if !surgeryWords[t.Word] || l.Denied(list, i, i+1) || !w.keeps("recent_surgery", i, i+1) {
			continue
		}
		for _, from := range []int{max(0, i-span), i + 1} {
			if weeks := period(list, from, span); weeks <= 0 || weeks >= limit {
				continue
			}
			var s surgery
			for _, near := range list[max(0, i-span):min(len(list), i+span)] {
				if site, ok := siteWords[near.Word]; ok {
					s.sites = append(s.sites, site)
				}
			}
			return &s
		}
	}
	return nil
}
