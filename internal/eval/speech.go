package eval

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/internal/eval/jsonl"
	"github.com/intellifit/intellifit/internal/eval/sound"
	"github.com/intellifit/intellifit/internal/eval/speechset"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/decode"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/spoken"
	"github.com/intellifit/intellifit/shared/speech/vad"
)

// The sets of `eval speech`.
const (
	SetWords  = "words"  // recordings of people, against their transcripts
	SetNoise  = "noise"  // clips in which nobody speaks
	SetSpans  = "spans"  // where in a clip somebody speaks
	SetSpoken = "spoken" // sentences of the coach, spoken and heard again
)

// SpeechSets lists the sets in the order in which they run.
func SpeechSets() []string { return []string{SetWords, SetNoise, SetSpans, SetSpoken} }

// The bars of `eval speech`.
const (
	wordsMore     = 0.005 // wrong words above those of the same model asked directly, as a share
	quantitiesBar = 0.95
)

// noiseClips is how many clips without speech are made beside the recorded ones.
const noiseClips = 200

// SpeechResult is one line of raw results.
type SpeechResult struct {
	Set    string `json:"set"`
	ID     string `json:"id"`
	Split  string `json:"split,omitempty"`
	Want   string `json:"want"`
	Got    string `json:"got"`
	Direct string `json:"direct,omitempty"` // by the same model without us
	Wrong  int    `json:"wrong"`            // words
	Of     int    `json:"of"`
	// DirectWrong is Wrong of Direct.
	DirectWrong int `json:"direct_wrong,omitempty"`
	// Quantities of a sentence, as it should be heard and as it was.
	WantQuantities []string `json:"want_quantities,omitempty"`
	GotQuantities  []string `json:"got_quantities,omitempty"`
	// Frames of 32 ms: both hear speech, only the marks, only the detector.
	Both, Marks, Detector int     `json:",omitempty"`
	Seconds               float64 `json:"seconds"` // of sound
	TookMS                int64   `json:"took_ms"`
}

// SpeechSession measures hearing and speaking with the servers of a running installation.
type SpeechSession struct {
	Recognizer interface {
		Transcribe(ctx context.Context, clip pcm.Clip, o speech.Listening) (speech.Transcript, error)
	}
	Synthesizer interface {
		Speak(ctx context.Context, text string, o speech.Speaking) (*speech.Utterance, error)
	}
	// Direct hears files with the same model, without our server: one text each, in order; nil: there is nothing to compare with.
	Direct    func(ctx context.Context, files []string) ([]string, error)
	Speech    string // folder with manifest.jsonl of file and text; empty: left out
	VAD       string // folder with manifest.jsonl of file and spans; empty: left out
	Sentences []speechset.Sentence
	Split     string // of Sentences, empty for all
	Prompt    string // what a call expects to hear
	Only      []string
	Out       string // file of raw results; empty: none
	Progress  models.Progress

	results []SpeechResult
}

// Run measures every set that is asked for and scores what came out.
func (s *SpeechSession) Run(ctx context.Context) (Score, error) {
	for _, set := range []struct {
		name string
		run  func(context.Context) error
	}{{SetWords, s.words}, {SetNoise, s.noise}, {SetSpans, s.spans}, {SetSpoken, s.spoken}} {
		if len(s.Only) > 0 && !slices.Contains(s.Only, set.name) {
			continue
		}
		if err := set.run(ctx); err != nil {
			return Score{}, fmt.Errorf("eval %s: %w", set.name, err)
		}
	}
	if s.Out != "" {
		if err := writeLines(s.Out, s.results); err != nil {
			return Score{}, err
		}
	}
	return ScoreSpeech(s.results), nil
}

