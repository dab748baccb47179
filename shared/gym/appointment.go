package gym

import "time"

// AppointmentStatus says whether an appointment stands.
type AppointmentStatus string

// The words of AppointmentStatus.
const (
	Booked    AppointmentStatus = "booked"
	Cancelled AppointmentStatus = "cancelled"
)

// Appointment is one member's time with one coach.
type Appointment struct {
	ID        string            `json:"id"`
	MemberID  string            `json:"member_id"`
	CoachID   string            `json:"coach_id"`
	CoachName string            `json:"coach_name"`
	StartsAt  time.Time         `json:"starts_at"` // UTC
	Minutes   int               `json:"minutes"`
	Status    AppointmentStatus `json:"status"`
	CreatedAt time.Time         `json:"created_at"`
}

// EndsAt is when the appointment is over.
func (a Appointment) EndsAt() time.Time {
	return a.StartsAt.Add(time.Duration(a.Minutes) * time.Minute)
}

// Slot is a time that can be booked.
type Slot struct {
	CoachID   string    `json:"coach_id"`
	CoachName string    `json:"coach_name"`
	StartsAt  time.Time `json:"starts_at"` // UTC
	Minutes   int       `json:"minutes"`
	Free      int       `json:"free"` // places left
}

// WorkingHours is one stretch of a coach's week, in minutes after local midnight of the gym's zone.
type WorkingHours struct {
	CoachID  string       `json:"coach_id"`
	Weekday  time.Weekday `json:"weekday"` // 0 is Sunday
	From     int          `json:"from_minute"`
	To       int          `json:"to_minute"`
	Capacity int          `json:"capacity"` // members at the same time
}

// TimeOff is a stretch in which a coach is away.
type TimeOff struct {
	CoachID  string    `json:"coach_id"`
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
}

// Occupied is a stretch in which one of a coach's places is taken; by whom, it does not say.
type Occupied struct {
	CoachID          string
	Place            int // 1 to the capacity
	StartsAt, EndsAt time.Time
	AppointmentID    string
}
