// Package turnset makes turns of speech whose end is known, to measure endpointing: the public recordings in ../shared/data/speech, with pauses
// put between their words, short answers cut from them, and noise of a room or a gym around them. The same seed makes the same turns.
package turnset

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/speech/pcm"
)

// The kinds of turns.
const (
	Plain  = "plain"  // as it was said
	Pauses = "pauses" // one or two pauses between words
	Joined = "joined" // a phrase that is not finished, a pause, another phrase of the same voice
	Short  = "short"  // one to three words
	Noisy  = "noisy"  // the noise of a gym after it, and for every second one a pause in it
)

// Silence is what follows every turn: whoever has not ended it by then never will.
const Silence = 5 * time.Second

// Turn is one turn of somebody who speaks, in sound that begins before and goes on after it.
type Turn struct {
	ID    string
	Kind  string
	Clip  pcm.Clip
	End   time.Duration // of the last word
	Holes []Hole        // pauses that were put in; the recordings have their own besides
}

// Hole is a pause within a turn.
type Hole struct{ Start, End time.Duration }

// mark is what we know of a recording. The ends were marked by ear and level, 20 ms at a time, without a detector of voice; the gaps lie between
// words, where an alignment and the level agree; whole is what the punctuation of the text says, which was read aloud.
type mark struct {
	File  string   `json:"file"`
	Start int      `json:"start_ms"`
	End   int      `json:"end_ms"`
	Whole bool     `json:"whole"`
	Gaps  []int    `json:"gaps_ms"`
	Words [][2]int `json:"words_ms"` // that may stand alone
}

//go:embed marks.json
var marksText []byte

// Files lists the recordings that Make wants.
func Files() ([]string, error) {
	marks, err := load()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, m := range marks {
		names = append(names, m.File)
	}
	return names, nil
}

func load() ([]mark, error) {
	var marks []mark
	if err := json.Unmarshal(marksText, &marks); err != nil {
		return nil, fmt.Errorf("read the marks of the recordings: %w", err)
	}
	return marks, nil
}

// Make makes n turns of the recordings, which are 16 kHz and by the name of their file: two fifths with pauses, the other kinds about alike.
func Make(recordings map[string]pcm.Clip, n int, seed uint64) ([]Turn, error) {
	marks, err := load()
	if err != nil {
		return nil, err
	}
	b := &builder{r: rand.New(rand.NewPCG(seed, 0x656e64)), marks: map[string][]source{}}
	for _, m := range marks {
		clip, ok := recordings[m.File]
		if !ok || clip.Rate != pcm.Rate {
			return nil, fmt.Errorf("make turns: the recording %s is missing, or not of %d Hz", m.File, pcm.Rate)
		}
		b.add(m, clip.Samples)
	}
	kinds := []string{Pauses, Plain, Pauses, Short, Noisy, Pauses, Joined, Pauses, Noisy, Short}
	turns := make([]Turn, n)
	for i := range turns {
		kind := kinds[i%len(kinds)]
		turns[i] = b.turn(kind)
		turns[i].ID = fmt.Sprintf("%s-%03d", kind, i+1)
	}
	return turns, nil
}

// source is a recording cut to its speech. Times are samples.
type source struct {
	voice   string
	samples []float32
	gaps    []int
	words   [][]float32
	whole   bool
	floor   float64 // level of its own noise
	level   float64 // level of its speech
}

type builder struct {
	r     *rand.Rand
	marks map[string][]source // by what they are good for: "whole", "open", "gaps", "words"
}

func (b *builder) add(m mark, samples []float32) {
	const ms = pcm.Rate / 1000
	voice, _, _ := strings.Cut(m.File, "-")
	s := source{voice: voice, whole: m.Whole, samples: samples[m.Start*ms : m.End*ms]}
	s.floor, s.level = levels(samples)
	for _, g := range m.Gaps {
		s.gaps = append(s.gaps, (g-m.Start)*ms)
	}
	for _, w := range m.Words {
		s.words = append(s.words, samples[w[0]*ms:w[1]*ms])
	}
	use := func(as string) { b.marks[as] = append(b.marks[as], s) }
	if !m.Whole {
		use("open")
		return
	}
	use("whole")
	if len(s.gaps) > 0 {
		use("gaps")
	}
	if len(s.words) > 0 {
		use("words")
	}
}

// levels are those of the softest and the loudest twentieth of a recording, in stretches of 20 ms.
func levels(samples []float32) (floor, level float64) {
	const n = pcm.Rate / 50
	var all []float64
	for chunk := range slices.Chunk(samples, n) {
		sum := 0.0
		for _, v := range chunk {
			sum += float64(v) * float64(v)
		}
		all = append(all, math.Sqrt(sum/float64(len(chunk))))
	}
	slices.Sort(all)
	return all[len(all)/20], all[len(all)-1-len(all)/20]
}
