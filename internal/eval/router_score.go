package eval

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/coach/route"
)

// The bars of the router's set.
const (
	barAction    = 0.95
	barRestraint = 0.97
	barExact     = 0.92
)

// part counts how often something held.
type part struct{ held, n int }

func (p *part) count(held bool) {
	p.n++
	if held {
		p.held++
	}
}

func (p part) share() float64 {
	if p.n == 0 {
		return 0
	}
	return float64(p.held) / float64(p.n)
}

func (p part) String() string {
	if p.n == 0 {
		return "none"
	}
	return fmt.Sprintf("%.1f %% (%d of %d)", 100*p.share(), p.held, p.n)
}

// RouterScore is what one way to run the router's set came to.
type RouterScore struct {
	Action    part // the action is the label's, over all lines
	Restraint part // no tool is named, over lines of talk
	Recall    part // the tool is named, over lines that ask for one
	Exact     part // tool, missing slots and arguments are the label's, over lines that ask for one
	Asked     part // the very slots are asked for, over lines that lack some
	Then      part // the second request is named, over lines that have one
	Strays    int  // second requests named where there is none
	Calls     int  // that would be executed
	Refused   int  // calls that the coach refuses because the tool's schema does
	Invalid   []RouterResult
	Unread    int                 // answers of the raw model that are no call
	Judges    map[string]*part    // how right each judge was
	ByTag     map[string]*[2]part // action, exact
	ByAction  map[string]*[2]part // action, exact
	Confused  map[[2]string]int   // label, named instead
	Misses    map[string][]string // differences by id, of lines that are not exact
	texts     map[string]string   // by id
	order     []string            // ids of Misses as they came
}

// ScoreRouter scores results of one way to run the set.
func ScoreRouter(results []RouterResult) RouterScore {
	s := RouterScore{Judges: map[string]*part{}, ByTag: map[string]*[2]part{}, ByAction: map[string]*[2]part{}, Confused: map[[2]string]int{},
		Misses: map[string][]string{}, texts: map[string]string{}}
	for _, r := range results {
		s.add(r)
	}
	return s
}

func (s *RouterScore) add(r RouterResult) {
	l := r.Line
	right, diff := r.Action == l.Action, differences(r)
	exact := len(diff) == 0
	s.Action.count(right)
	if l.Action == route.Reply {
		s.Restraint.count(r.Action == route.Reply || r.Action == "")
	} else {
		s.Recall.count(right)
		s.Exact.count(exact)
	}
	if len(l.Missing) > 0 {
		s.Asked.count(exact)
	}
	switch {
	case l.Then != "":
		s.Then.count(r.Then == l.Then)
	case r.Then != "":
		s.Strays++
	}
	if r.Action != route.Reply && r.Action != "" && len(r.Missing) == 0 {
		switch {
		case r.Refused != "":
			s.Refused++
		case r.Invalid != "":
			s.Invalid = append(s.Invalid, r)
			fallthrough
		default:
			s.Calls++
		}
	}
	if r.Action == "" {
		s.Unread++
	}
	if r.By != "" {
		entry(s.Judges, r.By).count(right)
	}
	for _, tag := range l.Tags {
		both := entry(s.ByTag, tag)
		both[0].count(right)
		both[1].count(exact)
	}
	both := entry(s.ByAction, l.Action)
	both[0].count(right)
	both[1].count(exact)
	if !right {
		s.Confused[[2]string{l.Action, r.Action}]++
	}
	if !exact {
		s.Misses[l.ID], s.texts[l.ID] = diff, l.Text
		s.order = append(s.order, l.ID)
	}
}

func entry[K comparable, V any](m map[K]*V, key K) *V {
	if m[key] == nil {
		m[key] = new(V)
	}
	return m[key]
}

