package eval

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/internal/eval/chatset"
	"github.com/intellifit/intellifit/shared/coach/route"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/toolbox"
)

func line(action, args string, change ...func(*chatset.Line)) chatset.Line {
	l := chatset.Line{ID: "x", Split: "train", Template: "x", Context: "plain", Text: "x", Action: action, Args: json.RawMessage(args)}
	for _, f := range change {
		f(&l)
	}
	return l
}

func lacks(slots ...string) func(*chatset.Line) {
	return func(l *chatset.Line) { l.Missing = slots }
}

// TestExact: what counts as the same, and that every difference is seen.
func TestExact(t *testing.T) {
	t.Parallel()
	const five = `{"coach":"coach-jonas","starts_at":"2026-11-27T17:00:00+01:00"}`
	for name, c := range map[string]struct {
		line  chatset.Line
		got   RouterResult
		exact bool
	}{
		"same":                 {line(route.Schedule, five), RouterResult{Action: route.Schedule, Args: json.RawMessage(five)}, true},
		"same instant":         {line(route.Schedule, five), RouterResult{Action: route.Schedule, Args: json.RawMessage(`{"coach":"coach-jonas","starts_at":"2026-11-27T16:00:00Z"}`)}, true},
		"other instant":        {line(route.Schedule, five), RouterResult{Action: route.Schedule, Args: json.RawMessage(`{"coach":"coach-jonas","starts_at":"2026-11-27T17:00:00Z"}`)}, false},
		"no time at all":       {line(route.Schedule, five), RouterResult{Action: route.Schedule, Args: json.RawMessage(`{"coach":"coach-jonas","starts_at":"friday"}`)}, false},
		"other coach":          {line(route.Schedule, five), RouterResult{Action: route.Schedule, Args: json.RawMessage(strings.Replace(five, "jonas", "tom", 1))}, false},
		"more than was said":   {line(route.Schedule, five), RouterResult{Action: route.Schedule, Args: json.RawMessage(strings.Replace(five, "{", `{"minutes":60,`, 1))}, false},
		"less than was said":   {line(route.Schedule, five), RouterResult{Action: route.Schedule, Args: json.RawMessage(`{"coach":"coach-jonas"}`)}, false},
		"another action":       {line(route.Cancel, `{"appointment":"appt-1"}`), RouterResult{Action: route.Reschedule, Args: json.RawMessage(`{"appointment":"appt-1"}`)}, false},
		"asks needlessly":      {line(route.Schedule, five), RouterResult{Action: route.Schedule, Missing: []string{"coach"}}, false},
		"refused":              {line(route.Nutrition, ""), RouterResult{Action: route.Nutrition, Refused: "no"}, false},
		"no arguments":         {line(route.Nutrition, ""), RouterResult{Action: route.Nutrition, Args: json.RawMessage(`{}`)}, true},
		"missing, any order":   {line(route.Log, "", lacks("sets", "reps")), RouterResult{Action: route.Log, Missing: []string{"reps", "sets"}}, true},
		"missing, one too few": {line(route.Log, "", lacks("sets", "reps")), RouterResult{Action: route.Log, Missing: []string{"sets"}}, false},
		"missing, not asked":   {line(route.Log, "", lacks("sets")), RouterResult{Action: route.Log, Args: json.RawMessage(`{"exercise":"squat"}`)}, false},
		"plural":               {line(route.Log, `{"exercise":"bench press","sets":3,"reps":8}`), RouterResult{Action: route.Log, Args: json.RawMessage(`{"exercise":"Bench Presses","sets":3,"reps":8}`)}, true},
		"another exercise":     {line(route.Log, `{"exercise":"bench press","sets":3,"reps":8}`), RouterResult{Action: route.Log, Args: json.RawMessage(`{"exercise":"leg press","sets":3,"reps":8}`)}, false},
		"weight, one decimal":  {line(route.Log, `{"exercise":"squat","sets":3,"reps":8,"weight_kg":102.1}`), RouterResult{Action: route.Log, Args: json.RawMessage(`{"exercise":"squat","sets":3,"reps":8,"weight_kg":102.06}`)}, true},
		"another weight":       {line(route.Log, `{"exercise":"squat","sets":3,"reps":8,"weight_kg":102.1}`), RouterResult{Action: route.Log, Args: json.RawMessage(`{"exercise":"squat","sets":3,"reps":8,"weight_kg":225}`)}, false},
		"lists are sets":       {line(route.Profile, `{"allergies":["egg","soy"]}`), RouterResult{Action: route.Profile, Args: json.RawMessage(`{"allergies":["soy","egg"],"likes":[]}`)}, true},
		"another list":         {line(route.Profile, `{"allergies":["egg","soy"]}`), RouterResult{Action: route.Profile, Args: json.RawMessage(`{"allergies":["soy"]}`)}, false},
		"the injury's note":    {line(route.Profile, `{"injury":{"site":"knee","status":"pain"}}`), RouterResult{Action: route.Profile, Args: json.RawMessage(`{"injury":{"site":"knee","status":"pain","note":"left"}}`)}, true},
		"another injury":       {line(route.Profile, `{"injury":{"site":"knee","status":"past"}}`), RouterResult{Action: route.Profile, Args: json.RawMessage(`{"injury":{"site":"knee","status":"pain"}}`)}, false},
		"default window":       {line(route.Check, ""), RouterResult{Action: route.Check, Args: json.RawMessage(`{"from":"2026-11-24T09:00:00+01:00","to":"2026-12-01T09:00:00+01:00"}`)}, true},
		"another window":       {line(route.Check, ""), RouterResult{Action: route.Check, Args: json.RawMessage(`{"from":"2026-11-25T00:00:00+01:00","to":"2026-11-26T00:00:00+01:00"}`)}, false},
		"reason":               {line(route.Escalate, `{"reason":"billing"}`), RouterResult{Action: route.Escalate, Args: json.RawMessage(`{"reason":"complaint"}`)}, false},
		"a plain wish":         {line(route.Escalate, ""), RouterResult{Action: route.Escalate, Args: json.RawMessage(`{}`)}, true},
		"a reason made up":     {line(route.Escalate, ""), RouterResult{Action: route.Escalate, Args: json.RawMessage(`{"reason":"billing"}`)}, false},
		"talk":                 {line(route.Reply, ""), RouterResult{Action: route.Reply}, true},
		"a tool for talk":      {line(route.Reply, ""), RouterResult{Action: route.List}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.got.Line = c.line
			if diff := differences(c.got); (len(diff) == 0) != c.exact {
				t.Errorf("differences %v", diff)
			}
		})
	}
}

