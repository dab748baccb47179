package chat

import (
	"context"
	"fmt"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/intellifit/intellifit/shared/appointment"
	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/coach/memory"
	"github.com/intellifit/intellifit/shared/coach/route"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gateway"
	"github.com/intellifit/intellifit/shared/llm"
	"github.com/intellifit/intellifit/shared/planner/rules"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/redis"
	"github.com/intellifit/intellifit/shared/toolbox"
)

// databaseSecret holds the URL of the database under the runtime role.
const databaseSecret = "database-url"

// Function is an http.Handler with the operations of conversations.
type Function struct {
	*faas.API
	db     *postgres.DB
	redis  *redis.DB
	memory *memory.Memory
	after  *after
	coach  *coach.Coach
	limit  func(huma.Context, func(huma.Context)) // of messages
}

// New reads the configuration and dials nothing: OLLAMA_HOST, OLLAMA_NUM_PARALLEL (calls that run at once on
// that server, default 1), CHAT_PER_MINUTE (messages of a member, default 20, 0 = no limit), REDIS_URL, GATEWAY_URL,
// EMERGENCY_NUMBER, and the secrets database-url and jwt-key.
func New(ctx context.Context, host faas.Host) (*Function, error) {
	api, err := faas.NewAPI("chat", "1.0.0", "The coach: talks, looks up, and books after a yes.", host)
	if err != nil {
		return nil, err
	}
	host = api.Host()
	url, err := host.Secrets.Secret(databaseSecret)
	if err != nil {
		return nil, fmt.Errorf("configure the function chat: %w", err)
	}
	parallel, err := faas.Number(host.Getenv, "OLLAMA_NUM_PARALLEL", 1)
	if err != nil {
		return nil, fmt.Errorf("configure the function chat: %w", err)
	}
	model, err := llm.New(llm.Config{Host: host.Getenv("OLLAMA_HOST"), Priority: llm.PriorityChat, Parallel: parallel, Log: host.Log})
	if err != nil {
		return nil, fmt.Errorf("configure the function chat: %w", err)
	}
	most, err := faas.Number(host.Getenv, "CHAT_PER_MINUTE", perMinute)
	if err != nil {
		return nil, fmt.Errorf("configure the function chat: %w", err)
	}
	background, err := llm.New(llm.Config{Host: host.Getenv("OLLAMA_HOST"), Priority: llm.PriorityPlan, Log: host.Log})
	if err != nil {
		return nil, fmt.Errorf("configure the function chat: %w", err)
	}
	store, err := redis.Open(host.Getenv("REDIS_URL"))
	if err != nil {
		return nil, fmt.Errorf("configure the function chat: %w", err)
	}
	db, err := postgres.Open(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("configure the function chat: %w", err)
	}
	store.Now = host.Now
	f := &Function{API: api, after: newAfter(), db: db, redis: store, memory: &memory.Memory{Log: db, Window: store, Lost: func(ctx context.Context, err error) {
		faas.Logger(ctx).Warn("the last turns were not at hand", "cause", err.Error())
	}}}
	book := &appointment.Book{Store: db, Now: host.Now}
	f.coach = &coach.Coach{
		Members: db, Gyms: db, Appointments: book, Router: &route.Router{Embed: model, Model: model}, Desk: desk{store}, Memory: f.memory,
		Escalations: db, Catalogue: db, Plans: db, Embedder: model, Model: model, Background: background, After: f.after.run, Rules: rules.Default(),
		Tools:     toolbox.New(toolbox.Deps{Book: book, Plans: db, Record: db, Planning: gateway.New(host.Getenv("GATEWAY_URL"))}),
		Emergency: host.Getenv("EMERGENCY_NUMBER"), Now: host.Now, Log: faas.Logger,
	}
	f.OnReady(db.Ping)
	f.OnReady(store.Ping)
	f.limit = f.Limited(store.NewLimit("chat", most, lostCount).Allow)
	f.register()
	return f, nil
}

// Close ends what runs behind the turns, and the connections.
func (f *Function) Close() error {
	f.after.close()
	f.db.Close()
	return f.redis.Close()
}

var (
	replyType = reflect.TypeFor[coach.Reply]()
	eventType = reflect.TypeFor[coach.Event]()
)
