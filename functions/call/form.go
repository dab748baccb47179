package call

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/wav"
	"github.com/intellifit/intellifit/shared/voice"
)

// form is how a client wants to have the answer.
type form interface {
	event(voice.Event) error
	// whole ends an answer that did not break off.
	whole(voice.Outcome) error
	// begun reports whether status 200 is out.
	begun() bool
	end()
}

func formOf(accept string, w http.ResponseWriter) form {
	if strings.HasPrefix(accept, faas.EventStreamType) {
		s := faas.NewEventStream(w)
		return &events{EventStream: s, stop: s.Beat()}
	}
	return &document{w: w, wav: strings.Contains(accept, "audio/wav") || strings.Contains(accept, "audio/x-wav")}
}

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json"
}

// events sends them as they happen.
type events struct {
	*faas.EventStream
	stop func()
}

func (e *events) event(v voice.Event) error { return e.Send(v.ID, v.Type, v) }

func (e *events) whole(voice.Outcome) error { return nil }

func (e *events) begun() bool { return e.Begun() }

func (e *events) end() {
	e.stop()
	e.End()
}

// document is an answer in one piece: a host that does not stream keeps it until it is whole anyway.
type document struct {
	w     http.ResponseWriter
	wav   bool
	sound []byte
	sent  bool
}

func (d *document) event(e voice.Event) error {
	if e.Type == voice.AudioDelta {
		d.sound = append(d.sound, e.Audio...)
	}
	return nil
}

func (d *document) begun() bool { return d.sent }

func (d *document) end() {}

// answered is a turn as JSON.
type answered struct {
	SessionID      string          `json:"session_id"`
	ConversationID string          `json:"conversation_id"`
	Heard          string          `json:"heard"`
	Reply          string          `json:"reply"`
	ItemID         string          `json:"item_id"`
	Status         string          `json:"status"`
	Details        *voice.Details  `json:"status_details,omitempty"`
	Action         *coach.Action   `json:"action,omitempty"`
	Proposal       *coach.Proposal `json:"proposal,omitempty"`
	Metrics        *voice.Metrics  `json:"metrics,omitempty"`
	Audio          []byte          `json:"audio" doc:"a WAV in base64"`
}

func (d *document) whole(out voice.Outcome) error {
	var sound bytes.Buffer
	if err := wav.Write(&sound, pcm.Of16(d.sound, out.Session.Audio.Output.Format.Rate)); err != nil {
		return fmt.Errorf("write the answer's sound: %w", err)
	}
	h := d.w.Header()
	d.sent = true
	h.Set("Cache-Control", "no-store")
	if d.wav {
		h.Set("X-Session-Id", out.Session.ID)
		h.Set("X-Conversation-Id", out.Session.ConversationID)
		h.Set("X-Item-Id", out.ItemID)
		h.Set("X-Status", out.Response.Status)
		h.Set("X-Heard", url.PathEscape(out.Heard))
		h.Set("X-Transcript", url.PathEscape(out.Text))
		h.Set("Content-Type", "audio/wav")
		_, err := d.w.Write(sound.Bytes())
		return err
	}
	a := answered{
		SessionID: out.Session.ID, ConversationID: out.Session.ConversationID, Heard: out.Heard, Reply: out.Text, ItemID: out.ItemID,
		Status: out.Response.Status, Details: out.Response.Details, Metrics: out.Response.Metrics, Audio: sound.Bytes(),
	}
	if r := out.Response.Reply; r != nil {
		a.Action, a.Proposal = &r.Action, r.Proposal
	}
	h.Set("Content-Type", "application/json")
	return json.NewEncoder(d.w).Encode(a)
}
