//go:build integration

package callpage_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/intellifit/intellifit/internal/callpage"
	"github.com/intellifit/intellifit/shared/faas"
)

const rate = 22050

// clause is a part of a reply: its words and how long its voice, a tone, lasts.
type clause struct {
	text string
	ms   int
}

// reply is what the fake coach does with one turn.
type reply struct {
	problem *faas.Problem // answered instead of everything else
	heard   string
	clauses []clause
	action  map[string]any
	status  string        // default completed
	code    string        // of status_details
	wait    time.Duration // before what was heard is told
	breaks  int           // the connection breaks after so many events, once
	anew    bool          // then the answer comes from its beginning
	expires time.Duration // of the proposal, from when it is made
	early   bool          // the action comes before the clauses
	fails   string        // code of a failure that is told before the answer, which is an apology
}

// request is one call that the page made.
type request struct {
	Method, Path, Turn, LastEvent, ContentType, Text string
	EndpointMS, AudioMS                              int
	Body                                             []byte
	Token                                            string
	At, Left                                         time.Time // Left: when the page dropped it
}

// fake speaks the wire format of the function call.
type fake struct {
	*httptest.Server
	greeting reply
	audio    []reply          // of the turns that come as audio, in their order
	text     map[string]reply // of those in writing
	mends    map[string]reply // what a written turn gets when it comes again after a problem
	items    []map[string]any // of the session that a reload finds; none: it is unknown
	unknown  int              // truncations that come before the server knows the answer
	pause    int              // ms of silence that end a turn, by the judge of pauses; default 200

	mu       sync.Mutex
	requests []request
	spoken   int
	broken   map[string]bool  // turns whose connection broke once
	chosen   map[string]reply // by turn: the same turn gets the same answer
	sessions int
}

func newFake(t *testing.T, f *fake) *fake {
	t.Helper()
	f.pause = max(f.pause, 200)
	f.broken, f.chosen = map[string]bool{}, map[string]reply{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /tap.js", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, filepath.Join("testdata", "tap.js"))
	})
	mux.Handle("GET /call", http.RedirectHandler("/call/", http.StatusMovedPermanently))
	mux.Handle("GET /call/", callpage.Handler())
	mux.HandleFunc("POST /function/call/open", f.open)
	mux.HandleFunc("POST /function/call/detect", f.detect)
	mux.HandleFunc("POST /function/call/events", f.events)
	mux.HandleFunc("POST /function/call", f.turn)
	mux.HandleFunc("DELETE /function/call", f.hangUp)
	mux.HandleFunc("GET /function/call", f.state)
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

// note keeps a request and returns where.
func (f *fake) note(r *http.Request) (*request, int) {
	body, _ := io.ReadAll(r.Body)
	q := r.URL.Query()
	n := request{Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, "/function/call"), Turn: q.Get("turn"), LastEvent: r.Header.Get("Last-Event-ID"),
		ContentType: r.Header.Get("Content-Type"), Body: body, Token: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), At: time.Now()}
	n.EndpointMS, _ = strconv.Atoi(q.Get("endpoint_ms"))
	if samples, err := samplesOf(body); err == nil {
		n.AudioMS = len(samples) * 1000 / 16000
	}
	var said struct{ Text string }
	if json.Unmarshal(body, &said) == nil {
		n.Text = said.Text
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, n)
	return &n, len(f.requests) - 1
}

func (f *fake) left(at int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests[at].Left = time.Now()
}

// of are the requests of one kind.
func (f *fake) of(method, path string) (found []request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.requests {
		if r.Method == method && r.Path == path {
			found = append(found, r)
		}
	}
	return found
}

// known refuses a token as the functions do.
func known(w http.ResponseWriter, r *http.Request, n *request) bool {
	switch n.Token {
	case "":
		faas.WriteProblem(r.Context(), w, faas.NewProblem(401, "token_missing", "no bearer token", ""))
	case "old":
		faas.WriteProblem(r.Context(), w, faas.NewProblem(401, "token_expired", "the bearer token has expired", "fetch a new token and repeat the request"))
	default:
		return true
	}
	return false
}

func (f *fake) session() map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sessions++
	return map[string]any{"id": fmt.Sprint("session-", f.sessions), "conversation_id": "conversation-1", "expires_at": time.Now().Add(time.Hour),
		"audio": map[string]any{"output": map[string]any{"format": map[string]any{"type": "audio/pcm", "rate": rate}}}}
}

