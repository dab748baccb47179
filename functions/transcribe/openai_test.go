package transcribe_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/intellifit/intellifit/shared/faas/faastest"
)

// TestOpenAI speaks to the function with OpenAI's own client, by its base URL alone.
func TestOpenAI(t *testing.T) {
	t.Parallel()
	b := setup(t)
	client := openai.NewClient(option.WithBaseURL(b.server.URL+"/v1"), option.WithAPIKey(faastest.Member(t, "mara")), option.WithMaxRetries(0))
	ask := func(name string) openai.AudioTranscriptionNewParams {
		return openai.AudioTranscriptionNewParams{
			Model: openai.AudioModelWhisper1, File: openai.File(bytes.NewReader(decoded(t, name)), name, "audio/webm"), Language: openai.String("en"),
			Prompt: openai.String("squats"), Temperature: openai.Float(0.2), ChunkingStrategy: openai.AudioTranscriptionNewParamsChunkingStrategyUnion{OfAuto: "auto"},
		}
	}
	whole, err := client.Audio.Transcriptions.New(t.Context(), ask("chromium.webm"))
	if err != nil || whole.Text != "hello coach" {
		t.Fatalf("got %+v, %v", whole, err)
	}
	if heard := b.whisper.Heard(); heard[0].Prompt != "squats" || heard[0].Language != "en" {
		t.Errorf("the recogniser was asked %+v", heard[0])
	}
	verbose := ask("chromium.webm")
	verbose.ResponseFormat, verbose.TimestampGranularities = openai.AudioResponseFormatVerboseJSON, []string{"word", "segment"}
	if whole, err = client.Audio.Transcriptions.New(t.Context(), verbose); err != nil {
		t.Fatal(err)
	}
	if v := whole.AsTranscriptionVerbose(); v.Text != "hello coach" || v.Language != "en" || v.Duration <= 0 || len(v.Segments) != 1 || len(v.Words) != 2 || v.Words[1].Word != "coach" || v.Words[1].End > v.Duration {
		t.Errorf("got %+v", v)
	}
	verbose.TimestampGranularities = []string{"word"}
	verbose.File = ask("chromium.webm").File
	if whole, err = client.Audio.Transcriptions.New(t.Context(), verbose); err != nil || len(whole.AsTranscriptionVerbose().Words) != 2 || len(whole.AsTranscriptionVerbose().Segments) != 0 {
		t.Errorf("words alone: %+v, %v", whole, err)
	}
	b.whisper.Hear = understand
	long := ask("chromium.webm")
	long.File = openai.File(file(t, talk(6)), "talk.wav", "audio/wav")
	stream := client.Audio.Transcriptions.NewStreaming(t.Context(), long)
	text, done := "", ""
	for stream.Next() {
		e := stream.Current()
		text += e.Delta
		if e.Type == "transcript.text.done" {
			done = e.Text
		}
	}
	if err := stream.Err(); err != nil || text != "p0 p1 p2 p3 p4 p5" || done != text {
		t.Errorf("streamed %q, done %q, %v", text, done, err)
	}
	stranger := openai.NewClient(option.WithBaseURL(b.server.URL+"/v1"), option.WithAPIKey("wrong"), option.WithMaxRetries(0))
	if _, err := stranger.Audio.Transcriptions.New(t.Context(), ask("chromium.webm")); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("a wrong key: %v", err)
	}
}
