package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/intellifit/intellifit/shared/coach/memory"
)

// windowTTL is how long the last turns of a conversation stay near at hand.
const windowTTL = 24 * time.Hour

// Window returns the last messages of a conversation; ok is false when they are not here.
func (db *DB) Window(ctx context.Context, memberID, conversationID string) (messages []memory.Message, ok bool, err error) {
	gymID, err := gymOf(ctx)
	if err != nil {
		return nil, false, err
	}
	value, err := db.client.Get(ctx, key("window", gymID, memberID, conversationID)).Bytes()
	if errors.Is(err, goredis.Nil) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, translate("read the last turns", err)
	}
	if err := json.Unmarshal(value, &messages); err != nil {
		return nil, false, fmt.Errorf("read the last turns: %w", err)
	}
	return messages, true, nil
}

// SetWindow stores the last messages of a conversation.
func (db *DB) SetWindow(ctx context.Context, memberID, conversationID string, messages []memory.Message) error {
	gymID, err := gymOf(ctx)
	if err != nil {
		return err
	}
	value, err := json.Marshal(messages)
	if err != nil {
		return fmt.Errorf("store the last turns: %w", err)
	}
	return translate("store the last turns", db.client.Set(ctx, key("window", gymID, memberID, conversationID), value, windowTTL).Err())
}

// DropWindow forgets the last messages of a conversation.
func (db *DB) DropWindow(ctx context.Context, memberID, conversationID string) error {
	gymID, err := gymOf(ctx)
	if err != nil {
		return err
	}
	return translate("forget the last turns", db.client.Del(ctx, key("window", gymID, memberID, conversationID), key("open", gymID, memberID, conversationID)).Err())
}
