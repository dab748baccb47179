package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
)

// newest reads the newest version of plans; the approval is kept beside the documents, since it may come later.
const newest = `
	SELECT v.document, p.approved_by, p.approved_at, p.approved_version
	FROM plan p JOIN plan_version v ON v.gym_id = p.gym_id AND v.plan_id = p.id AND v.version = p.version
	WHERE p.gym_id = acting_gym() AND `

func scanPlan(row pgx.CollectableRow) (p planner.Plan, err error) {
	var document []byte
	var by *string
	var at *time.Time
	var version *int
	if err := row.Scan(&document, &by, &at, &version); err != nil {
		return p, err
	}
	if err := json.Unmarshal(document, &p); err != nil {
		return p, fmt.Errorf("read stored plan: %w", err)
	}
	if by != nil && at != nil && version != nil {
		p.Approval = &planner.Approval{CoachID: *by, At: at.UTC(), Version: *version}
	}
	return p, nil
}

func onePlan(ctx context.Context, tx pgx.Tx, where string, args ...any) (planner.Plan, error) {
	rows, err := tx.Query(ctx, newest+where, args...)
	if err != nil {
		return planner.Plan{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanPlan)
}

// CreatePlan stores the first version of p. It is idempotent by member and call id: when another call with the same id
// was faster, that call's plan comes back and created is false.
func (db *DB) CreatePlan(ctx context.Context, p planner.Plan, callID string) (stored planner.Plan, created bool, err error) {
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		exercises, foods := p.Used()
		tag, err := tx.Exec(ctx, `
			INSERT INTO plan (gym_id, id, member_id, version, call_id, source, degraded, rules_version, seed, exercise_ids, food_ids, created_at)
			VALUES (acting_gym(), $1, $2, $3, NULLIF($4, ''), $5, $6, $7, $8, $9, $10, $11)
			ON CONFLICT (gym_id, member_id, call_id) DO NOTHING`,
			p.ID, p.MemberID, p.Version, callID, p.Source, p.Degraded, p.RulesVersion, p.Seed, exercises, foods, p.CreatedAt)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			stored, err = onePlan(ctx, tx, `p.member_id = $1 AND p.call_id = $2`, p.MemberID, callID)
			return err
		}
		stored, created = p, true
		return insertVersion(ctx, tx, p, "")
	})
	return stored, created, translate("store plan", err)
}

func insertVersion(ctx context.Context, tx pgx.Tx, p planner.Plan, callID string) error {
	p.Approval = nil
	document, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode plan: %w", err)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO plan_version (gym_id, plan_id, member_id, version, document, made_by, call_id)
		VALUES (acting_gym(), $1, $2, $3, $4, acting_subject(), NULLIF($5, ''))`, p.ID, p.MemberID, p.Version, document, callID)
	return err
}

// Plan reads the newest version of one plan.
func (db *DB) Plan(ctx context.Context, id string) (p planner.Plan, err error) {
	err = db.read(ctx, func(tx pgx.Tx) (err error) {
		p, err = onePlan(ctx, tx, `p.id = $1`, id)
		return err
	})
	return p, translate("read plan", err)
}

// PlanByCall reads the plan that a call made. An empty member id stands for anybody whom the principal may see; should two
// members have used the same id, the newest plan counts.
func (db *DB) PlanByCall(ctx context.Context, memberID, callID string) (p planner.Plan, err error) {
	err = db.read(ctx, func(tx pgx.Tx) (err error) {
		p, err = onePlan(ctx, tx, `($1 = '' OR p.member_id = $1) AND p.call_id = $2 ORDER BY p.created_at DESC LIMIT 1`, memberID, callID)
		return err
	})
	return p, translate("read plan of call", err)
}

// RevisePlan stores p as the version after the stored one; when somebody else was faster it is gym.ErrConflict, unless that
// was the same call: then the version that it made comes back. An approval is for a version: the new one has none.
func (db *DB) RevisePlan(ctx context.Context, p planner.Plan, callID string) (stored planner.Plan, err error) {
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		exercises, foods := p.Used()
		tag, err := tx.Exec(ctx, `
			UPDATE plan SET version = $2, exercise_ids = $3, food_ids = $4, approved_by = NULL, approved_at = NULL, approved_version = NULL
			WHERE gym_id = acting_gym() AND id = $1 AND version = $2 - 1`, p.ID, p.Version, exercises, foods)
		if err != nil {
			return err
		}
		if tag.RowsAffected() > 0 {
			stored = p
			stored.Approval = nil
			return insertVersion(ctx, tx, p, callID)
		}
		if stored, err = revision(ctx, tx, p.ID, callID); err == nil || !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if _, err := onePlan(ctx, tx, `p.id = $1`, p.ID); err != nil {
			return err
		}
		return gym.Errorf(gym.ErrConflict, "plan_changed", "the plan was changed by somebody else; read it again")
	})
	return stored, translate("store plan version", err)
}

// RevisionByCall reads the version that a call made of a plan, without an approval, which is for the newest version only.
func (db *DB) RevisionByCall(ctx context.Context, planID, callID string) (p planner.Plan, err error) {
	err = db.read(ctx, func(tx pgx.Tx) (err error) {
		p, err = revision(ctx, tx, planID, callID)
		return err
	})
	return p, translate("read plan version", err)
}

func revision(ctx context.Context, tx pgx.Tx, planID, callID string) (p planner.Plan, err error) {
	var document []byte
	err = tx.QueryRow(ctx, `SELECT document FROM plan_version WHERE gym_id = acting_gym() AND plan_id = $1 AND call_id = $2`, planID, callID).Scan(&document)
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(document, &p); err != nil {
		return p, fmt.Errorf("read stored plan version: %w", err)
	}
	return p, nil
}

// ApprovePlan puts a coach's signature under the newest version. Only the member's own coach can: for anybody else the
// plan is not found.
func (db *DB) ApprovePlan(ctx context.Context, id, coachID string, at time.Time) (p planner.Plan, err error) {
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			UPDATE plan SET approved_by = $2, approved_at = $3, approved_version = version
			WHERE gym_id = acting_gym() AND id = $1 AND acting_role() = 'coach' AND acting_subject() = $2`, id, coachID, at)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return pgx.ErrNoRows
		}
		p, err = onePlan(ctx, tx, `p.id = $1`, id)
		return err
	})
	return p, translate("approve plan", err)
}

// RecentItems lists the exercises and foods of the member's plans made since the given time.
func (db *DB) RecentItems(ctx context.Context, memberID string, since time.Time) (exerciseIDs, foodIDs []string, err error) {
	err = db.read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			SELECT COALESCE((SELECT array_agg(DISTINCT e ORDER BY e) FROM plan, unnest(exercise_ids) e WHERE gym_id = acting_gym() AND member_id = $1 AND created_at >= $2), '{}'),
			       COALESCE((SELECT array_agg(DISTINCT f ORDER BY f) FROM plan, unnest(food_ids) f WHERE gym_id = acting_gym() AND member_id = $1 AND created_at >= $2), '{}')`,
			memberID, since).Scan(&exerciseIDs, &foodIDs)
	})
	return exerciseIDs, foodIDs, translate("read recent items", err)
}
