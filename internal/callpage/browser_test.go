//go:build integration

package callpage_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/internal/callpage/browsertest"
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
	Out, Mic        [][2]float64 // stretches of sound in ms of the audio's clock
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
	if !strings.Contains(got.Card, "Book Friday 10:00 with Jonas Weber") || !strings.Contains(got.Card, "It holds for 4:") || got.CardAfter != "" || !strings.Contains(got.State, "The coach asks: Book Friday") {
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
			if len(r.Sounded) != 3 {
				t.Errorf("sounds %v", r.Sounded)
			}
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
