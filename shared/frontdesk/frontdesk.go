// Package frontdesk puts the coach together from what a host configures: the database, Redis and the model server. The
// functions through which members meet the coach, by writing or by voice, have the same one.
package frontdesk

import (
	"context"

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

// Desk is the coach with what it stands on.
type Desk struct {
	DB     *postgres.DB
	Redis  *redis.DB
	Memory *memory.Memory
	Coach  *coach.Coach
	after  *after
}

// Open reads the configuration and dials nothing: OLLAMA_HOST, OLLAMA_NUM_PARALLEL (calls that run at once on that server,
// default 1), REDIS_URL, GATEWAY_URL, EMERGENCY_NUMBER, and the secret database-url. The calls of the model have the given
// priority.
func Open(ctx context.Context, host faas.Host, priority llm.Priority) (*Desk, error) {
	url, err := host.Secrets.Secret(databaseSecret)
	if err != nil {
		return nil, err
	}
	parallel, err := faas.Number(host.Getenv, "OLLAMA_NUM_PARALLEL", 1)
	if err != nil {
		return nil, err
	}
	model, err := llm.New(llm.Config{Host: host.Getenv("OLLAMA_HOST"), Priority: priority, Parallel: parallel, Log: host.Log})
	if err != nil {
		return nil, err
	}
	background, err := llm.New(llm.Config{Host: host.Getenv("OLLAMA_HOST"), Priority: llm.PriorityPlan, Log: host.Log})
	if err != nil {
		return nil, err
	}
	store, err := redis.Open(host.Getenv("REDIS_URL"))
	if err != nil {
		return nil, err
	}
	db, err := postgres.Open(ctx, url)
	if err != nil {
		return nil, err
	}
	store.Now = host.Now
	d := &Desk{DB: db, Redis: store, after: newAfter(), Memory: &memory.Memory{Log: db, Window: store, Lost: func(ctx context.Context, err error) {
		faas.Logger(ctx).Warn("the last turns were not at hand", "cause", err.Error())
	}}}
	book := &appointment.Book{Store: db, Now: host.Now}
	d.Coach = &coach.Coach{
		Members: db, Gyms: db, Appointments: book, Router: &route.Router{Embed: model, Model: model}, Desk: oneTurn{store}, Memory: d.Memory,
		Escalations: db, Catalogue: db, Plans: db, Embedder: model, Model: model, Background: background, After: d.after.run, Rules: rules.Default(),
		Tools:     toolbox.New(toolbox.Deps{Book: book, Plans: db, Record: db, Planning: gateway.New(host.Getenv("GATEWAY_URL"))}),
		Emergency: host.Getenv("EMERGENCY_NUMBER"), Now: host.Now, Log: faas.Logger,
	}
	return d, nil
}

// Limit counts calls of a kind against so many of each member a minute; 0 is no limit. While Redis is away this process counts
// alone.
func (d *Desk) Limit(kind string, perMinute int) *redis.Limit {
	return d.Redis.NewLimit(kind, perMinute, func(ctx context.Context, err error) {
		faas.Logger(ctx).Warn("calls are counted by this process alone", "cause", err.Error())
	})
}

// Close ends what runs behind the turns, and the connections.
func (d *Desk) Close() error {
	d.after.close()
	d.DB.Close()
	return d.Redis.Close()
}

// oneTurn is Redis with one turn of a member at a time. A message that is sent twice under one id waits for the first one's
// answer and gets it; the order of the two locks is what makes that so.
type oneTurn struct{ *redis.DB }

// Once runs f for the first of several calls with the same id, when no other turn of the member runs.
func (o oneTurn) Once(ctx context.Context, memberID, id string, f func(context.Context) ([]byte, error)) ([]byte, bool, error) {
	return o.DB.Once(ctx, memberID, id, func(ctx context.Context) ([]byte, error) {
		return o.DB.Alone(ctx, memberID, f)
	})
}
