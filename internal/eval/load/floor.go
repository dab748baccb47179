package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/internal/dial"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/spoken"
	"github.com/intellifit/intellifit/shared/speech/wav"
	"github.com/intellifit/intellifit/shared/voice"
)

// FloorBar and FloorAim are the times of a turn's first sound as a multiple of what the engines alone take for the same turn.
const (
	FloorBar = 1.25
	FloorAim = 1.10
)

// Model is what words answers and what makes vectors, asked directly.
type Model interface {
	Talks(ctx context.Context) bool
	Embed(ctx context.Context, texts []string) ([][]float32, error)
	Stream(ctx context.Context, req *api.ChatRequest, each func(part string) error) (*api.ChatResponse, error)
}

// Floor measures turns of a running installation beside its engines' own floor: the same clip heard, the vectors or first words that the
// answer needs, the same first clause spoken, each asked directly, right after the turn.
type Floor struct {
	Line        func() *dial.Line // a call of a member of the demo gym
	Recognizer  *speech.Recognizer
	Synthesizer *speech.Synthesizer
	Model       Model
	Language    string
	Turns       int // warm ones; as many cold ones as there are questions come first
	Beyond      int // calls at once to find the capacity; 0: left out
	Progress    models.Progress
}

// questions are what the member asks, spoken by the voice of the installation. None of them writes.
var questions = []string{
	"What do I have booked?", "When is Jonas free on Friday morning?", "What do I train today?", "How much protein should I eat?",
	"How do I do a goblet squat?", "Is anybody free tomorrow at nine?", "Which exercises are in my plan?", "How many calories can I have?",
}

// FloorTurn is one turn and what its engines take alone, in milliseconds.
type FloorTurn struct {
	Question   string         `json:"question"`
	Heard      string         `json:"heard"`
	Reply      string         `json:"reply"`
	Metrics    *voice.Metrics `json:"metrics"`
	FirstSound float64        `json:"first_sound_ms"`
	STT        float64        `json:"floor_stt_ms"`
	Words      float64        `json:"floor_words_ms"` // first words of the model, or a vector where none words answers
	Voice      float64        `json:"floor_voice_ms"`
	Sequential float64        `json:"sequential_ms"` // the whole answer, then its whole sound
}

func (t FloorTurn) floor() float64 { return t.STT + t.Words + t.Voice }

// FloorReport is what a run found.
type FloorReport struct {
	Talks    bool           `json:"model_words_answers"`
	Cold     []FloorTurn    `json:"cold"`
	Warm     []FloorTurn    `json:"warm"`
	Capacity CapacityReport `json:"capacity"`
}

// CapacityReport is what happens when more call at once than are answered.
type CapacityReport struct {
	Calls      int       `json:"calls"`
	Answered   int       `json:"answered"`
	Refused    int       `json:"refused"`
	RefusedMS  []float64 `json:"refused_ms"`
	FirstSound Times     `json:"first_sound_ms"` // of the answered
	Failed     []string  `json:"failed"`
}

// Run measures.
func (f *Floor) Run(ctx context.Context) (report FloorReport, err error) {
	meter := f.Progress.Begin(models.Job{Verb: "bench", Name: "call", Total: int64(f.Turns + len(questions)), Unit: "turns"})
	defer func() { meter.End(err) }()
	report.Talks = f.Model.Talks(ctx)
	clips := make([][]byte, len(questions))
	for i, q := range questions {
		if clips[i], err = f.ask(ctx, q); err != nil {
			return report, err
		}
	}
	line := f.Line()
	if _, err = line.Open(ctx, "", nil); err != nil {
		return report, fmt.Errorf("begin a call: %w", err)
	}
	for n := range f.Turns + len(questions) {
		t, err := f.turn(ctx, line, questions[n%len(questions)], clips[n%len(questions)], report.Talks)
		if err != nil {
			return report, err
		}
		if n < len(questions) {
			report.Cold = append(report.Cold, t)
		} else {
			report.Warm = append(report.Warm, t)
		}
		meter.Set(int64(n+1), int64(f.Turns+len(questions)))
	}
	if _, err = line.HangUp(ctx); err != nil {
		return report, fmt.Errorf("hang up: %w", err)
	}
	if f.Beyond > 0 {
		report.Capacity, err = f.crowd(ctx, clips)
	}
	return report, err
}

