// Package appointment is the appointment book of a gym: free times from working hours, time off and what is taken, and
// bookings that happen once. Who may book for whom is decided by the database; times are instants, hours are those
// of the gym's zone.
package appointment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/coach/safety"
	"github.com/intellifit/intellifit/shared/gym"
)

// The bounds of the book.
const (
	DefaultMinutes = 60
	MinMinutes     = 10
	MaxMinutes     = 240
	Horizon        = 60 * 24 * time.Hour // how far ahead is looked and booked
	maxSlots       = 200
)

// Store keeps the book. Reads see what the principal in ctx may see; what is taken is seen by everybody of the gym.
type Store interface {
	Gym(ctx context.Context) (gym.Gym, error)
	Coaches(ctx context.Context) ([]gym.Coach, error)
	WorkingHours(ctx context.Context) ([]gym.WorkingHours, error)
	TimeOff(ctx context.Context, from, to time.Time) ([]gym.TimeOff, error)
	Occupied(ctx context.Context, from, to time.Time) ([]gym.Occupied, error)
	Appointment(ctx context.Context, id string) (gym.Appointment, error)
	Appointments(ctx context.Context, memberID string, from, to time.Time) ([]gym.Appointment, error)
	// BookAppointment stores a in one of capacity places. It fails with code slot_taken when there is none, and with
	// appointment_overlap when the member is elsewhere then. The same key again gives what the first one stored.
	BookAppointment(ctx context.Context, a gym.Appointment, capacity int, key string) (gym.Appointment, error)
	// MoveAppointment gives it another start, under the same conditions.
	MoveAppointment(ctx context.Context, id string, startsAt time.Time, capacity int, key string) (gym.Appointment, error)
	CancelAppointment(ctx context.Context, id, key string) (gym.Appointment, error)
	// AppointmentByKey is what an earlier write with that key did; gym.ErrNotFound when there was none.
	AppointmentByKey(ctx context.Context, memberID, key string) (gym.Appointment, error)
}

// Book is the book of the gym that a context acts for.
type Book struct {
	Store Store
	Now   func() time.Time
}

// Wanted is what free times are looked for.
type Wanted struct {
	CoachID  string // empty: any
	From, To time.Time
	Minutes  int // 0 = DefaultMinutes
	Limit    int // 0 = all, at most 200
}

// Free lists what can be booked, in order of time. What is past is never offered.
func (b *Book) Free(ctx context.Context, w Wanted) ([]gym.Slot, error) {
	minutes, err := duration(w.Minutes)
	if err != nil {
		return nil, err
	}
	now := b.Now()
	from, to := later(w.From, now), earlier(w.To, now.Add(Horizon))
	if !from.Before(to) {
		return []gym.Slot{}, nil
	}
	names, err := b.names(ctx)
	if err != nil {
		return nil, err
	}
	if w.CoachID != "" && names[w.CoachID] == "" {
		return nil, unknownCoach()
	}
	c, err := b.calendar(ctx, w.CoachID, from, to.Add(MaxMinutes*time.Minute))
	if err != nil {
		return nil, err
	}
	slots := c.free(from, to, minutes, names)
	if w.Limit <= 0 || w.Limit > maxSlots {
		w.Limit = maxSlots
	}
	return slices.Clip(slots[:min(len(slots), w.Limit)]), nil
}

// Request is a booking.
type Request struct {
	MemberID, CoachID string
	StartsAt          time.Time
	Minutes           int    // 0 = DefaultMinutes
	Key               string // of the write: a repeat does nothing twice
}

// Check tells whether a booking would be possible now, without making it.
func (b *Book) Check(ctx context.Context, r Request) (gym.Appointment, error) {
	a, c, err := b.prepare(ctx, r)
	if err != nil {
		return gym.Appointment{}, err
	}
	if c.places(a.CoachID, a.StartsAt, a.Minutes) == 0 {
		return gym.Appointment{}, taken()
	}
	return a, nil
}

// Schedule books.
func (b *Book) Schedule(ctx context.Context, r Request) (gym.Appointment, error) {
	if r.Key != "" { // a repeat finds what was done, also when the time is past by now
		if done, err := b.Store.AppointmentByKey(ctx, r.MemberID, r.Key); err == nil && done.CoachID == r.CoachID && done.StartsAt.Equal(r.StartsAt) {
			return b.named(ctx, done)
		}
	}
	a, c, err := b.prepare(ctx, r)
	if err != nil {
		return gym.Appointment{}, err
	}
	stored, err := b.Store.BookAppointment(ctx, a, c.capacity(a.CoachID, a.StartsAt, a.Minutes), r.Key)
	if err != nil {
		return gym.Appointment{}, fmt.Errorf("book an appointment: %w", err)
	}
	stored.CoachName = a.CoachName
	return stored, nil
}

