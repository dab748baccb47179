package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/toolbox"
)

// remembered is how long a proposal is known after it was made, so that a late yes hears "expired" and not "unknown".
const remembered = time.Hour

// used stands in a proposal's place once it was taken.
const used = "used"

// Put keeps a proposal.
func (db *DB) Put(ctx context.Context, p toolbox.Proposal) error {
	value, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("keep a proposal: %w", err)
	}
	return translate("keep a proposal", db.client.Set(ctx, proposalKey(p.GymID, p.MemberID, p.ConversationID, p.ID), value, remembered).Err())
}

// take gives the value to the first who asks.
var take = goredis.NewScript(`
	local value = redis.call('GET', KEYS[1])
	if value and value ~= ARGV[1] then
	  redis.call('SET', KEYS[1], ARGV[1], 'KEEPTTL')
	end
	return value`)

// Take gives a proposal to the first who asks for it, and to nobody after. One of another member or conversation is
// unknown.
func (db *DB) Take(ctx context.Context, gymID, memberID, conversationID, id string) (toolbox.Proposal, error) {
	value, err := take.Run(ctx, db.client, []string{proposalKey(gymID, memberID, conversationID, id)}, used).Text()
	switch {
	case errors.Is(err, goredis.Nil):
		return toolbox.Proposal{}, gym.Errorf(gym.ErrNotFound, "proposal_unknown", "no such proposal in this conversation, or it is too old")
	case err != nil:
		return toolbox.Proposal{}, translate("take a proposal", err)
	case value == used:
		return toolbox.Proposal{}, gym.Errorf(gym.ErrConflict, "proposal_used", "this proposal was answered before")
	}
	var p toolbox.Proposal
	if err := json.Unmarshal([]byte(value), &p); err != nil {
		return toolbox.Proposal{}, fmt.Errorf("read a proposal: %w", err)
	}
	if db.Now().After(p.ExpiresAt) {
		return toolbox.Proposal{}, gym.Errorf(gym.ErrConflict, "proposal_expired", "this proposal has expired; ask again")
	}
	return p, nil
}

func proposalKey(gymID, memberID, conversationID, id string) string {
	return key("proposal", gymID, memberID, conversationID, id)
}
