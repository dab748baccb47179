package speech

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// answer is a transcript as servers give it. All but the text may be missing.
type answer struct {
	Text     *string `json:"text"`
	Language string  `json:"language"`
	NoSpeech bool    `json:"no_speech"` // ours
	Segments []struct {
		ID         int      `json:"id"`
		Start      float64  `json:"start"`
		End        float64  `json:"end"`
		Text       string   `json:"text"`
		NoSpeech   *float64 `json:"no_speech_prob"`
		AvgLogprob *float64 `json:"avg_logprob"`
		Words      []Word   `json:"words"` // whisper.cpp has them here
	} `json:"segments"`
	Words []Word `json:"words"`
}

// readTranscript reads the answer of a server. language is what was asked for.
func readTranscript(body []byte, language string) (Transcript, error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return Transcript{}, fmt.Errorf("read the transcript: %w", err)
	}
	if a.Text == nil && len(a.Segments) == 0 {
		return Transcript{}, errors.New("read the transcript: it has no text")
	}
	t := Transcript{Language: or(language, strings.ToLower(a.Language)), Words: a.Words}
	var parts []string
	for _, s := range a.Segments {
		t.Segments = append(t.Segments, Segment{ID: s.ID, Start: s.Start, End: s.End, Text: s.Text, NoSpeech: value(s.NoSpeech), AvgLogprob: value(s.AvgLogprob)})
		parts = append(parts, strings.TrimSpace(s.Text))
		if len(a.Words) == 0 {
			t.Words = append(t.Words, s.Words...)
		}
	}
	if a.Text != nil {
		t.Text = *a.Text
	} else {
		t.Text = strings.Join(parts, " ")
	}
	t.Text = strings.Join(strings.Fields(marks.ReplaceAllString(t.Text, " ")), " ")
	if a.NoSpeech || t.Text == "" || invented(t) {
		return Transcript{Language: t.Language, NoSpeech: true}, nil
	}
	return t, nil
}

func value(p *float64) float64 {
	if p == nil {
		return 0
	}
	return *p
}

// marks are what recognisers write for sounds that are no words: "[BLANK_AUDIO]", "[ Silence ]", "(music)", "*sighs*", "♪".
var marks = regexp.MustCompile(`\[[^\[\]]{1,40}\]|\((?i:[a-z ]{0,20}(?:music|silence|noise|applause|laughter|laughs|coughs?|coughing|sighs?|breathing|inaudible|static|beep)[a-z ]{0,20})\)|\*[a-zA-Z ]{1,30}\*|[♪♫]+`)

// The bounds beyond which a recogniser itself would call a segment silent; Whisper's own.
const (
	silentAbove = 0.6  // no_speech_prob, and
	unsureBelow = -1.0 // avg_logprob
)

// invented reports whether the text was made up over silence. Servers without a gate in front of the model do that.
func invented(t Transcript) bool {
	if credits.MatchString(t.Text) {
		return true
	}
	for _, s := range t.Segments {
		if s.NoSpeech <= silentAbove || s.AvgLogprob >= unsureBelow {
			return false
		}
	}
	return len(t.Segments) > 0
}

// credits are what Whisper learnt to write under silent endings of films. Nobody says them to a coach.
var credits = regexp.MustCompile(`(?i)^\W*(?:(?:thanks|thank you)(?: (?:so|very) much)? for watching|(?:please )?(?:like and )?subscribe(?: to (?:my|our|the) channel)?|(?:subtitles|captions|transcription|transcribed|translated) by .{1,60}|.{0,40}amara\.org.{0,20})\W*$`)

// readTurn reads a judgement of the end of a turn, and closes it.
func readTurn(body io.ReadCloser) (complete bool, probability float64, err error) {
	defer body.Close()
	var judged struct {
		Complete    *bool   `json:"complete"`
		Probability float64 `json:"probability"`
	}
	if err := json.NewDecoder(io.LimitReader(body, 64<<10)).Decode(&judged); err != nil {
		return false, 0, fmt.Errorf("read the judgement: %w", err)
	}
	if judged.Complete == nil {
		return false, 0, errors.New("read the judgement: it says neither yes nor no")
	}
	return *judged.Complete, judged.Probability, nil
}
