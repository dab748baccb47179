package eval

import (
	"fmt"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/internal/eval/speechset"
)

// ScoreSpeech judges raw results.
func ScoreSpeech(results []SpeechResult) Score {
	of := func(set string) []SpeechResult {
		return slices.DeleteFunc(slices.Clone(results), func(r SpeechResult) bool { return r.Set != set })
	}
	var s Score
	if list := of(SetWords); len(list) > 0 {
		s.scoreWords(list)
	}
	if list := of(SetNoise); len(list) > 0 {
		s.scoreNoise(list)
	}
	if list := of(SetSpans); len(list) > 0 {
		s.scoreSpans(list)
	}
	if list := of(SetSpoken); len(list) > 0 {
		s.scoreSpoken(list)
	}
	return s
}

func (s *Score) held(metric, value, bar string, held bool) {
	s.Rows = append(s.Rows, Row{metric, value, bar, &held})
}

func (s *Score) told(metric, value string) {
	s.Rows = append(s.Rows, Row{Metric: metric, Value: value})
}

// rate is the wrong words of all words, and how fast they were heard.
func rate(list []SpeechResult) (wrong, direct, of int, realTime float64) {
	seconds, took := 0.0, 0.0
	for _, r := range list {
		wrong, direct, of = wrong+r.Wrong, direct+r.DirectWrong, of+r.Of
		seconds, took = seconds+r.Seconds, took+float64(r.TookMS)/1000
	}
	return wrong, direct, of, took / max(seconds, 1e-9)
}

func (s *Score) scoreWords(list []SpeechResult) {
	wrong, direct, of, realTime := rate(list)
	compared := slices.ContainsFunc(list, func(r SpeechResult) bool { return r.Direct != "" })
	value := fmt.Sprintf("%.2f %% of %d", 100*float64(wrong)/float64(of), of)
	if !compared {
		s.told(fmt.Sprintf("wrong words, %d recordings", len(list)), value)
	} else {
		alone := float64(direct) / float64(of)
		s.held(fmt.Sprintf("wrong words, %d recordings", len(list)), value, fmt.Sprintf("≤ %.2f %% (the model alone, %.2f %%, + 0.5)", 100*(alone+wordsMore), 100*alone), float64(wrong)/float64(of) <= alone+wordsMore)
	}
	s.told("  time to hear ÷ length of the sound", fmt.Sprintf("%.2f", realTime))
	for _, r := range list {
		if r.Wrong > 0 {
			s.Misses = append(s.Misses, Violation{r.ID, fmt.Sprintf("%d of %d words", r.Wrong, r.Of), r.Got})
		}
	}
}

func (s *Score) scoreNoise(list []SpeechResult) {
	heard := 0
	for _, r := range list {
		if strings.TrimSpace(r.Got) != "" {
			heard++
			s.Misses = append(s.Misses, Violation{r.ID, "words where nobody speaks", r.Got})
		}
	}
	s.held(fmt.Sprintf("clips without speech that gave words, of %d", len(list)), fmt.Sprint(heard), "0", heard == 0)
}

func (s *Score) scoreSpans(list []SpeechResult) {
	both, marks, detector, none := 0, 0, 0, 0
	for _, r := range list {
		both, marks, detector = both+r.Both, marks+r.Marks, detector+r.Detector
		if r.Both+r.Marks == 0 && r.Detector > 0 {
			none++
			s.Misses = append(s.Misses, Violation{r.ID, "speech where there is none", r.Got})
		}
	}
	s.told("speech by hand and by the detector, frames of 32 ms: recall", share100(both, both+marks))
	s.told("  precision", share100(both, both+detector))
	s.held("  clips without speech in which it hears some", fmt.Sprint(none), "0", none == 0)
	for _, r := range list {
		if r.Both+r.Marks > 0 {
			s.told("  "+r.ID+", marked", r.Want)
			s.told("  heard", r.Got)
		}
	}
}

func (s *Score) scoreSpoken(list []SpeechResult) {
	for _, part := range []struct{ name, split string }{{"all", ""}, {"of them those that nothing was tuned on", speechset.Test}} {
		of := slices.DeleteFunc(slices.Clone(list), func(r SpeechResult) bool { return part.split != "" && r.Split != part.split })
		if len(of) == 0 || part.split != "" && len(of) == len(list) {
			continue
		}
		wrong, _, words, _ := rate(of)
		exact, with := 0, 0
		for _, r := range of {
			if len(r.WantQuantities) == 0 {
				continue
			}
			with++
			if slices.Equal(r.WantQuantities, r.GotQuantities) {
				exact++
			}
		}
		s.told(fmt.Sprintf("spoken and heard again, %s %d: wrong words", part.name, len(of)), fmt.Sprintf("%.2f %% of %d", 100*float64(wrong)/float64(max(words, 1)), words))
		s.held("  sentences whose numbers and units are all right", share100(exact, with), "≥ 95 %", float64(exact) >= quantitiesBar*float64(with))
	}
	for _, r := range list {
		if r.Wrong > 0 || !slices.Equal(r.WantQuantities, r.GotQuantities) {
			s.Misses = append(s.Misses, Violation{r.ID, "want " + r.Want, r.Got})
		}
	}
}
