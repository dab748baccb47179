// Package call is the function that a member talks with: one turn a request, speech or text in, speech out as events under the
// names of OpenAI's Realtime API, as a WAV, or as JSON. Answers can be broken off, truncated to what was heard, and
// confirmed by voice; a call shares its conversation with the function chat. The work is done by shared/voice; here are
// transport and wiring.
package call

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/decode"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/voice"
)

// The bounds of one turn.
const (
	maxBody  = 10 << 20
	maxAudio = 60 * time.Second
	bodyTime = 30 * time.Second
)

func (f *Function) register() {
	member := faas.Roles(gym.RoleMember)
	limited := huma.Middlewares{f.limit}
	huma.Register(f, huma.Operation{OperationID: "call", Method: http.MethodPost, Path: "/", Security: member, Middlewares: limited, MaxBodyBytes: maxBody, BodyReadTimeout: bodyTime, SkipValidateBody: true,
		RequestBody: turnBody(), Responses: turnAnswers(), Summary: "Say something in a call",
		Description: "The body is audio (WAV, FLAC, MP3, Ogg or WebM with Opus, audio/pcm;rate=16000), at most 10 MB and 60 s, or {\"text\": \"…\"}. With Accept: text/event-stream the answer " +
			"comes as events while it is made; with audio/wav it is one WAV; else JSON. A repeated turn gives the first one's answer. Who closes the connection breaks the answer off."}, f.turn)
	huma.Register(f, huma.Operation{OperationID: "call-open", Method: http.MethodPost, Path: "/open", Security: member, Middlewares: limited, Responses: turnAnswers(),
		Summary: "Begin a call", Description: "Says hello, and gets the engines ready behind it. It need not be called: a turn without a session begins one."}, f.open)
	huma.Register(f, huma.Operation{OperationID: "call-event", Method: http.MethodPost, Path: "/events", Security: member,
		Summary: "Break an answer off, or say how much of it was played", Description: "conversation.item.truncate makes the conversation hold what was heard; response.cancel ends the running answer."}, f.event)
	huma.Register(f, huma.Operation{OperationID: "call-detect", Method: http.MethodPost, Path: "/detect", Security: member, MaxBodyBytes: maxLook, BodyReadTimeout: bodyTime,
		SkipValidateBody: true, RequestBody: soundBody(), Summary: "Look whether the member is done",
		Description: "The body is the sound of the turn so far, at most 30 s. For clients that stream their microphone themselves; a WebSocket at /v1/realtime does it for them."}, f.detect)
	huma.Register(f, huma.Operation{OperationID: "call-state", Method: http.MethodGet, Path: "/", Security: member, Summary: "Read a call: to resume it after a lost connection"}, f.state)
	huma.Register(f, huma.Operation{OperationID: "call-hangup", Method: http.MethodDelete, Path: "/", Security: member, Summary: "Hang up",
		Description: "The transcript is stored while the member agrees to voice calls."}, f.hangUp)
	f.HandleFunc("GET "+RealtimePath, f.live.ServeHTTP)
}

// RealtimePath is where the function takes WebSockets.
const RealtimePath = "/v1/realtime"

// turnBody documents what a turn takes: sound, or text in its place.
func turnBody() *huma.RequestBody {
	body := soundBody()
	body.Content["application/json"] = &huma.MediaType{Schema: &huma.Schema{Type: "object", Properties: map[string]*huma.Schema{"text": {Type: "string"}}, Required: []string{"text"}}}
	return body
}

// soundBody documents which sound is taken.
func soundBody() *huma.RequestBody {
	content := map[string]*huma.MediaType{}
	for _, media := range []string{"application/octet-stream", "audio/wav", "audio/ogg", "audio/webm", "audio/mpeg", "audio/flac", "audio/pcm"} {
		content[media] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	}
	return &huma.RequestBody{Required: true, Content: content}
}

// turnAnswers documents the three media types of an answer.
func turnAnswers() map[string]*huma.Response {
	text := &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
	return map[string]*huma.Response{"200": {Description: "the answer, or its events as they happen", Content: map[string]*huma.MediaType{
		"application/json": {Schema: &huma.Schema{Type: "object"}}, faas.EventStreamType: text, "audio/wav": {Schema: &huma.Schema{Type: "string", Format: "binary"}},
	}}}
}

type turnInput struct {
	Accept       string `header:"Accept"`
	ContentType  string `header:"Content-Type"`
	Session      string `query:"session" maxLength:"64" pattern:"^[A-Za-z0-9._-]*$" doc:"left out: a call begins"`
	Conversation string `query:"conversation" maxLength:"64" pattern:"^[A-Za-z0-9._-]*$" doc:"of a call that begins; left out: a new one"`
	Turn         string `query:"turn" maxLength:"64" pattern:"^[A-Za-z0-9._-]*$" doc:"id of the turn: a repeat gets the first one's answer; left out: Idempotency-Key or X-Call-Id"`
	Voice        string `query:"voice" maxLength:"64" pattern:"^[A-Za-z0-9._-]*$" doc:"of a call that begins"`
	EndpointMS   int    `query:"endpoint_ms" minimum:"0" maximum:"10000" doc:"what the client waited for the end of speech; it comes back in the metrics"`
	RawBody      []byte
}