// ask has a question spoken, as a WAV of 16 kHz.
func (f *Floor) ask(ctx context.Context, question string) ([]byte, error) {
	sound, rate, _, err := f.say(ctx, question)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = wav.Write(&out, pcm.Resample(pcm.Of16(sound, rate), pcm.Rate))
	return out.Bytes(), err
}

// say speaks a text directly and returns its sound and the time to the first of it.
func (f *Floor) say(ctx context.Context, text string) (sound []byte, rate int, first time.Duration, err error) {
	began := time.Now()
	u, err := f.Synthesizer.Speak(ctx, spoken.Say(text), speech.Speaking{})
	if err != nil {
		return nil, 0, 0, fmt.Errorf("speak directly: %w", err)
	}
	defer u.Close()
	head := make([]byte, 2)
	if _, err := io.ReadFull(u, head); err != nil {
		return nil, 0, 0, fmt.Errorf("speak directly: %w", err)
	}
	first = time.Since(began)
	rest, err := io.ReadAll(u)
	return append(head, rest...), u.Rate, first, err
}

func (f *Floor) turn(ctx context.Context, line *dial.Line, question string, clip []byte, talks bool) (FloorTurn, error) {
	clause := ""
	a, err := line.Say(ctx, dial.Turn{ID: uuid.NewString(), Sound: clip, Media: "audio/wav"}, func(e dial.Event) error {
		if e.Type == voice.TranscriptDelta && clause == "" {
			clause = e.Delta
		}
		return nil
	})
	if err != nil {
		return FloorTurn{}, fmt.Errorf("ask %q: %w", question, err)
	}
	if a.Response.Status != voice.Completed || a.FirstSound == 0 {
		return FloorTurn{}, fmt.Errorf("ask %q: it ended as %s %+v", question, a.Response.Status, a.Response.Details)
	}
	t := FloorTurn{Question: question, Heard: a.Heard, Reply: a.Text, Metrics: a.Response.Metrics, FirstSound: millis(a.FirstSound)}
	heard, err := wav.Read(bytes.NewReader(clip), pcm.Rate*60)
	if err != nil {
		return t, err
	}
	began := time.Now()
	if _, err := f.Recognizer.Transcribe(ctx, heard, speech.Listening{Language: f.Language}); err != nil {
		return t, fmt.Errorf("hear directly: %w", err)
	}
	t.STT = millis(time.Since(began))
	if t.Words, err = f.words(ctx, a.Heard, clause, talks && a.Response.Reply.Action.Name == "reply"); err != nil {
		return t, err
	}
	_, _, first, err := f.say(ctx, clause)
	if err != nil {
		return t, err
	}
	t.Voice = millis(first)
	began = time.Now()
	if _, _, _, err := f.say(ctx, a.Text); err != nil {
		return t, err
	}
	t.Sequential = t.STT + float64(a.Response.Reply.TimingsMS["total"]) + millis(time.Since(began))
	return t, nil
}

// words is the time that the model takes for the first clause of an answer, or for the one vector that the router needs at least.
func (f *Floor) words(ctx context.Context, heard, clause string, talk bool) (float64, error) {
	began := time.Now()
	if !talk {
		_, err := f.Model.Embed(ctx, []string{heard})
		if err != nil {
			return 0, fmt.Errorf("make a vector directly: %w", err)
		}
		return millis(time.Since(began)), nil
	}
	enough := errors.New("enough")
	said := 0
	_, err := f.Model.Stream(ctx, &api.ChatRequest{Messages: []api.Message{{Role: "user", Content: heard}}, Options: map[string]any{"num_predict": 60, "temperature": 0.3}}, func(part string) error {
		if said += len(part); said >= len(clause) {
			return enough
		}
		return nil
	})
	if err != nil && !errors.Is(err, enough) {
		return 0, fmt.Errorf("word directly: %w", err)
	}
	return millis(time.Since(began)), nil
}

// crowd calls more often at once than is answered.
func (f *Floor) crowd(ctx context.Context, clips [][]byte) (CapacityReport, error) {
	report := CapacityReport{Calls: f.Beyond}
	var mu sync.Mutex
	var all sync.WaitGroup
	var first []float64
	for i := range f.Beyond {
		all.Go(func() {
			line := f.Line()
			began := time.Now()
			a, err := line.Say(ctx, dial.Turn{ID: uuid.NewString(), Sound: clips[i%len(clips)], Media: "audio/wav"}, nil)
			took := time.Since(began)
			mu.Lock()
			defer mu.Unlock()
			var p *dial.Problem
			switch {
			case errors.As(err, &p) && p.Status == 429 && p.RetryAfter != "":
				report.Refused++
				report.RefusedMS = append(report.RefusedMS, millis(took))
			case err != nil:
				report.Failed = append(report.Failed, err.Error())
			case a.Response.Status != voice.Completed:
				report.Failed = append(report.Failed, fmt.Sprintf("%s %+v", a.Response.Status, a.Response.Details))
			default:
				report.Answered++
				first = append(first, millis(a.FirstSound))
			}
		})
	}
	all.Wait()
	report.FirstSound = times(first)
	return report, ctx.Err()
}

