//go:build integration

package callpage_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/internal/callpage/browsertest"
	"github.com/intellifit/intellifit/shared/faas"
)

// line is one caption.
type line struct{ Who, Text string }

// row is one turn of the latency table; a stage that did not happen is nil.
type row struct {
	Turn         string
	Waited       *float64 `json:"waited"`
	SpeechToText *float64 `json:"stt_ms"`
	HeardAfter   *float64 `json:"heard_after"`
	StoppedAfter *float64 `json:"stopped_after"`
}

// seen is what scenarios print.
type seen struct {
	Errors, Foreign []string
	Captions        []line
	Turns           []row
	Out, Mic        [][2]float64 // stretches of sound in ms of the page's clock
}

func (s seen) said(who string) (texts []string) {
	for _, l := range s.Captions {
		if l.Who == who {
			texts = append(texts, strings.TrimSpace(l.Text))
		}
	}
	return texts
}

// play runs a scenario of testdata/scenarios.mjs against f and reads what it prints into out as well. Whatever it is about, the
// console stays clean but for the refusals that it provokes, and no request goes elsewhere.
func play(t *testing.T, f *fake, scenario string, config map[string]any, out any) (common seen) {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes its time")
	}
	dir := browsertest.Dir(t)
	place(t, dir, "scenarios.mjs")
	all := map[string]any{"chromium": browsertest.Chromium(t), "base": f.URL, "token": "good", "scenario": scenario, "screenshots": os.Getenv("CALLPAGE_SCREENSHOTS")}
	for key, value := range config {
		all[key] = value
	}
	var answer json.RawMessage
	browsertest.Run(t, dir, "scenarios.mjs", all, &answer)
	for _, into := range []any{&common, out} {
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatalf("%v: %s", err, answer)
		}
	}
	t.Logf("%s: %s", scenario, answer)
	for _, text := range common.Errors {
		if config["refused"] == nil || !strings.HasPrefix(text, "Failed to load resource: ") {
			t.Errorf("console: %s", text)
		}
	}
	if len(common.Foreign) > 0 {
		t.Errorf("requests to other hosts: %v", common.Foreign)
	}
	return common
}

// part is a stretch of a recording: speech or silence.
type part struct {
	speech bool
	ms     int
}

