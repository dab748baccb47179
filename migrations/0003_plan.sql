-- Plans with every version, and the calls that make them.
--
-- A plan belongs to a member; the coach of that member may read, revise and approve it. The policies ask the member
-- table, which is under row-level security itself: whoever may see the member may see the plan.

-- +goose Up
CREATE TABLE plan (
  gym_id        text NOT NULL,
  id            text NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  member_id     text NOT NULL,
  version       integer NOT NULL CHECK (version >= 1),
  call_id       text CHECK (length(call_id) <= 128),
  source        text NOT NULL CHECK (source IN ('model', 'rules')),
  degraded      boolean NOT NULL,
  rules_version text NOT NULL,
  seed          bigint NOT NULL,
  exercise_ids  text[] NOT NULL,  -- what the newest version uses, so that the next plan can bring something else
  food_ids      text[] NOT NULL,
  approved_by   text,
  approved_at   timestamptz,
  approved_version integer,
  created_at    timestamptz NOT NULL,
  PRIMARY KEY (gym_id, id),
  UNIQUE (gym_id, member_id, call_id),
  FOREIGN KEY (gym_id, member_id) REFERENCES member (gym_id, id) ON DELETE CASCADE
);
CREATE INDEX plan_member ON plan (gym_id, member_id, created_at DESC);

CREATE TABLE plan_version (
  gym_id     text NOT NULL,
  plan_id    text NOT NULL,
  member_id  text NOT NULL,
  version    integer NOT NULL CHECK (version >= 1),
  document   jsonb NOT NULL,
  made_by    text NOT NULL,       -- subject of the token that made the version
  call_id    text CHECK (length(call_id) <= 128), -- of the swap or regenerate that made it
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (gym_id, plan_id, version),
  UNIQUE (gym_id, plan_id, call_id),
  FOREIGN KEY (gym_id, plan_id) REFERENCES plan (gym_id, id) ON DELETE CASCADE,
  FOREIGN KEY (gym_id, member_id) REFERENCES member (gym_id, id) ON DELETE CASCADE
);

-- One row for each asynchronous or idempotent call. The body is health data: it stays here, behind row-level security,
-- and is cleared when the call has ended; the queue holds ids alone.
CREATE TABLE call (
  gym_id       text NOT NULL,
  member_id    text NOT NULL,     -- subject of the token that asked
  call_id      text NOT NULL CHECK (length(call_id) BETWEEN 1 AND 128),
  role         text NOT NULL CHECK (role IN ('member', 'coach', 'manager', 'service')),
  function     text NOT NULL,
  path         text NOT NULL DEFAULT '/',
  query        text NOT NULL DEFAULT '',
  content_type text NOT NULL DEFAULT '',
  body         bytea,
  request_hash bytea NOT NULL,
  state        text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
  status       integer,           -- HTTP status of the answer
  problem      jsonb,             -- problem+json of a failed call
  attempts     integer NOT NULL DEFAULT 0,
  created_at   timestamptz NOT NULL DEFAULT now(),
  started_at   timestamptz,
  finished_at  timestamptz,
  PRIMARY KEY (gym_id, member_id, call_id)
);

ALTER TABLE plan ENABLE ROW LEVEL SECURITY;
ALTER TABLE plan FORCE ROW LEVEL SECURITY;
ALTER TABLE plan_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE plan_version FORCE ROW LEVEL SECURITY;
ALTER TABLE call ENABLE ROW LEVEL SECURITY;
ALTER TABLE call FORCE ROW LEVEL SECURITY;

CREATE POLICY plan_member ON plan FOR ALL
  USING (gym_id = acting_gym() AND acting_role() = 'member' AND member_id = acting_subject())
  WITH CHECK (gym_id = acting_gym() AND acting_role() = 'member' AND member_id = acting_subject());
CREATE POLICY plan_coach ON plan FOR ALL
  USING (gym_id = acting_gym() AND acting_role() = 'coach'
    AND EXISTS (SELECT FROM member m WHERE m.gym_id = plan.gym_id AND m.id = plan.member_id AND m.coach_id = acting_subject()))
  WITH CHECK (gym_id = acting_gym() AND acting_role() = 'coach'
    AND EXISTS (SELECT FROM member m WHERE m.gym_id = plan.gym_id AND m.id = plan.member_id AND m.coach_id = acting_subject()));
CREATE POLICY plan_service ON plan FOR ALL
  USING (gym_id = acting_gym() AND acting_role() = 'service')
  WITH CHECK (gym_id = acting_gym() AND acting_role() = 'service');

CREATE POLICY plan_version_member ON plan_version FOR ALL
  USING (gym_id = acting_gym() AND acting_role() = 'member' AND member_id = acting_subject())
  WITH CHECK (gym_id = acting_gym() AND acting_role() = 'member' AND member_id = acting_subject());
CREATE POLICY plan_version_coach ON plan_version FOR ALL
  USING (gym_id = acting_gym() AND acting_role() = 'coach'
    AND EXISTS (SELECT FROM member m WHERE m.gym_id = plan_version.gym_id AND m.id = plan_version.member_id AND m.coach_id = acting_subject()))
  WITH CHECK (gym_id = acting_gym() AND acting_role() = 'coach'
    AND EXISTS (SELECT FROM member m WHERE m.gym_id = plan_version.gym_id AND m.id = plan_version.member_id AND m.coach_id = acting_subject()));
CREATE POLICY plan_version_service ON plan_version FOR ALL
  USING (gym_id = acting_gym() AND acting_role() = 'service')
  WITH CHECK (gym_id = acting_gym() AND acting_role() = 'service');

-- A call is seen by whoever asked, and by the worker.
CREATE POLICY call_own ON call FOR ALL
  USING (gym_id = acting_gym() AND member_id = acting_subject() AND role = acting_role())
  WITH CHECK (gym_id = acting_gym() AND member_id = acting_subject() AND role = acting_role());
CREATE POLICY call_service ON call FOR ALL
  USING (gym_id = acting_gym() AND acting_role() = 'service')
  WITH CHECK (gym_id = acting_gym() AND acting_role() = 'service');

-- +goose Down
DROP TABLE call, plan_version, plan;
