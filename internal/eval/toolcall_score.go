package eval

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/intellifit/intellifit/shared/toolbox/switchboard"
)

// exactCall compares a call with BFCL's ground truth as BFCL's own checker does: the function's name is right, every argument is
// one of the truth's with one of its values, and what is left out may be. "" is right.
func exactCall(c Toolcall, function string, raw json.RawMessage) string {
	if len(c.Truth) == 0 {
		return "no call is right"
	}
	truth, ok := c.Truth[0][function]
	if !ok {
		return "function " + function
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var args map[string]any
	if err := d.Decode(&args); err != nil || args == nil {
		return "arguments are no object"
	}
	for name, v := range args {
		values, known := truth[name]
		if !known {
			return name + " is no argument of it"
		}
		if !oneOf(v, values) {
			return fmt.Sprintf("%s is %v, want one of %v", name, v, values)
		}
	}
	for name, values := range truth {
		if _, there := args[name]; !there && !mayMiss(values) {
			return name + " is missing"
		}
	}
	return ""
}

func mayMiss(values []any) bool {
	for _, v := range values {
		if v == "" {
			return true
		}
	}
	return false
}

func oneOf(v any, values []any) bool {
	for _, want := range values {
		if alikeValue(v, want) {
			return true
		}
	}
	return false
}

// alikeValue compares a value with one of the truth: text without case, spaces and some punctuation; numbers by value; lists in
// order; an object's fields each have a list of allowed values of their own.
func alikeValue(v, want any) bool {
	switch want := want.(type) {
	case string:
		text, ok := v.(string)
		return ok && bfclText(text) == bfclText(want)
	case float64:
		n, ok := v.(json.Number)
		if !ok {
			return false
		}
		got, err := n.Float64()
		return err == nil && (got == want || math.Abs(got-want) <= 1e-12*math.Abs(want))
	case []any:
		list, ok := v.([]any)
		if !ok || len(list) != len(want) {
			return false
		}
		for i := range list {
			if !alikeValue(list[i], want[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		return alikeObject(v, want)
	}
	return v == want
}

func alikeObject(v any, want map[string]any) bool {
	object, ok := v.(map[string]any)
	if !ok {
		return false
	}
	for name, each := range object {
		values, _ := want[name].([]any)
		if !oneOf(each, values) {
			return false
		}
	}
	for name, values := range want {
		list, _ := values.([]any)
		if _, there := object[name]; !there && !mayMiss(list) {
			return false
		}
	}
	return true
}

var ignoredMarks = regexp.MustCompile("[ ,./\\-_*^]")

// bfclText is BFCL's form of a text.
func bfclText(text string) string {
	return strings.ReplaceAll(strings.ToLower(ignoredMarks.ReplaceAllString(text, "")), "'", `"`)
}

// ToolcallScore counts calls that are exact and cases left alone.
type ToolcallScore struct {
	Exact     part // over cases in which a call is right
	Called    part // any call, over the same
	Restraint part // no call, over cases in which none is right
}

func (s ToolcallScore) String() string {
	return fmt.Sprintf("exact calls %s, any call %s; restraint %s", s.Exact, s.Called, s.Restraint)
}

// balance is what a gate is chosen by: both shares count the same.
func (s ToolcallScore) balance() float64 { return s.Exact.share() + s.Restraint.share() }

// scoreToolcalls scores results; opens says whether a call that could be made is made.
func scoreToolcalls(results []ToolcallResult, opens func(ToolcallResult) bool) ToolcallScore {
	var s ToolcallScore
	for _, r := range results {
		called := r.Refused == "" && len(r.Args) > 0 && opens(r)
		if len(r.Case.Truth) == 0 {
			s.Restraint.count(!called)
			continue
		}
		s.Called.count(called)
		s.Exact.count(called && exactCall(r.Case, r.Function, r.Args) == "")
	}
	return s
}

func through(g switchboard.Gate) func(ToolcallResult) bool {
	return func(r ToolcallResult) bool { return g.Opens(r.Likeness, r.Chosen) }
}

// chooseGate is the gate with the best balance on some results, the widest of equals.
func chooseGate(results []ToolcallResult) switchboard.Gate {
	best, most := switchboard.Gate{}, -1.0
	for fit := 0; fit <= 20; fit++ {
		for sure := fit; sure <= 21; sure++ {
			g := switchboard.Gate{Fit: float64(fit) / 20, Sure: float64(sure) / 20}
			if b := scoreToolcalls(results, through(g)).balance(); b > most {
				best, most = g, b
			}
		}
	}
	return best
}

// toolcalls adds the rows of the generic router: the gate is chosen on one half of the cases and told on the other.
func (s *Score) toolcalls(ways map[string][]ToolcallResult) {
	all := ways[Switchboard]
	var halves [2][]ToolcallResult
	for i, r := range all {
		halves[i%2] = append(halves[i%2], r)
	}
	for i, name := range []string{"odd", "even"} { // the half that is told
		if len(halves[0]) == 0 || len(halves[1]) == 0 {
			break
		}
		tuned, told := halves[i], halves[1-i]
		g := chooseGate(tuned)
		s.note("generic router, "+name+" cases; gate of the others", "%s (fit %.2f, sure %.2f)", scoreToolcalls(told, through(g)), g.Fit, g.Sure)
	}
	s.note("generic router with its standard gate, all cases", "%s (fit %.2f, sure %.2f)", scoreToolcalls(all, through(switchboard.Standard)), switchboard.Standard.Fit, switchboard.Standard.Sure)
	s.note("generic router without a gate", "%s", scoreToolcalls(all, func(ToolcallResult) bool { return true }))
	s.note("generic router, the model's choice as the only gate", "%s", scoreToolcalls(all, func(r ToolcallResult) bool { return r.Chosen }))
	if raw := ways[Raw]; len(raw) > 0 {
		s.note("raw model alone, tool calls", "%s", scoreToolcalls(raw, func(r ToolcallResult) bool { return r.Chosen }))
	}
	wrong := 0
	for _, r := range all {
		if len(r.Case.Truth) == 0 || len(r.Args) == 0 {
			continue
		}
		if why := exactCall(r.Case, r.Function, r.Args); why != "" && wrong < 20 {
			wrong++
			s.Misses = append(s.Misses, Violation{Case: r.Case.ID, Rule: SetToolcall, Item: why})
		}
	}
}
