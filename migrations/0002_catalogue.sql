-- What plans are made from: exercises and foods, with the tags that the hard filters read and the text and vector that
-- the ranking reads.
--
-- There is no vector index: with some thousand rows an exact scan after the filters has perfect recall and is faster
-- than an HNSW search that filters afterwards. The text index serves the lexical half of the search.

-- +goose Up
CREATE TABLE exercise (
  gym_id          text NOT NULL REFERENCES gym ON DELETE CASCADE,
  id              text NOT NULL CHECK (length(id) BETWEEN 1 AND 128),
  name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 300),
  force           text NOT NULL DEFAULT '',
  level           text NOT NULL DEFAULT '' CHECK (level IN ('', 'beginner', 'intermediate', 'advanced')),
  mechanic        text NOT NULL DEFAULT '',
  equipment       text NOT NULL DEFAULT '',   -- empty = unknown: matches no kit
  primary_muscles   text[] NOT NULL,
  secondary_muscles text[] NOT NULL,
  category        text NOT NULL DEFAULT '',
  description     text NOT NULL DEFAULT '' CHECK (length(description) <= 8000),
  license         text NOT NULL DEFAULT '',
  license_author  text NOT NULL DEFAULT '',
  pattern         text NOT NULL,
  injury_tags     text[] NOT NULL,
  unilateral      boolean NOT NULL DEFAULT false,
  search          tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('english', description), 'C')) STORED,
  embedding       vector(384),
  embedding_model text,                       -- which model made it: a change of model makes the row pending again
  PRIMARY KEY (gym_id, id)
);
-- A vector of 384 floats stays in the row: out-of-line storage would cost a second read for each distance.
ALTER TABLE exercise ALTER COLUMN embedding SET STORAGE PLAIN;
CREATE INDEX exercise_search ON exercise USING gin (search);
CREATE INDEX exercise_pattern ON exercise (gym_id, pattern);
ALTER TABLE exercise ENABLE ROW LEVEL SECURITY;
ALTER TABLE exercise FORCE ROW LEVEL SECURITY;
CREATE POLICY exercise_read ON exercise FOR SELECT USING (gym_id = acting_gym());
CREATE POLICY exercise_write ON exercise FOR ALL USING (gym_id = acting_gym() AND acting_role() = 'service')
  WITH CHECK (gym_id = acting_gym() AND acting_role() = 'service');

-- Every nutrient is per 100 g; null means unknown, never zero.
CREATE TABLE food (
  gym_id          text NOT NULL REFERENCES gym ON DELETE CASCADE,
  id              text NOT NULL CHECK (length(id) BETWEEN 1 AND 128),
  name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 300),
  category        text NOT NULL DEFAULT '',
  kcal            double precision NOT NULL CHECK (kcal BETWEEN 0 AND 905),
  protein_g       double precision NOT NULL CHECK (protein_g BETWEEN 0 AND 105),
  carbs_g         double precision NOT NULL CHECK (carbs_g BETWEEN 0 AND 105),
  fat_g           double precision NOT NULL CHECK (fat_g BETWEEN 0 AND 105),
  fibre_g         double precision CHECK (fibre_g BETWEEN 0 AND 105),
  sugars_g        double precision CHECK (sugars_g BETWEEN 0 AND 105),
  sodium_mg       double precision CHECK (sodium_mg BETWEEN 0 AND 100000),
  sat_fat_g       double precision CHECK (sat_fat_g BETWEEN 0 AND 105),
  portion         text NOT NULL DEFAULT '',
  portion_g       double precision CHECK (portion_g > 0 AND portion_g <= 5000),
  role            text NOT NULL,
  diets           text[] NOT NULL,
  allergens       text[] NOT NULL,
  allergens_known boolean NOT NULL,
  meals           text[] NOT NULL,
  search          tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('english', category), 'D')) STORED,
  embedding       vector(384),
  embedding_model text,
  PRIMARY KEY (gym_id, id)
);
ALTER TABLE food ALTER COLUMN embedding SET STORAGE PLAIN;
CREATE INDEX food_search ON food USING gin (search);
CREATE INDEX food_role ON food (gym_id, role);
ALTER TABLE food ENABLE ROW LEVEL SECURITY;
ALTER TABLE food FORCE ROW LEVEL SECURITY;
CREATE POLICY food_read ON food FOR SELECT USING (gym_id = acting_gym());
CREATE POLICY food_write ON food FOR ALL USING (gym_id = acting_gym() AND acting_role() = 'service')
  WITH CHECK (gym_id = acting_gym() AND acting_role() = 'service');

-- +goose Down
DROP TABLE food, exercise;
