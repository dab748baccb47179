-- What is added to a member's record while the member talks with the coach: facts, training that was done, and calls for a
-- person. A fact is never changed, only added or retired: what was once said of an injury stays readable.

-- +goose Up
CREATE TABLE fact (
  gym_id     text NOT NULL,
  member_id  text NOT NULL,
  id         text NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  kind       text NOT NULL CHECK (kind IN ('injury', 'allergy', 'like', 'dislike', 'goal')),
  value      jsonb NOT NULL,
  source     text NOT NULL CHECK (source IN ('member', 'coach', 'staff')),
  said_at    timestamptz NOT NULL,
  retired_at timestamptz,
  PRIMARY KEY (gym_id, id),
  FOREIGN KEY (gym_id, member_id) REFERENCES member ON DELETE CASCADE
);
-- The same thing said twice is one fact.
CREATE UNIQUE INDEX fact_live ON fact (gym_id, member_id, kind, value) WHERE retired_at IS NULL;

CREATE TABLE training_log (
  gym_id      text NOT NULL,
  member_id   text NOT NULL,
  id          text NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  key         text CHECK (length(key) BETWEEN 1 AND 255), -- of the write: the same key again is the same entry
  done_on     date NOT NULL,
  exercise_id text,          -- of the gym's catalogue, where the name is one of its names
  exercise    text NOT NULL CHECK (length(exercise) BETWEEN 1 AND 200),
  sets        integer NOT NULL CHECK (sets BETWEEN 1 AND 50),
  reps        integer NOT NULL CHECK (reps BETWEEN 1 AND 500),
  weight_kg   double precision CHECK (weight_kg BETWEEN 0 AND 1000),
  rir         integer CHECK (rir BETWEEN 0 AND 10),
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (gym_id, id),
  UNIQUE (gym_id, member_id, key),
  FOREIGN KEY (gym_id, member_id) REFERENCES member ON DELETE CASCADE
);
CREATE INDEX training_log_member ON training_log (gym_id, member_id, done_on DESC);

-- A code and ids: what the member said stays in the conversation.
CREATE TABLE escalation (
  gym_id          text NOT NULL,
  member_id       text NOT NULL,
  id              text NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  key             text CHECK (length(key) BETWEEN 1 AND 255),
  code            text NOT NULL CHECK (code ~ '^[a-z0-9_]{1,64}$'),
  conversation_id text NOT NULL DEFAULT '' CHECK (length(conversation_id) <= 64),
  created_at      timestamptz NOT NULL DEFAULT now(),
  seen_by         text,
  seen_at         timestamptz,
  PRIMARY KEY (gym_id, id),
  UNIQUE (gym_id, member_id, key),
  FOREIGN KEY (gym_id, member_id) REFERENCES member ON DELETE CASCADE
);

ALTER TABLE fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE fact FORCE ROW LEVEL SECURITY;
ALTER TABLE training_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE training_log FORCE ROW LEVEL SECURITY;
ALTER TABLE escalation ENABLE ROW LEVEL SECURITY;
ALTER TABLE escalation FORCE ROW LEVEL SECURITY;

-- Whoever may see the member may see and add to the member's record; table member is under row-level security itself.
CREATE POLICY fact_visible ON fact FOR ALL
  USING (gym_id = acting_gym() AND EXISTS (SELECT FROM member m WHERE m.gym_id = fact.gym_id AND m.id = fact.member_id))
  WITH CHECK (gym_id = acting_gym() AND EXISTS (SELECT FROM member m WHERE m.gym_id = fact.gym_id AND m.id = fact.member_id));
CREATE POLICY training_log_visible ON training_log FOR ALL
  USING (gym_id = acting_gym() AND EXISTS (SELECT FROM member m WHERE m.gym_id = training_log.gym_id AND m.id = training_log.member_id))
  WITH CHECK (gym_id = acting_gym() AND EXISTS (SELECT FROM member m WHERE m.gym_id = training_log.gym_id AND m.id = training_log.member_id));
CREATE POLICY escalation_visible ON escalation FOR ALL
  USING (gym_id = acting_gym() AND EXISTS (SELECT FROM member m WHERE m.gym_id = escalation.gym_id AND m.id = escalation.member_id))
  WITH CHECK (gym_id = acting_gym() AND EXISTS (SELECT FROM member m WHERE m.gym_id = escalation.gym_id AND m.id = escalation.member_id));

-- +goose Down
DROP TABLE escalation, training_log, fact;
