package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/intellifit/intellifit/shared/gym"
)

const appointmentColumns = `a.id, a.member_id, a.coach_id, a.starts_at, a.minutes, a.status, a.created_at`

func scanAppointment(row pgx.CollectableRow) (a gym.Appointment, err error) {
	err = row.Scan(&a.ID, &a.MemberID, &a.CoachID, &a.StartsAt, &a.Minutes, &a.Status, &a.CreatedAt)
	a.StartsAt, a.CreatedAt = a.StartsAt.UTC(), a.CreatedAt.UTC()
	return a, err
}

// SetWorkingHours replaces the working hours of the gym's coaches.
func (db *DB) SetWorkingHours(ctx context.Context, hours []gym.WorkingHours) error {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(`DELETE FROM working_hours WHERE gym_id = acting_gym()`)
		for _, h := range hours {
			batch.Queue(`INSERT INTO working_hours (gym_id, coach_id, weekday, from_minute, to_minute, capacity) VALUES (acting_gym(), $1, $2, $3, $4, $5)`,
				h.CoachID, int(h.Weekday), h.From, h.To, h.Capacity)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	return translate("store working hours", err)
}

// SetTimeOff replaces when the gym's coaches are away.
func (db *DB) SetTimeOff(ctx context.Context, off []gym.TimeOff) error {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(`DELETE FROM time_off WHERE gym_id = acting_gym()`)
		for _, o := range off {
			batch.Queue(`INSERT INTO time_off (gym_id, coach_id, starts_at, ends_at) VALUES (acting_gym(), $1, $2, $3)`, o.CoachID, o.StartsAt, o.EndsAt)
		}
		return tx.SendBatch(ctx, batch).Close()
	})
	return translate("store time off", err)
}

// Coaches lists the gym's coaches by name.
func (db *DB) Coaches(ctx context.Context) ([]gym.Coach, error) {
	return many(ctx, db, "list coaches", `SELECT id, name FROM coach WHERE gym_id = acting_gym() ORDER BY name, id`,
		func(row pgx.CollectableRow) (c gym.Coach, err error) { return c, row.Scan(&c.ID, &c.Name) })
}

// WorkingHours lists when the gym's coaches work.
func (db *DB) WorkingHours(ctx context.Context) ([]gym.WorkingHours, error) {
	return many(ctx, db, "list working hours", `
		SELECT coach_id, weekday, from_minute, to_minute, capacity FROM working_hours WHERE gym_id = acting_gym() ORDER BY coach_id, weekday, from_minute`,
		func(row pgx.CollectableRow) (h gym.WorkingHours, err error) {
			return h, row.Scan(&h.CoachID, &h.Weekday, &h.From, &h.To, &h.Capacity)
		})
}

// TimeOff lists when coaches are away between two instants.
func (db *DB) TimeOff(ctx context.Context, from, to time.Time) ([]gym.TimeOff, error) {
	return many(ctx, db, "list time off", `
		SELECT coach_id, starts_at, ends_at FROM time_off WHERE gym_id = acting_gym() AND starts_at < $2 AND ends_at > $1 ORDER BY starts_at, coach_id`,
		func(row pgx.CollectableRow) (o gym.TimeOff, err error) {
			return o, row.Scan(&o.CoachID, &o.StartsAt, &o.EndsAt)
		}, from, to)
}

// Occupied lists what is taken between two instants, whoever took it.
func (db *DB) Occupied(ctx context.Context, from, to time.Time) ([]gym.Occupied, error) {
	return many(ctx, db, "list what is taken", `
		SELECT coach_id, place, lower(during), upper(during), appointment_id FROM occupied
		WHERE gym_id = acting_gym() AND during && tstzrange($1, $2)`,
		func(row pgx.CollectableRow) (o gym.Occupied, err error) {
			return o, row.Scan(&o.CoachID, &o.Place, &o.StartsAt, &o.EndsAt, &o.AppointmentID)
		}, from, to)
}

// Appointment reads one appointment that the principal may see.
func (db *DB) Appointment(ctx context.Context, id string) (a gym.Appointment, err error) {
	err = db.read(ctx, func(tx pgx.Tx) (err error) {
		a, err = oneAppointment(ctx, tx, `a.id = $1`, id)
		return err
	})
	return a, translate("read an appointment", err)
}