func (f *Function) turn(ctx context.Context, in *turnInput) (*huma.StreamResponse, error) {
	received := time.Now()
	turn := f.in(ctx, in.Session, in.Conversation, in.Voice)
	turn.Received, turn.Endpoint = received, time.Duration(in.EndpointMS)*time.Millisecond
	if in.Turn != "" {
		turn.ID = in.Turn
	}
	if isJSON(in.ContentType) {
		text, err := written(in.RawBody)
		if err != nil {
			return nil, err
		}
		turn.Text = text
	} else {
		clip, err := f.decode(ctx, in.RawBody, in.ContentType, decode.Limits{MaxBytes: maxBody, MaxDuration: maxAudio})
		if err != nil {
			return nil, err
		}
		turn.Clip, turn.Decode = &clip, time.Since(received)
	}
	return f.answer(in.Accept, func(ctx context.Context, emit func(voice.Event) error) (voice.Outcome, error) {
		return f.calls.Turn(ctx, turn, emit)
	}), nil
}

func (f *Function) in(ctx context.Context, session, conversation, voiceID string) voice.In {
	p, _ := gym.PrincipalFrom(ctx)
	return voice.In{ID: faas.WriteKey(ctx), MemberID: p.Subject, SessionID: session, ConversationID: conversation, Voice: voiceID}
}

// decode makes a clip of what the recogniser takes.
func (f *Function) decode(ctx context.Context, body []byte, contentType string, limits decode.Limits) (pcm.Clip, error) {
	clip, _, err := decode.Decode(ctx, bytes.NewReader(body), contentType, limits)
	if err != nil {
		return pcm.Clip{}, err
	}
	return pcm.Resample(clip, pcm.Rate), nil
}

// written is the text of a turn that was typed.
func written(body []byte) (string, error) {
	var in struct {
		Text *string `json:"text"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil || in.Text == nil {
		return "", &gym.Error{Kind: gym.ErrInvalid, Code: "text_missing", Detail: "the body is not {\"text\": \"…\"}", Hint: "send audio, or what the member typed", Err: err}
	}
	return *in.Text, nil
}

type openInput struct {
	Accept string `header:"Accept"`
	Body   struct {
		ConversationID string `json:"conversation_id,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9._-]*$" doc:"left out: a new conversation begins"`
		Voice          string `json:"voice,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9._-]*$"`
	}
}

func (f *Function) open(ctx context.Context, in *openInput) (*huma.StreamResponse, error) {
	turn := f.in(ctx, "", in.Body.ConversationID, in.Body.Voice)
	turn.Received = time.Now()
	return f.answer(in.Accept, func(ctx context.Context, emit func(voice.Event) error) (voice.Outcome, error) {
		return f.calls.Open(ctx, turn, emit)
	}), nil
}

// answer runs a turn and sends its events in the form that the client asked for.
func (f *Function) answer(accept string, run func(context.Context, func(voice.Event) error) (voice.Outcome, error)) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hctx huma.Context) {
		_, w := humago.Unwrap(hctx)
		ctx := hctx.Context()
		form := formOf(accept, w)
		defer form.end()
		out, err := run(ctx, form.event)
		if err == nil {
			err = form.whole(out)
		}
		if err != nil {
			faas.Broke(ctx, w, "the turn", err, form.begun(), func(p *faas.Problem) error {
				return form.event(voice.Event{Type: voice.ErrorEvent, Error: &voice.ErrorDetail{Type: "server_error", Code: p.Code, Message: p.Detail}})
			})
		}
	}}
}

type eventInput struct {
	Session string `query:"session" required:"true" minLength:"1" maxLength:"64"`
	Body    struct {
		Type         string `json:"type" enum:"conversation.item.truncate,response.cancel"`
		EventID      string `json:"event_id,omitempty" maxLength:"64"`
		ItemID       string `json:"item_id,omitempty" maxLength:"64" doc:"of the answer that is truncated"`
		ContentIndex int    `json:"content_index,omitempty" minimum:"0" maximum:"0"`
		AudioEndMS   int64  `json:"audio_end_ms,omitempty" minimum:"0" maximum:"600000" doc:"how much of it was played"`
		ResponseID   string `json:"response_id,omitempty" maxLength:"64"`
	}
}

type eventAnswer struct {
	Body struct {
		Type       string `json:"type"`
		ItemID     string `json:"item_id,omitempty"`
		AudioEndMS int64  `json:"audio_end_ms,omitempty"`
		Transcript string `json:"transcript,omitempty" doc:"what was heard"`
	}
}

func (f *Function) event(ctx context.Context, in *eventInput) (*eventAnswer, error) {
	p, _ := gym.PrincipalFrom(ctx)
	out := &eventAnswer{}
	if in.Body.Type == voice.ClientResponseCancel {
		out.Body.Type = "response.cancelled"
		return out, f.calls.Cancel(ctx, p.Subject, in.Session)
	}
	heard, err := f.calls.Truncate(ctx, p.Subject, in.Session, in.Body.ItemID, time.Duration(in.Body.AudioEndMS)*time.Millisecond)
	out.Body.Type, out.Body.ItemID, out.Body.AudioEndMS, out.Body.Transcript = voice.ItemTruncated, in.Body.ItemID, in.Body.AudioEndMS, heard
	return out, err
}

type bySession struct {
	Session string `query:"session" required:"true" minLength:"1" maxLength:"64"`
}

type stateAnswer struct{ Body voice.Session }

func (f *Function) state(ctx context.Context, in *bySession) (*stateAnswer, error) {
	p, _ := gym.PrincipalFrom(ctx)
	s, err := f.calls.State(ctx, p.Subject, in.Session)
	if err != nil {
		return nil, err
	}
	return &stateAnswer{Body: s}, nil
}

type endedAnswer struct{ Body voice.Ended }

func (f *Function) hangUp(ctx context.Context, in *bySession) (*endedAnswer, error) {
	p, _ := gym.PrincipalFrom(ctx)
	ended, err := f.calls.HangUp(ctx, p.Subject, in.Session)
	if err != nil {
		return nil, err
	}
	return &endedAnswer{Body: ended}, nil
}
