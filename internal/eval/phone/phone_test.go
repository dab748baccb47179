package phone_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/functions/call"
	"github.com/intellifit/intellifit/functions/chat"
	"github.com/intellifit/intellifit/functions/tools"
	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/demo/demotest"
	"github.com/intellifit/intellifit/internal/eval"
	"github.com/intellifit/intellifit/internal/eval/phone"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/llm/llmtest"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/redis/redistest"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/speechtest"
	"github.com/intellifit/intellifit/shared/speech/wav"
)

// installation is call, chat and tools on one database and Redis, with stand-ins for the engines. The recogniser hears every word that the
// member's voice says: its sound spells them.
type installation struct {
	*phone.Session
	whisper *speechtest.Whisper
	tts     *speechtest.TTS
	db      *postgres.DB

	mu    sync.Mutex
	hears map[string]string // other words than were said; of noise, under ""
}

func install(t *testing.T) *installation {
	t.Helper()
	db, app := demotest.Open(t)
	b := &installation{db: db, whisper: speechtest.NewWhisper(t), tts: speechtest.NewTTS(t), hears: map[string]string{}}
	ollama := llmtest.New(t)
	ollama.Embed = func([]string) ([][]float32, int) { return nil, http.StatusInternalServerError }
	ollama.Chat = func(r api.ChatRequest) llmtest.Answer {
		if len(r.Format) > 0 {
			return llmtest.Answer{Content: `{"action":"reply"}`}
		}
		return llmtest.Answer{Content: "Keep your chest up."}
	}
	b.whisper.Hear = func(h speechtest.Heard) speechtest.Hearing {
		text, other := spelt(h.Clip), false
		b.mu.Lock()
		defer b.mu.Unlock()
		if said, ok := b.hears[text]; ok {
			text, other = said, true
		}
		return speechtest.Hearing{Text: text, NoSpeech: text == "" && !other}
	}
	member := speechtest.NewTTS(t)
	member.Speak = func(a speechtest.Asked) speechtest.Speech {
		var out bytes.Buffer
		if err := wav.Write(&out, spell(a.Input)); err != nil {
			t.Error(err)
		}
		return speechtest.Speech{Body: out.Bytes(), Type: "audio/wav"}
	}
	host := faastest.Host(map[string]string{
		"REDIS_URL": redistest.URL(t), "OLLAMA_HOST": ollama.URL, "GATEWAY_URL": "http://127.0.0.1:9", "EMERGENCY_NUMBER": "112", "CALL_PER_MINUTE": "0", "CHAT_PER_MINUTE": "0",
		"TOOL_WRITES_PER_MINUTE": "0", "CALL_TURNS": "20", "WHISPER_URL": b.whisper.URL, "TTS_URL": b.tts.URL,
	}, nil)
	host.Secrets = faas.SecretMap{faas.KeySecret: faastest.Key, "database-url": app}
	mux := http.NewServeMux()
	open := func(name string, f interface {
		http.Handler
		Close() error
	}, err error) {
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
		mux.Handle("/function/"+name+"/", http.StripPrefix("/function/"+name, f))
	}
	calls, err := call.New(t.Context(), host)
	open("call", calls, err)
	chats, err := chat.New(t.Context(), host)
	open("chat", chats, err)
	box, err := tools.New(t.Context(), host)
	open("tools", box, err)
	gateway := httptest.NewServer(mux)
	t.Cleanup(gateway.Close)
	t.Cleanup(gateway.CloseClientConnections)
	zone, err := time.LoadLocation(demo.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	b.Session = &phone.Session{
		Gateway: gateway.URL, Zone: zone, Members: []string{"mara", "tarik", "olu", "noa"}, Now: func() time.Time { return faastest.Now }, Progress: models.Silent(),
		Token: func(m string) (string, error) { return faastest.Member(t, m), nil }, Engines: phone.Engines{Whisper: b.metrics(t), TTS: b.metrics(t)},
		Voice: speech.NewSynthesizer(speech.Config{URL: member.URL}), Ear: speech.NewRecognizer(speech.Config{URL: b.whisper.URL}),
	}
	return b
}

// metrics tells of the stand-ins what the servers tell of themselves.
func (b *installation) metrics(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "# TYPE x gauge\nintellifit_tts_open_requests %d.0\nintellifit_tts_requests_total{outcome=\"ok\"} 3\nintellifit_whisper_running %d.0\n", b.tts.Open(), b.whisper.Open())
	}))
	t.Cleanup(s.Close)
	return s.URL
}

const letter = 160 // samples

// spell makes sound of a text: a mark, then a level for each byte.
func spell(text string) pcm.Clip {
	c := pcm.Clip{Rate: pcm.Rate}
	for _, b := range append([]byte{255}, text...) {
		for range letter {
			c.Samples = append(c.Samples, (float32(b)+1)/512)
		}
	}
	return c
}

// spelt is the text of such a sound; "" of any other.
func spelt(c pcm.Clip) string {
	at := slices.IndexFunc(c.Samples, func(s float32) bool { return s != 0 })
	if at < 0 {
		return ""
	}
	var text []byte
	for i := at + letter/2; i < len(c.Samples); i += letter {
		b := int(c.Samples[i]*512+0.5) - 1
		switch {
		case b < 0:
			return strings.TrimPrefix(string(text), "\xff")
		case b > 255 || len(text) == 0 && b != 255:
			return ""
		}
		text = append(text, byte(b))
	}
	return strings.TrimPrefix(string(text), "\xff")
}

func pick(t *testing.T, ids ...string) []phone.Dialogue {
	t.Helper()
	all, err := phone.Dialogues()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(d phone.Dialogue) bool { return len(ids) > 0 && !slices.Contains(ids, d.ID) })
}

