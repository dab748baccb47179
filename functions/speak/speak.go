// Package speak is the function that says a text: whole as WAV or samples, or as events while it is spoken, in our own dialect and in
// OpenAI's. Loads, sets and times are put in words before (shared/speech/spoken). The voice is another process; here are transport
// and wiring.
package speak

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech"
	"github.com/intellifit/intellifit/shared/speech/spoken"
)

// maxInput is how many characters are spoken in one call.
const maxInput = 2_000

func (f *Function) register() {
	huma.Register(f, huma.Operation{OperationID: "speak", Method: http.MethodPost, Path: "/", Responses: answers(), Summary: "Say a text",
		Description: "At most 2,000 characters, as WAV or samples of 16 bits. With Accept: text/event-stream or stream_format sse the sound comes as events while it is made."}, f.speak)
	huma.Register(f, huma.Operation{OperationID: "speech", Method: http.MethodPost, Path: "/v1/audio/speech", Responses: answers(), Summary: "The same in OpenAI's dialect",
		Description: "Any OpenAI client works with the base URL /function/speak/v1."}, f.speech)
	huma.Register(f, huma.Operation{OperationID: "voices", Method: http.MethodGet, Path: "/v1/audio/voices", Summary: "List the voices"}, f.voices)
}

// answers documents the media types of an answer.
func answers() map[string]*huma.Response {
	sound := &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	return map[string]*huma.Response{"200": {Description: "the sound, or events while it is made; X-Sample-Rate has its rate", Content: map[string]*huma.MediaType{
		"audio/wav": sound, "audio/pcm": sound, faas.EventStreamType: {Schema: &huma.Schema{Type: "string"}},
	}}}
}

// Request is what we take of OpenAI's, and more.
type Request struct {
	Input  string  `json:"input" doc:"what to say, at most 2,000 characters"`
	Voice  string  `json:"voice,omitempty" maxLength:"64" doc:"GET /v1/audio/voices lists them; left out: the gym's"`
	Format string  `json:"response_format,omitempty" enum:"wav,pcm" default:"wav"`
	Speed  float64 `json:"speed,omitempty" minimum:"0.25" maximum:"4" default:"1"`
	Stream string  `json:"stream_format,omitempty" enum:"audio,sse" default:"audio"`
	Rate   int     `json:"sample_rate,omitempty" minimum:"8000" maximum:"48000" doc:"Hz; left out: the voice's own"`
	Raw    bool    `json:"raw,omitempty" doc:"true: the text is said as it is, without putting loads and times in words"`
	Model  string  `json:"model,omitempty" maxLength:"128" doc:"any; the configured one speaks"`
	Advice string  `json:"instructions,omitempty" doc:"has no effect"`
}

type speakInput struct {
	Accept string `header:"Accept"`
	Body   Request
}

func (f *Function) speak(ctx context.Context, in *speakInput) (*huma.StreamResponse, error) {
	return f.say(ctx, in.Body, in.Accept)
}

// openAIRequest is a Request from a client that may send fields for voices that we do not have.
type openAIRequest struct {
	_ struct{} `additionalProperties:"true"`
	Request
}

type speechInput struct {
	Accept string `header:"Accept"`
	Body   openAIRequest
}

func (f *Function) speech(ctx context.Context, in *speechInput) (*huma.StreamResponse, error) {
	return f.say(ctx, in.Body.Request, in.Accept)
}

// say checks a request and speaks.
func (f *Function) say(_ context.Context, r Request, accept string) (*huma.StreamResponse, error) {
	if n := utf8.RuneCountInString(r.Input); n > maxInput {
		return nil, gym.Errorf(gym.ErrInvalid, "input_too_long", "the text has %d characters; at most %d are spoken at once", n, maxInput)
	}
	text := r.Input
	if !r.Raw {
		text = spoken.Say(text)
	}
	parts := cut(text, maxInput)
	if len(parts) == 0 {
		return nil, gym.Errorf(gym.ErrInvalid, "input_empty", "there is nothing to say")
	}
	if strings.HasPrefix(accept, faas.EventStreamType) {
		r.Stream = "sse"
	}
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		_, w := humago.Unwrap(hctx)
		ctx := hctx.Context()
		out := formOf(r, w)
		defer out.end()
		err := f.speakTo(ctx, parts, r, out)
		if err == nil {
			err = out.whole()
		}
		if err != nil {
			faas.Broke(ctx, w, "the voice", err, out.begun(), out.fail)
		}
	}}, nil
}

// speakTo speaks the parts one after the other, as they are made.
func (f *Function) speakTo(ctx context.Context, parts []string, r Request, out form) error {
	c := &converter{rate: r.Rate, out: out}
	for _, text := range parts {
		u, err := f.synthesizer.Speak(ctx, text, speech.Speaking{Voice: r.Voice, Speed: r.Speed})
		if err != nil {
			return err
		}
		err = c.copy(u)
		if err := errors.Join(err, u.Close()); err != nil {
			return err
		}
	}
	return c.end()
}

type voicesAnswer struct {
	Body struct {
		Voices []speech.Voice `json:"voices"`
	}
}

func (f *Function) voices(ctx context.Context, _ *struct{}) (*voicesAnswer, error) {
	list, err := f.synthesizer.Voices(ctx)
	if errors.Is(err, gym.ErrNotFound) {
		return nil, &gym.Error{Kind: gym.ErrNotFound, Code: "voices_unknown", Detail: "the voice server does not say which voices it has", Hint: "see its own documentation", Err: err}
	}
	if err != nil {
		return nil, err
	}
	out := &voicesAnswer{}
	out.Body.Voices = append([]speech.Voice{}, list...)
	return out, nil
}
