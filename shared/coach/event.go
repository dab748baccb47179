package coach

import (
	"encoding/json"
	"time"
)

// Kind names what happened in a turn. The names are part of the contract: clients switch on them.
type Kind string

// The kinds, in the order in which they can come. Every turn begins with Started and, unless it fails, ends with Done.
const (
	Started  Kind = "conversation" // which conversation this is
	Screened Kind = "safety"       // a rule of safety answers or tightens
	Working  Kind = "working"      // a tool begins; it may take a while
	Acted    Kind = "action"       // a tool was found, asked about, proposed or run
	Proposed Kind = "proposal"     // something waits for a yes
	Delta    Kind = "delta"        // the next words of the reply
	Done     Kind = "done"         // the whole reply
)

// Event is one thing that happened. What Kind does not name is empty.
type Event struct {
	Kind           Kind      `json:"type" enum:"conversation,safety,working,action,proposal,delta,done"`
	ConversationID string    `json:"conversation_id,omitempty"`
	Text           string    `json:"text,omitempty"`
	Safety         *Safety   `json:"safety,omitempty"`
	Action         *Action   `json:"action,omitempty"`
	Proposal       *Proposal `json:"proposal,omitempty"`
	Reply          *Reply    `json:"reply,omitempty"`
}

// Status says how far an action came.
type Status string

// The statuses of an action.
const (
	StatusNone     Status = "none"     // talk, no tool
	StatusAsked    Status = "asked"    // something is missing; the reply asks for it
	StatusRead     Status = "read"     // a tool looked something up
	StatusProposed Status = "proposed" // a write waits for a yes
	StatusDone     Status = "done"     // a write happened
	StatusDeclined Status = "declined" // the member said no
	StatusRefused  Status = "refused"  // it cannot be: the slot is taken, the tool is not allowed
)

// Action is what the turn did.
type Action struct {
	Name   string          `json:"name" doc:"the tool, or reply"`
	Args   json.RawMessage `json:"args,omitempty" doc:"as they were checked"`
	Status Status          `json:"status" enum:"none,asked,read,proposed,done,declined,refused"`
	Result json.RawMessage `json:"result,omitempty" doc:"of a tool that ran"`
	Code   string          `json:"code,omitempty" doc:"why it was refused"`
}

// Proposal is a write that waits for a yes.
type Proposal struct {
	ID        string    `json:"id"`
	Tool      string    `json:"tool"`
	Summary   string    `json:"summary" doc:"what will happen, in words"`
	ExpiresAt time.Time `json:"expires_at"`
}

// Safety names the rule that answered or tightened the turn.
type Safety struct {
	Code string `json:"code"`
}

// Citation is a row of the gym that the reply rests on.
type Citation struct {
	Kind string `json:"kind" enum:"exercise,food,plan"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Reply is a whole turn's answer.
type Reply struct {
	ConversationID string           `json:"conversation_id"`
	MessageID      int64            `json:"message_id,omitempty" doc:"of the answer, within its conversation"`
	Reply          string           `json:"reply"`
	Action         Action           `json:"action"`
	Then           *Action          `json:"then,omitempty" doc:"what the second request of the message did"`
	Proposal       *Proposal        `json:"proposal,omitempty"`
	Safety         *Safety          `json:"safety,omitempty"`
	Citations      []Citation       `json:"citations,omitempty"`
	Degraded       bool             `json:"degraded,omitempty" doc:"the model failed; fixed words answer"`
	TimingsMS      map[string]int64 `json:"timings_ms" doc:"milliseconds by stage: route, tool, model, total"`
}