func (b *installation) booked(t *testing.T) (n int) {
	t.Helper()
	for _, m := range b.Members {
		list, err := b.db.Appointments(demotest.Service(t.Context()), m, faastest.Now, faastest.Now.AddDate(0, 2, 0))
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			if a.Status == gym.Booked {
				n++
			}
		}
	}
	return n
}

func run(t *testing.T, b *installation) eval.Score {
	t.Helper()
	score, err := b.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return score
}

// rules lists what was found, "case: rule" each.
func rules(s eval.Score) (out []string) {
	for _, v := range slices.Concat(s.Violations, s.Misses) {
		out = append(out, v.Case+": "+v.Rule+": "+v.Item)
	}
	return out
}

// TestDialogues: with a recogniser that hears every word, the set goes as written without a model, but for what only a model understands;
// nothing is left behind, and the results judge the same when they are read again.
func TestDialogues(t *testing.T) {
	t.Parallel()
	b := install(t)
	b.Out, b.Only = filepath.Join(t.TempDir(), "raw.jsonl"), []string{phone.SetDialogues}
	if b.Dialogues = pick(t); len(b.Dialogues) < 30 {
		t.Errorf("there are %d dialogues", len(b.Dialogues))
	}
	score := run(t, b)
	if len(score.Violations) > 0 {
		t.Errorf("violations %q", rules(score))
	}
	tolerated := []string{
		"list-one", "exercise", // a model or its vectors must understand them
		"book-asked-all", // the coach named in the answer to a question counts less than the member's own: to be mended in package route
	}
	for _, v := range score.Misses {
		if !slices.ContainsFunc(tolerated, func(id string) bool { return strings.HasPrefix(v.Case, id+",") }) {
			t.Errorf("%s: %s: %s", v.Case, v.Rule, v.Item)
		}
	}
	if n := b.booked(t); n != 0 {
		t.Errorf("%d appointments are left", n)
	}
	f, err := os.Open(b.Out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	results, err := phone.Read(f)
	if err != nil || len(results) != len(b.Dialogues) {
		t.Fatalf("%d results, %v", len(results), err)
	}
	if again := phone.Score(results); fmt.Sprint(rules(again)) != fmt.Sprint(rules(score)) {
		t.Errorf("judged again %q, first %q", rules(again), rules(score))
	}
}

// TestMishearing: what goes wrong is found, with the rule that it breaks.
func TestMishearing(t *testing.T) {
	t.Parallel()
	b := install(t)
	b.Only = []string{phone.SetDialogues}
	b.Dialogues = pick(t, "noise-at-offer", "book-no", "chest", "list-none")
	b.hears = map[string]string{"": "yes book it", "No, thanks.": "Yes please.", "My chest hurts.": "My vest is wet.", "Do I have any appointments?": ""}
	score := run(t, b)
	found := strings.Join(rules(score), "\n")
	for _, want := range []string{
		"noise-at-offer, turn 2: heard words where nobody spoke", "noise-at-offer, turn 2: wrote what was not agreed to", "book-no, turn 2: wrote what was not agreed to",
		"chest, turn 2: missed a red flag", "list-none, turn 1: ended otherwise: incomplete no_speech",
	} {
		if !strings.Contains(found, want) {
			t.Errorf("not found: %s", want)
		}
	}
	if score.Held() || b.booked(t) != 0 {
		t.Errorf("held %t, %d appointments left; found\n%s", score.Held(), b.booked(t), found)
	}
}

// TestTaken: whoever has an appointment is not called as, and nobody else is to be had.
func TestTaken(t *testing.T) {
	t.Parallel()
	b := install(t)
	b.Only, b.Members, b.Dialogues = []string{phone.SetDialogues}, []string{"mara"}, pick(t, "list-none")
	_, err := b.db.BookAppointment(demotest.Service(t.Context()), gym.Appointment{
		ID: "hers", MemberID: "mara", CoachID: demo.CoachID, StartsAt: faastest.Now.AddDate(0, 0, 2), Minutes: 60, Status: gym.Booked, CreatedAt: faastest.Now,
	}, 1, "hers")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "mara has appointments already") {
		t.Errorf("run with a member who has an appointment: %v", err)
	}
	if b.booked(t) != 1 {
		t.Error("her appointment is gone")
	}
}

// TestBargeIn: answers of stand-ins that go on in real time are broken off, and everything is as it must be.
func TestBargeIn(t *testing.T) {
	t.Parallel()
	b := install(t)
	b.tts.Speak = func(speechtest.Asked) speechtest.Speech { return speechtest.Speech{Pace: 3 * time.Millisecond} }
	b.Only, b.BargeIns, b.Out = []string{phone.SetBargeIn}, 8, filepath.Join(t.TempDir(), "raw.jsonl")
	score := run(t, b)
	if found := rules(score); len(found) > 0 {
		t.Errorf("found %q", found)
	}
	raw, err := os.ReadFile(b.Out)
	if err != nil {
		t.Fatal(err)
	}
	results, err := phone.Read(bytes.NewReader(raw))
	if err != nil || len(results) != 8+8+2 {
		t.Fatalf("%d results, %v", len(results), err)
	}
	broken := 0
	for _, r := range results {
		if !r.BargeIn.Broken {
			continue
		}
		broken++
		if r.BargeIn.AnsweredMS <= 0 || r.BargeIn.AcceptedMS <= 0 {
			t.Errorf("%s: %+v", r.ID, r.BargeIn)
		}
	}
	if broken < len(results)*3/4 {
		t.Errorf("%d of %d were broken off", broken, len(results))
	}
}