// TestScoreRouter: each metric moves by what it is about, and its bar can be missed.
func TestScoreRouter(t *testing.T) {
	t.Parallel()
	good := []RouterResult{
		{Line: line(route.Reply, "", tagged("story")), Action: route.Reply, By: route.ByRule},
		{Line: line(route.Nutrition, "", tagged("plain")), Action: route.Nutrition, By: route.ByRule},
		{Line: line(route.Cancel, `{"appointment":"appt-1"}`), Action: route.Cancel, Args: json.RawMessage(`{"appointment":"appt-1"}`), By: route.ByClassifier},
		{Line: line(route.Cancel, "", lacks("appointment"), and(route.List)), Action: route.Cancel, Missing: []string{"appointment"}, Then: route.List, By: route.ByModel},
	}
	for i := range good {
		good[i].Line.ID = string(rune('a' + i))
	}
	for name, c := range map[string]struct {
		change func([]RouterResult)
		want   string // the metric that misses its bar
	}{
		"all right":      {func([]RouterResult) {}, ""},
		"called on talk": {func(r []RouterResult) { r[0].Action = route.Schedule }, "router: restraint on talk"},
		"wrong tool":     {func(r []RouterResult) { r[1].Action = route.Workout }, "router: action accuracy"},
		"wrong argument": {func(r []RouterResult) { r[2].Args = json.RawMessage(`{"appointment":"appt-2"}`) }, "router: arguments exact, of lines that ask for a tool"},
		"asks for more":  {func(r []RouterResult) { r[3].Missing = []string{"starts_at"} }, "router: arguments exact, of lines that ask for a tool"},
		"invalid call":   {func(r []RouterResult) { r[2].Invalid = "no" }, "router: invalid calls executed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			results := slices.Clone(good)
			c.change(results)
			var s Score
			s.router(map[string][]RouterResult{Whole: results})
			if s.Held() != (c.want == "") {
				t.Errorf("held %t", s.Held())
			}
			if i := slices.IndexFunc(s.Rows, func(r Row) bool { return r.Metric == c.want }); c.want != "" && (i < 0 || *s.Rows[i].Held) {
				t.Errorf("%s is not missed: %+v", c.want, s.Rows)
			}
		})
	}
	s := ScoreRouter(good)
	if s.Judges[route.ByRule].n != 2 || s.Judges[route.ByModel].held != 1 || s.Then.held != 1 || s.Asked.held != 1 || s.Calls != 2 || s.ByTag["story"][0].n != 1 || s.ByAction[route.Cancel][1].held != 2 {
		t.Errorf("%+v", s)
	}
	var empty Score
	empty.router(map[string][]RouterResult{Raw: good})
	if empty.Held() {
		t.Error("nothing was measured, and the bars hold")
	}
	stray := ScoreRouter([]RouterResult{{Line: line(route.Nutrition, ""), Action: route.Nutrition, Then: route.List}, {Line: line(route.Reply, "")}, {Line: line(route.List, ""), Action: route.List, Refused: "no"}})
	if stray.Strays != 1 || stray.Unread != 1 || stray.Restraint.held != 1 || stray.Action.held != 2 || stray.Refused != 1 || stray.Exact.held != 1 {
		t.Errorf("%+v", stray)
	}
}