// prepare checks everything of a booking but whether a place is left.
func (b *Book) prepare(ctx context.Context, r Request) (gym.Appointment, calendar, error) {
	minutes, err := duration(r.Minutes)
	if err != nil {
		return gym.Appointment{}, calendar{}, err
	}
	names, err := b.names(ctx)
	if err != nil {
		return gym.Appointment{}, calendar{}, err
	}
	name, ok := names[r.CoachID]
	if !ok {
		return gym.Appointment{}, calendar{}, unknownCoach()
	}
	c, err := b.fits(ctx, r.CoachID, r.StartsAt, minutes)
	return gym.Appointment{
		ID: uuid.NewString(), MemberID: r.MemberID, CoachID: r.CoachID, CoachName: name,
		StartsAt: r.StartsAt.UTC(), Minutes: minutes, Status: gym.Booked, CreatedAt: b.Now().UTC(),
	}, c, err
}

// fits refuses a time that is past, too far away, or outside of the coach's hours.
func (b *Book) fits(ctx context.Context, coachID string, start time.Time, minutes int) (calendar, error) {
	now := b.Now()
	switch {
	case !start.After(now):
		return calendar{}, gym.Errorf(gym.ErrInfeasible, "slot_past", "that time is over")
	case start.After(now.Add(Horizon)):
		return calendar{}, gym.Errorf(gym.ErrInfeasible, "slot_too_far", "appointments are made at most %d days ahead", int(Horizon/(24*time.Hour)))
	}
	c, err := b.calendar(ctx, coachID, start, start.Add(time.Duration(minutes)*time.Minute))
	if err != nil {
		return calendar{}, err
	}
	if start.Second() != 0 || start.Minute()%5 != 0 || c.capacity(coachID, start, minutes) == 0 {
		return calendar{}, &gym.Error{Kind: gym.ErrInfeasible, Code: "slot_unavailable", Detail: "the coach does not work at that time", Hint: "ask check_availability"}
	}
	return c, nil
}

// Moved tells what a reschedule would make, without making it.
func (b *Book) Moved(ctx context.Context, id string, startsAt time.Time) (gym.Appointment, error) {
	a, c, err := b.move(ctx, id, startsAt)
	if err != nil {
		return gym.Appointment{}, err
	}
	c.occupied = slices.DeleteFunc(c.occupied, func(o gym.Occupied) bool { return o.AppointmentID == id })
	if c.places(a.CoachID, a.StartsAt, a.Minutes) == 0 {
		return gym.Appointment{}, taken()
	}
	return a, nil
}

func (b *Book) move(ctx context.Context, id string, startsAt time.Time) (gym.Appointment, calendar, error) {
	a, err := b.Standing(ctx, id)
	if err != nil {
		return gym.Appointment{}, calendar{}, err
	}
	c, err := b.fits(ctx, a.CoachID, startsAt, a.Minutes)
	a.StartsAt = startsAt.UTC()
	return a, c, err
}

// Reschedule gives an appointment another start; coach and length stay.
func (b *Book) Reschedule(ctx context.Context, id string, startsAt time.Time, key string) (gym.Appointment, error) {
	a, err := b.Store.Appointment(ctx, id)
	if err != nil {
		return gym.Appointment{}, unknown(err)
	}
	if key != "" {
		if done, err := b.Store.AppointmentByKey(ctx, a.MemberID, key); err == nil && done.ID == id && done.StartsAt.Equal(startsAt) {
			return b.named(ctx, done)
		}
	}
	a, c, err := b.move(ctx, id, startsAt)
	if err != nil {
		return gym.Appointment{}, err
	}
	stored, err := b.Store.MoveAppointment(ctx, id, a.StartsAt, c.capacity(a.CoachID, a.StartsAt, a.Minutes), key)
	if err != nil {
		return gym.Appointment{}, fmt.Errorf("move an appointment: %w", err)
	}
	return b.named(ctx, stored)
}

// Cancel takes an appointment back. One that is cancelled already stays so.
func (b *Book) Cancel(ctx context.Context, id, key string) (gym.Appointment, error) {
	a, err := b.Store.Appointment(ctx, id)
	if err != nil {
		return gym.Appointment{}, unknown(err)
	}
	if a.Status == gym.Cancelled {
		return b.named(ctx, a)
	}
	if !a.StartsAt.After(b.Now()) {
		return gym.Appointment{}, past()
	}
	stored, err := b.Store.CancelAppointment(ctx, id, key)
	if err != nil {
		return gym.Appointment{}, fmt.Errorf("cancel an appointment: %w", err)
	}
	return b.named(ctx, stored)
}

