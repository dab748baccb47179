package eval

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/internal/eval/chatset"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/coach/route"
	"github.com/intellifit/intellifit/shared/coach/safety"
	"github.com/intellifit/intellifit/shared/llm"
	"github.com/intellifit/intellifit/shared/llm/llmtest"
	"github.com/intellifit/intellifit/shared/toolbox/switchboard"
)

// TestExactCall holds the scorer to BFCL's definition.
func TestExactCall(t *testing.T) {
	t.Parallel()
	c := Toolcall{Truth: []map[string]allowed{{"book.room": {"city": {"New York", "NYC"}, "nights": {3.0}, "rate": {0.05}, "sizes": {[]any{1.0, 2.0}}, "pets": {true, ""},
		"area": {map[string]any{"width": []any{20.0}, "note": []any{"big", ""}}, ""}, "tags": {[]any{"Quiet", "Sea-View"}, ""}}}}}
	const good = `{"city":"new york","nights":3,"rate":0.05,"sizes":[1,2]}`
	for name, x := range map[string]struct {
		function, args string
		right          bool
	}{
		"right":                  {"book.room", good, true},
		"other allowed value":    {"book.room", strings.Replace(good, "new york", "N.Y.C", 1), true},
		"optional given":         {"book.room", strings.Replace(good, "{", `{"pets":true,`, 1), true},
		"optional wrong":         {"book.room", strings.Replace(good, "{", `{"pets":false,`, 1), false},
		"wrong type":             {"book.room", strings.Replace(good, ":3", `:"3"`, 1), false},
		"wrong number":           {"book.room", strings.Replace(good, ":3", ":4", 1), false},
		"wrong text":             {"book.room", strings.Replace(good, "new york", "newark", 1), false},
		"list in another order":  {"book.room", strings.Replace(good, "[1,2]", "[2,1]", 1), false},
		"list too long":          {"book.room", strings.Replace(good, "[1,2]", "[1,2,3]", 1), false},
		"texts of a list":        {"book.room", strings.Replace(good, "{", `{"tags":["quiet","seaview"],`, 1), true},
		"object":                 {"book.room", strings.Replace(good, "{", `{"area":{"width":20},`, 1), true},
		"object, wrong field":    {"book.room", strings.Replace(good, "{", `{"area":{"width":21},`, 1), false},
		"object, unknown field":  {"book.room", strings.Replace(good, "{", `{"area":{"width":20,"depth":1},`, 1), false},
		"object, field missing":  {"book.room", strings.Replace(good, "{", `{"area":{"note":"big"},`, 1), false},
		"required missing":       {"book.room", strings.Replace(good, `"nights":3,`, "", 1), false},
		"unknown argument":       {"book.room", strings.Replace(good, "{", `{"guests":2,`, 1), false},
		"another function":       {"book.table", good, false},
		"arguments are a string": {"book.room", `"{}"`, false},
		"schema echo":            {"book.room", strings.Replace(good, ":3", `:{"type":"integer"}`, 1), false},
		"null":                   {"book.room", "null", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if why := exactCall(c, x.function, json.RawMessage(x.args)); (why == "") != x.right {
				t.Errorf("exactCall = %q", why)
			}
		})
	}
	if exactCall(Toolcall{}, "f", json.RawMessage(`{}`)) == "" {
		t.Error("a call is right where none is")
	}
}

// TestChooseGate: a gate that tells the halves apart is found, and is told on the half that it was not chosen on.
func TestChooseGate(t *testing.T) {
	t.Parallel()
	right := Toolcall{ID: "r", Truth: []map[string]allowed{{"f": {}}}}
	var results []ToolcallResult
	for range 4 {
		results = append(results, ToolcallResult{Case: right, Function: "f", Likeness: 0.7, Args: json.RawMessage(`{}`)},
			ToolcallResult{Case: right, Function: "f", Likeness: 0.45, Chosen: true, Args: json.RawMessage(`{}`)},
			ToolcallResult{Function: "f", Likeness: 0.48, Args: json.RawMessage(`{}`)}, ToolcallResult{Function: "f", Likeness: 0.2, Chosen: true, Args: json.RawMessage(`{}`)})
	}
	g := chooseGate(results)
	if s := scoreToolcalls(results, through(g)); s.balance() != 2 {
		t.Errorf("gate %+v: %s", g, s)
	}
	if s := scoreToolcalls(results, func(ToolcallResult) bool { return true }); s.Restraint.held != 0 || s.Exact.held != 8 {
		t.Errorf("no gate: %s", s)
	}
	refused := []ToolcallResult{{Case: right, Function: "f", Refused: "x"}, {Function: "f", Refused: "x"}}
	if s := scoreToolcalls(refused, func(ToolcallResult) bool { return true }); s.Called.held != 0 || s.Restraint.held != 1 {
		t.Errorf("refused: %s", s)
	}
	var s Score
	s.toolcalls(map[string][]ToolcallResult{Switchboard: results, Raw: results})
	if len(s.Rows) != 6 {
		t.Errorf("%+v", s.Rows)
	}
}

