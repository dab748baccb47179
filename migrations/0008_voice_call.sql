-- Calls that have ended. The transcript is there only with the member's consent; its words are those of the conversation as they
-- were heard. Only the member reads it, and it goes with the member.

-- +goose Up
CREATE TABLE voice_call (
  gym_id          text NOT NULL,
  member_id       text NOT NULL,
  id              text NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  conversation_id text NOT NULL CHECK (length(conversation_id) <= 64),
  started_at      timestamptz NOT NULL,
  ended_at        timestamptz NOT NULL CHECK (ended_at >= started_at),
  turns           integer NOT NULL CHECK (turns >= 0),
  transcript      jsonb, -- [{role, text, at, heard_ms, …}]; NULL: not agreed to
  PRIMARY KEY (gym_id, member_id, id),
  FOREIGN KEY (gym_id, member_id) REFERENCES member ON DELETE CASCADE
);
CREATE INDEX voice_call_recent ON voice_call (gym_id, member_id, started_at DESC);

ALTER TABLE voice_call ENABLE ROW LEVEL SECURITY;
ALTER TABLE voice_call FORCE ROW LEVEL SECURITY;
CREATE POLICY voice_call_own ON voice_call FOR ALL
  USING (gym_id = acting_gym() AND (acting_role() = 'service' OR acting_role() = 'member' AND member_id = acting_subject()))
  WITH CHECK (gym_id = acting_gym() AND (acting_role() = 'service' OR acting_role() = 'member' AND member_id = acting_subject()));

-- +goose Down
DROP TABLE voice_call;
