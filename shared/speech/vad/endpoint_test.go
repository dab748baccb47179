package vad

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/vad/silero"
)

// listening is an Endpointer whose windows have the probabilities of a script (see scripted): '9' is speech, '0' is none.
func listening(t *testing.T, c TurnConfig, script string) *Endpointer {
	t.Helper()
	e, err := NewEndpointer(c)
	if err != nil {
		t.Fatal(err)
	}
	e.d.judge = scripted(t, Config{}, script).judge
	return e
}

// story feeds window after window and tells what happens, in windows: "started 3", "ask 1 @9", "ended 5 whole @11". A verdict is told in the
// window it is filed under.
func story(e *Endpointer, n int, verdicts map[int]Verdict) []string {
	var told []string
	tell := func(signals []Signal) {
		for _, s := range signals {
			switch s.Kind {
			case TurnStarted:
				told = append(told, fmt.Sprintf("started %d from %d @%d", s.At/Window, s.From/Window, s.Heard/Window))
			case TurnAsk:
				told = append(told, fmt.Sprintf("ask %d @%d", s.Ask, s.Heard/Window))
			case TurnEnded:
				told = append(told, fmt.Sprintf("ended %d %s @%d", s.At/Window, s.Reason, s.Heard/Window))
			}
		}
	}
	for i := range n {
		tell(e.Feed(make([]float32, silero.Window)))
		if v, ok := verdicts[i+1]; ok {
			tell(e.Judge(v))
		}
	}
	return told
}