func tagged(tags ...string) func(*chatset.Line) { return func(l *chatset.Line) { l.Tags = tags } }

func and(then string) func(*chatset.Line) { return func(l *chatset.Line) { l.Then = then } }

// TestAudit: what no schema can say is seen apart from the tools' own check.
func TestAudit(t *testing.T) {
	t.Parallel()
	tools := toolbox.New(toolbox.Deps{})
	for _, c := range []struct{ action, args, want string }{
		{route.Schedule, `{"coach":"coach-jonas","starts_at":"2026-11-27T17:00:00+01:00"}`, ""},
		{route.Schedule, `{"coach":"coach-mike","starts_at":"2026-11-27T17:00:00+01:00"}`, "nobody is"},
		{route.Schedule, `{"coach":"coach-jonas","starts_at":"2026-11-20T17:00:00+01:00"}`, "passed"},
		{route.Schedule, `{"coach":"coach-jonas","starts_at":"friday"}`, "no time"},
		{route.Schedule, `{"coach":"coach-jonas"}`, "starts_at"},
		{route.Schedule, `{"coach":"coach-jonas","starts_at":"2026-11-27T17:00:00+01:00","minutes":1}`, "minimum"},
		{route.Cancel, `{"appointment":"appt-9"}`, "no appointment is"},
		{route.Cancel, `{"appointment":"appt-1","member_id":"x"}`, "additional"},
		{route.List, `{"from":"2026-11-27T17:00:00+01:00","to":"2026-11-26T17:00:00+01:00"}`, "not before"},
		{route.Workout, `{"date":"2026-02-30"}`, "no day"},
		{route.Nutrition, `[]`, "no JSON object"},
	} {
		found, _ := tools.Find(c.action)
		got := audit(found, json.RawMessage(c.args), chatset.Contexts["plain"])
		if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("audit(%s, %s) = %q, want %q", c.action, c.args, got, c.want)
		}
	}
}

// TestRouteLine runs the shipped rules on own lines: a question of an earlier message is answered, a call comes out as the tool
// takes it.
func TestRouteLine(t *testing.T) {
	t.Parallel()
	tools := toolbox.New(toolbox.Deps{})
	l := line(route.Log, `{"exercise":"deadlift","sets":4,"reps":5,"weight_kg":100}`)
	l.Before, l.Text = []string{"log my deadlifts"}, "4 sets of 5 at 100 kg"
	r, err := routeLine(t.Context(), &route.Router{}, tools, l)
	if err != nil || len(differences(r)) > 0 || r.By != route.ByRule || r.Invalid != "" {
		t.Errorf("%+v, %v", r, err)
	}
	l.Context = "nowhere"
	if _, err := routeLine(t.Context(), &route.Router{}, tools, l); err == nil {
		t.Error("an unknown context was run")
	}
	var bad RouterResult
	if err := bad.take(route.Decision{Action: route.Log, Slots: route.Slots{Exercise: "squat", Sets: 900, Reps: 5}}, tools, chatset.Contexts["plain"]); err != nil || bad.Refused == "" {
		t.Errorf("900 sets: %+v, %v", bad, err)
	}
	if err := bad.take(route.Decision{Action: "delete_everything"}, tools, chatset.Contexts["plain"]); err != nil || bad.Refused == "" {
		t.Errorf("no such tool: %+v, %v", bad, err)
	}
	if err := bad.take(route.Decision{Action: route.Profile, Slots: route.Slots{Injury: &gym.Injury{Site: "toe", Status: gym.Pain}}}, tools, chatset.Contexts["plain"]); err != nil || bad.Refused == "" {
		t.Errorf("no such site: %+v, %v", bad, err)
	}
}
