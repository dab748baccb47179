package load_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/intellifit/intellifit/internal/eval/load"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
	"github.com/intellifit/intellifit/shared/redis/redistest"
)

// TestChatsStayApart is the bench with fewer turns and no bar on time: nobody hears a word of another, no turn is lost, what was
// confirmed is kept, and nothing goes on running.
func TestChatsStayApart(t *testing.T) {
	app, _ := postgrestest.URLs(t)
	bench := load.Bench{DatabaseURL: app, RedisURL: redistest.URL(t), Chats: 50, Turns: 10, Think: 50 * time.Millisecond, Token: time.Millisecond, Progress: models.Silent()}
	report, err := bench.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !report.Sound() {
		t.Errorf("%d of %d turns answered, goroutines %d before and %d after\nlost %q\nforeign %q",
			report.Answered, bench.Chats*bench.Turns, report.GoroutinesBefore, report.GoroutinesAfter, report.Lost, report.Foreign)
	}
	if len(report.OverheadBy) != 4 {
		t.Errorf("kinds of turns: %v", report.OverheadBy)
	}
	forgotten(t, bench.RedisURL)
}

// TestStoppedBenchLeavesNothing: who breaks a run off has no gym of it afterwards.
func TestStoppedBenchLeavesNothing(t *testing.T) {
	app, _ := postgrestest.URLs(t)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	bench := load.Bench{DatabaseURL: app, RedisURL: redistest.URL(t), Chats: 2, Turns: 1000, Think: 100 * time.Millisecond, Token: time.Millisecond, Progress: models.Silent()}
	if _, err := bench.Run(ctx); err == nil || err.Error() != context.DeadlineExceeded.Error() {
		t.Errorf("ended with %v", err)
	}
	forgotten(t, bench.RedisURL)
}

// forgotten reports what a run left in Redis. That its gym is gone from the database shows in that Run has no more to say
// than why it ended: package postgres tests DeleteGym.
func forgotten(t *testing.T, redisURL string) {
	t.Helper()
	options, err := redis.ParseURL(redisURL)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(options)
	defer client.Close()
	if keys, err := client.Keys(t.Context(), "intellifit:1:*:bench-*").Result(); err != nil || len(keys) > 0 {
		t.Errorf("Redis still holds %d keys, %v", len(keys), err)
	}
}
