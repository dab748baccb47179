//go:build integration

package callpage_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/faas"
)

// TestProblems: each one is told with what mends it, and mends.
func TestProblems(t *testing.T) {
	f := newFake(t, &fake{greeting: greeting, text: map[string]reply{
		"loading": {problem: faas.NewProblem(503, "whisper_unavailable", "whisper loads its model", "")},
		"busy":    {problem: faas.NewProblem(429, "call_capacity", "four calls are running", "").SetHeader("Retry-After", "7")},
	}})
	f.text["late"] = reply{problem: faas.NewProblem(401, "token_expired", "the bearer token has expired", "")}
	var got struct {
		Missing, Expired, Microphone, Loading, Busy, Focus string
		Late                                               string
		Talk, Access                                       bool
		Serious                                            []string
	}
	f.mends = map[string]reply{"late": {clauses: []clause{{"In time.", 300}}}, "busy": {clauses: []clause{{"Here I am.", 300}}}}
	s := play(t, f, "problems", map[string]any{"microphone": false, "refused": true, "texts": []string{"loading", "late"}}, &got)
	for _, c := range []struct{ what, got, want string }{
		{"no token", got.Missing, "intellifit token --as"}, {"an old token", got.Expired, "expired"}, {"no microphone", got.Microphone, "No microphone was found. Connect one"},
		{"an engine that loads", got.Loading, "whisper loads its model"}, {"no line", got.Busy, "All lines are busy. Try again in 7 s."}, {"the focus", got.Focus, "token"},
	} {
		if !strings.Contains(c.got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
	if !got.Talk || got.Access || !strings.Contains(got.Late, "expired") || len(got.Serious) > 0 {
		t.Errorf("the talk button is off: %t; the field of the token is shown: %t; the token ran out: %q; axe-core: %v", got.Talk, got.Access, got.Late, got.Serious)
	}
	if coach := strings.Join(s.said("coach"), "|"); coach != "Hello, this is your coach.|In time.|Here I am." {
		t.Errorf("sent again: %q", coach)
	}
	turns := f.of("POST", "")
	if len(turns) != 5 || turns[1].Turn != turns[2].Turn || turns[3].Turn != turns[4].Turn || turns[2].Token != "new" {
		t.Errorf("what is sent again is the same turn: %+v", turns)
	}
}

// TestInsecure: at an address of a network the browser gives no microphone, and the page says what to do.
func TestInsecure(t *testing.T) {
	f := newFake(t, &fake{greeting: greeting, text: map[string]reply{"hello": {clauses: []clause{{"Hello, you.", 300}}}}})
	there := strings.Replace(f.URL, "127.0.0.1", "gym.test", 1)
	var got struct {
		Secure bool
		Said   string
	}
	s := play(t, f, "insecure", map[string]any{"base": there, "flags": []string{"--host-resolver-rules=MAP gym.test 127.0.0.1"}}, &got)
	if got.Secure || !strings.Contains(got.Said, "ssh -L") || !strings.Contains(got.Said, "http://localhost") {
		t.Errorf("secure %t, said %q", got.Secure, got.Said)
	}
	if len(s.Out) != 2 { // without a worklet nothing measures how long they were
		t.Errorf("sounds %v", s.Out)
	}
}

// TestLost: a connection that breaks goes on where it was, a forgotten session is opened anew, and a reload finds its call.
func TestLost(t *testing.T) {
	f := newFake(t, &fake{greeting: greeting, text: map[string]reply{
		"break":     {clauses: []clause{{"One, ", 500}, {"two, ", 500}, {"three.", 500}}, breaks: 8},
		"anew":      {clauses: []clause{{"Four, ", 500}, {"five.", 500}}, breaks: 6, anew: true},
		"forgotten": {problem: faas.NewProblem(404, "session_unknown", "there is no such call", "")},
	}, items: []map[string]any{{"id": "1", "role": "user", "content": []map[string]any{{"type": "input_audio", "transcript": "from before"}}}}})
	f.mends = map[string]reply{"forgotten": {clauses: []clause{{"I am back.", 300}}}}
	var got struct {
		Heard         [][2]float64
		Before, After []line
	}
	play(t, f, "lost", map[string]any{"refused": true, "microphone": recording(t, part{false, 1000})}, &got)
	if coach := strings.Join((seen{Captions: got.Before}).said("coach"), "|"); coach != "Hello, this is your coach.|One, two, three.|I am back.|Four, five." {
		t.Errorf("captions %q", coach)
	}
	if you := (seen{Captions: got.After}).said("you"); len(you) != 1 || you[0] != "from before" {
		t.Errorf("after the reload: %+v", got.After)
	}
	checkSounds(t, got.Heard[:min(3, len(got.Heard))], 400, 1500, 300)
	// Before the answer that came from its beginning again stands what was played of it before, at most 500 ms.
	if last := got.Heard[len(got.Heard)-1]; last[1]-last[0] < 950 || last[1]-last[0] > 1600 {
		t.Errorf("sounds %v", got.Heard)
	}
	turns := f.of("POST", "")
	// What was on its way when the connection broke may be lost with it.
	last, err := strconv.Atoi(strings.TrimPrefix(turns[1].LastEvent, "event_"))
	if len(turns) != 6 || turns[0].Turn != turns[1].Turn || err != nil || last < 1 || last > 8 || turns[2].Turn != turns[3].Turn {
		t.Errorf("%d turns: %+v", len(turns), turns)
	}
}

// TestDeaf: when nothing could be heard, the apology is spoken, and the recording can be sent once more.
func TestDeaf(t *testing.T) {
	f := newFake(t, &fake{greeting: greeting, audio: []reply{
		{fails: "whisper_unavailable", clauses: []clause{{"I cannot hear you right now.", 600}}}, {heard: "hello", clauses: []clause{{"Hello.", 300}}},
	}})
	var got struct{ Said string }
	s := play(t, f, "deaf", map[string]any{"microphone": recording(t, part{false, 500}, part{true, 8000})}, &got)
	if !strings.Contains(got.Said, "The engines are not ready: whisper is not reachable.") || !strings.Contains(got.Said, "Send it again") {
		t.Errorf("said %q", got.Said)
	}
	checkSounds(t, s.Out, 400, 600, 300)
	turns := f.of("POST", "")
	if len(turns) != 2 || turns[0].Turn == turns[1].Turn || !bytes.Equal(turns[0].Body, turns[1].Body) || len(s.Turns) != 2 {
		t.Errorf("%d turns, %d rows", len(turns), len(s.Turns))
	}
}

// TestExpiry: a card that ran out takes no answer.
func TestExpiry(t *testing.T) {
	book := reply{clauses: booking.clauses, action: map[string]any{"name": "schedule_appointment", "status": "proposed"}, expires: 5 * time.Second}
	f := newFake(t, &fake{greeting: greeting, text: map[string]reply{"book": book}})
	var got struct{ Before, After string }
	play(t, f, "expiry", map[string]any{"microphone": recording(t, part{false, 1000})}, &got)
	if !strings.Contains(got.Before, "It holds for 0:") || !strings.Contains(got.After, "expired") {
		t.Errorf("before %q, after %q", got.Before, got.After)
	}
}
