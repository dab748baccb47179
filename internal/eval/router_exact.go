package eval

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/intellifit/intellifit/internal/eval/chatset"
	"github.com/intellifit/intellifit/shared/coach/route"
)

// differences lists how a result differs from its label; none is an exact match: the same action, the same missing slots,
// and, when nothing is missing, the same arguments.
func differences(r RouterResult) []string {
	l := r.Line
	if r.Action != l.Action {
		return []string{fmt.Sprintf("action %s, want %s", r.Action, l.Action)}
	}
	if got, want := sortedSet(r.Missing), sortedSet(l.Missing); !slices.Equal(got, want) {
		return []string{fmt.Sprintf("missing %v, want %v", got, want)}
	}
	if len(l.Missing) > 0 || l.Action == route.Reply {
		return nil
	}
	if r.Refused != "" {
		return []string{"refused: " + r.Refused}
	}
	want, err := plainArgs(l.Action, l.Args)
	if err != nil {
		return []string{"label: " + err.Error()}
	}
	got, err := plainArgs(r.Action, r.Args)
	if err != nil {
		return []string{err.Error()}
	}
	if l.Action == route.Check && want["from"] == "" {
		want["from"], want["to"] = defaultWindow(l)
	}
	var out []string
	for name := range union(want, got) {
		if want[name] != got[name] {
			out = append(out, fmt.Sprintf("%s %q, want %q", name, got[name], want[name]))
		}
	}
	slices.Sort(out)
	return out
}

// defaultWindow is what a question about free times means that names none: the seven days from now.
func defaultWindow(l chatset.Line) (from, to string) {
	now := chatset.Contexts[l.Context].Now
	return instant(now), instant(now.Add(7 * 24 * time.Hour))
}

// plainArgs gives each argument in one form: instants for times, words for exercises, sets for lists. What says nothing, null or an
// empty list, is left out, and so is free text that no label holds.
func plainArgs(action string, raw json.RawMessage) (map[string]string, error) {
	out := map[string]string{}
	if len(raw) == 0 {
		return out, nil
	}
	var args map[string]any
	if err := json.Unmarshal(raw, &args); err != nil {
		return nil, fmt.Errorf("arguments: %w", err)
	}
	for name, v := range args {
		if name == "wishes" && action == route.Plan {
			continue
		}
		if text := plainValue(name, v); text != "" {
			out[name] = text
		}
	}
	return out, nil
}

func plainValue(name string, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
	case string:
		return plainText(name, v)
	case []any:
		words := make([]string, len(v))
		for i, each := range v {
			words[i] = strings.ToLower(strings.TrimSpace(fmt.Sprint(each)))
		}
		return strings.Join(sortedSet(words), ", ")
	case map[string]any: // an injury; its note is a copy of what was said
		return fmt.Sprintf("%v %v", v["site"], v["status"])
	}
	return fmt.Sprint(v)
}

func plainText(name, v string) string {
	switch name {
	case "from", "to", "starts_at":
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return instant(t)
		}
	case "exercise":
		return strings.Join(exerciseWords(v), " ")
	case "reason":
		if v == "asked_for_a_person" { // what the tool takes when none is given
			return ""
		}
	}
	return strings.TrimSpace(v)
}

func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// exerciseWords are the words of an exercise in order of the alphabet, each in the singular.
func exerciseWords(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		words[i] = singular(w)
	}
	slices.Sort(words)
	return words
}

func singular(w string) string {
	for _, ending := range []string{"sses", "ches", "shes", "xes"} {
		if strings.HasSuffix(w, ending) {
			return strings.TrimSuffix(w, "es")
		}
	}
	switch {
	case len(w) < 4 || strings.HasSuffix(w, "ss"):
		return w
	case strings.HasSuffix(w, "ies"):
		return strings.TrimSuffix(w, "ies") + "y"
	}
	return strings.TrimSuffix(w, "s")
}

func sortedSet(words []string) []string {
	out := slices.Clone(words)
	slices.Sort(out)
	return slices.Compact(out)
}