// recording writes a WAV file of what sounds like speech to a detector of it: a buzz with formants, in syllables.
func recording(t *testing.T, parts ...part) string {
	t.Helper()
	const rate = 16000
	var pcm []byte
	for _, p := range parts {
		for i := range rate * p.ms / 1000 {
			at, v := float64(i)/rate, 0.0
			if p.speech {
				pitch := 125 + 15*math.Sin(2*math.Pi*2.3*at)
				for k := 1.0; k <= 24; k++ {
					f := k * pitch
					v += (math.Exp(-math.Pow((f-600)/250, 2)) + 0.5*math.Exp(-math.Pow((f-1700)/350, 2)) + 0.1) * math.Sin(2*math.Pi*f*at+k*k) / 6
				}
				v *= 0.55 + 0.45*math.Sin(2*math.Pi*4*at)
			}
			pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(32767*max(-1, min(1, v)))))
		}
	}
	head := &bytes.Buffer{}
	head.WriteString("RIFF")
	for _, v := range []any{uint32(36 + len(pcm)), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(rate), uint32(2 * rate), uint16(2), uint16(16), []byte("data"), uint32(len(pcm))} {
		if err := binary.Write(head, binary.LittleEndian, v); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "speech.wav")
	if err := os.WriteFile(path, append(head.Bytes(), pcm...), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

var (
	greeting = reply{clauses: []clause{{"Hello, this is your coach.", 400}}}
	booking  = reply{heard: "book me with jonas on friday at ten", clauses: []clause{{"I would book Friday at ten", 500}, {" with Jonas Weber.", 400}, {" Shall I?", 300}},
		action: map[string]any{"name": "schedule_appointment", "arguments": "{}", "status": "proposed",
			"proposal": map[string]any{"id": "proposal-1", "summary": "Book Friday 10:00 with Jonas Weber, 60 minutes", "expires_at": time.Now().Add(5 * time.Minute)}}}
	booked = reply{clauses: []clause{{"Booked: Friday at ten.", 500}}, action: map[string]any{"name": "schedule_appointment", "arguments": "{}", "status": "done"}}
)

// TestDialogue: spoken words become a caption, the answer is heard, its card is answered, and the page is fit for everybody.
func TestDialogue(t *testing.T) {
	f := newFake(t, &fake{greeting: greeting, audio: []reply{booking}, text: map[string]reply{"yes": booked}})
	var got struct {
		Card, CardAfter, State, URL string
		Serious                     []string
		Wide                        int
		Sounded                     [][2]float64
		Kept                        map[string]string
	}
	s := play(t, f, "dialogue", map[string]any{"microphone": recording(t, part{false, 2500}, part{true, 1500}, part{false, 300})}, &got)
	if !strings.Contains(got.Card, "Book Friday 10:00 with Jonas Weber") || !strings.Contains(got.Card, "4:5") || got.CardAfter != "" || !strings.Contains(got.State, "The coach asks: Book Friday") {
		t.Errorf("the card: %q, then %q; state %q", got.Card, got.CardAfter, got.State)
	}
	wantYou, wantCoach := "book me with jonas on friday at ten|yes", "Hello, this is your coach.|I would book Friday at ten with Jonas Weber. Shall I?|Booked: Friday at ten."
	if you, coach := strings.Join(s.said("you"), "|"), strings.Join(s.said("coach"), "|"); you != wantYou || coach != wantCoach {
		t.Errorf("captions %q and %q", you, coach)
	}
	if len(got.Serious) > 0 {
		t.Errorf("axe-core: %v", got.Serious)
	}
	if got.Wide > 0 {
		t.Errorf("on a phone the page is %d pixels too wide", got.Wide)
	}
	if strings.Contains(got.URL, "token") || got.Kept["intellifit.token"] != "good" || got.Kept["intellifit.session"] != "" {
		t.Errorf("the address is %s, and the tab keeps %v", got.URL, got.Kept)
	}
	checkSounds(t, got.Sounded, 400, 1200, 500)
	f.checkSpoken(t, 0, 1500)
	if n := len(f.of("POST", "/detect")); n == 0 || n > 12 {
		t.Errorf("%d pauses were judged", n)
	}
	if n := len(f.of("DELETE", "")); n != 1 {
		t.Errorf("%d times hung up", n)
	}
	if len(s.Turns) != 3 || s.Turns[1].SpeechToText == nil || s.Turns[1].HeardAfter == nil || s.Turns[1].Waited == nil || *s.Turns[1].HeardAfter < *s.Turns[1].Waited {
		t.Errorf("latencies %+v", s.Turns)
	}
}

// checkSounds holds the stretches that sounded to the lengths that were sent, in ms: nothing is missing, and there is no gap.
func checkSounds(t *testing.T, got [][2]float64, want ...float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("sounds %v, want lengths of %v ms", got, want)
		return
	}
	for i, w := range want {
		if length := got[i][1] - got[i][0]; math.Abs(length-w) > 60 {
			t.Errorf("sound %d lasted %.0f ms, want %.0f", i, length, w)
		}
	}
}

// checkSpoken holds the recording of a turn to the length of what was said: with its beginning, and not much around it.
func (f *fake) checkSpoken(t *testing.T, at int, ms int) {
	t.Helper()
	turns := f.of("POST", "")
	if at >= len(turns) {
		t.Fatalf("there were %d turns", len(turns))
	}
	turn := turns[at]
	if turn.ContentType != "audio/wav" || turn.AudioMS < ms+200 || turn.AudioMS > ms+1200 || turn.EndpointMS < 200 || turn.EndpointMS > 800 {
		t.Errorf("turn %d: %s of %d ms for %d ms of speech, sent %d ms after its end", at, turn.ContentType, turn.AudioMS, ms, turn.EndpointMS)
	}
	samples, err := samplesOf(turn.Body)
	if err != nil {
		t.Fatal(err)
	}
	first := 0
	for first < len(samples) && samples[first] > -1000 && samples[first] < 1000 {
		first++
	}
	if first < 16*50 || first > 16*600 {
		t.Errorf("turn %d: the speech begins %d ms into the recording", at, first/16)
	}
}

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

// TestPushToTalk: the recording is as long as the button was held, by key, by pointer, and by a screen reader's clicks.
func TestPushToTalk(t *testing.T) {
	f := newFake(t, &fake{greeting: greeting, audio: []reply{{heard: "hello", clauses: []clause{{"Hello.", 300}}}}})
	var got struct {
		Pressed string
		Held    float64
	}
	s := play(t, f, "talk", map[string]any{"microphone": recording(t, part{false, 1500}, part{true, 10000})}, &got)
	turns := f.of("POST", "")
	if len(turns) != 3 || got.Pressed != "true" {
		t.Fatalf("%d turns, pressed %s", len(turns), got.Pressed)
	}
	if more := float64(turns[0].AudioMS) - got.Held; more < 200 || more > 450 || turns[0].EndpointMS > 100 {
		t.Errorf("held for %.0f ms, recorded %d ms, sent after %d ms", got.Held, turns[0].AudioMS, turns[0].EndpointMS)
	}
	if notes := s.said("note"); len(notes) != 1 || !strings.Contains(notes[0], "Hold the button") {
		t.Errorf("a press that was too short: %q", notes)
	}
}

