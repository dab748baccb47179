package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/intellifit/intellifit/shared/gym"
)

const memberColumns = `id, name, birth_date, COALESCE(sex, ''), COALESCE(height_cm, 0), COALESCE(weight_kg, 0), body_fat_pct,
	COALESCE(goal, ''), COALESCE(experience, ''), COALESCE(activity, ''), COALESCE(days_per_week, 0), COALESCE(session_minutes, 0),
	diet, equipment, injuries, allergies, conditions, likes, dislikes, screening, consent, COALESCE(coach_id, '')`

func scanMember(row pgx.CollectableRow) (m gym.Member, err error) {
	var born *time.Time
	err = row.Scan(&m.ID, &m.Name, &born, &m.Sex, &m.HeightCM, &m.WeightKG, &m.BodyFatPct,
		&m.Goal, &m.Experience, &m.Activity, &m.DaysPerWeek, &m.SessionMinutes,
		&m.Diet, &m.Equipment, &m.Injuries, &m.Allergies, &m.Conditions, &m.Likes, &m.Dislikes, &m.Screening, &m.Consent, &m.CoachID)
	if born != nil {
		m.BirthDate = gym.Date{Time: *born}
	}
	return m, err
}

// Member reads one member's profile, with the facts that were added to it; one that the principal may not see is
// gym.ErrNotFound.
func (db *DB) Member(ctx context.Context, id string) (m gym.Member, err error) {
	err = db.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+memberColumns+` FROM member WHERE gym_id = acting_gym() AND id = $1`, id)
		if err != nil {
			return err
		}
		if m, err = pgx.CollectExactlyOneRow(rows, scanMember); err != nil {
			return err
		}
		if rows, err = tx.Query(ctx, factsOf, id); err != nil {
			return err
		}
		facts, err := pgx.CollectRows(rows, scanFact)
		m = m.With(facts)
		return err
	})
	return m, translate("read member", err)
}

// Members lists the members whom the principal may see, by id.
func (db *DB) Members(ctx context.Context) (members []gym.Member, err error) {
	err = db.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+memberColumns+` FROM member WHERE gym_id = acting_gym() ORDER BY id`)
		if err != nil {
			return err
		}
		members, err = pgx.CollectRows(rows, scanMember)
		return err
	})
	return members, translate("list members", err)
}

// UpsertMembers stores profiles: all or none. A coach who is not there yet is made, with the id as name.
func (db *DB) UpsertMembers(ctx context.Context, members []gym.Member) (Changes, error) {
	return upsert(ctx, db, "store members", `
		WITH coached AS (INSERT INTO coach (gym_id, id, name) SELECT $1, $23::text, $23 WHERE $23 <> '' ON CONFLICT DO NOTHING)
		INSERT INTO member AS m (gym_id, id, name, birth_date, sex, height_cm, weight_kg, body_fat_pct, goal, experience, activity,
		  days_per_week, session_minutes, diet, equipment, injuries, allergies, conditions, likes, dislikes, screening, consent, coach_id)
		VALUES ($1, $2, $3, $4, NULLIF($5, ''), NULLIF($6::float8, 0), NULLIF($7::float8, 0), $8, NULLIF($9, ''), NULLIF($10, ''),
		  NULLIF($11, ''), NULLIF($12::int, 0), NULLIF($13::int, 0), $14, $15, $16, $17, $18, $19, $20, $21, $22, NULLIF($23, ''))
		ON CONFLICT (gym_id, id) DO UPDATE SET
		  name = excluded.name, birth_date = excluded.birth_date, sex = excluded.sex, height_cm = excluded.height_cm,
		  weight_kg = excluded.weight_kg, body_fat_pct = excluded.body_fat_pct, goal = excluded.goal,
		  experience = excluded.experience, activity = excluded.activity, days_per_week = excluded.days_per_week,
		  session_minutes = excluded.session_minutes, diet = excluded.diet, equipment = excluded.equipment,
		  injuries = excluded.injuries, allergies = excluded.allergies, conditions = excluded.conditions,
		  likes = excluded.likes, dislikes = excluded.dislikes, screening = excluded.screening, consent = excluded.consent,
		  coach_id = excluded.coach_id, updated_at = now()
		WHERE (m.name, m.birth_date, m.sex, m.height_cm, m.weight_kg, m.body_fat_pct, m.goal, m.experience, m.activity, m.days_per_week,
		    m.session_minutes, m.diet, m.equipment, m.injuries, m.allergies, m.conditions, m.likes, m.dislikes, m.screening, m.consent, m.coach_id)
		  IS DISTINCT FROM (excluded.name, excluded.birth_date, excluded.sex, excluded.height_cm, excluded.weight_kg,
		    excluded.body_fat_pct, excluded.goal, excluded.experience, excluded.activity, excluded.days_per_week,
		    excluded.session_minutes, excluded.diet, excluded.equipment, excluded.injuries, excluded.allergies, excluded.conditions,
		    excluded.likes, excluded.dislikes, excluded.screening, excluded.consent, excluded.coach_id)
		RETURNING (xmax = 0)`,
		members, func(gymID string, m gym.Member) []any {
			var born *time.Time
			if !m.BirthDate.IsZero() {
				born = &m.BirthDate.Time
			}
			diet := m.Diet
			if diet == "" {
				diet = gym.NoDiet
			}
			return []any{gymID, m.ID, m.Name, born, string(m.Sex), m.HeightCM, m.WeightKG, m.BodyFatPct, string(m.Goal),
				string(m.Experience), string(m.Activity), m.DaysPerWeek, m.SessionMinutes, string(diet), list(m.Equipment),
				list(m.Injuries), list(m.Allergies), list(m.Conditions), list(m.Likes), list(m.Dislikes), m.Screening, m.Consent, m.CoachID}
		})
}

// DeleteMembers removes members with everything that is theirs.
func (db *DB) DeleteMembers(ctx context.Context, ids []string) error {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM member WHERE gym_id = acting_gym() AND id = ANY($1)`, ids)
		return err
	})
	return translate("delete members", err)
}

// list makes a nil slice an empty array: the columns are not null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