func (f *fake) open(w http.ResponseWriter, r *http.Request) {
	n, at := f.note(r)
	if !known(w, r, n) {
		return
	}
	session := f.session()
	if !strings.HasPrefix(r.Header.Get("Accept"), faas.EventStreamType) {
		_ = json.NewEncoder(w).Encode(map[string]any{"session": session})
		return
	}
	f.answer(w, r, at, "", f.greeting, session)
}

func (f *fake) turn(w http.ResponseWriter, r *http.Request) {
	n, at := f.note(r)
	if !known(w, r, n) {
		return
	}
	f.answer(w, r, at, n.Turn, f.choose(n), nil)
}

// choose is the script: written turns by their words, spoken ones by their order, a turn that comes again as before.
func (f *fake) choose(n *request) reply {
	f.mu.Lock()
	defer f.mu.Unlock()
	had, again := f.chosen[n.Turn]
	if again && had.problem == nil {
		return had
	}
	out, ok := f.text[n.Text]
	if again {
		out, ok = f.mends[n.Text]
	}
	if n.Text == "" {
		out, ok = f.audio[min(f.spoken, len(f.audio)-1)], true
		f.spoken++
	}
	if !ok {
		out = reply{problem: faas.NewProblem(400, "message_empty", "no words for "+n.Text, "")}
	}
	f.chosen[n.Turn] = out
	return out
}

// stream writes events, skips those that the page has, and breaks off where the script says so.
type stream struct {
	*faas.EventStream
	n, skip, breaks int
}

func (s *stream) send(kind string, fields map[string]any) {
	s.n++
	if s.n <= s.skip {
		return
	}
	if s.breaks > 0 && s.n > s.breaks {
		panic(http.ErrAbortHandler)
	}
	fields["type"], fields["event_id"] = kind, fmt.Sprint("event_", s.n)
	_ = s.Send(fmt.Sprint("event_", s.n), kind, fields)
}

func (f *fake) answer(w http.ResponseWriter, r *http.Request, at int, turn string, with reply, session map[string]any) {
	if with.problem != nil {
		faas.WriteProblem(r.Context(), w, with.problem)
		return
	}
	s := &stream{EventStream: faas.NewEventStream(w)}
	if !with.anew {
		s.skip, _ = strconv.Atoi(strings.TrimPrefix(r.Header.Get("Last-Event-ID"), "event_"))
	}
	f.mu.Lock()
	if !f.broken[turn] {
		s.breaks, f.broken[turn] = with.breaks, true
	}
	f.mu.Unlock()
	if session != nil {
		s.send("session.created", map[string]any{"session": session})
	}
	select {
	case <-r.Context().Done():
		f.left(at)
		return
	case <-time.After(with.wait):
	}
	if with.fails != "" {
		with.status, with.code = "failed", with.fails
		s.send("error", map[string]any{"error": map[string]any{"type": "server_error", "code": with.fails, "message": "whisper is not reachable"}})
	}
	if with.heard != "" {
		s.send("input_audio_buffer.committed", map[string]any{"item_id": "user-" + turn})
		s.send("conversation.item.input_audio_transcription.completed", map[string]any{"item_id": "user-" + turn, "transcript": with.heard})
	}
	s.send("response.created", map[string]any{"response": map[string]any{"id": "response-" + turn, "status": "in_progress"}})
	if !f.speak(r, s, turn, with) {
		f.left(at)
		return
	}
	details := map[string]any{}
	if with.code != "" {
		details = map[string]any{"code": with.code, "reason": "it was so"}
	}
	status := with.status
	if status == "" {
		status = "completed"
	}
	s.send("response.done", map[string]any{"response": map[string]any{"id": "response-" + turn, "status": status, "status_details": details,
		"metrics": map[string]any{"decode_ms": 1, "stt_ms": 210, "first_token_ms": 340, "first_clause_ms": 420, "tts_first_ms": 60, "turn_ms": 690, "total_ms": 1500}}})
}

