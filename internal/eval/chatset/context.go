package chatset

import (
	"time"
	_ "time/tzdata" // a label must not depend on the machine's zones

	"github.com/intellifit/intellifit/shared/gym"
)

// Context is what is known when a message comes in: the table of README.md.
type Context struct {
	Now      time.Time // in the gym's zone
	Coaches  []gym.Coach
	CoachID  string // the member's own coach, empty for none
	Upcoming []gym.Appointment
}

var (
	coachesE = []gym.Coach{{ID: "coach-jonas", Name: "Jonas Weber"}, {ID: "coach-annak", Name: "Anna Keller"}, {ID: "coach-annas", Name: "Anna Schmidt"},
		{ID: "coach-priya", Name: "Priya Nair"}, {ID: "coach-tom", Name: "Tom Becker"}}
	coachesU = []gym.Coach{{ID: "coach-mike", Name: "Mike O'Brien"}, {ID: "coach-sara", Name: "Sara Lopez"}}
)

// Contexts are the contexts of the router set by name.
var Contexts = map[string]Context{
	"plain": {Now: clock("Europe/Berlin", "2026-11-24 09:00"), Coaches: coachesE, CoachID: "coach-jonas", Upcoming: []gym.Appointment{
		hour("appt-1", "Europe/Berlin", "2026-11-27 17:00", coachesE[0]), hour("appt-2", "Europe/Berlin", "2026-11-30 08:00", coachesE[1])}},
	"spring": {Now: clock("Europe/Berlin", "2027-03-26 18:00"), Coaches: coachesE, CoachID: "coach-jonas", Upcoming: []gym.Appointment{
		hour("appt-3", "Europe/Berlin", "2027-03-29 09:00", coachesE[0])}},
	"autumn": {Now: clock("Europe/Berlin", "2026-10-23 12:00"), Coaches: coachesE, Upcoming: []gym.Appointment{
		hour("appt-4", "Europe/Berlin", "2026-10-26 18:30", coachesE[3])}},
	"yearend": {Now: clock("Europe/Berlin", "2026-12-29 20:00"), Coaches: coachesE, CoachID: "coach-priya", Upcoming: []gym.Appointment{
		hour("appt-5", "Europe/Berlin", "2026-12-31 10:00", coachesE[3]), hour("appt-6", "Europe/Berlin", "2027-01-04 18:00", coachesE[0])}},
	"us": {Now: clock("America/New_York", "2027-03-06 11:00"), Coaches: coachesU, Upcoming: []gym.Appointment{
		hour("appt-7", "America/New_York", "2027-03-09 07:00", coachesU[0])}},
	"empty": {Now: clock("Europe/Berlin", "2026-06-10 15:30"), Coaches: coachesE},
}

// clock is a time of this file; a mistake in it is one of the program.
func clock(zone, wall string) time.Time {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic("zone of a context: " + err.Error())
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", wall, loc)
	if err != nil {
		panic("time of a context: " + err.Error())
	}
	return t
}

// hour is an appointment of an hour.
func hour(id, zone, wall string, with gym.Coach) gym.Appointment {
	return gym.Appointment{ID: id, MemberID: "member", CoachID: with.ID, CoachName: with.Name, StartsAt: clock(zone, wall).UTC(), Minutes: 60, Status: gym.Booked}
}
