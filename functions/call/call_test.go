package call_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/functions/call"
	"github.com/intellifit/intellifit/internal/demo"
	"github.com/intellifit/intellifit/internal/demo/demotest"
	"github.com/intellifit/intellifit/internal/dial"
	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/llm/llmtest"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/redis/redistest"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/speechtest"
	"github.com/intellifit/intellifit/shared/speech/wav"
	"github.com/intellifit/intellifit/shared/voice"
)

const sentence = "Keep your chest up."

// bundle is the function on a real database and Redis with the demo gym, and stand-ins for the three engines.
type bundle struct {
	env     map[string]string
	f       *call.Function
	server  *httptest.Server
	whisper *speechtest.Whisper
	tts     *speechtest.TTS
	ollama  *llmtest.Server
	log     *faastest.Log
	app     string
	db      *postgres.DB
	says    []string // what whisper hears, one after the other
	mu      sync.Mutex
}

func setup(t *testing.T) *bundle { return setupOn(t, redistest.URL(t), nil) }

func setupOn(t *testing.T, redisURL string, env map[string]string) *bundle {
	t.Helper()
	db, app := demotest.Open(t)
	b := &bundle{app: app, db: db, log: &faastest.Log{}, ollama: llmtest.New(t), whisper: speechtest.NewWhisper(t), tts: speechtest.NewTTS(t)}
	// Made-up vectors mean nothing: the judges that read meaning abstain, and the catalogue is searched by words.
	b.ollama.Embed = func([]string) ([][]float32, int) { return nil, http.StatusInternalServerError }
	b.ollama.Chat = func(r api.ChatRequest) llmtest.Answer {
		if len(r.Format) > 0 { // the router asks
			return llmtest.Answer{Content: `{"action":"reply"}`}
		}
		return llmtest.Answer{Content: sentence}
	}
	b.whisper.Hear = func(speechtest.Heard) speechtest.Hearing {
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.says) == 0 {
			return speechtest.Hearing{Text: "how do I keep my back straight"}
		}
		text := b.says[0]
		b.says = b.says[1:]
		return speechtest.Hearing{Text: text, NoSpeech: text == ""}
	}
	b.env = map[string]string{
		"REDIS_URL": redisURL, "OLLAMA_HOST": b.ollama.URL, "GATEWAY_URL": "http://127.0.0.1:9", "EMERGENCY_NUMBER": "112", "CALL_PER_MINUTE": "0", "CALL_TURNS": "20",
		"WHISPER_URL": b.whisper.URL, "TTS_URL": b.tts.URL,
	}
	maps.Copy(b.env, env)
	b.start(t)
	t.Cleanup(func() { b.stop(t) })
	return b
}

func (b *bundle) start(t *testing.T) {
	t.Helper()
	host := faastest.Host(b.env, b.log)
	host.Secrets = faas.SecretMap{faas.KeySecret: faastest.Key, "database-url": b.app}
	var err error
	if b.f, err = call.New(t.Context(), host); err != nil {
		t.Fatal(err)
	}
	b.server = httptest.NewServer(b.f)
}

func (b *bundle) stop(t *testing.T) {
	t.Helper()
	b.server.CloseClientConnections()
	b.server.Close()
	if err := b.f.Close(); err != nil {
		t.Error(err)
	}
}

// hears tells whisper what comes next.
func (b *bundle) hears(texts ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.says = texts
}

// line is a call of a member.
func (b *bundle) line(t *testing.T, member string) *dial.Line {
	t.Helper()
	token := faastest.Member(t, member)
	return &dial.Line{URL: b.server.URL, Client: &http.Client{}, Token: func() (string, error) { return token, nil }}
}

