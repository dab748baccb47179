package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/appointment"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

var (
	monday = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC) // the test gym lives in UTC
	friday = monday.AddDate(0, 0, -3)
)

// book is the book of a gym whose coaches Ada (10 places) and Bo (1) work on weekdays from 9 to 17.
func book(t *testing.T, db *postgres.DB) *appointment.Book {
	t.Helper()
	ctx := postgrestest.Service(t.Context())
	if err := db.UpsertGym(ctx, gym.Gym{ID: postgrestest.GymID, Name: "Test gym", TimeZone: "UTC"}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.UpsertCoaches(ctx, []gym.Coach{{ID: "ada", Name: "Ada"}, {ID: "bo", Name: "Bo"}}); err != nil {
		t.Fatal(err)
	}
	var hours []gym.WorkingHours
	for day := time.Monday; day <= time.Friday; day++ {
		hours = append(hours, gym.WorkingHours{CoachID: "ada", Weekday: day, From: 9 * 60, To: 17 * 60, Capacity: 10},
			gym.WorkingHours{CoachID: "bo", Weekday: day, From: 9 * 60, To: 17 * 60, Capacity: 1})
	}
	if err := db.SetWorkingHours(ctx, hours); err != nil {
		t.Fatal(err)
	}
	return &appointment.Book{Store: db, Now: func() time.Time { return friday }}
}

func people(t *testing.T, db *postgres.DB, n int) {
	t.Helper()
	var members []gym.Member
	for i := range n {
		members = append(members, gym.Member{ID: fmt.Sprintf("m%04d", i)})
	}
	if _, err := db.UpsertMembers(postgrestest.Service(t.Context()), members); err != nil {
		t.Fatal(err)
	}
}

func as(ctx context.Context, member string) context.Context {
	return postgrestest.As(ctx, member, gym.RoleMember)
}

func codeOf(err error) string {
	var known *gym.Error
	if errors.As(err, &known) {
		return known.Code
	}
	return fmt.Sprint(err)
}

// TestThousandBookOneSlot: whatever happens at once, a slot of ten takes ten.
func TestThousandBookOneSlot(t *testing.T) {
	t.Parallel()
	const crowd = 1000
	db := postgrestest.Open(t)
	b := book(t, db)
	people(t, db, crowd)
	var booked, refused atomic.Int32
	var all sync.WaitGroup
	for i := range crowd {
		all.Go(func() {
			member := fmt.Sprintf("m%04d", i)
			_, err := b.Schedule(as(t.Context(), member), appointment.Request{MemberID: member, CoachID: "ada", StartsAt: monday.Add(10 * time.Hour), Key: "k"})
			switch {
			case err == nil:
				booked.Add(1)
			case codeOf(err) == "slot_taken":
				refused.Add(1)
			default:
				t.Errorf("member %s: %v", member, err)
			}
		})
	}
	all.Wait()
	if booked.Load() != 10 || refused.Load() != crowd-10 {
		t.Errorf("%d booked and %d refused, want 10 and %d", booked.Load(), refused.Load(), crowd-10)
	}
	slots, err := b.Free(as(t.Context(), "m0000"), appointment.Wanted{CoachID: "ada", From: monday.Add(10 * time.Hour), To: monday.Add(10*time.Hour + time.Minute)})
	if err != nil || len(slots) != 0 {
		t.Errorf("the full slot is offered: %v, %v", slots, err)
	}
}

// TestBookingHappensOnce: the same key, many times at once, is one appointment; for something else it is refused.
func TestBookingHappensOnce(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	b := book(t, db)
	people(t, db, 2)
	ctx := as(t.Context(), "m0000")
	r := appointment.Request{MemberID: "m0000", CoachID: "bo", StartsAt: monday.Add(9 * time.Hour), Minutes: 30, Key: "once"}
	ids := make([]string, 20)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			a, err := b.Schedule(ctx, r)
			if err != nil {
				t.Error(err)
			}
			ids[i] = a.ID
		})
	}
	all.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Fatalf("made %v", ids)
		}
	}
	other := r
	other.StartsAt = monday.Add(11 * time.Hour)
	if _, err := b.Schedule(ctx, other); codeOf(err) != "call_id_reused" {
		t.Errorf("the key for another time: %v", err)
	}
	if list, err := b.Upcoming(ctx, "m0000", friday, monday.AddDate(0, 0, 7)); err != nil || len(list) != 1 || list[0].CoachName != "Bo" {
		t.Errorf("upcoming: %+v, %v", list, err)
	}
	moved, err := b.Reschedule(ctx, ids[0], monday.Add(13*time.Hour), "move")
	if err != nil || !moved.StartsAt.Equal(monday.Add(13*time.Hour)) {
		t.Fatalf("moved: %+v, %v", moved, err)
	}
	if again, err := b.Reschedule(ctx, ids[0], monday.Add(13*time.Hour), "move"); err != nil || again != moved {
		t.Errorf("moved again: %+v, %v", again, err)
	}
	// The old place is free for somebody else, the new one is not.
	second := as(t.Context(), "m0001")
	if _, err := b.Schedule(second, appointment.Request{MemberID: "m0001", CoachID: "bo", StartsAt: monday.Add(13 * time.Hour), Minutes: 30, Key: "a"}); codeOf(err) != "slot_taken" {
		t.Errorf("the new place: %v", err)
	}
	if _, err := b.Schedule(second, appointment.Request{MemberID: "m0001", CoachID: "bo", StartsAt: monday.Add(9 * time.Hour), Minutes: 30, Key: "b"}); err != nil {
		t.Errorf("the old place: %v", err)
	}
	for range 2 {
		if gone, err := b.Cancel(ctx, ids[0], "cancel"); err != nil || gone.Status != gym.Cancelled {
			t.Errorf("cancelled: %+v, %v", gone, err)
		}
	}
	if _, err := b.Schedule(second, appointment.Request{MemberID: "m0001", CoachID: "bo", StartsAt: monday.Add(13 * time.Hour), Minutes: 30, Key: "c"}); err != nil {
		t.Errorf("the cancelled place: %v", err)
	}
}