func oneAppointment(ctx context.Context, tx pgx.Tx, where string, args ...any) (gym.Appointment, error) {
	rows, err := tx.Query(ctx, `SELECT `+appointmentColumns+` FROM appointment a WHERE a.gym_id = acting_gym() AND `+where, args...)
	if err != nil {
		return gym.Appointment{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanAppointment)
}

// Appointments lists a member's appointments that begin in [from, to), in order of time.
func (db *DB) Appointments(ctx context.Context, memberID string, from, to time.Time) ([]gym.Appointment, error) {
	return many(ctx, db, "list appointments", `
		SELECT `+appointmentColumns+` FROM appointment a
		WHERE a.gym_id = acting_gym() AND a.member_id = $1 AND a.starts_at >= $2 AND a.starts_at < $3 ORDER BY a.starts_at, a.id`, scanAppointment, memberID, from, to)
}

// AppointmentByKey is what an earlier write with that key did.
func (db *DB) AppointmentByKey(ctx context.Context, memberID, key string) (a gym.Appointment, err error) {
	err = db.read(ctx, func(tx pgx.Tx) (err error) {
		a, err = oneAppointment(ctx, tx, `a.id = (SELECT w.appointment_id FROM appointment_write w WHERE w.gym_id = acting_gym() AND w.member_id = $1 AND w.key = $2)`, memberID, key)
		return err
	})
	return a, translate("read an appointment by its key", err)
}

// BookAppointment stores a in the first of capacity places that is free.
func (db *DB) BookAppointment(ctx context.Context, a gym.Appointment, capacity int, key string) (stored gym.Appointment, err error) {
	request := fmt.Sprintf("book %s %s %d", a.CoachID, a.StartsAt.UTC().Format(time.RFC3339), a.Minutes)
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		if err := queueUp(ctx, tx, a.CoachID, a.MemberID); err != nil {
			return err
		}
		done, again, err := repeated(ctx, tx, a.MemberID, key, request)
		if again || err != nil {
			stored = done
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO appointment (gym_id, id, member_id, coach_id, starts_at, minutes, status, created_at) VALUES (acting_gym(), $1, $2, $3, $4, $5, 'booked', $6)`,
			a.ID, a.MemberID, a.CoachID, a.StartsAt, a.Minutes, a.CreatedAt)
		if err != nil {
			return err
		}
		if err := occupy(ctx, tx, a, capacity); err != nil {
			return err
		}
		stored = a
		return noteWrite(ctx, tx, a.MemberID, key, request, a.ID)
	})
	return stored, translate("book an appointment", conflict(err))
}

// MoveAppointment gives an appointment another start.
func (db *DB) MoveAppointment(ctx context.Context, id string, startsAt time.Time, capacity int, key string) (stored gym.Appointment, err error) {
	request := fmt.Sprintf("move %s %s", id, startsAt.UTC().Format(time.RFC3339))
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		a, err := oneAppointment(ctx, tx, `a.id = $1`, id)
		if err != nil {
			return err
		}
		if err := queueUp(ctx, tx, a.CoachID, a.MemberID); err != nil {
			return err
		}
		done, again, err := repeated(ctx, tx, a.MemberID, key, request)
		if again || err != nil {
			stored = done
			return err
		}
		// Read again behind the lock: it may have been cancelled meanwhile.
		if a, err = oneAppointment(ctx, tx, `a.id = $1`, id); err != nil {
			return err
		}
		if a.Status != gym.Booked {
			return gym.Errorf(gym.ErrConflict, "appointment_cancelled", "that appointment was cancelled")
		}
		a.StartsAt = startsAt.UTC()
		if _, err := tx.Exec(ctx, `DELETE FROM occupied WHERE gym_id = acting_gym() AND appointment_id = $1`, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE appointment SET starts_at = $2 WHERE gym_id = acting_gym() AND id = $1`, id, a.StartsAt); err != nil {
			return err
		}
		if err := occupy(ctx, tx, a, capacity); err != nil {
			return err
		}
		stored = a
		return noteWrite(ctx, tx, a.MemberID, key, request, id)
	})
	return stored, translate("move an appointment", conflict(err))
}