// TestEndpointer: each way in which a turn begins, pauses and ends. Six windows of silence are a pause, asked after four; 19 are the fallback, 47
// the patience with the unfinished.
func TestEndpointer(t *testing.T) {
	t.Parallel()
	no := func(n int) string { return strings.Repeat("0", n) }
	yes := func(n int) string { return strings.Repeat("9", n) }
	sure, unsure, not := Verdict{Whole: true, Probability: 0.99}, Verdict{Whole: true, Probability: 0.7}, Verdict{Probability: 0.01}
	ask := func(n int, v Verdict) Verdict {
		v.Ask = n
		return v
	}
	judged := TurnConfig{Judged: true}
	for name, c := range map[string]struct {
		cfg      TurnConfig
		script   string
		verdicts map[int]Verdict
		want     []string
	}{
		"no judge":                {TurnConfig{}, no(10) + yes(10) + no(30), nil, []string{"started 10 from 0 @13", "ended 20 silence @39"}},
		"a pause, no judge":       {TurnConfig{}, yes(10) + no(15) + yes(5) + no(30), nil, []string{"started 0 from 0 @3", "ended 30 silence @49"}},
		"surely whole":            {judged, yes(10) + no(30), map[int]Verdict{15: ask(1, sure)}, []string{"started 0 from 0 @3", "ask 1 @14", "ended 10 whole @16"}},
		"whole, told late":        {judged, yes(10) + no(30), map[int]Verdict{20: ask(1, sure)}, []string{"started 0 from 0 @3", "ask 1 @14", "ended 10 whole @20"}},
		"whole, told too late":    {judged, yes(10) + no(30), map[int]Verdict{35: ask(1, sure)}, []string{"started 0 from 0 @3", "ask 1 @14", "ended 10 silence @29"}},
		"perhaps whole":           {judged, yes(10) + no(30), map[int]Verdict{15: ask(1, unsure)}, []string{"started 0 from 0 @3", "ask 1 @14", "ended 10 silence @29"}},
		"unfinished":              {judged, yes(10) + no(80), map[int]Verdict{15: ask(1, not)}, []string{"started 0 from 0 @3", "ask 1 @14", "ended 10 patience @57"}},
		"unfinished, and goes on": {judged, yes(10) + no(40) + yes(5) + no(40), map[int]Verdict{15: ask(1, not), 60: ask(2, sure)}, []string{"started 0 from 0 @3", "ask 1 @14", "ask 2 @59", "ended 55 whole @61"}},
		"the judge errs":          {judged, yes(10) + no(30), map[int]Verdict{15: ask(1, Verdict{Whole: true, Probability: 1, Err: errors.New("down")})}, []string{"started 0 from 0 @3", "ask 1 @14", "ended 10 silence @29"}},
		"the judge is silent":     {judged, yes(10) + no(30), nil, []string{"started 0 from 0 @3", "ask 1 @14", "ended 10 silence @29"}},
		"a verdict after it goes on": {
			judged, yes(10) + no(8) + yes(6) + no(30), map[int]Verdict{20: ask(1, sure)},
			[]string{"started 0 from 0 @3", "ask 1 @14", "ask 2 @28", "ended 24 silence @43"},
		},
		"a verdict of the last pause": {
			judged, yes(10) + no(8) + yes(6) + no(30), map[int]Verdict{29: ask(1, sure)},
			[]string{"started 0 from 0 @3", "ask 1 @14", "ask 2 @28", "ended 24 silence @43"},
		},
		"a stop that is no pause":       {judged, yes(10) + no(5) + yes(10) + no(30), map[int]Verdict{15: ask(1, sure)}, []string{"started 0 from 0 @3", "ask 1 @14", "ask 2 @29", "ended 25 silence @44"}},
		"two verdicts":                  {judged, yes(10) + no(30), map[int]Verdict{15: ask(1, unsure), 16: ask(1, sure)}, []string{"started 0 from 0 @3", "ask 1 @14", "ended 10 silence @29"}},
		"a click in the silence":        {judged, yes(10) + no(10) + yes(2) + no(40), map[int]Verdict{15: ask(1, unsure)}, []string{"started 0 from 0 @3", "ask 1 @14", "ended 10 silence @29"}},
		"a click as the fallback ends":  {judged, yes(10) + no(18) + yes(2) + no(40), nil, []string{"started 0 from 0 @3", "ask 1 @14", "ended 10 silence @31"}},
		"clicks alone":                  {judged, no(5) + yes(2) + no(5) + yes(2) + no(30), nil, nil},
		"too long":                      {TurnConfig{MaxTurn: windows(20)}, yes(25) + no(5) + no(30), nil, []string{"started 0 from 0 @3", "ended 20 long @20", "started 20 from 20 @23", "ended 25 long @40"}},
		"too long in a pause":           {TurnConfig{MaxTurn: windows(20)}, yes(10) + no(30), nil, []string{"started 0 from 0 @3", "ended 10 long @20"}},
		"two turns":                     {judged, yes(10) + no(30) + yes(5) + no(30), map[int]Verdict{15: ask(1, sure), 50: ask(2, sure)}, []string{"started 0 from 0 @3", "ask 1 @14", "ended 10 whole @16", "started 40 from 30 @43", "ask 2 @49", "ended 45 whole @51"}},
		"a threshold of its own":        {TurnConfig{Config: Config{Threshold: 0.95}}, yes(40), nil, nil},
		"a silence of its own":          {TurnConfig{Fallback: windows(8)}, yes(10) + no(30), nil, []string{"started 0 from 0 @3", "ended 10 silence @18"}},
		"no shorter than a pause":       {TurnConfig{Fallback: windows(2)}, yes(10) + no(30), nil, []string{"started 0 from 0 @3", "ended 10 silence @16"}},
		"fallback longer than patience": {TurnConfig{Judged: true, Fallback: windows(70)}, yes(10) + no(100), map[int]Verdict{15: ask(1, not)}, []string{"started 0 from 0 @3", "ask 1 @14", "ended 10 patience @80"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := listening(t, c.cfg, c.script)
			if diff := cmp.Diff(c.want, story(e, len(c.script), c.verdicts)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestBargeIn: while the assistant speaks, a short word is no turn, and at first nothing is.
func TestBargeIn(t *testing.T) {
	t.Parallel()
	no := func(n int) string { return strings.Repeat("0", n) }
	yes := func(n int) string { return strings.Repeat("9", n) }
	for name, c := range map[string]struct {
		playFrom, playTo int // windows
		script           string
		want             []string
	}{
		"mhm":                         {5, 99, no(30) + yes(10) + no(30), nil},
		"wait, stop":                  {5, 99, no(30) + yes(20) + no(30), []string{"started 30 from 20 @43", "ended 50 silence @69"}},
		"an echo at first":            {5, 99, no(6) + yes(8) + no(30), nil},
		"speech from the beginning":   {5, 99, no(6) + yes(30) + no(30), []string{"started 6 from 0 @21", "ended 36 silence @55"}},
		"it has stopped":              {5, 30, no(31) + yes(5) + no(30), []string{"started 31 from 21 @34", "ended 36 silence @55"}},
		"it stops while they speak":   {5, 34, no(30) + yes(6) + no(30), []string{"started 30 from 20 @35", "ended 36 silence @55"}},
		"it begins while they speak":  {5, 99, yes(20) + no(30), []string{"started 0 from 0 @3", "ended 20 silence @39"}},
		"a gap in the words of a yes": {5, 99, no(30) + yes(5) + no(3) + yes(5) + no(30), []string{"started 30 from 20 @43", "ended 43 silence @62"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := listening(t, TurnConfig{}, c.script)
			var got []string
			for i := range c.script {
				if i == c.playFrom {
					e.Playing(true)
				}
				if i == c.playTo {
					e.Playing(false)
				}
				got = append(got, story(e, 1, nil)...)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// numbered is sound whose samples tell where they are.
func numbered(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(i) / (1 << 20)
	}
	return out
}

func at(clip pcm.Clip) (from, to int) {
	if len(clip.Samples) == 0 {
		return 0, 0
	}
	return int(clip.Samples[0] * (1 << 20)), int(clip.Samples[len(clip.Samples)-1]*(1<<20)) + 1
}

// TestClips: the turn has its prefix and a tail, the judge hears eight seconds at most, and what was handed out stays as it was.
func TestClips(t *testing.T) {
	t.Parallel()
	script := strings.Repeat("0", 1000) + strings.Repeat("9", 400) + strings.Repeat("0", 700) + strings.Repeat("9", 10) + strings.Repeat("0", 30)
	e := listening(t, TurnConfig{Judged: true}, script)
	var clips []Signal
	for chunk := range slices.Chunk(numbered(len(script)*silero.Window), 777) {
		for _, s := range e.Feed(chunk) {
			if s.Kind != TurnStarted {
				clips = append(clips, s)
			}
		}
	}
	if len(clips) != 4 {
		t.Fatalf("%d clips, want two turns of two: %v", len(clips), clips)
	}
	const prefix, tail, eight = 4800, 4800, 8 * pcm.Rate
	for i, want := range [][2]int{
		{1404*silero.Window - eight, 1404 * silero.Window},
		{1000*silero.Window - prefix, 1400*silero.Window + tail},
		{2100*silero.Window - prefix, 2114 * silero.Window},
		{2100*silero.Window - prefix, 2110*silero.Window + tail},
	} {
		from, to := at(clips[i].Clip)
		if from != want[0] || to != want[1] || len(clips[i].Clip.Samples) != to-from {
			t.Errorf("clip %d, %s: samples %d to %d, want %v", i, clips[i].Kind, from, to, want)
		}
	}
}

// TestContinue: a turn that ended too early and the next are one, with all the sound between them.
func TestContinue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		gap  int // windows
		max  time.Duration
		want bool
	}{
		"soon":                {40, 0, true},
		"late":                {100, 0, false},
		"together too long":   {40, windows(60), false},
		"as late as may be":   {93, 0, true},
		"no turn was there":   {0, 0, false},
		"forgotten by itself": {900, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := strings.Repeat("0", 100) + strings.Repeat("9", 20) + strings.Repeat("0", c.gap) + strings.Repeat("9", 20) + strings.Repeat("0", 40)
			e := listening(t, TurnConfig{MaxTurn: c.max}, script)
			var turns []Signal
			for chunk := range slices.Chunk(numbered(len(script)*silero.Window), silero.Window) {
				for _, s := range e.Feed(chunk) {
					if s.Kind == TurnEnded {
						turns = append(turns, s)
					}
					if s.Kind == TurnStarted && (len(turns) > 0 || c.gap == 0) && e.Continue() != c.want {
						t.Errorf("Continue() = %v, want %v", !c.want, c.want)
					}
				}
			}
			last := turns[len(turns)-1]
			from, to := at(last.Clip)
			want := samples(last.From)
			if c.want {
				want = 100*silero.Window - 4800
			}
			if from != want || len(last.Clip.Samples) != to-from {
				t.Errorf("the last turn is samples %d to %d (%d of them), want it from %d", from, to, len(last.Clip.Samples), want)
			}
		})
	}
}

// TestEnd: the turn ends when asked, with the sound so far; what follows is a new one, and after Clear nothing is left.
func TestEnd(t *testing.T) {
	t.Parallel()
	e := listening(t, TurnConfig{}, strings.Repeat("9", 60)+strings.Repeat("0", 60))
	if got := e.End(); got != nil {
		t.Errorf("End() before anything = %v", got)
	}
	story(e, 20, nil)
	got := e.End()
	if len(got) != 1 || got[0].Reason != EndedAsked || got[0].Clip.Duration() != windows(20) {
		t.Errorf("End() = %v, want one turn of 20 windows", got)
	}
	if diff := cmp.Diff([]string{"started 20 from 20 @23"}, story(e, 10, nil)); diff != "" {
		t.Error(diff)
	}
	e.Clear()
	if e.Open() || len(e.End()) > 0 {
		t.Error("a turn is left after Clear")
	}
	if diff := cmp.Diff([]string{"started 30 from 30 @33", "ended 60 silence @79"}, story(e, 60, nil)); diff != "" {
		t.Error(diff)
	}
}

// TestConfigure: other knobs hold at once, bad ones change nothing.
func TestConfigure(t *testing.T) {
	t.Parallel()
	e := listening(t, TurnConfig{}, strings.Repeat("9", 10)+strings.Repeat("0", 60))
	story(e, 20, nil)
	if err := e.Configure(TurnConfig{Fallback: -1}); err == nil {
		t.Error("no error of a negative silence")
	}
	if err := e.Configure(TurnConfig{Fallback: windows(30)}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"ended 10 silence @40"}, story(e, 50, nil)); diff != "" {
		t.Error(diff)
	}
}

// TestMemory: an hour of silence leaves no more than a few seconds of sound.
func TestMemory(t *testing.T) {
	t.Parallel()
	e, err := NewEndpointer(TurnConfig{})
	if err != nil {
		t.Fatal(err)
	}
	e.d.judge = func(*[silero.Window]float32) float32 { return 0 }
	chunk := make([]float32, 320)
	for range 3600 * 50 {
		e.Feed(chunk)
	}
	if len(e.sound) > 5*pcm.Rate || cap(e.sound) > 10*pcm.Rate {
		t.Errorf("%d samples are kept, in room for %d", len(e.sound), cap(e.sound))
	}
}

// TestTurnConfig: knobs that make no sense are refused by name.
func TestTurnConfig(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]TurnConfig{
		"threshold":       {Config: Config{Threshold: 2}},
		"judge is asked":  {Ask: -1},
		"nobody judged":   {Fallback: -1},
		"unfinished turn": {Unfinished: -1},
		"longest turn":    {MaxTurn: -1},
		"in order":        {Sure: 0.3, Doubt: 0.6},
		"barge-in":        {BargeIn: -1},
		"deafness":        {Deaf: -1},
	} {
		if _, err := NewEndpointer(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want one about %q", c, err, want)
		}
	}
}

// TestDetect: sound so far, sent whole: its end decides.
func TestDetect(t *testing.T) {
	t.Parallel()
	clip := made(t) // speaks from 0.5 to 1.8 s, then soft noise and none, from 4.1 to 4.7 s again
	heard := time.Duration(0)
	judge := func(whole bool, p float64, err error) Judge {
		return JudgeFunc(func(_ context.Context, c pcm.Clip) (bool, float64, error) {
			heard = c.Duration()
			return whole, p, err
		})
	}
	for _, c := range []struct {
		name     string
		until    time.Duration
		judge    Judge
		speaking bool
		over     bool
		spans    int
	}{
		{"nothing yet", 400 * time.Millisecond, nil, false, false, 0},
		{"in speech", 1500 * time.Millisecond, nil, true, false, 1},
		{"in a pause", 2200 * time.Millisecond, nil, false, false, 1},
		{"in a pause, judged whole", 2200 * time.Millisecond, judge(true, 0.99, nil), false, true, 1},
		{"in a pause, judged unfinished", 2500 * time.Millisecond, judge(false, 0.01, nil), false, false, 1},
		{"in a pause, nobody knows", 2500 * time.Millisecond, judge(true, 1, errors.New("down")), false, true, 1},
		{"after the pause", 2500 * time.Millisecond, nil, false, true, 1},
		{"in speech again", 4400 * time.Millisecond, judge(true, 0.99, nil), true, false, 2},
	} {
		s, err := Detect(t.Context(), clip.Slice(0, c.until), TurnConfig{}, c.judge)
		if err != nil {
			t.Fatal(err)
		}
		if s.Speaking != c.speaking || s.Over != c.over || len(s.Speech) != c.spans {
			t.Errorf("%s: speaking %v, over %v, %d spans; want %v, %v, %d (silence %v)", c.name, s.Speaking, s.Over, len(s.Speech), c.speaking, c.over, c.spans, s.Silence)
		}
		if c.judge != nil && !c.speaking && (s.Verdict == nil || heard < time.Second) {
			t.Errorf("%s: verdict %v, the judge heard %v", c.name, s.Verdict, heard)
		}
	}
	if _, err := Detect(t.Context(), clip, TurnConfig{Fallback: -1}, nil); err == nil {
		t.Error("no error of a negative silence")
	}
}
