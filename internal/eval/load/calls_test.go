package load_test

import (
	"testing"
	"time"

	"github.com/intellifit/intellifit/internal/eval/load"
	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
	"github.com/intellifit/intellifit/shared/redis/redistest"
)

// TestCallsStayApart is the bench of calls with few turns and no bar on time: nobody hears a word of another, no turn is lost, and
// nothing goes on running. Members think a moment: the place of a turn is free a few milliseconds after its last event.
func TestCallsStayApart(t *testing.T) {
	app, _ := postgrestest.URLs(t)
	bench := load.Calls{DatabaseURL: app, RedisURL: redistest.URL(t), Calls: 4, Turns: 10, Think: 50 * time.Millisecond, Token: time.Millisecond, Progress: models.Silent()}
	report, err := bench.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !report.Sound() || report.Answered != 40 || len(report.OverheadBy) != 4 || report.FirstSound.P50 <= report.Overhead.P50 {
		t.Errorf("%d turns answered, goroutines %d before and %d after, overhead by %v\nlost %q\nforeign %q",
			report.Answered, report.GoroutinesBefore, report.GoroutinesAfter, report.OverheadBy, report.Lost, report.Foreign)
	}
	forgotten(t, bench.RedisURL)
}
