package toolbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/toolbox/tool"
)

// ProposalTTL is how long a proposal waits for a yes.
const ProposalTTL = 5 * time.Minute

// Proposal is a write that waits for a yes. It belongs to one member and one conversation and is used once.
type Proposal struct {
	ID             string          `json:"id"`
	GymID          string          `json:"gym_id"`
	MemberID       string          `json:"member_id"`
	ConversationID string          `json:"conversation_id,omitempty"` // empty: of no conversation, from a program
	Tool           string          `json:"tool"`
	Args           json.RawMessage `json:"args"`
	Summary        string          `json:"summary"`
	ExpiresAt      time.Time       `json:"expires_at"`
}

// NewProposal makes a proposal of what was summed up.
func NewProposal(c tool.Call, conversationID, name string, args json.RawMessage, summary string) Proposal {
	return Proposal{
		ID: uuid.NewString(), GymID: c.GymID, MemberID: c.MemberID, ConversationID: conversationID,
		Tool: name, Args: args, Summary: summary, ExpiresAt: c.Now.UTC().Add(ProposalTTL),
	}
}

// Key names the write of a proposal for ever: a confirmation that is delivered twice does it once.
func (p Proposal) Key() string {
	sum := sha256.Sum256([]byte(p.GymID + "\x00" + p.MemberID + "\x00" + p.ConversationID + "\x00" + p.ID))
	return hex.EncodeToString(sum[:])
}

// Proposals keeps proposals until they are used or too old.
type Proposals interface {
	Put(ctx context.Context, p Proposal) error
	// Take gives a proposal to the first who asks for it, and to nobody after. It fails with proposal_unknown (also when it
	// is another member's or conversation's), proposal_expired or proposal_used.
	Take(ctx context.Context, gymID, memberID, conversationID, id string) (Proposal, error)
}