// rows adds the table of the whole router with its bars, and the other ways beside it.
func (s *Score) router(ways map[string][]RouterResult) {
	whole := ScoreRouter(ways[Whole])
	s.bar("router: action accuracy", whole.Action.String(), "≥ 95 %", whole.Action.n > 0 && whole.Action.share() >= barAction)
	s.bar("router: restraint on talk", whole.Restraint.String(), "≥ 97 %", whole.Restraint.n > 0 && whole.Restraint.share() >= barRestraint)
	s.bar("router: arguments exact, of lines that ask for a tool", whole.Exact.String(), "≥ 92 %", whole.Exact.n > 0 && whole.Exact.share() >= barExact)
	s.bar("router: invalid calls executed", fmt.Sprintf("%d of %d calls", len(whole.Invalid), whole.Calls), "0", len(whole.Invalid) == 0)
	s.note("router: calls refused by the tool's schema", "%d", whole.Refused)
	s.note("router: tool recall", "%s", whole.Recall)
	s.note("router: exactly what is missing is asked for", "%s", whole.Asked)
	s.note("router: second request named", "%s; named where there is none: %d", whole.Then, whole.Strays)
	for _, by := range slices.Sorted(maps.Keys(whole.Judges)) {
		s.note("router: decided by "+by, "%.1f %% of lines, right %s", 100*float64(whole.Judges[by].n)/float64(max(1, whole.Action.n)), *whole.Judges[by])
	}
	for _, way := range []string{NoClassifier, NoModel, RulesOnly} {
		if len(ways[way]) > 0 {
			s.note("router, "+way, "%s", ScoreRouter(ways[way]).brief())
		}
	}
	s.raw(ways)
	for _, group := range []struct {
		name string
		of   map[string]*[2]part
	}{{"action", whole.ByAction}, {"tag", whole.ByTag}} {
		for _, key := range slices.Sorted(maps.Keys(group.of)) {
			both := group.of[key]
			s.note("router, "+group.name+" "+key, "action %s, exact %s", both[0], both[1])
		}
	}
	pairs := slices.SortedFunc(maps.Keys(whole.Confused), func(a, b [2]string) int {
		if d := whole.Confused[b] - whole.Confused[a]; d != 0 {
			return d
		}
		return strings.Compare(a[0]+a[1], b[0]+b[1])
	})
	for _, p := range pairs {
		s.note("router, confused", "%d × %s taken for %s", whole.Confused[p], p[0], p[1])
	}
	for _, r := range whole.Invalid {
		s.Violations = append(s.Violations, Violation{Case: r.Line.ID, Rule: r.Action, Item: r.Invalid})
	}
	for _, id := range whole.order {
		s.Misses = append(s.Misses, Violation{Case: id, Rule: "router", Item: fmt.Sprintf("%q: %s", whole.texts[id], strings.Join(whole.Misses[id], "; "))})
	}
}

// raw puts the model alone beside the whole router, over the same lines.
func (s *Score) raw(ways map[string][]RouterResult) {
	if len(ways[Raw]) == 0 {
		return
	}
	asked := map[string]bool{}
	for _, r := range ways[Raw] {
		asked[r.Line.ID] = true
	}
	same := slices.DeleteFunc(slices.Clone(ways[Whole]), func(r RouterResult) bool { return !asked[r.Line.ID] })
	alone := ScoreRouter(ways[Raw])
	s.note("raw model alone, "+fmt.Sprint(alone.Action.n)+" lines", "%s; calls that the schema or the data refuse: %d of %d; no answer: %d",
		alone.brief(), alone.Refused+len(alone.Invalid), alone.Refused+alone.Calls, alone.Unread)
	s.note("the whole router on the same lines", "%s", ScoreRouter(same).brief())
}

func (s RouterScore) brief() string {
	return fmt.Sprintf("action %s, restraint %s, exact %s", s.Action, s.Restraint, s.Exact)
}

// bar adds a row that must hold, note one that is told.
func (s *Score) bar(metric, value, bar string, held bool) {
	s.Rows = append(s.Rows, Row{metric, value, bar, &held})
}

func (s *Score) note(metric, format string, args ...any) {
	s.Rows = append(s.Rows, Row{Metric: metric, Value: fmt.Sprintf(format, args...)})
}