// clip is a second of a tone.
func clip(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := wav.Write(&out, speechtest.Tone("something of about a second", pcm.Rate, 1)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func turn(t testing.TB) dial.Turn {
	return dial.Turn{ID: uuid.NewString(), Sound: clip(t), Media: "audio/wav"}
}

func (b *bundle) say(t *testing.T, l *dial.Line, heard string) dial.Answer {
	t.Helper()
	b.hears(heard)
	a, err := l.Say(t.Context(), turn(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (b *bundle) booked(t *testing.T, member string) int {
	t.Helper()
	list, err := b.db.Appointments(demotest.Service(t.Context()), member, faastest.Now, faastest.Now.AddDate(0, 2, 0))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// stored is what the conversation holds, "who: text" each.
func (b *bundle) stored(t *testing.T, member, conversation string) (out []string) {
	t.Helper()
	list, err := b.db.Messages(demotest.Service(t.Context()), member, conversation, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		out = append(out, string(m.Role)+": "+m.Text)
	}
	return out
}

// TestBookByVoice: a call books after a yes by voice, once, and the conversation is the chat's.
func TestBookByVoice(t *testing.T) {
	b := setup(t)
	l := b.line(t, demo.MemberID)
	hello, err := l.Open(t.Context(), "", nil)
	if err != nil || !strings.HasPrefix(hello.Text, "Hello Mara, this is ") || len(hello.Sound) == 0 {
		t.Fatalf("%+v, %v", hello.Text, err)
	}
	offer := b.say(t, l, "Book me with Jonas on Friday at ten a.m.")
	if offer.Proposal == nil || offer.Response.Status != voice.Completed || b.booked(t, demo.MemberID) != 0 || !strings.HasSuffix(offer.Text, "Shall I?") {
		t.Fatalf("%+v %+v", offer.Text, offer.Response)
	}
	done := b.say(t, l, "Yes, book it.")
	if r := done.Response.Reply; r == nil || r.Action.Status != coach.StatusDone || b.booked(t, demo.MemberID) != 1 {
		t.Fatalf("%+v, %d booked", done.Response, b.booked(t, demo.MemberID))
	}
	said := b.stored(t, demo.MemberID, offer.Response.Reply.ConversationID)
	if len(said) != 4 || said[1] != "assistant: "+offer.Text || said[3] != "assistant: "+done.Text {
		t.Errorf("the conversation holds %q", said)
	}
	ended, err := l.HangUp(t.Context())
	if err != nil || ended.Turns != 2 || !ended.TranscriptStored {
		t.Errorf("%+v, %v", ended, err)
	}
	calls, err := b.db.Calls(demotest.Service(t.Context()), demo.MemberID, 10)
	if err != nil || len(calls) != 1 || len(calls[0].Transcript) != 5 {
		t.Errorf("recorded %+v, %v", calls, err)
	}
	if log := b.log.String(); strings.Contains(log, "Jonas") || strings.Contains(log, "Keep your chest") {
		t.Error("the log holds what was said")
	}
}

// TestForms: one answer as a WAV and as JSON.
func TestForms(t *testing.T) {
	b := setup(t)
	token := faastest.Member(t, demo.MemberID)
	post := func(accept, media string, body []byte) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.server.URL+"/", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", media)
		req.Header.Set("Accept", accept)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	res := post("audio/wav", "audio/wav", clip(t))
	heard, err := wav.Read(res.Body, 60*speechtest.Rate)
	if err != nil || res.StatusCode != 200 || heard.Rate != speechtest.Rate || heard.Duration() < time.Second || res.Header.Get("X-Transcript") != "Keep%20your%20chest%20up." || res.Header.Get("X-Session-Id") == "" {
		t.Errorf("%d %v %v, %v", res.StatusCode, res.Header, heard.Duration(), err)
	}
	res = post("", "application/json", []byte(`{"text":"how do I keep my back straight"}`))
	var got struct {
		SessionID, ConversationID, Heard, Reply, Status string
		Audio                                           []byte
		Metrics                                         voice.Metrics
	}
	d := json.NewDecoder(res.Body)
	if err := d.Decode(&got); err != nil || got.Reply != sentence || got.Status != voice.Completed || !bytes.HasPrefix(got.Audio, []byte("RIFF")) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestTurnThrice: a yes that is sent three times at once books once, and all three hear the same.
func TestTurnThrice(t *testing.T) {
	b := setup(t)
	l := b.line(t, demo.MemberID)
	b.say(t, l, "book me with Jonas on Friday at 10 am")
	b.hears("yes please", "yes please", "yes please")
	yes := turn(t)
	var all sync.WaitGroup
	var texts [3]string
	for i := range texts {
		line := *l
		all.Go(func() {
			a, err := line.Say(t.Context(), yes, nil)
			if err != nil || len(a.Sound) == 0 {
				t.Errorf("%d: %v", i, err)
			}
			texts[i] = a.Text
		})
	}
	all.Wait()
	if texts[0] != texts[1] || texts[1] != texts[2] || !strings.HasPrefix(texts[0], "Booked") || b.booked(t, demo.MemberID) != 1 {
		t.Errorf("heard %q, %d booked", texts, b.booked(t, demo.MemberID))
	}
}

// TestUnheardOffer: a yes to an offer that was broken off before its end books nothing.
func TestUnheardOffer(t *testing.T) {
	b := setup(t)
	b.tts.Speak = func(speechtest.Asked) speechtest.Speech { return speechtest.Speech{Pace: 20 * time.Millisecond} }
	l := b.line(t, demo.MemberID)
	b.hears("book me with Jonas on Friday at 10 am", "yes")
	enough := errors.New("enough")
	_, err := l.Say(t.Context(), turn(t), func(e dial.Event) error {
		if e.Type == voice.AudioDelta {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		t.Fatal(err)
	}
	b.tts.Speak = nil
	a, err := l.Say(t.Context(), turn(t), nil)
	if err != nil || b.booked(t, demo.MemberID) != 0 {
		t.Errorf("%d booked: %q, %v", b.booked(t, demo.MemberID), a.Text, err)
	}
}

// TestLeft: whenever a client leaves, the engines are idle within a quarter of a second, the conversation holds a part of the answer or
// nothing, and the next turn is right.
func TestLeft(t *testing.T) {
	const long = "Keep your chest up, brace before you go down, push the floor away with both feet and breathe out at the top. Rest two minutes after that."
	for i, after := range []time.Duration{20, 150, 320, 480, 900} {
		t.Run(fmt.Sprint(after, "ms"), func(t *testing.T) {
			b := setup(t)
			b.whisper.Hear = func(speechtest.Heard) speechtest.Hearing {
				return speechtest.Hearing{Text: "how do I squat", Fault: speechtest.Fault{Wait: 100 * time.Millisecond}}
			}
			b.ollama.Chat = func(r api.ChatRequest) llmtest.Answer {
				if len(r.Format) > 0 {
					return llmtest.Answer{Content: `{"action":"reply"}`}
				}
				return llmtest.Answer{Content: strings.Replace(long, "two", "some", 1), Wait: 50 * time.Millisecond}
			}
			b.tts.Speak = func(speechtest.Asked) speechtest.Speech { return speechtest.Speech{Pace: 30 * time.Millisecond} }
			member := []string{"mara", "tarik", "edda", "yuki", "olu"}[i]
			l := b.line(t, member)
			if _, err := l.Open(t.Context(), "left-"+member, nil); err != nil {
				t.Fatal(err)
			}
			waitFor(t, func() bool { return b.tts.Open() == 0 && b.tts.Served() >= 4 }) // the phrases of every call are made
			ctx, leave := context.WithTimeout(t.Context(), after*time.Millisecond)
			defer leave()
			if _, err := l.Say(ctx, turn(t), nil); err == nil {
				t.Fatal("the answer was whole before the client left")
			}
			left := time.Now()
			b.whisper.WaitIdle(t, 250*time.Millisecond)
			b.tts.WaitIdle(t, 250*time.Millisecond)
			if idle, ok := b.tts.IdleSince(); ok && idle.Sub(left) > 250*time.Millisecond {
				t.Errorf("the voice stopped after %v", idle.Sub(left))
			}
			waitFor(t, func() bool { // the turn has ended: another one may begin at once
				s, err := b.state(t, l)
				return err == nil && s != ""
			})
			b.tts.Speak = nil
			next, err := l.Say(t.Context(), turn(t), nil)
			if err != nil || next.Response.Status != voice.Completed || len(next.Sound) == 0 {
				t.Fatalf("the next turn: %+v, %v", next.Response, err)
			}
			said := b.stored(t, member, "left-"+member)
			for _, line := range said[:len(said)-2] {
				if text, ok := strings.CutPrefix(line, "assistant: "); ok && (text == "" || !strings.HasPrefix(long, text) || text == strings.Replace(long, "two", "some", 1)) {
					t.Errorf("the conversation holds %q of an answer that was left", text)
				}
			}
		})
	}
}

// state asks for the call.
func (b *bundle) state(t *testing.T, l *dial.Line) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+"/?session="+l.Session, nil)
	if err != nil {
		return "", err
	}
	token, _ := l.Token()
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var s voice.Session
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %d", res.StatusCode)
	}
	return "ok", json.NewDecoder(res.Body).Decode(&s)
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not come to pass")
		}
	}
}

// TestRestart: the function is stopped in the middle of an answer and started again: the call goes on, and nothing is booked twice.
func TestRestart(t *testing.T) {
	b := setup(t)
	l := b.line(t, demo.MemberID)
	offer := b.say(t, l, "book me with Jonas on Friday at 10 am")
	b.tts.Speak = func(speechtest.Asked) speechtest.Speech { return speechtest.Speech{Pace: 30 * time.Millisecond} }
	b.hears("yes", "yes")
	yes := turn(t)
	sounds := make(chan struct{}, 1)
	broken := make(chan error, 1)
	go func() {
		line := *l
		_, err := line.Say(t.Context(), yes, func(e dial.Event) error {
			if e.Type == voice.AudioDelta {
				select {
				case sounds <- struct{}{}:
				default:
				}
			}
			return nil
		})
		broken <- err
	}()
	<-sounds
	b.stop(t)
	if err := <-broken; err == nil {
		t.Fatal("the answer was whole")
	}
	b.tts.Speak = nil
	b.start(t)
	l.URL = b.server.URL
	again, err := l.Say(t.Context(), yes, nil)
	if err != nil || again.Response.Reply == nil || again.Response.Reply.Action.Status != coach.StatusDone {
		t.Errorf("the yes again: %+v, %v", again.Response, err)
	}
	if n := b.booked(t, demo.MemberID); n != 1 {
		t.Errorf("%d booked", n)
	}
	next := b.say(t, l, "show me my appointments")
	if next.Response.Reply.ConversationID != offer.Response.Reply.ConversationID || !strings.Contains(next.Text, "Jonas") {
		t.Errorf("the next turn: %q", next.Text)
	}
}
