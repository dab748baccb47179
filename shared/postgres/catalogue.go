package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/intellifit/intellifit/shared/gym"
)

// The columns of a row as a plan needs it: without description, search text and vector.
const (
	exerciseColumns = `e.id, e.name, e.force, e.level, e.mechanic, e.equipment, e.primary_muscles, e.secondary_muscles, e.category,
		e.license, e.license_author, e.pattern, e.injury_tags, e.unilateral`
	foodColumns = `e.id, e.name, e.category, e.kcal, e.protein_g, e.carbs_g, e.fat_g, e.fibre_g, e.sugars_g, e.sodium_mg, e.sat_fat_g,
		e.portion, e.portion_g, e.role, e.diets, e.allergens, e.allergens_known, e.meals`
)

func exerciseFields(e *gym.Exercise) []any {
	return []any{&e.ID, &e.Name, &e.Force, &e.Level, &e.Mechanic, &e.Equipment, &e.Primary, &e.Secondary, &e.Category,
		&e.License, &e.LicenseAuthor, &e.Pattern, &e.Tags, &e.Unilateral}
}

func foodFields(f *gym.Food) []any {
	return []any{&f.ID, &f.Name, &f.Category, &f.Kcal, &f.ProteinG, &f.CarbsG, &f.FatG, &f.FibreG, &f.SugarsG, &f.SodiumMG, &f.SatFatG,
		&f.Portion, &f.PortionG, &f.Role, &f.Diets, &f.Allergens, &f.AllergensKnown, &f.Meals}
}

func scanExercise(row pgx.CollectableRow) (e gym.Exercise, err error) {
	return e, row.Scan(exerciseFields(&e)...)
}

func scanFood(row pgx.CollectableRow) (f gym.Food, err error) {
	return f, row.Scan(foodFields(&f)...)
}

// UpsertExercises stores catalogue rows: all or none. A row whose words change loses its vector and is embedded again.
func (db *DB) UpsertExercises(ctx context.Context, exercises []gym.Exercise) (Changes, error) {
	return upsert(ctx, db, "store exercises", `
		INSERT INTO exercise AS e (gym_id, id, name, force, level, mechanic, equipment, primary_muscles, secondary_muscles, category,
		  description, license, license_author, pattern, injury_tags, unilateral)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		ON CONFLICT (gym_id, id) DO UPDATE SET
		  name = excluded.name, force = excluded.force, level = excluded.level, mechanic = excluded.mechanic,
		  equipment = excluded.equipment, primary_muscles = excluded.primary_muscles, secondary_muscles = excluded.secondary_muscles,
		  category = excluded.category, description = excluded.description, license = excluded.license,
		  license_author = excluded.license_author, pattern = excluded.pattern, injury_tags = excluded.injury_tags,
		  unilateral = excluded.unilateral,
		  embedding = CASE WHEN (e.name, e.primary_muscles, e.equipment, e.pattern, e.description) IS NOT DISTINCT FROM
		    (excluded.name, excluded.primary_muscles, excluded.equipment, excluded.pattern, excluded.description) THEN e.embedding END
		WHERE (e.name, e.force, e.level, e.mechanic, e.equipment, e.primary_muscles, e.secondary_muscles, e.category, e.description,
		    e.license, e.license_author, e.pattern, e.injury_tags, e.unilateral)
		  IS DISTINCT FROM (excluded.name, excluded.force, excluded.level, excluded.mechanic, excluded.equipment, excluded.primary_muscles,
		    excluded.secondary_muscles, excluded.category, excluded.description, excluded.license, excluded.license_author,
		    excluded.pattern, excluded.injury_tags, excluded.unilateral)
		RETURNING (xmax = 0)`,
		exercises, func(gymID string, e gym.Exercise) []any {
			return []any{gymID, e.ID, e.Name, e.Force, string(e.Level), e.Mechanic, e.Equipment, list(e.Primary), list(e.Secondary), e.Category,
				e.Description, e.License, e.LicenseAuthor, string(e.Pattern), list(e.Tags), e.Unilateral}
		})
}

// UpsertFoods stores catalogue rows: all or none. A row whose words change loses its vector and is embedded again.
func (db *DB) UpsertFoods(ctx context.Context, foods []gym.Food) (Changes, error) {
	return upsert(ctx, db, "store foods", `
		INSERT INTO food AS f (gym_id, id, name, category, kcal, protein_g, carbs_g, fat_g, fibre_g, sugars_g, sodium_mg, sat_fat_g,
		  portion, portion_g, role, diets, allergens, allergens_known, meals)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
		ON CONFLICT (gym_id, id) DO UPDATE SET
		  name = excluded.name, category = excluded.category, kcal = excluded.kcal, protein_g = excluded.protein_g,
		  carbs_g = excluded.carbs_g, fat_g = excluded.fat_g, fibre_g = excluded.fibre_g, sugars_g = excluded.sugars_g,
		  sodium_mg = excluded.sodium_mg, sat_fat_g = excluded.sat_fat_g, portion = excluded.portion, portion_g = excluded.portion_g,
		  role = excluded.role, diets = excluded.diets, allergens = excluded.allergens, allergens_known = excluded.allergens_known,
		  meals = excluded.meals,
		  embedding = CASE WHEN (f.name, f.category) IS NOT DISTINCT FROM (excluded.name, excluded.category) THEN f.embedding END
		WHERE (f.name, f.category, f.kcal, f.protein_g, f.carbs_g, f.fat_g, f.fibre_g, f.sugars_g, f.sodium_mg, f.sat_fat_g, f.portion,
		    f.portion_g, f.role, f.diets, f.allergens, f.allergens_known, f.meals)
		  IS DISTINCT FROM (excluded.name, excluded.category, excluded.kcal, excluded.protein_g, excluded.carbs_g, excluded.fat_g,
		    excluded.fibre_g, excluded.sugars_g, excluded.sodium_mg, excluded.sat_fat_g, excluded.portion, excluded.portion_g,
		    excluded.role, excluded.diets, excluded.allergens, excluded.allergens_known, excluded.meals)
		RETURNING (xmax = 0)`,
		foods, func(gymID string, f gym.Food) []any {
			return []any{gymID, f.ID, f.Name, f.Category, f.Kcal, f.ProteinG, f.CarbsG, f.FatG, f.FibreG, f.SugarsG, f.SodiumMG, f.SatFatG,
				f.Portion, f.PortionG, string(f.Role), list(f.Diets), list(f.Allergens), f.AllergensKnown, list(f.Meals)}
		})
}

// Exercises reads rows by id, in any order; unknown ids are left out. No ids = the whole catalogue.
func (db *DB) Exercises(ctx context.Context, ids []string) (out []gym.Exercise, err error) {
	err = db.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+exerciseColumns+` FROM exercise e WHERE e.gym_id = acting_gym() AND ($1::text[] IS NULL OR e.id = ANY($1)) ORDER BY e.id`, ids)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, scanExercise)
		return err
	})
	return out, translate("read exercises", err)
}

// Foods reads rows by id, in any order; unknown ids are left out. No ids = the whole catalogue.
func (db *DB) Foods(ctx context.Context, ids []string) (out []gym.Food, err error) {
	err = db.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+foodColumns+` FROM food e WHERE e.gym_id = acting_gym() AND ($1::text[] IS NULL OR e.id = ANY($1)) ORDER BY e.id`, ids)
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, scanFood)
		return err
	})
	return out, translate("read foods", err)
}