func writeLines(path string, results []SpeechResult) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	for _, r := range results {
		if err := e.Encode(r); err != nil {
			return fmt.Errorf("write the results: %w", err)
		}
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

// ReadSpeechResults reads raw results.
func ReadSpeechResults(r io.Reader) ([]SpeechResult, error) {
	return jsonl.Read[SpeechResult](r, "results, line %d", nil)
}

// marked is a line of a manifest.
type marked struct {
	File   string       `json:"file"`
	Text   string       `json:"text"`
	Speech [][2]float64 `json:"speech"` // seconds; null: not marked
}

func manifest(dir string) (out []marked, err error) {
	f, err := os.Open(filepath.Join(dir, "manifest.jsonl"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var m marked
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return nil, fmt.Errorf("read %s: %w", f.Name(), err)
		}
		out = append(out, m)
	}
	return out, lines.Err()
}

// load reads a clip of a file.
func load(ctx context.Context, path string) (pcm.Clip, error) {
	f, err := os.Open(path)
	if err != nil {
		return pcm.Clip{}, err
	}
	defer f.Close()
	clip, _, err := decode.Decode(ctx, f, "", decode.Limits{MaxBytes: 100 << 20, MaxDuration: 10 * time.Minute})
	if err != nil {
		return pcm.Clip{}, fmt.Errorf("decode %s: %w", path, err)
	}
	return pcm.Resample(clip, pcm.Rate), nil
}

// hear transcribes a clip and notes what it took.
func (s *SpeechSession) hear(ctx context.Context, r SpeechResult, clip pcm.Clip) (SpeechResult, error) {
	began := time.Now()
	how := speech.Listening{Language: "en"}
	if r.Set == SetNoise || r.Set == SetSpoken { // as in a call; a recogniser that expects words hears them sooner where there are none, too
		how.Prompt = s.Prompt
	}
	got, err := s.Recognizer.Transcribe(ctx, clip, how)
	if err != nil {
		return r, fmt.Errorf("hear %s: %w", r.ID, err)
	}
	r.Got, r.TookMS, r.Seconds = got.Text, time.Since(began).Milliseconds(), clip.Duration().Seconds()
	r.Wrong, r.Of = sound.WrongWords(r.Want, r.Got)
	return r, nil
}

func (s *SpeechSession) words(ctx context.Context) (err error) {
	if s.Speech == "" {
		s.Progress.Line("words: left out, --speech names no folder of recordings")
		return nil
	}
	list, err := manifest(s.Speech)
	if err != nil {
		return err
	}
	var files []string
	for _, m := range list {
		files = append(files, filepath.Join(s.Speech, m.File))
	}
	var direct []string
	if s.Direct != nil {
		if direct, err = s.Direct(ctx, files); err != nil {
			return fmt.Errorf("hear with the model alone: %w", err)
		}
	}
	meter := s.Progress.Begin(models.Job{Verb: "eval", Name: SetWords, Total: int64(len(list)), Unit: "clips"})
	defer func() { meter.End(err) }()
	for i, m := range list {
		clip, err := load(ctx, files[i])
		if err != nil {
			return err
		}
		r, err := s.hear(ctx, SpeechResult{Set: SetWords, ID: m.File, Want: m.Text}, clip)
		if err != nil {
			return err
		}
		if direct != nil {
			r.Direct = direct[i]
			r.DirectWrong, _ = sound.WrongWords(r.Want, r.Direct)
		}
		s.results = append(s.results, r)
		meter.Set(int64(i+1), int64(len(list)))
	}
	return nil
}

func (s *SpeechSession) noise(ctx context.Context) (err error) {
	clips := sound.Noises(noiseClips, Seed)
	if s.VAD != "" {
		list, err := manifest(s.VAD)
		if err != nil {
			return err
		}
		for _, m := range list {
			if m.Speech == nil || len(m.Speech) > 0 {
				continue
			}
			clip, err := load(ctx, filepath.Join(s.VAD, m.File))
			if err != nil {
				return err
			}
			clips = append(clips, sound.Noise{Name: m.File, Clip: clip})
		}
	}
	meter := s.Progress.Begin(models.Job{Verb: "eval", Name: SetNoise, Total: int64(len(clips)), Unit: "clips"})
	defer func() { meter.End(err) }()
	for i, n := range clips {
		r, err := s.hear(ctx, SpeechResult{Set: SetNoise, ID: n.Name}, n.Clip)
		if err != nil {
			return err
		}
		s.results = append(s.results, r)
		meter.Set(int64(i+1), int64(len(clips)))
	}
	return nil
}

// spans compares the detector with marks by hand, in frames of 32 ms.
func (s *SpeechSession) spans(ctx context.Context) error {
	if s.VAD == "" {
		s.Progress.Line("spans: left out, --vad names no folder of marked clips")
		return nil
	}
	list, err := manifest(s.VAD)
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.Speech == nil {
			continue
		}
		clip, err := load(ctx, filepath.Join(s.VAD, m.File))
		if err != nil {
			return err
		}
		found, err := vad.Spans(clip, vad.Config{})
		if err != nil {
			return err
		}
		r := SpeechResult{Set: SetSpans, ID: m.File, Want: fmt.Sprint(m.Speech), Seconds: clip.Duration().Seconds()}
		var got []string
		for _, f := range found {
			got = append(got, fmt.Sprintf("[%.2f %.2f]", f.Start.Seconds(), f.End.Seconds()))
		}
		r.Got = strings.Join(got, " ")
		for at := 16 * time.Millisecond; at < clip.Duration(); at += 32 * time.Millisecond {
			marked := slices.ContainsFunc(m.Speech, func(p [2]float64) bool { return at.Seconds() >= p[0] && at.Seconds() < p[1] })
			heard := slices.ContainsFunc(found, func(p vad.Span) bool { return at >= p.Start && at < p.End })
			switch {
			case marked && heard:
				r.Both++
			case marked:
				r.Marks++
			case heard:
				r.Detector++
			}
		}
		s.results = append(s.results, r)
	}
	return nil
}

// spoken has sentences spoken and hears them again. What a sentence must come back as is what its own spoken words are written as.
func (s *SpeechSession) spoken(ctx context.Context) (err error) {
	list := slices.DeleteFunc(slices.Clone(s.Sentences), func(x speechset.Sentence) bool { return s.Split != "" && x.Split != s.Split })
	meter := s.Progress.Begin(models.Job{Verb: "eval", Name: SetSpoken, Total: int64(len(list)), Unit: "sentences"})
	defer func() { meter.End(err) }()
	for i, sentence := range list {
		said := spoken.Say(sentence.Text)
		clip, err := s.say(ctx, said)
		if err != nil {
			return fmt.Errorf("speak %s: %w", sentence.ID, err)
		}
		want := spoken.Hear(said)
		r, err := s.hear(ctx, SpeechResult{Set: SetSpoken, ID: sentence.ID, Split: sentence.Split, Want: want}, clip)
		if err != nil {
			return err
		}
		r.Got = spoken.Hear(r.Got)
		r.Wrong, r.Of = sound.WrongWords(r.Want, r.Got)
		r.WantQuantities, r.GotQuantities = sound.Quantities(want), sound.Quantities(r.Got)
		s.results = append(s.results, r)
		meter.Set(int64(i+1), int64(len(list)))
	}
	return nil
}

func (s *SpeechSession) say(ctx context.Context, text string) (pcm.Clip, error) {
	u, err := s.Synthesizer.Speak(ctx, text, speech.Speaking{})
	if err != nil {
		return pcm.Clip{}, err
	}
	defer u.Close()
	samples, err := io.ReadAll(u)
	if err != nil {
		return pcm.Clip{}, err
	}
	return pcm.Resample(pcm.Of16(samples, u.Rate), pcm.Rate), nil
}
