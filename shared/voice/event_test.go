package voice

import (
	"encoding/json"
	"testing"

	"github.com/intellifit/intellifit/shared/coach"
)

// TestEventJSON: the shapes that clients of the Realtime API read.
func TestEventJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		e    Event
		want string
	}{
		{Event{Type: TranscriptDelta, ID: "event_1", ResponseID: "r", ItemID: "i", Text: "Hi"}, `{"type":"response.output_audio_transcript.delta","event_id":"event_1","item_id":"i","response_id":"r","delta":"Hi"}`},
		{Event{Type: AudioDelta, ID: "event_2", Audio: []byte{1, 2}, StartMS: 100}, `{"type":"response.output_audio.delta","event_id":"event_2","delta":"AQI=","start_ms":100}`},
		{Event{Type: FunctionCall, ID: "event_3", Call: &Called{CallID: "c", Name: "list", Arguments: "{}", Status: coach.StatusRead}},
			`{"type":"response.function_call_arguments.done","event_id":"event_3","call_id":"c","name":"list","arguments":"{}","status":"read"}`},
		{Event{Type: ErrorEvent, ID: "event_4", Error: &ErrorDetail{Type: "server_error", Code: "x", Message: "m"}}, `{"type":"error","event_id":"event_4","error":{"type":"server_error","code":"x","message":"m"}}`},
	} {
		got, err := json.Marshal(c.e)
		if err != nil || string(got) != c.want {
			t.Errorf("%s\n%s %v", c.want, got, err)
		}
	}
}
