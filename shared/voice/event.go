package voice

import (
	"encoding/json"
	"time"

	"github.com/intellifit/intellifit/shared/coach"
)

// The types of events, by the names of OpenAI's Realtime API.
const (
	SessionCreated       = "session.created"
	InputCommitted       = "input_audio_buffer.committed"
	Transcribed          = "conversation.item.input_audio_transcription.completed"
	ResponseCreated      = "response.created"
	TranscriptDelta      = "response.output_audio_transcript.delta"
	AudioDelta           = "response.output_audio.delta"
	FunctionCall         = "response.function_call_arguments.done"
	AudioDone            = "response.output_audio.done"
	TranscriptDone       = "response.output_audio_transcript.done"
	ResponseDone         = "response.done"
	ItemTruncated        = "conversation.item.truncated"
	ErrorEvent           = "error"
	ClientTruncate       = "conversation.item.truncate"
	ClientResponseCancel = "response.cancel"
)

// Event is one thing that happened in a call. What its type does not name is empty.
type Event struct {
	Type       string       `json:"type"`
	ID         string       `json:"event_id"`
	Session    *SessionInfo `json:"session,omitempty"`
	ItemID     string       `json:"item_id,omitempty"`
	ResponseID string       `json:"response_id,omitempty"`
	Transcript string       `json:"transcript,omitempty"`
	Response   *Response    `json:"response,omitempty"`
	Text       string       `json:"-"` // of a transcript delta
	Audio      []byte       `json:"-"` // of an audio delta: signed 16-bit little-endian mono samples
	StartMS    int64        `json:"-"` // where in the answer Audio begins
	Call       *Called      `json:"-"`
	AudioEndMS *int64       `json:"audio_end_ms,omitempty"`
	Error      *ErrorDetail `json:"error,omitempty"`
}

// Called is what a tool was asked for, and how that stands.
type Called struct {
	CallID    string          `json:"call_id"`
	Name      string          `json:"name"`
	Arguments string          `json:"arguments"` // JSON
	Status    coach.Status    `json:"status"`
	Proposal  *coach.Proposal `json:"proposal,omitempty"`
}

// ErrorDetail says what went wrong; code is stable.
type ErrorDetail struct {
	Type    string `json:"type"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// SessionInfo is what a client must know of a session.
type SessionInfo struct {
	ID             string    `json:"id"`
	ConversationID string    `json:"conversation_id"`
	ExpiresAt      time.Time `json:"expires_at"`
	Voice          string    `json:"voice,omitempty"`
	Greeting       string    `json:"greeting,omitempty"`
	Audio          AudioInfo `json:"audio"`
}

// AudioInfo says in which form speech is sent.
type AudioInfo struct {
	Output struct {
		Format struct {
			Type string `json:"type"`
			Rate int    `json:"rate"` // Hz
		} `json:"format"`
	} `json:"output"`
}

// The ends of a response.
const (
	Completed  = "completed"
	Cancelled  = "cancelled"  // the member spoke, hung up, or went away
	Failed     = "failed"     // an engine did not do its part
	Incomplete = "incomplete" // nobody spoke, or the voice broke off
)

// Response is the answer of one turn.
type Response struct {
	ID      string       `json:"id"`
	Status  string       `json:"status" enum:"in_progress,completed,cancelled,failed,incomplete"`
	Details *Details     `json:"status_details,omitempty"`
	Output  []OutputItem `json:"output,omitempty"`
	Metrics *Metrics     `json:"metrics,omitempty"`
	Reply   *coach.Reply `json:"reply,omitempty"`
}

// Details says why a response ended as it did.
type Details struct {
	Code   string `json:"code"`
	Reason string `json:"reason,omitempty"`
}

// OutputItem is one thing that the coach said.
type OutputItem struct {
	ID         string `json:"id"`
	Role       string `json:"role"`
	Transcript string `json:"transcript"`
	AudioMS    int64  `json:"audio_ms"`
}

// Metrics are the times of one turn in milliseconds. A stage that did not run is absent.
type Metrics struct {
	Decode      *int64 `json:"decode_ms,omitempty"`       // request body -> samples
	STT         *int64 `json:"stt_ms,omitempty"`          // samples -> text
	FirstToken  *int64 `json:"first_token_ms,omitempty"`  // text -> first words of the answer
	FirstClause *int64 `json:"first_clause_ms,omitempty"` // text -> first clause whole
	TTSFirst    *int64 `json:"tts_first_ms,omitempty"`    // first clause -> its first sound
	Turn        *int64 `json:"turn_ms,omitempty"`         // last byte of the request -> first sound sent
	Total       *int64 `json:"total_ms,omitempty"`        // last byte of the request -> end
	Endpoint    *int64 `json:"endpoint_ms,omitempty"`     // what the client waited for the end of speech, as it says
	AudioIn     *int64 `json:"audio_in_ms,omitempty"`     // length of what was said
	AudioOut    *int64 `json:"audio_out_ms,omitempty"`    // length of the answer
	Filler      bool   `json:"filler,omitempty"`          // "one moment" was said
}

// MarshalJSON writes the event in the shape that clients of the Realtime API read: delta and the function call's fields stand at
// the top.
func (e Event) MarshalJSON() ([]byte, error) {
	type plain Event
	switch e.Type {
	case TranscriptDelta:
		return json.Marshal(struct {
			plain
			Delta string `json:"delta"`
		}{plain(e), e.Text})
	case AudioDelta:
		return json.Marshal(struct {
			plain
			Delta   []byte `json:"delta"` // base64
			StartMS int64  `json:"start_ms"`
		}{plain(e), e.Audio, e.StartMS})
	case FunctionCall:
		return json.Marshal(struct {
			plain
			*Called
		}{plain(e), e.Call})
	}
	return json.Marshal(plain(e))
}
