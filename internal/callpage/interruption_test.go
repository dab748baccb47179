//go:build integration

package callpage_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
)

// TestBargeIn: speech silences the coach within 250 ms of its first sound; the server learns what was heard, and then what was said.
func TestBargeIn(t *testing.T) {
	f := newFake(t, &fake{greeting: greeting, audio: []reply{
		{heard: "tell me everything", clauses: []clause{{"First this, ", 1500}, {"then that and that, ", 4000}, {"and at last everything else.", 40000}}},
		{heard: "stop please", clauses: []clause{{"All right.", 400}}},
	}, unknown: 2})
	s := play(t, f, "barge", map[string]any{"refused": true, "microphone": recording(t, part{false, 2500}, part{true, 1000}, part{false, 2500}, part{true, 1200}, part{false, 300})}, &struct{}{})
	if len(s.Mic) < 2 || len(s.Out) < 3 {
		t.Fatalf("heard by the microphone %v, from the loudspeaker %v", s.Mic, s.Out)
	}
	began, silent, sounded := s.Mic[1][0], s.Out[1][1], s.Out[1][1]-s.Out[1][0]
	t.Logf("silent %.0f ms after the first sound of the interruption, by the page itself %v", silent-began, *s.Turns[1].StoppedAfter)
	if silent-began > 250 || silent < began {
		t.Errorf("the coach was silent %.0f ms after somebody began to speak, want within 250", silent-began)
	}
	f.checkTruncated(t, sounded, 2)
	if got, want := s.said("coach")[1], "(interrupted)"; !strings.HasSuffix(got, want) || !strings.HasPrefix(got, "First this, ") || !strings.Contains(got, "(not heard:)") || !strings.Contains(got, "that, and at last") {
		t.Errorf("the caption of what was interrupted: %q", got)
	}
	f.checkSpoken(t, 1, 1200)
	if s.Turns[1].StoppedAfter == nil || *s.Turns[1].StoppedAfter > 250 {
		t.Errorf("latencies %+v", s.Turns[1])
	}
}

// checkTruncated: one truncation, of as many ms as sounded, behind those that came too early; they came before the next turn, and the
// connection was dropped.
func (f *fake) checkTruncated(t *testing.T, sounded float64, early int) {
	t.Helper()
	events, turns := f.of("POST", "/events"), f.of("POST", "")
	if len(events) != 1+early {
		t.Fatalf("%d events", len(events))
	}
	var e struct {
		Type         string
		ItemID       string  `json:"item_id"`
		ContentIndex *int    `json:"content_index"`
		AudioEndMS   float64 `json:"audio_end_ms"`
	}
	if err := json.Unmarshal(events[0].Body, &e); err != nil {
		t.Fatal(err)
	}
	if e.Type != "conversation.item.truncate" || e.ItemID != "coach-"+turns[0].Turn || e.ContentIndex == nil || math.Abs(e.AudioEndMS-sounded) > 120 {
		t.Errorf("%s, while %.0f ms sounded", events[0].Body, sounded)
	}
	t.Logf("truncated at %.0f ms, sounded %.0f ms", e.AudioEndMS, sounded)
	if len(turns) > 1 && turns[1].At.Before(events[early].At) {
		t.Error("the next turn came before the truncation")
	}
	if turns[0].Left.IsZero() || turns[0].Left.Sub(events[0].At).Abs() > 250*time.Millisecond {
		t.Errorf("the request was dropped at %v, the truncation came at %v", turns[0].Left, events[0].At)
	}
}

// TestGoesOn: who goes on speaking after a pause that was taken for the end, before he was understood, says one thing.
func TestGoesOn(t *testing.T) {
	f := newFake(t, &fake{greeting: greeting, audio: []reply{
		{heard: "book me", wait: 5 * time.Second, clauses: []clause{{"When?", 300}}}, {heard: "book me on friday", clauses: []clause{{"All right.", 300}}},
	}})
	s := play(t, f, "goesOn", map[string]any{"microphone": recording(t, part{false, 2500}, part{true, 1000}, part{false, 900}, part{true, 1500}, part{false, 300})}, &struct{}{})
	turns := f.of("POST", "")
	if len(turns) != 2 || turns[0].Left.IsZero() || turns[1].AudioMS < 1000+200+1500+200 || turns[1].AudioMS > 1000+900+1500+1200 {
		t.Errorf("%d turns: the first of %d ms was left at %v, the second has %d ms", len(turns), turns[0].AudioMS, turns[0].Left, turns[1].AudioMS)
	}
	if you := s.said("you"); len(you) != 1 || you[0] != "book me on friday" {
		t.Errorf("captions %q", you)
	}
}

// TestStop: the button silences at once and drops the request.
func TestStop(t *testing.T) {
	f := newFake(t, &fake{greeting: greeting, text: map[string]reply{"tell me everything": {clauses: []clause{{"First this.", 1000}, {"Then that.", 30000}}}}})
	var got struct{ Pressed, Clock float64 }
	s := play(t, f, "stop", map[string]any{"microphone": recording(t, part{false, 1000})}, &got)
	last := s.Out[len(s.Out)-1]
	if after := last[1] - got.Pressed; after > 100 {
		t.Errorf("silent %.0f ms after the button", after)
	}
	f.checkTruncated(t, last[1]-last[0], 0)
	turn := f.of("POST", "")[0]
	if after := float64(turn.Left.UnixMicro())/1000 - got.Clock; after > 250 {
		t.Errorf("the server saw the request end %.0f ms after the button", after)
	} else {
		t.Logf("silent %.0f ms and the request gone %.0f ms after the button", last[1]-got.Pressed, after)
	}
}

// TestEarlyYes: who presses the button while the coach still asks has read the proposal, so nothing is truncated and the turn that
// proposes it comes to its end.
func TestEarlyYes(t *testing.T) {
	book := reply{clauses: []clause{{"I would book Friday at ten.", 3000}, {"Shall I?", 3000}}, action: booking.action, early: true}
	f := newFake(t, &fake{greeting: greeting, text: map[string]reply{"book": book, "yes": booked}})
	s := play(t, f, "early", map[string]any{"microphone": recording(t, part{false, 1000})}, &struct{}{})
	turns := f.of("POST", "")
	if len(turns) != 2 || !turns[0].Left.IsZero() || len(f.of("POST", "/events")) != 0 {
		t.Errorf("%d turns, the first left at %v, %d events", len(turns), turns[0].Left, len(f.of("POST", "/events")))
	}
	if last := s.Out[len(s.Out)-1]; last[1]-s.Out[1][0] > 3000 {
		t.Errorf("the coach went on asking: sounds %v", s.Out)
	}
	if coach := s.said("coach"); coach[len(coach)-1] != "Booked: Friday at ten." || strings.Contains(coach[1], "interrupted") {
		t.Errorf("captions %q", coach)
	}
}