// speak sends the clauses ten times as fast as they sound, and reports whether the page listened to the end.
func (f *fake) speak(r *http.Request, s *stream, turn string, with reply) bool {
	gone := func(d time.Duration) bool {
		select {
		case <-r.Context().Done():
			return true
		case <-time.After(d):
			return false
		}
	}
	item, said, phase := "coach-"+turn, "", 0
	act := func() {
		if with.action == nil {
			return
		}
		action := maps.Clone(with.action)
		if with.expires > 0 {
			action["proposal"] = map[string]any{"id": "proposal-1", "summary": "Book Friday", "expires_at": time.Now().Add(with.expires)}
		}
		action["response_id"], action["item_id"], action["call_id"] = "response-"+turn, item, "call-"+turn
		s.send("response.function_call_arguments.done", action)
	}
	if with.early {
		act()
	}
	for _, c := range with.clauses {
		said += c.text
		s.send("response.output_audio_transcript.delta", map[string]any{"response_id": "response-" + turn, "item_id": item, "delta": c.text})
		for left := c.ms; left > 0; left -= 100 {
			pcm := make([]byte, 0, rate/5)
			start := phase * 1000 / rate
			for range rate * min(left, 100) / 1000 {
				pcm = binary.LittleEndian.AppendUint16(pcm, uint16(int16(8000*math.Sin(2*math.Pi*440*float64(phase)/rate))))
				phase++
			}
			s.send("response.output_audio.delta", map[string]any{"response_id": "response-" + turn, "item_id": item, "start_ms": start, "delta": base64.StdEncoding.EncodeToString(pcm)})
			if gone(10 * time.Millisecond) {
				return false
			}
		}
	}
	if !with.early {
		act()
	}
	s.send("response.output_audio.done", map[string]any{"item_id": item})
	s.send("response.output_audio_transcript.done", map[string]any{"item_id": item, "transcript": said})
	return !gone(0)
}

func (f *fake) events(w http.ResponseWriter, r *http.Request) {
	n, _ := f.note(r)
	var event map[string]any
	if err := json.Unmarshal(n.Body, &event); err != nil {
		faas.WriteProblem(r.Context(), w, faas.NewProblem(400, "invalid_json", err.Error(), ""))
		return
	}
	f.mu.Lock()
	f.unknown--
	unknown := f.unknown >= 0
	item, _ := event["item_id"].(string)
	cut := f.chosen[strings.TrimPrefix(item, "coach-")]
	f.mu.Unlock()
	if unknown {
		faas.WriteProblem(r.Context(), w, faas.NewProblem(404, "item_unknown", "no such answer in this call", ""))
		return
	}
	left, _ := event["audio_end_ms"].(float64)
	text := ""
	for _, c := range cut.clauses {
		words := strings.SplitAfter(c.text, " ") // the words of a clause share its time
		text += strings.Join(words[:min(len(words), max(0, int(left)*len(words)/c.ms))], "")
		left -= float64(c.ms)
	}
	event["type"], event["transcript"] = "conversation.item.truncated", strings.TrimSpace(text)
	_ = json.NewEncoder(w).Encode(event)
}

func (f *fake) hangUp(w http.ResponseWriter, r *http.Request) {
	f.note(r)
	_ = json.NewEncoder(w).Encode(map[string]any{"session_id": r.URL.Query().Get("session"), "turns": 1, "transcript_stored": true})
}

func (f *fake) state(w http.ResponseWriter, r *http.Request) {
	f.note(r)
	if f.items == nil {
		faas.WriteProblem(r.Context(), w, faas.NewProblem(404, "session_unknown", "there is no such call", ""))
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"session": f.session(), "items": f.items})
}

// detect judges by loudness: the turn is over after a pause.
func (f *fake) detect(w http.ResponseWriter, r *http.Request) {
	n, _ := f.note(r)
	samples, err := samplesOf(n.Body)
	if err != nil {
		faas.WriteProblem(r.Context(), w, faas.NewProblem(400, "audio_unreadable", err.Error(), ""))
		return
	}
	const frame = 320
	first, last := -1, -1
	for i := 0; i+frame <= len(samples); i += frame {
		sum := 0.0
		for _, s := range samples[i : i+frame] {
			sum += float64(s) * float64(s)
		}
		if 10*math.Log10(sum/frame/32768/32768) > -45 {
			if first < 0 {
				first = i
			}
			last = i + frame
		}
	}
	speech := []map[string]int{}
	silence := len(samples) / 16
	if first >= 0 {
		speech = append(speech, map[string]int{"start_ms": first / 16, "end_ms": last / 16})
		silence = (len(samples) - last) / 16
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"speech": speech, "silence_ms": silence, "speaking": silence < 200, "end_of_turn": first >= 0 && silence >= f.pause})
}

// samplesOf reads the WAV files that the page makes.
func samplesOf(wav []byte) ([]int16, error) {
	if len(wav) < 44 || !bytes.HasPrefix(wav, []byte("RIFF")) || binary.LittleEndian.Uint32(wav[24:]) != 16000 || int(binary.LittleEndian.Uint32(wav[40:])) != len(wav)-44 {
		return nil, fmt.Errorf("no WAV of 16 kHz, or a lying header: %d bytes", len(wav))
	}
	samples := make([]int16, (len(wav)-44)/2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(wav[44+2*i:]))
	}
	return samples, nil
}
