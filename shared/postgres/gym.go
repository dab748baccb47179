package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/intellifit/intellifit/shared/gym"
)

// Changes counts what an upsert did.
type Changes struct {
	Added     int `json:"added"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

type dryRunKey struct{}

// DryRun lets the upserts under ctx count what they would change, and change nothing.
func DryRun(ctx context.Context) context.Context { return context.WithValue(ctx, dryRunKey{}, true) }

var errDryRun = errors.New("dry run")

// upsert sends one statement for each row in a single transaction: all rows or none. The statement ends with RETURNING
// (xmax = 0), which is true for an inserted row, and returns nothing for a row that is the same already.
func upsert[T any](ctx context.Context, db *DB, attempt, statement string, rows []T, args func(gymID string, row T) []any) (Changes, error) {
	var c Changes
	p, _ := gym.PrincipalFrom(ctx)
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		for _, row := range rows {
			batch.Queue(statement, args(p.GymID, row)...).Query(func(r pgx.Rows) error {
				added, err := pgx.CollectRows(r, pgx.RowTo[bool])
				switch {
				case err != nil:
					return err
				case len(added) == 0:
					c.Unchanged++
				case added[0]:
					c.Added++
				default:
					c.Changed++
				}
				return nil
			})
		}
		if err := tx.SendBatch(ctx, batch).Close(); err != nil || ctx.Value(dryRunKey{}) == nil {
			return err
		}
		return errDryRun // rolls back
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return Changes{}, translate(attempt, err)
	}
	return c, nil
}

// UpsertGym creates or renames the gym of the principal.
func (db *DB) UpsertGym(ctx context.Context, g gym.Gym) error {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO gym (id, name, time_zone) VALUES ($1, $2, $3)
			ON CONFLICT (id) DO UPDATE SET name = excluded.name, time_zone = excluded.time_zone`, g.ID, g.Name, g.TimeZone)
		return err
	})
	return translate("store gym", err)
}

// Gym reads the gym of the principal.
func (db *DB) Gym(ctx context.Context) (g gym.Gym, err error) {
	err = db.read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `SELECT id, name, time_zone FROM gym WHERE id = acting_gym()`).Scan(&g.ID, &g.Name, &g.TimeZone)
	})
	return g, translate("read gym", err)
}

// DeleteGym removes the gym of the principal with everything that is its own, when that principal is its service; else nothing.
func (db *DB) DeleteGym(ctx context.Context) error {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		// Members first: rows of a member name a coach or a row of the catalogue without going away with it.
		if _, err := tx.Exec(ctx, `DELETE FROM member WHERE gym_id = acting_gym() AND acting_role() = 'service'`); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM gym WHERE id = acting_gym()`)
		return err
	})
	return translate("delete a gym", err)
}

// UpsertCoaches stores the gym's coaches.
func (db *DB) UpsertCoaches(ctx context.Context, coaches []gym.Coach) (Changes, error) {
	return upsert(ctx, db, "store coaches", `
		INSERT INTO coach (gym_id, id, name) VALUES ($1, $2, $3)
		ON CONFLICT (gym_id, id) DO UPDATE SET name = excluded.name WHERE coach.name IS DISTINCT FROM excluded.name
		RETURNING (xmax = 0)`,
		coaches, func(gymID string, c gym.Coach) []any { return []any{gymID, c.ID, c.Name} })
}

// UpsertEquipment stores the gym's machines and tools.
func (db *DB) UpsertEquipment(ctx context.Context, equipment []gym.Equipment) (Changes, error) {
	return upsert(ctx, db, "store equipment", `
		INSERT INTO equipment AS e (gym_id, id, name, kind, site, brand, model, installed_on, count)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (gym_id, id) DO UPDATE SET
		  name = excluded.name, kind = excluded.kind, site = excluded.site, brand = excluded.brand,
		  model = excluded.model, installed_on = excluded.installed_on, count = excluded.count
		WHERE (e.name, e.kind, e.site, e.brand, e.model, e.installed_on, e.count) IS DISTINCT FROM
		  (excluded.name, excluded.kind, excluded.site, excluded.brand, excluded.model, excluded.installed_on, excluded.count)
		RETURNING (xmax = 0)`,
		equipment, func(gymID string, e gym.Equipment) []any {
			return []any{gymID, e.ID, e.Name, e.Kind, e.Site, e.Brand, e.Model, e.InstalledOn, e.Count}
		})
}

// GymEquipment lists the kinds of equipment that the gym has at least one of, gym.BodyOnly included.
func (db *DB) GymEquipment(ctx context.Context) (kinds []string, err error) {
	err = db.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT DISTINCT kind FROM equipment WHERE gym_id = acting_gym() AND count > 0 UNION SELECT $1 ORDER BY 1`, gym.BodyOnly)
		if err != nil {
			return err
		}
		kinds, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return kinds, translate("list equipment", err)
}

// Empty reports whether the gym has neither exercises nor foods nor members, as a fresh installation has.
func (db *DB) Empty(ctx context.Context) (empty bool, err error) {
	err = db.read(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			SELECT NOT EXISTS (SELECT FROM exercise WHERE gym_id = acting_gym())
			  AND NOT EXISTS (SELECT FROM food WHERE gym_id = acting_gym())
			  AND NOT EXISTS (SELECT FROM member WHERE gym_id = acting_gym())`).Scan(&empty)
	})
	return empty, translate("look whether the gym is empty", err)
}