func TestBookingIsRefused(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	b := book(t, db)
	people(t, db, 2)
	if err := db.SetTimeOff(postgrestest.Service(t.Context()), []gym.TimeOff{{CoachID: "bo", StartsAt: monday.Add(12 * time.Hour), EndsAt: monday.Add(14 * time.Hour)}}); err != nil {
		t.Fatal(err)
	}
	ctx := as(t.Context(), "m0000")
	own, err := b.Schedule(ctx, appointment.Request{MemberID: "m0000", CoachID: "ada", StartsAt: monday.Add(9 * time.Hour), Key: "own"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		r    appointment.Request
		code string
	}{
		"past":              {appointment.Request{MemberID: "m0000", CoachID: "ada", StartsAt: friday.Add(-time.Hour)}, "slot_past"},
		"far away":          {appointment.Request{MemberID: "m0000", CoachID: "ada", StartsAt: friday.AddDate(0, 3, 0)}, "slot_too_far"},
		"before hours":      {appointment.Request{MemberID: "m0000", CoachID: "ada", StartsAt: monday.Add(8 * time.Hour)}, "slot_unavailable"},
		"over the end":      {appointment.Request{MemberID: "m0000", CoachID: "ada", StartsAt: monday.Add(16*time.Hour + 30*time.Minute)}, "slot_unavailable"},
		"sunday":            {appointment.Request{MemberID: "m0000", CoachID: "ada", StartsAt: monday.Add(-12 * time.Hour)}, "slot_unavailable"},
		"time off":          {appointment.Request{MemberID: "m0000", CoachID: "bo", StartsAt: monday.Add(13*time.Hour + 30*time.Minute)}, "slot_unavailable"},
		"odd minute":        {appointment.Request{MemberID: "m0000", CoachID: "ada", StartsAt: monday.Add(10*time.Hour + 3*time.Minute)}, "slot_unavailable"},
		"unknown coach":     {appointment.Request{MemberID: "m0000", CoachID: "zoe", StartsAt: monday.Add(10 * time.Hour)}, "coach_unknown"},
		"too long":          {appointment.Request{MemberID: "m0000", CoachID: "ada", StartsAt: monday.Add(10 * time.Hour), Minutes: 500}, "minutes_invalid"},
		"elsewhere then":    {appointment.Request{MemberID: "m0000", CoachID: "bo", StartsAt: monday.Add(9*time.Hour + 30*time.Minute)}, "appointment_overlap"},
		"somebody else's":   {appointment.Request{MemberID: "m0001", CoachID: "ada", StartsAt: monday.Add(10 * time.Hour)}, "forbidden"},
		"nobody we know of": {appointment.Request{MemberID: "nobody", CoachID: "ada", StartsAt: monday.Add(10 * time.Hour)}, "forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			c.r.Key = name
			if a, err := b.Schedule(ctx, c.r); codeOf(err) != c.code {
				t.Errorf("got %+v, %v; want %s", a, err, c.code)
			}
		})
	}
	stranger := as(t.Context(), "m0001")
	if _, err := b.Cancel(stranger, own.ID, "x"); codeOf(err) != "appointment_unknown" {
		t.Errorf("a stranger cancels: %v", err)
	}
	if _, err := b.Reschedule(stranger, own.ID, monday.Add(10*time.Hour), "x"); codeOf(err) != "appointment_unknown" {
		t.Errorf("a stranger moves: %v", err)
	}
	if list, err := b.Upcoming(stranger, "m0000", friday, monday.AddDate(0, 0, 7)); err != nil || len(list) != 0 {
		t.Errorf("a stranger sees %v, %v", list, err)
	}
	if err := db.SetWorkingHours(ctx, nil); codeOf(err) != "forbidden" && err != nil {
		t.Errorf("a member changes working hours: %v", err)
	}
	if hours, err := db.WorkingHours(ctx); err != nil || len(hours) != 10 {
		t.Errorf("after a member's try there are %d working hours, %v", len(hours), err)
	}
}
