-- The gym, its staff, its members and its equipment.
--
-- Every row carries its gym. Row-level security is forced, so that it binds the owner too; a connection that has not
-- said for whom it acts sees nothing. Who acts is set per transaction: app.gym, app.subject and app.role, from the
-- verified token. NULLIF turns the empty string, which PostgreSQL leaves behind in a pooled connection, into NULL.

-- +goose Up
CREATE EXTENSION IF NOT EXISTS vector;

-- +goose StatementBegin
CREATE FUNCTION acting_gym() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN NULLIF(current_setting('app.gym', true), '');
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION acting_subject() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN NULLIF(current_setting('app.subject', true), '');
-- +goose StatementEnd
-- +goose StatementBegin
CREATE FUNCTION acting_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  RETURN NULLIF(current_setting('app.role', true), '');
-- +goose StatementEnd

CREATE TABLE gym (
  id         text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  time_zone  text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE gym ENABLE ROW LEVEL SECURITY;
ALTER TABLE gym FORCE ROW LEVEL SECURITY;
CREATE POLICY gym_read ON gym FOR SELECT USING (id = acting_gym());
CREATE POLICY gym_write ON gym FOR ALL USING (id = acting_gym() AND acting_role() = 'service')
  WITH CHECK (id = acting_gym() AND acting_role() = 'service');

CREATE TABLE coach (
  gym_id text NOT NULL REFERENCES gym ON DELETE CASCADE,
  id     text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  name   text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  PRIMARY KEY (gym_id, id)
);
ALTER TABLE coach ENABLE ROW LEVEL SECURITY;
ALTER TABLE coach FORCE ROW LEVEL SECURITY;
CREATE POLICY coach_read ON coach FOR SELECT USING (gym_id = acting_gym());
CREATE POLICY coach_write ON coach FOR ALL USING (gym_id = acting_gym() AND acting_role() = 'service')
  WITH CHECK (gym_id = acting_gym() AND acting_role() = 'service');

-- The profile is null where it was not given: a member may exist without one, and a plan then says what is missing.
CREATE TABLE member (
  gym_id          text NOT NULL REFERENCES gym ON DELETE CASCADE,
  id              text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  name            text NOT NULL CHECK (length(name) <= 200),
  birth_date      date,
  sex             text CHECK (sex IN ('male', 'female', 'other')),
  height_cm       double precision CHECK (height_cm BETWEEN 50 AND 260),
  weight_kg       double precision CHECK (weight_kg BETWEEN 10 AND 400),
  body_fat_pct    double precision CHECK (body_fat_pct BETWEEN 2 AND 75),
  goal            text CHECK (goal IN ('fat_loss', 'muscle_gain', 'strength', 'endurance', 'health')),
  experience      text CHECK (experience IN ('beginner', 'intermediate', 'advanced')),
  activity        text CHECK (activity IN ('sedentary', 'light', 'moderate', 'active', 'very_active')),
  days_per_week   integer CHECK (days_per_week BETWEEN 1 AND 7),
  session_minutes integer CHECK (session_minutes BETWEEN 10 AND 240),
  diet            text NOT NULL DEFAULT 'none'
    CHECK (diet IN ('none', 'vegetarian', 'vegan', 'pescatarian', 'halal', 'kosher', 'low_carb')),
  equipment       text[] NOT NULL DEFAULT '{}',
  injuries        jsonb NOT NULL DEFAULT '[]',
  allergies       text[] NOT NULL DEFAULT '{}',
  conditions      text[] NOT NULL DEFAULT '{}',
  likes           text[] NOT NULL DEFAULT '{}',
  dislikes        text[] NOT NULL DEFAULT '{}',
  screening       jsonb NOT NULL DEFAULT '{}',
  consent         jsonb NOT NULL DEFAULT '{}',
  coach_id        text,
  updated_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (gym_id, id),
  FOREIGN KEY (gym_id, coach_id) REFERENCES coach (gym_id, id) ON DELETE SET NULL (coach_id)
);
ALTER TABLE member ENABLE ROW LEVEL SECURITY;
ALTER TABLE member FORCE ROW LEVEL SECURITY;
CREATE POLICY member_own ON member FOR SELECT
  USING (gym_id = acting_gym() AND acting_role() = 'member' AND id = acting_subject());
CREATE POLICY member_coached ON member FOR SELECT
  USING (gym_id = acting_gym() AND acting_role() = 'coach' AND coach_id = acting_subject());
CREATE POLICY member_service ON member FOR ALL
  USING (gym_id = acting_gym() AND acting_role() = 'service')
  WITH CHECK (gym_id = acting_gym() AND acting_role() = 'service');

CREATE TABLE equipment (
  gym_id       text NOT NULL REFERENCES gym ON DELETE CASCADE,
  id           text NOT NULL CHECK (length(id) BETWEEN 1 AND 128),
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  kind         text NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
  site         text NOT NULL DEFAULT '',
  brand        text NOT NULL DEFAULT '',
  model        text NOT NULL DEFAULT '',
  installed_on date,
  count        integer NOT NULL CHECK (count BETWEEN 0 AND 10000),
  PRIMARY KEY (gym_id, id)
);
ALTER TABLE equipment ENABLE ROW LEVEL SECURITY;
ALTER TABLE equipment FORCE ROW LEVEL SECURITY;
CREATE POLICY equipment_read ON equipment FOR SELECT USING (gym_id = acting_gym());
CREATE POLICY equipment_write ON equipment FOR ALL USING (gym_id = acting_gym() AND acting_role() = 'service')
  WITH CHECK (gym_id = acting_gym() AND acting_role() = 'service');

-- +goose Down
DROP TABLE equipment, member, coach, gym;
DROP FUNCTION acting_gym(), acting_subject(), acting_role();