// TestRecorder: MediaRecorder records where there is no worklet.
func TestRecorder(t *testing.T) {
	f := newFake(t, &fake{greeting: greeting, audio: []reply{{heard: "hello", clauses: []clause{{"Hello.", 300}}}}})
	s := play(t, f, "recorder", map[string]any{"microphone": recording(t, part{false, 2000}, part{true, 1500}, part{false, 300})}, &struct{}{})
	turns := f.of("POST", "")
	if len(turns) != 2 || len(turns[1].Body) > 20000 {
		t.Fatalf("%d turns", len(turns))
	}
	turn := turns[0]
	if !strings.HasPrefix(turn.ContentType, "audio/webm") || !bytes.HasPrefix(turn.Body, []byte{0x1a, 0x45, 0xdf, 0xa3}) || len(turn.Body) < 5000 || turn.EndpointMS < 700 {
		t.Errorf("%s of %d bytes, sent after %d ms", turn.ContentType, len(turn.Body), turn.EndpointMS)
	}
	if coach := s.said("coach"); len(coach) != 3 || coach[1] != "Hello." {
		t.Errorf("captions %+v", s.Captions)
	}
}

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
	checkSounds(t, s.Out, 400, 300)
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
	book := reply{clauses: booking.clauses, action: map[string]any{"name": "schedule_appointment", "status": "proposed",
		"proposal": map[string]any{"id": "proposal-1", "summary": "Book Friday", "expires_at": time.Now().Add(8 * time.Second)}}}
	f := newFake(t, &fake{greeting: greeting, text: map[string]reply{"book": book}})
	var got struct{ Before, After string }
	play(t, f, "expiry", map[string]any{"microphone": recording(t, part{false, 1000})}, &got)
	if !strings.Contains(got.Before, "It holds for 0:") || !strings.Contains(got.After, "expired") {
		t.Errorf("before %q, after %q", got.Before, got.After)
	}
}

// TestGapless: pieces sound as one.
func TestGapless(t *testing.T) {
	f := newFake(t, &fake{greeting: greeting})
	var got struct{ Worst float64 }
	play(t, f, "gapless", nil, &got)
	if got.Worst > 0.005 || got.Worst == 0 {
		t.Errorf("a sine of 0.5 in pieces is off by %g", got.Worst)
	}
}

// TestRealSpeech: a sentence with pauses of its own, from the shared recordings, arrives whole.
func TestRealSpeech(t *testing.T) {
	const file = "../../../shared/data/speech/lj001-0006.wav"
	if _, err := os.Stat(file); err != nil {
		t.Skip("the shared recordings are not here")
	}
	f := newFake(t, &fake{greeting: greeting, pause: 600, audio: []reply{{heard: "and it is worth mention in passing", clauses: []clause{{"Indeed.", 300}}}}})
	play(t, f, "speech", map[string]any{"speech": mustAbs(t, file), "microphone": filepath.Join(t.TempDir(), "microphone.wav")}, &struct{}{})
	turns := f.of("POST", "")
	if len(turns) != 1 || turns[0].AudioMS < 5400 || turns[0].AudioMS > 7000 || turns[0].EndpointMS < 600 || turns[0].EndpointMS > 1100 {
		t.Errorf("%d turns, the first of %d ms, sent %d ms after its end", len(turns), turns[0].AudioMS, turns[0].EndpointMS)
	}
	if judged := len(f.of("POST", "/detect")); judged < 3 {
		t.Errorf("%d pauses were judged", judged)
	}
}

// TestCall: the script that calls real installations speaks each recording in its turn, whichever way.
func TestCall(t *testing.T) {
	for _, mode := range []string{"open", "talk"} {
		t.Run(mode, func(t *testing.T) {
			f := newFake(t, &fake{greeting: greeting, audio: []reply{booking, {heard: "yes, book it", clauses: booked.clauses, action: booked.action}}})
			r := browsertest.Call(t, browsertest.Plan{Base: f.URL, Token: "good", Mode: mode,
				Recordings: []string{recording(t, part{true, 1500}), recording(t, part{true, 900})}, Screenshots: os.Getenv("CALLPAGE_SCREENSHOTS")})
			if len(r.Turns) != 2 || r.Turns[0].Proposal == "" || r.Turns[1].Proposal != "" || r.Turns[0].Problem+r.Turns[1].Problem != "" {
				t.Errorf("after the turns: %+v", r.Turns)
			}
			if len(r.Errors)+len(r.Foreign) > 0 || len(r.Latencies) != 3 || !strings.Contains(r.Ended, "ended") {
				t.Errorf("result %+v", r)
			}
			checkSounds(t, r.Sounded, 400, 1200, 500)
		})
	}
}

func mustAbs(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}