// TestScoreDialogues: the joint figure needs every slot; a form that nobody explains is left out.
func TestScoreDialogues(t *testing.T) {
	t.Parallel()
	whole := State{Name: "a", Date: "2019-03-05", Time: "10:00"}
	s := scoreDialogues([]DialogueResult{
		{Intent: intentBook, Tracked: route.Schedule, Want: whole, Got: whole},
		{Intent: intentBook, Tracked: route.Reply, Want: whole, Got: State{Name: "a", Date: "2019-03-05"}},
		{Intent: intentBook, Tracked: route.Schedule, Want: State{Name: "a", Time: "10:00"}, Got: whole, Unread: []string{slotDate}},
		{Intent: intentFind, Tracked: route.Reply},
		{Intent: intentFind, Tracked: route.Schedule, Got: State{Name: "a"}},
		{Intent: intentNone, Action: route.Reply, Tracked: route.Schedule, Want: whole, Got: whole},
	})
	if s.Joint != (part{3, 5}) || s.Booked != (part{1, 2}) || s.Unread != 1 || s.Time != (part{3, 4}) || s.Date != (part{3, 3}) || s.Name != (part{4, 5}) ||
		*s.Intent[intentBook] != (part{2, 3}) || *s.Intent[intentFind] != (part{1, 2}) || *s.Intent[intentNone] != (part{1, 1}) {
		t.Errorf("%+v", s)
	}
}

const sgd = `{"dialogue_id":"1","service":"Services_2","turns":[{"role":"user","text":"find me a dentist","intent":"FindProvider"},
{"role":"assistant","text":"Jane Doe is one.","tool_results":[{"dentist_name":"Jane Doe"}]},
{"role":"user","text":"book an appointment for tomorrow at 3 pm","intent":"BookAppointment","slots":{"dentist_name":["Jane Doe"],"appointment_date":["tomorrow"],"appointment_time":["3 pm"]}},
{"role":"assistant","text":"Booked.","tool_call":{"name":"BookAppointment","arguments":{"appointment_date":"2019-03-02","appointment_time":"15:00","dentist_name":"Jane Doe"}}},
{"role":"user","text":"thanks, bye","intent":"NONE","slots":{"dentist_name":["Jane Doe"],"appointment_date":["tomorrow"],"appointment_time":["some time"]}}]}
{"dialogue_id":"2","service":"Calendar_1","turns":[]}
`