// CancelAppointment frees the place. One that is cancelled already stays so.
func (db *DB) CancelAppointment(ctx context.Context, id, key string) (stored gym.Appointment, err error) {
	request := "cancel " + id
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		a, err := oneAppointment(ctx, tx, `a.id = $1`, id)
		if err != nil {
			return err
		}
		if err := queueUp(ctx, tx, a.CoachID, a.MemberID); err != nil {
			return err
		}
		done, again, err := repeated(ctx, tx, a.MemberID, key, request)
		if again || err != nil {
			stored = done
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM occupied WHERE gym_id = acting_gym() AND appointment_id = $1`, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE appointment SET status = 'cancelled' WHERE gym_id = acting_gym() AND id = $1`, id); err != nil {
			return err
		}
		stored = a
		stored.Status = gym.Cancelled
		return noteWrite(ctx, tx, a.MemberID, key, request, id)
	})
	return stored, translate("cancel an appointment", conflict(err))
}

// queueUp lets one write to a coach's and a member's book go at a time: who comes later sees what the one before did, instead
// of failing on a constraint. Locks are taken in one order, so that nobody waits in a circle.
func queueUp(ctx context.Context, tx pgx.Tx, coachID, memberID string) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('coach/' || acting_gym() || '/' || $1, 0))`, coachID)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('member/' || acting_gym() || '/' || $1, 0))`, memberID)
	return err
}

// repeated finds what an earlier write with the same key did. The same key for another request is a conflict.
func repeated(ctx context.Context, tx pgx.Tx, memberID, key, request string) (done gym.Appointment, again bool, err error) {
	if key == "" {
		return gym.Appointment{}, false, nil
	}
	var asked, id string
	err = tx.QueryRow(ctx, `SELECT request, appointment_id FROM appointment_write WHERE gym_id = acting_gym() AND member_id = $1 AND key = $2`, memberID, key).Scan(&asked, &id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return gym.Appointment{}, false, nil
	case err != nil:
		return gym.Appointment{}, false, err
	case asked != request:
		return gym.Appointment{}, false, gym.Errorf(gym.ErrConflict, "call_id_reused", "this key was used for another request")
	}
	done, err = oneAppointment(ctx, tx, `a.id = $1`, id)
	return done, true, err
}

func noteWrite(ctx context.Context, tx pgx.Tx, memberID, key, request, id string) error {
	if key == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO appointment_write (gym_id, member_id, key, request, appointment_id) VALUES (acting_gym(), $1, $2, $3, $4)`, memberID, key, request, id)
	return err
}

// occupy takes the first free place.
func occupy(ctx context.Context, tx pgx.Tx, a gym.Appointment, capacity int) error {
	tag, err := tx.Exec(ctx, `
		INSERT INTO occupied (gym_id, coach_id, place, during, appointment_id)
		SELECT acting_gym(), $1, place, tstzrange($2, $3), $4 FROM generate_series(1, $5::int) AS place
		WHERE NOT EXISTS (SELECT FROM occupied o WHERE o.gym_id = acting_gym() AND o.coach_id = $1 AND o.place = place.place AND o.during && tstzrange($2, $3))
		ORDER BY place LIMIT 1`, a.CoachID, a.StartsAt, a.EndsAt(), a.ID, capacity)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return gym.Errorf(gym.ErrConflict, "slot_taken", "no place is left at that time")
	}
	return nil
}

// conflict names what a constraint of the book refused.
func conflict(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || pg.Code != exclusionViolation {
		return err
	}
	if pg.ConstraintName == "appointment_of_member" {
		return &gym.Error{Kind: gym.ErrConflict, Code: "appointment_overlap", Detail: "the member has another appointment at that time", Err: err}
	}
	return &gym.Error{Kind: gym.ErrConflict, Code: "slot_taken", Detail: "no place is left at that time", Err: err}
}

// many reads rows.
func many[T any](ctx context.Context, db *DB, attempt, query string, scan pgx.RowToFunc[T], args ...any) (out []T, err error) {
	err = db.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, scan)
		return err
	})
	return out, translate(attempt, err)
}
