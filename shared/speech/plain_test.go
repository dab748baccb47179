package speech_test

import (
	"errors"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/speechtest"
)

// TestAnotherRecognizer: a recogniser of another make works by its URL.
func TestAnotherRecognizer(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{false, true} {
		s := speechtest.NewPlainWhisper(t)
		s.Strict = strict
		r := recognizer(s.URL)
		if err := r.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		for range 2 {
			got, err := r.Transcribe(t.Context(), said(time.Second), speech.Listening{Language: "en", Words: true})
			if err != nil || got.Text != "hello coach" || got.NoSpeech || got.Language != "en" || got.Audio < 900*time.Millisecond {
				t.Errorf("heard %+v, %v", got, err)
			}
		}
		got, err := r.Transcribe(t.Context(), pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, pcm.Rate)}, speech.Listening{})
		if err != nil || got.Text != "" || !got.NoSpeech {
			t.Errorf("in silence: %+v, %v", got, err)
		}
		want := int64(3)
		if strict { // the first call is refused once; the client remembers
			want = 4
		}
		if n := int64(s.Served()); n != want {
			t.Errorf("strict %t: %d calls", strict, n)
		}
		if _, _, err := r.Turn(t.Context(), said(time.Second)); !errors.Is(err, gym.ErrNotFound) {
			t.Errorf("a judge of turns: %v", err)
		}
		s.Hear = func(speechtest.Heard) speechtest.Hearing {
			return speechtest.Hearing{Fault: speechtest.Fault{Status: 500}}
		}
		if _, err := r.Transcribe(t.Context(), said(time.Second), speech.Listening{}); code(err) != "whisper_unavailable" {
			t.Errorf("an error: %v", err)
		}
	}
}

// TestAnotherSynthesizer: so does a voice.
func TestAnotherSynthesizer(t *testing.T) {
	t.Parallel()
	const text = "Rest for ninety seconds."
	for name, set := range map[string]func(*speechtest.PlainTTS){
		"WAV": func(*speechtest.PlainTTS) {}, "only PCM": func(s *speechtest.PlainTTS) { s.NoWAV = true }, "no health": func(s *speechtest.PlainTTS) { s.Silent = true },
	} {
		s := speechtest.NewPlainTTS(t)
		set(s)
		c := speech.NewSynthesizer(speech.Config{URL: s.URL, Voice: "alloy", Rate: speechtest.PlainRate})
		if err := c.Ping(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for range 2 {
			u, err := c.Speak(t.Context(), text, speech.Speaking{})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got, err := listen(t, u)
			if err != nil || u.Rate != speechtest.PlainRate {
				t.Errorf("%s: %d Hz, %v", name, u.Rate, err)
			}
			same(t, got, text, speechtest.PlainRate)
		}
	}
	s := speechtest.NewPlainTTS(t)
	s.OnlyMP3 = true
	if _, err := synthesizer(s.URL).Speak(t.Context(), text, speech.Speaking{}); code(err) != "tts_unavailable" {
		t.Errorf("MP3 although WAV was asked for: %v", err)
	}
	s = speechtest.NewPlainTTS(t)
	s.Speak = func(speechtest.Asked) speechtest.Speech {
		return speechtest.Speech{Fault: speechtest.Fault{Status: 429}}
	}
	if _, err := synthesizer(s.URL).Speak(t.Context(), text, speech.Speaking{}); !errors.Is(err, gym.ErrBusy) {
		t.Errorf("busy: %v", err)
	}
}