// Standing reads an appointment that can still be changed.
func (b *Book) Standing(ctx context.Context, id string) (gym.Appointment, error) {
	a, err := b.Store.Appointment(ctx, id)
	switch {
	case err != nil:
		return gym.Appointment{}, unknown(err)
	case a.Status == gym.Cancelled:
		return gym.Appointment{}, gym.Errorf(gym.ErrConflict, "appointment_cancelled", "that appointment was cancelled")
	case !a.StartsAt.After(b.Now()):
		return gym.Appointment{}, past()
	}
	return b.named(ctx, a)
}

// Upcoming lists the standing appointments of a member that begin in [from, to), in order of time.
func (b *Book) Upcoming(ctx context.Context, memberID string, from, to time.Time) ([]gym.Appointment, error) {
	list, err := b.Store.Appointments(ctx, memberID, from, to)
	if err != nil {
		return nil, fmt.Errorf("list appointments: %w", err)
	}
	if len(list) == 0 { // as of most members: no names are needed
		return list, nil
	}
	names, err := b.names(ctx)
	if err != nil {
		return nil, err
	}
	out := slices.DeleteFunc(list, func(a gym.Appointment) bool { return a.Status != gym.Booked })
	for i := range out {
		out[i].CoachName = names[out[i].CoachID]
	}
	return out, nil
}

// Coaches lists whom an appointment can be with. Their names are data that others wrote: they come out as one line that leads nowhere.
func (b *Book) Coaches(ctx context.Context) ([]gym.Coach, error) {
	coaches, err := b.Store.Coaches(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the coaches: %w", err)
	}
	for i := range coaches {
		coaches[i].Name = safety.Name(coaches[i].Name, "a coach")
	}
	return coaches, nil
}

// Zone is the gym's time zone.
func (b *Book) Zone(ctx context.Context) (*time.Location, error) {
	g, err := b.Store.Gym(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the gym: %w", err)
	}
	zone, err := time.LoadLocation(g.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("read the gym's time zone: %w", err)
	}
	return zone, nil
}

// calendar reads what decides about a stretch of time; of one coach, or of all.
func (b *Book) calendar(ctx context.Context, coachID string, from, to time.Time) (c calendar, err error) {
	if c.zone, err = b.Zone(ctx); err != nil {
		return calendar{}, err
	}
	if c.hours, err = b.Store.WorkingHours(ctx); err != nil {
		return calendar{}, fmt.Errorf("read working hours: %w", err)
	}
	if coachID != "" {
		c.hours = slices.DeleteFunc(c.hours, func(h gym.WorkingHours) bool { return h.CoachID != coachID })
	}
	if c.off, err = b.Store.TimeOff(ctx, from, to); err != nil {
		return calendar{}, fmt.Errorf("read time off: %w", err)
	}
	if c.occupied, err = b.Store.Occupied(ctx, from, to); err != nil {
		return calendar{}, fmt.Errorf("read what is taken: %w", err)
	}
	return c, nil
}

func (b *Book) names(ctx context.Context) (map[string]string, error) {
	coaches, err := b.Coaches(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(coaches))
	for _, c := range coaches {
		out[c.ID] = c.Name
	}
	return out, nil
}

func (b *Book) named(ctx context.Context, a gym.Appointment) (gym.Appointment, error) {
	names, err := b.names(ctx)
	a.CoachName = names[a.CoachID]
	return a, err
}

func duration(minutes int) (int, error) {
	if minutes == 0 {
		return DefaultMinutes, nil
	}
	if minutes < MinMinutes || minutes > MaxMinutes {
		return 0, gym.Errorf(gym.ErrInvalid, "minutes_invalid", "an appointment takes %d to %d minutes", MinMinutes, MaxMinutes)
	}
	return minutes, nil
}

func unknownCoach() error {
	return gym.Errorf(gym.ErrNotFound, "coach_unknown", "the gym has no such coach")
}

func unknown(err error) error {
	if !errors.Is(err, gym.ErrNotFound) {
		return fmt.Errorf("read an appointment: %w", err)
	}
	return &gym.Error{Kind: gym.ErrNotFound, Code: "appointment_unknown", Detail: "no such appointment, or none that you may see", Err: err}
}

func past() error {
	return gym.Errorf(gym.ErrInfeasible, "appointment_past", "that appointment has begun or is over")
}

func taken() error {
	return gym.Errorf(gym.ErrConflict, "slot_taken", "no place is left at that time")
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
