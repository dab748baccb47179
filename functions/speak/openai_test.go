package speak_test

import (
	"io"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/intellifit/intellifit/shared/faas/faastest"
	"github.com/intellifit/intellifit/shared/speech/speechtest"
)

// TestOpenAI speaks to the function with OpenAI's own client, by its base URL alone.
func TestOpenAI(t *testing.T) {
	t.Parallel()
	b := setup(t)
	client := openai.NewClient(option.WithBaseURL(b.server.URL+"/v1"), option.WithAPIKey(faastest.Member(t, "mara")), option.WithMaxRetries(0))
	ask := openai.AudioSpeechNewParams{
		Model: openai.SpeechModelTTS1, Input: text, Voice: openai.AudioSpeechNewParamsVoiceUnion{OfString: openai.String("test-voice")},
		Instructions: openai.String("Whisper."), Speed: openai.Float(1.5),
	}
	for format, start := range map[openai.AudioSpeechNewParamsResponseFormat]int{"": 44, openai.AudioSpeechNewParamsResponseFormatWAV: 44, openai.AudioSpeechNewParamsResponseFormatPCM: 0} {
		ask.ResponseFormat = format
		res, err := client.Audio.Speech.New(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		same(t, string(format), body[start:], speechtest.Tone(text, speechtest.Rate, 1.5).Bytes16())
		if res.Header.Get("X-Sample-Rate") != "22050" {
			t.Errorf("%s", res.Header)
		}
	}
	ask.StreamFormat = openai.AudioSpeechNewParamsStreamFormatSSE
	res, err := client.Audio.Speech.New(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || !strings.Contains(string(body), `{"type":"speech.audio.delta","audio":"`) || !strings.Contains(string(body), `"type":"speech.audio.done"`) {
		t.Errorf("%.300s, %v", body, err)
	}
	ask.ResponseFormat = openai.AudioSpeechNewParamsResponseFormatMP3
	if _, err := client.Audio.Speech.New(t.Context(), ask); err == nil || !strings.Contains(err.Error(), "400") {
		t.Errorf("MP3: %v", err)
	}
}