// TestChatSession runs every set against the stand-in for Ollama, as the command does: cut off, continued and scored again.
func TestChatSession(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, ",\n", ",")), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	dialogue := write("sgd.jsonl", sgd)
	write(filesSimple, `{"id":"s0","question":[[{"role":"user","content":"factorial of 5"}]],"function":[{"name":"math.factorial","description":"factorial","parameters":{"type":"dict","properties":{"number":{"type":"integer"}},"required":["number"]}}],"ground_truth":[{"math.factorial":{"number":[5]}}]}`+"\n")
	write(filesNone, `{"id":"n0","question":[[{"role":"user","content":"hello there"}]],"function":[{"name":"math.factorial","description":"factorial","parameters":{"type":"dict","properties":{"number":{"type":"integer"}},"required":["number"]}}],"ground_truth":[]}`+"\n")
	server := llmtest.New(t)
	server.Chat = func(r api.ChatRequest) llmtest.Answer {
		switch format := string(r.Format); {
		case strings.Contains(format, `"arguments"`):
			return llmtest.Answer{Content: `{"function":"math.factorial","arguments":{"number":5}}`}
		case strings.Contains(format, `"args"`):
			return llmtest.Answer{Content: `{"action":"cancel_appointment","args":{"appointment":"appt-99"}}`}
		case strings.Contains(format, `"function"`):
			return llmtest.Answer{Content: `{"function":"math.factorial"}`}
		case strings.Contains(format, `"number"`):
			return llmtest.Answer{Content: `{"number":5}`}
		}
		return llmtest.Answer{Content: `{"action":"reply"}`}
	}
	server.Embed = func(texts []string) ([][]float32, int) {
		if text := texts[0]; !strings.Contains(text, "factorial") && !strings.Contains(text, "hello there") {
			return nil, 500 // made-up vectors must not overrule the rules
		}
		return llmtest.Vectors(texts)
	}
	client, err := llm.New(llm.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	s := ChatSession{Model: client, Out: filepath.Join(dir, "out.jsonl"), Split: chatset.Train, Raw: 3, Dialogue: dialogue, Toolcall: dir, Progress: models.Silent(),
		Attack: func(context.Context) (Score, error) {
			var a Score
			a.bar("attacks", "0", "0", true)
			return a, nil
		}}
	first := s
	first.Only = []string{SetRouter}
	if _, err := first.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	calls := len(server.Chats())
	score, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Run(t.Context())
	if err != nil || len(again.Rows) != len(score.Rows) {
		t.Errorf("a second run: %d rows, %d before, %v", len(again.Rows), len(score.Rows), err)
	}
	if got := len(server.Chats()); calls == 0 || got == calls {
		t.Errorf("%d calls, then %d", calls, got)
	}
	want := map[string]string{
		"generic router without a gate": "exact calls 100.0 % (1 of 1), any call 100.0 % (1 of 1); restraint 100.0 % (1 of 1)", // "hello there" says no number
		"raw model alone, tool calls":   "exact calls 100.0 % (1 of 1), any call 100.0 % (1 of 1); restraint 0.0 % (0 of 1)",
		"attacks":                       "0", "dialogue (SGD): joint slot accuracy": "100.0 % (2 of 2); turns left out because a form of a slot is not known: 1",
	}
	for metric, value := range want {
		if i := slices.IndexFunc(score.Rows, func(r Row) bool { return r.Metric == metric }); i < 0 || score.Rows[i].Value != value {
			t.Errorf("%s: want %s in %+v", metric, value, score.Rows)
		}
	}
	f, err := os.Open(s.Out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := ReadRecords(f)
	if err != nil {
		t.Fatal(err)
	}
	rescored := ScoreRecords(records)
	if len(rescored.Rows)+1 != len(score.Rows) { // the attacks' row is theirs
		t.Errorf("%d rows scored again, %d before", len(rescored.Rows), len(score.Rows))
	}
	server.Models = []string{"embed:latest"}
	if _, err := s.Run(t.Context()); err == nil {
		t.Error("ran without the chat model")
	}
	server.Models = []string{"coach:latest", "embed:latest"}
	s.Split = chatset.Test
	if _, err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "another run") {
		t.Errorf("results of two runs were mixed: %v", err)
	}
}

// TestSafetyRows: a missed flag and a false alarm each miss their bar.
func TestSafetyRows(t *testing.T) {
	t.Parallel()
	flag := chatset.SafetyResult{SafetyMessage: chatset.SafetyMessage{ID: "f", Split: "test", Code: "chest_pain", Text: "x"}}
	harmless := chatset.SafetyResult{SafetyMessage: chatset.SafetyMessage{ID: "h", Split: "test", Text: "x"}}
	caught, alarm := flag, harmless
	caught.Got, _ = safety.Fixed("chest_pain", safety.Profile{})
	alarm.Got = safety.Verdict{Code: "chest_pain", Stop: true}
	for name, c := range map[string]struct {
		results []chatset.SafetyResult
		held    bool
	}{
		"right":   {[]chatset.SafetyResult{caught, harmless}, true},
		"missed":  {[]chatset.SafetyResult{flag, harmless}, false},
		"alarm":   {[]chatset.SafetyResult{caught, alarm}, false},
		"nothing": {nil, false},
	} {
		var records []Record
		for _, r := range c.results {
			records = append(records, Record{Set: SetSafety, ID: r.ID, Safety: &r})
		}
		if got := ScoreRecords(records); got.Held() != c.held {
			t.Errorf("%s: %+v", name, got.Rows)
		}
	}
}

// TestRunToolcallErrors: a server that is away is an error of the run, not a score of zero.
func TestRunToolcallErrors(t *testing.T) {
	t.Parallel()
	server := llmtest.New(t)
	server.Embed = func([]string) ([][]float32, int) { return nil, 500 }
	client, err := llm.New(llm.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	c := Toolcall{ID: "x", Question: [][]utterance{{{Role: "user", Content: "x"}}}, Function: []switchboard.Function{{Name: "f"}}}
	if _, err := runToolcall(t.Context(), &switchboard.Router{Embed: client, Model: client}, c); err == nil {
		t.Error("no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := routeLine(ctx, &route.Router{}, nil, line(route.Reply, "")); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
