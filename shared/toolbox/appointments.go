package toolbox

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/intellifit/intellifit/shared/appointment"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/toolbox/tool"
)

// CheckAvailability asks for free times.
type CheckAvailability struct {
	Coach   string    `json:"coach,omitempty" jsonschema:"id of the coach; left out: any"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Minutes int       `json:"minutes,omitempty" jsonschema:"length, default 60"`
}

// FreeTimes is what can be booked.
type FreeTimes struct {
	Slots []gym.Slot `json:"slots"`
	More  bool       `json:"more,omitempty"` // there are more than these
}

// ScheduleAppointment books.
type ScheduleAppointment struct {
	Coach    string    `json:"coach" jsonschema:"id of the coach"`
	StartsAt time.Time `json:"starts_at"`
	Minutes  int       `json:"minutes,omitempty" jsonschema:"length, default 60"`
}

// RescheduleAppointment moves an appointment.
type RescheduleAppointment struct {
	Appointment string    `json:"appointment" jsonschema:"id of the appointment"`
	StartsAt    time.Time `json:"starts_at"`
}

// CancelAppointment takes an appointment back.
type CancelAppointment struct {
	Appointment string `json:"appointment" jsonschema:"id of the appointment"`
}

// ListAppointments asks for the member's appointments; without times, those of the next 60 days.
type ListAppointments struct {
	From *time.Time `json:"from,omitempty"`
	To   *time.Time `json:"to,omitempty"`
}

// Appointments is a list of appointments in order of time.
type Appointments struct {
	Appointments []gym.Appointment `json:"appointments"`
}

// offered is how many free times one answer has.
const offered = 6

func (d Deps) appointmentTools() []tool.Tool {
	return []tool.Tool{
		tool.New("check_availability", "Find free times for an appointment with a coach.", d.checkAvailability, sayFree, minutes(), longest("coach", 128)),
		tool.New("schedule_appointment", "Book an appointment with a coach.", d.schedule, sayBooked, tool.Write(d.confirmSchedule), minutes(), longest("coach", 128)),
		tool.New("reschedule_appointment", "Move an appointment of the member to another time.", d.reschedule, sayMoved, tool.Write(d.confirmReschedule), longest("appointment", 64)),
		tool.New("cancel_appointment", "Cancel an appointment of the member.", d.cancel, sayCancelled, tool.Write(d.confirmCancel), longest("appointment", 64)),
		tool.New("list_appointments", "List the member's appointments.", d.list, sayAppointments),
	}
}

func minutes() tool.Option {
	return tool.Property("minutes", func(s *jsonschema.Schema) {
		s.Minimum, s.Maximum = new(float64(appointment.MinMinutes)), new(float64(appointment.MaxMinutes))
	})
}

func (d Deps) checkAvailability(ctx context.Context, _ tool.Call, in CheckAvailability) (FreeTimes, error) {
	slots, err := d.Book.Free(ctx, appointment.Wanted{CoachID: in.Coach, From: in.From, To: in.To, Minutes: in.Minutes, Limit: offered + 1})
	if err != nil {
		return FreeTimes{}, err
	}
	return FreeTimes{Slots: append([]gym.Slot{}, slots[:min(len(slots), offered)]...), More: len(slots) > offered}, nil
}

func sayFree(c tool.Call, out FreeTimes) string {
	if len(out.Slots) == 0 {
		return "I found no free time then. Would another day or time work?"
	}
	more := ""
	if out.More {
		more = " There are more."
	}
	return "Free: " + strings.Join(grouped(out.Slots, c), "; ") + "." + more
}

// grouped words free times so that a day and a coach are said once: six lines of the same day are long to listen to.
func grouped(slots []gym.Slot, c tool.Call) (out []string) {
	type group struct{ day, coach string }
	var order []group
	times := map[group][]string{}
	for _, s := range slots {
		at := s.StartsAt.In(c.Zone)
		g := group{spellDay(gym.Date{Time: at}, c), plain(s.CoachName)}
		if times[g] == nil {
			order = append(order, g)
		}
		times[g] = append(times[g], at.Format("15:04"))
	}
	for _, g := range order {
		list := times[g]
		if n := len(list); n == 1 {
			out = append(out, g.day+", "+list[0]+" with "+g.coach)
		} else {
			out = append(out, g.day+" with "+g.coach+" at "+strings.Join(list[:n-1], ", ")+" and "+list[n-1])
		}
	}
	return out
}

func (d Deps) schedule(ctx context.Context, c tool.Call, in ScheduleAppointment) (gym.Appointment, error) {
	return d.Book.Schedule(ctx, appointment.Request{MemberID: c.MemberID, CoachID: in.Coach, StartsAt: in.StartsAt, Minutes: in.Minutes, Key: c.Key})
}

func (d Deps) confirmSchedule(ctx context.Context, c tool.Call, in ScheduleAppointment) (string, error) {
	a, err := d.Book.Check(ctx, appointment.Request{MemberID: c.MemberID, CoachID: in.Coach, StartsAt: in.StartsAt, Minutes: in.Minutes})
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("I would book %s with %s, %d minutes.", spell(a.StartsAt, c), plain(a.CoachName), a.Minutes), nil
}

func sayBooked(c tool.Call, a gym.Appointment) string {
	return fmt.Sprintf("Booked: %s with %s, %d minutes.", spell(a.StartsAt, c), plain(a.CoachName), a.Minutes)
}

func (d Deps) reschedule(ctx context.Context, c tool.Call, in RescheduleAppointment) (gym.Appointment, error) {
	return d.Book.Reschedule(ctx, in.Appointment, in.StartsAt, c.Key)
}

func (d Deps) confirmReschedule(ctx context.Context, c tool.Call, in RescheduleAppointment) (string, error) {
	old, err := d.Book.Standing(ctx, in.Appointment)
	if err != nil {
		return "", err
	}
	a, err := d.Book.Moved(ctx, in.Appointment, in.StartsAt)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("I would move your appointment with %s from %s to %s.", plain(a.CoachName), spell(old.StartsAt, c), spell(a.StartsAt, c)), nil
}

func sayMoved(c tool.Call, a gym.Appointment) string {
	return fmt.Sprintf("Moved: your appointment with %s is now on %s.", plain(a.CoachName), spell(a.StartsAt, c))
}

func (d Deps) cancel(ctx context.Context, c tool.Call, in CancelAppointment) (gym.Appointment, error) {
	return d.Book.Cancel(ctx, in.Appointment, c.Key)
}

func (d Deps) confirmCancel(ctx context.Context, c tool.Call, in CancelAppointment) (string, error) {
	a, err := d.Book.Standing(ctx, in.Appointment)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("I would cancel your appointment with %s on %s.", plain(a.CoachName), spell(a.StartsAt, c)), nil
}

func sayCancelled(c tool.Call, a gym.Appointment) string {
	return fmt.Sprintf("Cancelled: your appointment with %s on %s.", plain(a.CoachName), spell(a.StartsAt, c))
}

func (d Deps) list(ctx context.Context, c tool.Call, in ListAppointments) (Appointments, error) {
	from, to := c.Now, c.Now.Add(appointment.Horizon)
	if in.From != nil {
		from = *in.From
	}
	if in.To != nil {
		to = *in.To
	}
	list, err := d.Book.Upcoming(ctx, c.MemberID, from, to)
	if err != nil {
		return Appointments{}, err
	}
	return Appointments{Appointments: append([]gym.Appointment{}, list...)}, nil
}

func sayAppointments(c tool.Call, out Appointments) string {
	if len(out.Appointments) == 0 {
		return "You have no appointment then."
	}
	var times []string
	for _, a := range out.Appointments {
		times = append(times, spell(a.StartsAt, c)+" with "+plain(a.CoachName))
	}
	return "You have: " + strings.Join(times, "; ") + "."
}
