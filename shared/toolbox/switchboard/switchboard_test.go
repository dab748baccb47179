package switchboard

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/shared/llm"
	"github.com/intellifit/intellifit/shared/llm/llmtest"
)

func room() Function {
	return Function{Name: "book_room", Description: "Book a room in a city for some nights.", Parameters: json.RawMessage(`{"type":"dict","properties":{
		"city":{"type":"string","description":"the city"},"nights":{"type":"integer","minimum":1,"maximum":30},"rate":{"type":"float","default":1.5},
		"view":{"type":"string","enum":["sea","garden"]},"pets":{"type":"boolean"},"guest":{"type":"dict","properties":{"name":{"type":"string"}},"required":["name"]}},
		"required":["city","nights"]}`)}
}

const booked = "book a room in New York for 3 nights"

// router asks a stand-in that answers calls for arguments with args and chooses the function that is named.
func router(t *testing.T, chooses, args string) (*Router, *llmtest.Server) {
	t.Helper()
	s := llmtest.New(t)
	s.Chat = func(r api.ChatRequest) llmtest.Answer {
		if strings.Contains(string(r.Format), `"function"`) {
			return llmtest.Answer{Content: chooses}
		}
		return llmtest.Answer{Content: args}
	}
	client, err := llm.New(llm.Config{Host: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	return &Router{Embed: client, Model: client, Gate: Gate{Fit: -1, Sure: 2}}, s
}

// TestFillHostile: whatever a model answers, nothing gets through that was not said or is not of the schema.
func TestFillHostile(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ answer, want string }{
		"good":              {`{"city":"New York","nights":3}`, `{"city":"New York","nights":3}`},
		"number as text":    {`{"city":"New York","nights":"3"}`, `{"city":"New York","nights":3}`},
		"3.0":               {`{"city":"new york","nights":3.0}`, `{"city":"new york","nights":3}`},
		"schema echo":       {`{"city":{"type":"string","value":"New York"},"nights":{"type":"integer"}}`, ""},
		"the whole schema":  {string(room().Parameters), ""},
		"arguments as text": {`"{\"city\":\"New York\",\"nights\":3}"`, ""},
		"wrapped":           {`{"name":"book_room","arguments":{"city":"New York","nights":3}}`, ""},
		"nested":            {`{"city":["New York"],"nights":3}`, ""},
		"extra key":         {`{"city":"New York","nights":3,"member_id":"x"}`, ""},
		"optional unasked":  {`{"city":"New York","nights":3,"pets":true}`, ""},
		"missing":           {`{"city":"New York"}`, ""},
		"made up text":      {`{"city":"Paris","nights":3}`, ""},
		"half made up":      {`{"city":"New York Hilton","nights":3}`, ""},
		"made up number":    {`{"city":"New York","nights":4}`, ""},
		"fraction":          {`{"city":"New York","nights":3.5}`, ""},
		"empty text":        {`{"city":"","nights":3}`, ""},
		"punctuation":       {`{"city":"...","nights":3}`, ""},
		"null":              {`{"city":null,"nights":3}`, ""},
		"twice":             {`{"city":"New York","city":"New York","nights":3}`, ""},
		"two objects":       {`{"city":"New York","nights":3} {}`, ""},
		"prose":             {`Sure! {"city":"New York","nights":3}`, ""},
		"list":              {`[{"city":"New York","nights":3}]`, ""},
		"nothing":           {``, ""},
		"huge number":       {`{"city":"New York","nights":1e400}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, _ := router(t, "", c.answer)
			args, refused, err := r.Fill(t.Context(), booked, room())
			if err != nil || string(args) != c.want || (refused == "") != (c.want != "") {
				t.Errorf("Fill = %s, %q, %v", args, refused, err)
			}
		})
	}
}

// TestFillList: a text in a list counts once, a number as often as it is answered, and each must have been said.
func TestFillList(t *testing.T) {
	t.Parallel()
	f := Function{Name: "mean", Parameters: json.RawMessage(`{"type":"dict","properties":{"values":{"type":"array","items":{"type":"float"}},"names":{"type":"tuple","items":{"type":"string"}}},"required":["values","names"]}`)}
	for answer, want := range map[string]string{
		`{"values":[2,2,5],"names":["Ann","Ann","Bob"]}`: `{"names":["Ann","Bob"],"values":[2,2,5]}`,
		`{"values":[2,3],"names":["Ann"]}`:               "",
		`{"values":[],"names":["Ann"]}`:                  "",
		`{"values":2,"names":["Ann"]}`:                   "",
		`{"values":[[2]],"names":["Ann"]}`:               "",
	} {
		r, _ := router(t, "", answer)
		if args, _, err := r.Fill(t.Context(), "the mean of 2, 2 and 5 for Ann and Bob", f); err != nil || string(args) != want {
			t.Errorf("%s: %s, %v", answer, args, err)
		}
	}
}

// TestRoute: the gate, the model's choice and what is refused.
func TestRoute(t *testing.T) {
	t.Parallel()
	good := `{"city":"New York","nights":3}`
	for name, c := range map[string]struct {
		chooses string
		gate    Gate
		calls   int // to the model
		called  bool
	}{
		"chosen":          {`{"function":"book_room"}`, Gate{Fit: -1, Sure: 2}, 2, true},
		"sure":            {`{"function":"none"}`, Gate{Fit: -1, Sure: -1}, 1, true},
		"far":             {`{"function":"book_room"}`, Gate{Fit: 1.5, Sure: 2}, 0, false},
		"none":            {`{"function":"none"}`, Gate{Fit: -1, Sure: 2}, 1, false},
		"unknown name":    {`{"function":"drop_tables"}`, Gate{Fit: -1, Sure: 2}, 1, false},
		"schema echo":     {`{"function":{"enum":["book_room"]}}`, Gate{Fit: -1, Sure: 2}, 1, false},
		"prose":           {`I would call book_room.`, Gate{Fit: -1, Sure: 2}, 1, false},
		"other key":       {`{"name":"book_room"}`, Gate{Fit: -1, Sure: 2}, 1, false},
		"argument in it":  {`{"function":"book_room(city)"}`, Gate{Fit: -1, Sure: 2}, 1, false},
		"case of letters": {`{"function":"BOOK_ROOM"}`, Gate{Fit: -1, Sure: 2}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, server := router(t, c.chooses, good)
			r.Gate = c.gate
			d, err := r.Route(t.Context(), booked, []Function{room()})
			if err != nil || (d.Function == "book_room") != c.called || len(server.Chats()) != c.calls {
				t.Errorf("Route = %+v, %v, %d calls", d, err, len(server.Chats()))
			}
		})
	}
	r, server := router(t, `{"function":"book_room"}`, `{"city":"Rome","nights":3}`)
	if d, err := r.Route(t.Context(), booked, []Function{room()}); err != nil || d.Function != "" || d.Refused == "" {
		t.Errorf("a made-up city: %+v, %v", d, err)
	}
	if d, err := r.Route(t.Context(), booked, nil); err != nil || d.Function != "" {
		t.Errorf("nothing offered: %+v, %v", d, err)
	}
	calls := len(server.Chats())
	if d, err := r.Route(t.Context(), "a room in New York", []Function{room()}); err != nil || d.Refused == "" || len(server.Chats()) != calls+1 {
		t.Errorf("no number was said, and the model was asked for arguments: %+v, %v", d, err)
	}
	server.Chat = func(api.ChatRequest) llmtest.Answer { return llmtest.Answer{Status: 500} }
	if _, err := r.Route(t.Context(), booked, []Function{room()}); err == nil {
		t.Error("a server that fails is no error")
	}
	server.Chat = func(api.ChatRequest) llmtest.Answer {
		return llmtest.Answer{Content: `{"function":"book`, Reason: "length"}
	}
	if d, err := r.Route(t.Context(), booked, []Function{room()}); err != nil || d.Function != "" {
		t.Errorf("a cut answer: %+v, %v", d, err)
	}
	server.Embed = func([]string) ([][]float32, int) { return nil, 500 }
	if _, err := r.Route(t.Context(), "another text", []Function{room()}); err == nil {
		t.Error("an embedder that fails is no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Route(ctx, "a third text", []Function{room()}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestNarrow: the format offers what was said, and optional parameters only when they were spoken of.
func TestNarrow(t *testing.T) {
	t.Parallel()
	whole, err := readShape(room().Parameters)
	if err != nil {
		t.Fatal(err)
	}
	names := func(text string) string {
		asked, format, missing := hear(text).narrow(whole)
		if missing != "" {
			return "no " + missing
		}
		if !json.Valid(format) {
			t.Errorf("format of %q: %s", text, format)
		}
		var out []string
		for _, p := range asked.properties {
			out = append(out, p.name)
		}
		return strings.Join(out, " ")
	}
	for text, want := range map[string]string{
		booked:                               "city nights",
		"a room in New York":                 "no nights",
		"a room in New York for 99 nights":   "no nights", // out of bounds
		booked + ", with a sea view":         "city nights view",
		booked + " in the garden":            "city nights view",
		booked + ", are pets allowed?":       "city nights pets",
		booked + ", the guest is called Ann": "city nights guest",
		booked + " at a rate of 2.5 or so":   "city nights rate",
		"3":                                  "city nights",
		"":                                   "no city",
		"book New York, two nights \"by\\night\"": "city nights",
	} {
		if got := names(text); got != want {
			t.Errorf("%q asks for %q, want %q", text, got, want)
		}
	}
	for name, schema := range map[string]string{
		"no schema": `[]`, "deep": strings.Repeat(`{"properties":{"a":`, 20) + `{}` + strings.Repeat(`}}`, 20), "properties are a list": `{"properties":[1]}`,
	} {
		if _, err := readShape(json.RawMessage(schema)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	empty, server := router(t, "", "")
	if args, refused, err := empty.Fill(t.Context(), "x", Function{Name: "ping", Parameters: json.RawMessage(`{"type":["null","object"]}`)}); string(args) != `{}` || refused != "" || err != nil || len(server.Chats()) > 0 {
		t.Errorf("no parameters: %s %q %v", args, refused, err)
	}
}

func TestNumbersIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]float64{
		"base of 10 and height of 5.5":  {10, 5.5},
		"1,500 dollars at 5%":           {1500, 5, 0.05},
		"2 million shares":              {2e6, 2},
		"from -3 to 4":                  {-3, 4},
		"2023-01-05":                    {2023, 1, 5},
		"twenty five of three thousand": {25, 5, 3000, 3},
		"5k run":                        {5000, 5},
		"no number":                     nil,
		"f(x)=-2x, 1e3":                 {-2, 1000},
	} {
		got := numbersIn(text)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("numbersIn(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	got := spansOf(`What is the weather in New York, for 'John Doe'? Call "Ann's".`)
	for _, want := range []string{"New York", "John Doe", "weather"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
	for _, never := range []string{"the weather", "in New York", ""} {
		if slices.Contains(got, never) {
			t.Errorf("%q in %q", never, got)
		}
	}
	if n := len(spansOf(strings.Repeat("word and other thing ", 200))); n > maxSpans {
		t.Errorf("%d spans", n)
	}
	if got := spell("math.areaOfCircle_cm2"); got != "math area of circle cm2" {
		t.Errorf("spell = %q", got)
	}
}

// FuzzCheck: what passes holds only words and numbers that were said.
func FuzzCheck(f *testing.F) {
	f.Add(booked, `{"city":"New York","nights":3}`)
	f.Add("x", `{"city":{"type":"string"},"nights":1e999}`)
	whole, err := readShape(room().Parameters)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text, answer string) {
		s := hear(text)
		asked, _, missing := s.narrow(whole)
		if missing != "" {
			return
		}
		args, err := s.check(asked, json.RawMessage(answer))
		if err != nil {
			return
		}
		var got struct {
			City   string
			Nights float64
		}
		if err := json.Unmarshal(args, &got); err != nil || !s.holds(got.City) || !slices.Contains(s.numbers, got.Nights) {
			t.Errorf("%q passed for %q", args, text)
		}
	})
}
