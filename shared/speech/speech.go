// Package speech reaches the servers that hear and speak: whisper and tts, or any others that speak OpenAI's audio dialect.
// They are known by URL only.
package speech

import (
	"io"
	"time"
)

// Listening says how to transcribe.
type Listening struct {
	Language    string  // ISO 639-1; empty lets the recogniser guess, which is wrong at random: pin it
	Prompt      string  // words to expect
	Temperature float64 // 0 to 1; 0 leaves it to the recogniser, which then raises it where it is unsure
	Words       bool    // also give the time of each word
}

// Transcript is what was heard. Times count from the clip's beginning.
type Transcript struct {
	Text     string        `json:"text"`
	Language string        `json:"language"`
	Segments []Segment     `json:"segments,omitempty"`
	Words    []Word        `json:"words,omitempty"`
	NoSpeech bool          `json:"no_speech"` // nobody spoke; Text is empty
	Audio    time.Duration `json:"-"`         // length of the clip
	Took     time.Duration `json:"-"`         // by our clock, with the way there and back
}

// Segment is a stretch of a transcript.
type Segment struct {
	ID         int     `json:"id"`
	Start      float64 `json:"start"` // seconds
	End        float64 `json:"end"`
	Text       string  `json:"text"`
	NoSpeech   float64 `json:"no_speech_prob"`
	AvgLogprob float64 `json:"avg_logprob"`
}

// Word is one word and when it was said.
type Word struct {
	Word  string  `json:"word"`
	Start float64 `json:"start"` // seconds
	End   float64 `json:"end"`
}

// Speaking says how to speak. Zero values take the server's defaults.
type Speaking struct {
	Voice string
	Speed float64 // 0.25 to 4; 1 is the voice's own
}

// Utterance is speech as it is made: signed 16-bit little-endian mono samples. Close ends it early.
type Utterance struct {
	Rate int // Hz
	io.ReadCloser
}

// Voice is one voice of a server.
type Voice struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Language string `json:"language"`
	Rate     int    `json:"sample_rate"` // Hz
}