// Ratio is the first sound as a multiple of the floor, at a quantile of the warm turns.
func (r FloorReport) Ratio(q float64) float64 {
	var ratios []float64
	for _, t := range r.Warm {
		ratios = append(ratios, t.FirstSound/t.floor())
	}
	return quantile(ratios, q)
}

// Held reports whether the bars hold.
func (r FloorReport) Held() bool {
	return r.Ratio(0.5) <= FloorBar && len(r.Capacity.Failed) == 0 && quantile(r.Capacity.RefusedMS, 1) <= 100
}

// Write prints the report as a table.
func (r FloorReport) Write(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	row := func(metric, value, bar string, held bool) {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", metric, value, bar, map[bool]string{true: "✓", false: "✗"}[held])
	}
	note := func(metric, value string) { fmt.Fprintf(tw, "%s\t%s\t\t\n", metric, value) }
	fmt.Fprintln(tw, "METRIC\tVALUE\tBAR\t")
	of := func(turns []FloorTurn, value func(FloorTurn) float64) Times {
		var values []float64
		for _, t := range turns {
			values = append(values, value(t))
		}
		return times(values)
	}
	stage := func(pick func(*voice.Metrics) *int64) func(FloorTurn) float64 {
		return func(t FloorTurn) float64 {
			if v := pick(t.Metrics); v != nil {
				return float64(*v)
			}
			return 0
		}
	}
	note(fmt.Sprintf("%d warm turns, first sound, p50 / p95 / p99", len(r.Warm)), of(r.Warm, func(t FloorTurn) float64 { return t.FirstSound }).String())
	for _, s := range []struct {
		name string
		of   func(*voice.Metrics) *int64
	}{
		{"decode", func(m *voice.Metrics) *int64 { return m.Decode }}, {"stt", func(m *voice.Metrics) *int64 { return m.STT }},
		{"first words", func(m *voice.Metrics) *int64 { return m.FirstToken }}, {"first clause", func(m *voice.Metrics) *int64 { return m.FirstClause }},
		{"first sound of the clause", func(m *voice.Metrics) *int64 { return m.TTSFirst }},
	} {
		note("  "+s.name, of(r.Warm, stage(s.of)).String())
	}
	words := "one vector"
	if r.Talks {
		words = "the model's first clause"
	}
	note("engines alone: stt", of(r.Warm, func(t FloorTurn) float64 { return t.STT }).String())
	note("  "+words, of(r.Warm, func(t FloorTurn) float64 { return t.Words }).String())
	note("  first sound of the same clause", of(r.Warm, func(t FloorTurn) float64 { return t.Voice }).String())
	note("  together", of(r.Warm, FloorTurn.floor).String())
	row("first sound ÷ engines alone, p50 (p95)", fmt.Sprintf("%.2f (%.2f)", r.Ratio(0.5), r.Ratio(0.95)), fmt.Sprintf("≤ %.2f, aim %.2f", FloorBar, FloorAim), r.Ratio(0.5) <= FloorBar)
	note("the same answers one stage after the other", of(r.Warm, func(t FloorTurn) float64 { return t.Sequential }).String())
	note(fmt.Sprintf("%d cold turns", len(r.Cold)), of(r.Cold, func(t FloorTurn) float64 { return t.FirstSound }).String())
	if c := r.Capacity; c.Calls > 0 {
		slices.Sort(c.RefusedMS)
		note(fmt.Sprintf("%d calls at once", c.Calls), fmt.Sprintf("%d answered, first sound %s", c.Answered, c.FirstSound))
		row("  refused with 429", fmt.Sprintf("%d, the slowest after %.0f ms", c.Refused, quantile(c.RefusedMS, 1)), "≤ 100 ms", quantile(c.RefusedMS, 1) <= 100)
		row("  failed", fmt.Sprint(len(c.Failed))+" "+strings.Join(c.Failed, "; "), "0", len(c.Failed) == 0)
	}
	return tw.Flush()
}
