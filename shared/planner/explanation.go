package planner

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"unicode"

	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/shared/gym"
)

//go:embed explanation.gotmpl
var explanationText string

var explanation = template.Must(template.New("explanation").Funcs(template.FuncMap{
	"whole": func(f float64) string { return fmt.Sprintf("%.0f", f) },
	"words": func(s string) string { return strings.ReplaceAll(s, "_", " ") },
}).Parse(explanationText))

// explainFacts is what the explanation may speak of.
type explainFacts struct {
	Plan     Plan
	Goal     string
	Days     int
	Minutes  int // of the longest session
	Deficit  bool
	Surplus  bool
	Muscles  []string // most trained
	Injuries bool
	Deload   int // first deload week, 0 = none
}

// explain fills in the explanation and the report on wishes. The template states the facts, with numbers of the plan
// alone; the model may add one sentence, which is dropped unless it is harmless.
func (b *builder) explain(ctx context.Context, p *Plan) {
	if p.Source == SourceModel {
		p.Encouragement = b.word(ctx, goalPhrases[p.Goal], p.Seed)
		p.ModelSeconds = b.seconds
	}
	b.state(ctx, p)
}

// state writes what follows from the finished plan, and is called again when the plan is changed.
func (b *builder) state(ctx context.Context, p *Plan) {
	var days []string
	for _, d := range p.Workout.Days {
		days = append(days, d.Weekday)
	}
	p.Wishes = wishReport(b.wishes, *p, days)
	var out bytes.Buffer
	if err := explanation.Execute(&out, b.facts(*p)); err != nil {
		b.log(ctx).ErrorContext(ctx, "render explanation", "cause", err)
		return
	}
	p.Explanation = strings.TrimSpace(strings.Join(strings.Fields(out.String()), " ") + " " + p.Encouragement)
}

func (b *builder) facts(p Plan) explainFacts {
	f := explainFacts{Plan: p, Goal: goalPhrases[p.Goal], Days: len(p.Workout.Days), Injuries: len(b.member.Injuries) > 0,
		Deficit: p.Targets.Kcal < 0.97*p.Targets.TDEE, Surplus: p.Targets.Kcal > 1.03*p.Targets.TDEE}
	for _, d := range p.Workout.Days {
		f.Minutes = max(f.Minutes, d.Minutes)
	}
	for _, w := range p.Workout.Progression {
		if w.Deload && f.Deload == 0 {
			f.Deload = w.Week
		}
	}
	for m := range p.Workout.WeeklySets {
		f.Muscles = append(f.Muscles, string(m))
	}
	slices.SortFunc(f.Muscles, func(x, y string) int {
		return cmp.Or(cmp.Compare(p.Workout.WeeklySets[gym.Muscle(y)], p.Workout.WeeklySets[gym.Muscle(x)]), strings.Compare(x, y))
	})
	f.Muscles = f.Muscles[:min(3, len(f.Muscles))]
	return f
}

var goalPhrases = map[gym.Goal]string{
	gym.FatLoss: "lose fat and keep muscle", gym.MuscleGain: "build muscle", gym.Strength: "get stronger",
	gym.Endurance: "last longer", gym.Health: "stay healthy and strong",
}

// wordSchema holds the model to one short string.
const wordSchema = `{"type":"object","properties":{"sentence":{"type":"string","maxLength":140}},"required":["sentence"]}`

// word asks the model for one friendly sentence; it is empty when the model fails or the sentence may not stand.
func (b *builder) word(ctx context.Context, goal string, seed int64) string {
	stream := true
	res, err := b.Model.Chat(ctx, &api.ChatRequest{
		Messages: []api.Message{
			{Role: "system", Content: "You are a friendly gym coach. Answer with JSON only."},
			{Role: "user", Content: fmt.Sprintf("Write one short sentence that encourages a member who wants to %s. No numbers, no advice. Answer: {\"sentence\":\"…\"}", goal)},
		},
		Format: json.RawMessage(wordSchema), Stream: &stream,
		Options: map[string]any{"seed": int(seed), "num_predict": 60},
	})
	if err != nil {
		if ctx.Err() == nil {
			b.log(ctx).WarnContext(ctx, "the model did not word the explanation", "cause", err)
		}
		return ""
	}
	b.seconds = append(b.seconds, res.TotalDuration.Seconds())
	var got struct{ Sentence string }
	if json.Unmarshal([]byte(res.Message.Content), &got) != nil {
		return ""
	}
	return harmless(got.Sentence)
}

// claims are words that a sentence of encouragement must not hold: medicine, promises, food, numbers in words.
var claims = regexp.MustCompile(`(?i)\b(?:cure\w*|heal\w*|treat\w*|disease\w*|diabet\w*|injur\w*|pain\w*|doctor\w*|medic\w*|pill\w*|supplement\w*|steroid\w*|guarantee\w*|promise\w*|weight|pound\w*|kilo\w*|calori\w*|kcal|diet\w*|eat\w*|food\w*|meal\w*|fast(?:ing)?|hate\w*|stupid|fat|thin|skinny|die|death|kill\w*|sex\w*|https?|www)\b`)

// harmless returns s as one clean sentence, or nothing.
func harmless(s string) string {
	s = strings.Join(strings.Fields(printable(s)), " ")
	n := len([]rune(s))
	switch {
	case n < 15 || n > 140, claims.MatchString(s), strings.ContainsAny(s, "<>{}[]|\\`*_#@/\"=:;()"):
		return ""
	case strings.IndexFunc(s, unicode.IsDigit) >= 0, strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxLatin1 && r != '’' }) >= 0:
		return ""
	case !strings.ContainsRune(".!", rune(s[len(s)-1])), strings.ContainsAny(s[:len(s)-1], ".!?"):
		return ""
	case !unicode.IsUpper([]rune(s)[0]):
		return ""
	}
	return s
}

var number = regexp.MustCompile(`\d+(?:[.,]\d+)?`)

// StrayNumbers lists the numbers of the explanation that do not stand in the plan.
func StrayNumbers(p Plan) []string {
	text := p.Explanation
	p.Explanation = ""
	known := map[string]bool{fmt.Sprint(len(p.Workout.Days)): true, fmt.Sprint(len(p.Nutrition.Days)): true}
	for _, f := range []float64{p.Targets.Kcal, p.Targets.ProteinG, p.Targets.FatG, p.Targets.CarbsG, p.Targets.TDEE, p.Targets.RMR, p.Targets.FibreG} {
		known[fmt.Sprintf("%.0f", f)] = true
	}
	document, err := json.Marshal(p)
	if err != nil {
		return []string{err.Error()}
	}
	for _, n := range number.FindAllString(string(document), -1) {
		known[n] = true
	}
	var stray []string
	for _, n := range number.FindAllString(text, -1) {
		if !known[n] {
			stray = append(stray, n)
		}
	}
	return stray
}
