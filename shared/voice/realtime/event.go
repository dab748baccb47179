package realtime

import (
	"encoding/json"
	"strconv"

	"github.com/intellifit/intellifit/shared/voice"
)

// The events of a client that package voice does not name.
const (
	clientUpdate = "session.update"
	clientAppend = "input_audio_buffer.append"
	clientCommit = "input_audio_buffer.commit"
	clientClear  = "input_audio_buffer.clear"
	clientItem   = "conversation.item.create"
	clientCreate = "response.create"
)

// The events of the server that package voice does not name.
const (
	sessionUpdated = "session.updated"
	speechStarted  = "input_audio_buffer.speech_started"
	speechStopped  = "input_audio_buffer.speech_stopped"
	bufferCleared  = "input_audio_buffer.cleared"
	itemAdded      = "conversation.item.added"
	itemDone       = "conversation.item.done"
	itemDeleted    = "conversation.item.deleted"
)

// The codes of error events. Those that OpenAI has are its.
const (
	CodeEventInvalid   = "event_invalid"                            // not JSON, a field of a wrong type or out of its range
	CodeEventUnknown   = "event_unknown"                            // a type that this server does not take
	CodeBufferEmpty    = "input_audio_buffer_commit_empty"          // less than 100 ms of sound to commit
	CodeBufferFull     = "input_audio_buffer_full"                  // more than 60 s that are not answered, or ahead of time
	CodeActiveResponse = "conversation_already_has_active_response" // response.create while an answer is being given
	CodeNoResponse     = "response_cancel_not_active"               // response.cancel while none is
	CodeInputMissing   = "response_input_missing"                   // response.create, and nothing was said
	CodeExpired        = "session_expired"                          // the connection is as old as one gets
)

// clientEvent is what a client sends, all types in one.
type clientEvent struct {
	Type       string          `json:"type"`
	EventID    string          `json:"event_id"`
	Session    json.RawMessage `json:"session"`
	Audio      []byte          `json:"audio"` // base64
	Item       *clientMessage  `json:"item"`
	ItemID     string          `json:"item_id"`
	AudioEndMS *int64          `json:"audio_end_ms"`
	Content    int             `json:"content_index"`
}

// clientMessage is what a member typed.
type clientMessage struct {
	ID      string    `json:"id"`
	Type    string    `json:"type"`
	Role    string    `json:"role"`
	Status  string    `json:"status,omitempty"`
	Content []content `json:"content"`
}

type content struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// serverEvent is an event that package voice has no shape for.
type serverEvent struct {
	Type         string         `json:"type"`
	ID           string         `json:"event_id"`
	Session      *sessionObject `json:"session,omitempty"`
	ItemID       string         `json:"item_id,omitempty"`
	PreviousItem string         `json:"previous_item_id,omitempty"`
	AudioStartMS *int64         `json:"audio_start_ms,omitempty"`
	AudioEndMS   *int64         `json:"audio_end_ms,omitempty"`
	ContentIndex *int           `json:"content_index,omitempty"`
	Transcript   string         `json:"transcript,omitempty"` // of what was truncated: what was heard
	Item         *clientMessage `json:"item,omitempty"`
	Error        *errorDetail   `json:"error,omitempty"`
}

// errorDetail is voice's, with the event that it answers.
type errorDetail struct {
	voice.ErrorDetail
	EventID string `json:"event_id,omitempty"`
}

// tell sends an event of ours.
func (s *session) tell(e serverEvent) {
	s.events++
	e.ID = "event_" + strconv.Itoa(s.events)
	s.put(e, "")
}

// pass sends an event of package voice; sound names the answer whose sound it is.
func (s *session) pass(e voice.Event, sound string) {
	s.events++
	e.ID = "event_" + strconv.Itoa(s.events)
	s.put(e, sound)
}

func (s *session) put(e any, sound string) {
	b, err := json.Marshal(e)
	if err != nil {
		s.fail(err)
		return
	}
	if err := s.out.put(message{data: b, sound: sound}); err != nil {
		s.fail(err)
	}
}

// refuse answers an event of the client that was wrong.
func (s *session) refuse(eventID, code, text string) {
	s.tell(serverEvent{Type: voice.ErrorEvent, Error: &errorDetail{voice.ErrorDetail{Type: "invalid_request_error", Code: code, Message: text}, eventID}})
}
