package chat

import (
	"context"
	"fmt"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/frontdesk"
	"github.com/intellifit/intellifit/shared/llm"
)

// perMinute is how many messages a member may send, when CHAT_PER_MINUTE does not say.
const perMinute = 20

// Function is an http.Handler with the operations of conversations.
type Function struct {
	*faas.API
	desk  *frontdesk.Desk
	limit func(huma.Context, func(huma.Context)) // of messages
}

// New reads the configuration and dials nothing: what package frontdesk needs, CHAT_PER_MINUTE (messages of a member, default
// 20, 0 = no limit), and the secret jwt-key.
func New(ctx context.Context, host faas.Host) (*Function, error) {
	api, err := faas.NewAPI("chat", "1.0.0", "The coach: talks, looks up, and books after a yes.", host)
	if err != nil {
		return nil, err
	}
	host = api.Host()
	most, err := faas.Number(host.Getenv, "CHAT_PER_MINUTE", perMinute)
	if err != nil {
		return nil, fmt.Errorf("configure the function chat: %w", err)
	}
	desk, err := frontdesk.Open(ctx, host, llm.PriorityChat)
	if err != nil {
		return nil, fmt.Errorf("configure the function chat: %w", err)
	}
	f := &Function{API: api, desk: desk}
	f.OnReady(desk.DB.Ping)
	f.OnReady(desk.Redis.Ping)
	f.limit = f.Limited(desk.Limit("chat", most).Allow)
	f.register()
	return f, nil
}

// Close ends what runs behind the turns, and the connections.
func (f *Function) Close() error { return f.desk.Close() }

var (
	replyType = reflect.TypeFor[coach.Reply]()
	eventType = reflect.TypeFor[coach.Event]()
)
