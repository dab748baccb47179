// Package transcribe is the function that writes down what is said in a recording: of any length up to half an hour, whole or as
// events while it is recognised, in our own dialect and in OpenAI's. The work is done by shared/speech/recording; here are transport
// and wiring.
package transcribe

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/recording"
)

// The bounds of one recording.
const (
	maxFile  = 25 << 20
	maxBody  = maxFile + 1<<20 // with the frame of a form around it
	maxAudio = 30 * time.Minute
	bodyTime = 2 * time.Minute
)

func (f *Function) register() {
	huma.Register(f, huma.Operation{OperationID: "transcribe", Method: http.MethodPost, Path: "/", Responses: answers(),
		Summary: "Write down what is said in a recording",
		Description: "The body is the recording: WAV, FLAC, MP3, Ogg or WebM with Opus, or audio/pcm;rate=16000; or a form with the fields of OpenAI's. At most 25 MB and 30 minutes. " +
			"With Accept: text/event-stream or stream=true the answer comes as events, part by part. Where nobody speaks, the text is empty and no_speech is true."}, f.transcribe)
	huma.Register(f, huma.Operation{OperationID: "transcriptions", Method: http.MethodPost, Path: "/v1/audio/transcriptions", Responses: answers(),
		Summary: "The same in OpenAI's dialect", Description: "Any OpenAI client works with the base URL /function/transcribe/v1."}, f.transcriptions)
	f.TakesUpload("/", recordings(true))
	f.TakesUpload("/v1/audio/transcriptions", recordings(false))
}

// recordings documents what an operation takes.
func recordings(raw bool) *huma.RequestBody {
	text := &huma.Schema{Type: "string"}
	content := map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{Type: "object", Required: []string{"file"}, Properties: map[string]*huma.Schema{
		"file": {Type: "string", Format: "binary"}, "model": {Type: "string", Description: "any; the configured one recognises"}, "language": text, "prompt": text,
		"response_format": {Type: "string", Enum: []any{"json", "text", "srt", "vtt", "verbose_json"}}, "temperature": {Type: "number"}, "stream": {Type: "boolean"},
		"timestamp_granularities[]": {Type: "array", Items: &huma.Schema{Type: "string", Enum: []any{"segment", "word"}}},
	}}}}
	if raw {
		for _, media := range []string{"application/octet-stream", "audio/wav", "audio/ogg", "audio/webm", "audio/mpeg", "audio/flac", "audio/pcm"} {
			content[media] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
		}
	}
	return &huma.RequestBody{Required: true, Content: content}
}

// answers documents the media types of an answer.
func answers() map[string]*huma.Response {
	text := &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
	return map[string]*huma.Response{"200": {Description: "what was heard, or events while it is recognised", Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{Type: "object"}}, faas.EventStreamType: text, "text/plain": text, "application/x-subrip": text, "text/vtt": text,
	}}}
}

type rawInput struct {
	Accept      string  `header:"Accept"`
	Language    string  `query:"language" maxLength:"35" doc:"ISO 639-1; left out: SPEECH_LANGUAGE"`
	Prompt      string  `query:"prompt" doc:"words to expect, at most 4,000 characters"`
	Format      string  `query:"response_format" enum:"json,text,srt,vtt,verbose_json" default:"json"`
	Temperature float64 `query:"temperature" minimum:"0" maximum:"1"`
	Stream      bool    `query:"stream"`
	Words       bool    `query:"words" doc:"also give the time of each word"`
}

func (f *Function) transcribe(_ context.Context, in *rawInput) (*huma.StreamResponse, error) {
	w := wish{Format: in.Format, Stream: in.Stream || wantsEvents(in.Accept), Words: in.Words, Segments: true,
		Listening: speech.Listening{Language: in.Language, Prompt: in.Prompt, Temperature: in.Temperature}}
	return f.answer(w, false), nil
}

type formInput struct {
	Accept string `header:"Accept"`
}

func (f *Function) transcriptions(_ context.Context, in *formInput) (*huma.StreamResponse, error) {
	return f.answer(wish{Format: "json", Stream: wantsEvents(in.Accept), OpenAI: true}, true), nil
}

func wantsEvents(accept string) bool { return strings.HasPrefix(accept, faas.EventStreamType) }

// answer reads the recording, recognises it and sends what was heard in the form that the client asked for.
func (f *Function) answer(wanted wish, formOnly bool) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		_, w := humago.Unwrap(hctx)
		ctx := hctx.Context()
		clock := times{began: time.Now()}
		rec, wanted, err := f.receive(hctx, wanted, formOnly)
		if err != nil {
			faas.WriteProblem(ctx, w, err)
			return
		}
		defer rec.Close()
		clock.decoded = time.Now()
		out := formOf(wanted, w, rec.Length, clock)
		defer out.end()
		whole, err := rec.Transcribe(ctx, f.recognizer, wanted.Listening, f.parallel, out.part)
		if err == nil {
			err = out.whole(whole)
		}
		if err != nil {
			faas.Broke(ctx, w, "the transcript", err, out.begun(), out.fail)
		}
	}}
}

// receive reads the body: the recording is decoded as it comes.
func (f *Function) receive(hctx huma.Context, wanted wish, formOnly bool) (*recording.Recording, wish, error) {
	body, err := faas.OpenUpload(hctx, maxBody, bodyTime)
	if err != nil {
		return nil, wanted, err
	}
	defer body.Close()
	read := f.reader(hctx.Context())
	if isForm(body.ContentType()) {
		rec, err := wanted.readForm(body, read)
		if err != nil {
			return nil, wanted, err
		}
		if err := wanted.check(f.language); err != nil {
			rec.Close()
			return nil, wanted, err
		}
		return rec, wanted, nil
	}
	if formOnly {
		return nil, wanted, faas.NewProblem(http.StatusUnsupportedMediaType, faas.CodeContentType, "this operation takes multipart/form-data only", "send a form with the recording in the field file")
	}
	if err := wanted.check(f.language); err != nil {
		return nil, wanted, err
	}
	rec, err := read(body, body.ContentType())
	return rec, wanted, err
}
