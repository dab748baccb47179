-- Conversations of members with the coach, and the persona of a gym's coach. Only the member reads a conversation; deleting it
-- removes its rows.

-- +goose Up
CREATE TABLE conversation (
  gym_id     text NOT NULL,
  id         text NOT NULL CHECK (id ~ '^[A-Za-z0-9._-]{1,64}$'),
  member_id  text NOT NULL,
  title      text NOT NULL DEFAULT '' CHECK (length(title) <= 80),
  summary    text NOT NULL DEFAULT '' CHECK (length(summary) <= 4000),
  summed_up  bigint NOT NULL DEFAULT 0, -- the last message that the summary covers
  newest     bigint NOT NULL DEFAULT 0, -- the last message
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (gym_id, member_id, id), -- two members may choose the same id and never meet
  FOREIGN KEY (gym_id, member_id) REFERENCES member ON DELETE CASCADE
);
CREATE INDEX conversation_recent ON conversation (gym_id, member_id, updated_at DESC);

CREATE TABLE message (
  gym_id          text NOT NULL,
  member_id       text NOT NULL,
  conversation_id text NOT NULL,
  id              bigint GENERATED ALWAYS AS IDENTITY,
  role            text NOT NULL CHECK (role IN ('user', 'assistant')),
  body            text NOT NULL CHECK (length(body) <= 9000),
  action          text NOT NULL DEFAULT '',
  safety_code     text NOT NULL DEFAULT '',
  at              timestamptz NOT NULL,
  PRIMARY KEY (gym_id, id),
  FOREIGN KEY (gym_id, member_id, conversation_id) REFERENCES conversation ON DELETE CASCADE
);
CREATE INDEX message_of_conversation ON message (gym_id, member_id, conversation_id, id);

CREATE TABLE persona (
  gym_id   text PRIMARY KEY REFERENCES gym ON DELETE CASCADE,
  name     text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
  tone     text NOT NULL,
  language text NOT NULL,
  version  text NOT NULL -- of the templates when it was set
);

ALTER TABLE conversation ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversation FORCE ROW LEVEL SECURITY;
ALTER TABLE message ENABLE ROW LEVEL SECURITY;
ALTER TABLE message FORCE ROW LEVEL SECURITY;
ALTER TABLE persona ENABLE ROW LEVEL SECURITY;
ALTER TABLE persona FORCE ROW LEVEL SECURITY;

CREATE POLICY conversation_own ON conversation FOR ALL
  USING (gym_id = acting_gym() AND (acting_role() = 'service' OR acting_role() = 'member' AND member_id = acting_subject()))
  WITH CHECK (gym_id = acting_gym() AND (acting_role() = 'service' OR acting_role() = 'member' AND member_id = acting_subject()));
CREATE POLICY message_own ON message FOR ALL
  USING (gym_id = acting_gym() AND (acting_role() = 'service' OR acting_role() = 'member' AND member_id = acting_subject()))
  WITH CHECK (gym_id = acting_gym() AND (acting_role() = 'service' OR acting_role() = 'member' AND member_id = acting_subject()));
CREATE POLICY persona_read ON persona FOR SELECT USING (gym_id = acting_gym());
CREATE POLICY persona_write ON persona FOR ALL USING (gym_id = acting_gym() AND acting_role() IN ('manager', 'service'))
  WITH CHECK (gym_id = acting_gym() AND acting_role() IN ('manager', 'service'));

-- +goose Down
DROP TABLE persona, message, conversation;
