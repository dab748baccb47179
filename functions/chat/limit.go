package chat

import (
	"context"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/redis"
)

// perMinute is how many messages a member may send, when CHAT_PER_MINUTE does not say.
const perMinute = 20

// desk is Redis with one turn of a member at a time. A message that is sent twice under one id waits for the first one's answer
// and gets it; the order of the two locks is what makes that so.
type desk struct{ *redis.DB }

// Once runs f for the first of several calls with the same id, when no other turn of the member runs.
func (d desk) Once(ctx context.Context, memberID, id string, f func(context.Context) ([]byte, error)) ([]byte, bool, error) {
	return d.DB.Once(ctx, memberID, id, func(ctx context.Context) ([]byte, error) {
		return d.DB.Alone(ctx, memberID, f)
	})
}

func lostCount(ctx context.Context, err error) {
	faas.Logger(ctx).Warn("calls are counted by this process alone", "cause", err.Error())
}
