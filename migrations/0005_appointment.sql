-- Appointments with coaches: when coaches work, when they are away, and what is booked.
--
-- A member sees the own appointments and everybody's free times. So what is taken is kept apart from whose it is: table
-- occupied has no member, and its exclusion constraint is what makes a double booking impossible. There is no btree_gist
-- in every PostgreSQL that we run on: a range type over text takes the place of its equality.

-- +goose Up
CREATE TYPE text_range AS RANGE (subtype = text, collation = "C");

-- from_minute and to_minute count from local midnight of the gym's zone: 9:00 is 540 on a night of changing clocks too.
CREATE TABLE working_hours (
  gym_id      text NOT NULL,
  coach_id    text NOT NULL,
  weekday     integer NOT NULL CHECK (weekday BETWEEN 0 AND 6), -- 0 is Sunday
  from_minute integer NOT NULL CHECK (from_minute BETWEEN 0 AND 1439),
  to_minute   integer NOT NULL CHECK (to_minute BETWEEN 1 AND 1440),
  capacity    integer NOT NULL DEFAULT 1 CHECK (capacity BETWEEN 1 AND 100),
  CHECK (from_minute < to_minute),
  PRIMARY KEY (gym_id, coach_id, weekday, from_minute),
  FOREIGN KEY (gym_id, coach_id) REFERENCES coach ON DELETE CASCADE
);

CREATE TABLE time_off (
  gym_id    text NOT NULL,
  coach_id  text NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at   timestamptz NOT NULL,
  CHECK (starts_at < ends_at),
  PRIMARY KEY (gym_id, coach_id, starts_at),
  FOREIGN KEY (gym_id, coach_id) REFERENCES coach ON DELETE CASCADE
);

CREATE TABLE appointment (
  gym_id     text NOT NULL,
  id         text NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  member_id  text NOT NULL,
  coach_id   text NOT NULL,
  starts_at  timestamptz NOT NULL,
  minutes    integer NOT NULL CHECK (minutes BETWEEN 10 AND 240),
  status     text NOT NULL CHECK (status IN ('booked', 'cancelled')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (gym_id, id),
  FOREIGN KEY (gym_id, member_id) REFERENCES member ON DELETE CASCADE,
  FOREIGN KEY (gym_id, coach_id) REFERENCES coach ON DELETE CASCADE,
  -- One person is in one place at a time. (starts_at plus minutes is immutable in UTC seconds only.)
  CONSTRAINT appointment_of_member EXCLUDE USING gist (
    text_range(gym_id || '/' || member_id, gym_id || '/' || member_id, '[]') WITH &&,
    int8range(extract(epoch FROM starts_at AT TIME ZONE 'UTC')::bigint, extract(epoch FROM starts_at AT TIME ZONE 'UTC')::bigint + minutes * 60) WITH &&
  ) WHERE (status = 'booked')
);
CREATE INDEX appointment_member ON appointment (gym_id, member_id, starts_at);

CREATE TABLE occupied (
  gym_id         text NOT NULL,
  coach_id       text NOT NULL,
  place          integer NOT NULL CHECK (place BETWEEN 1 AND 100),
  during         tstzrange NOT NULL CHECK (NOT isempty(during)),
  appointment_id text NOT NULL,
  PRIMARY KEY (gym_id, appointment_id),
  FOREIGN KEY (gym_id, appointment_id) REFERENCES appointment (gym_id, id) ON DELETE CASCADE,
  CONSTRAINT occupied_once EXCLUDE USING gist (
    text_range(gym_id || '/' || coach_id || '/' || place, gym_id || '/' || coach_id || '/' || place, '[]') WITH &&, during WITH &&)
);
CREATE INDEX occupied_during ON occupied USING gist (during);

-- What a write with a key did, so that the same write again finds it: the key is the proposal that was confirmed.
CREATE TABLE appointment_write (
  gym_id         text NOT NULL,
  member_id      text NOT NULL,
  key            text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  request        text NOT NULL, -- what was asked, to tell a repeat from another request under the same key
  appointment_id text NOT NULL,
  PRIMARY KEY (gym_id, member_id, key),
  FOREIGN KEY (gym_id, appointment_id) REFERENCES appointment (gym_id, id) ON DELETE CASCADE
);

ALTER TABLE working_hours ENABLE ROW LEVEL SECURITY;
ALTER TABLE working_hours FORCE ROW LEVEL SECURITY;
ALTER TABLE time_off ENABLE ROW LEVEL SECURITY;
ALTER TABLE time_off FORCE ROW LEVEL SECURITY;
ALTER TABLE appointment ENABLE ROW LEVEL SECURITY;
ALTER TABLE appointment FORCE ROW LEVEL SECURITY;
ALTER TABLE occupied ENABLE ROW LEVEL SECURITY;
ALTER TABLE occupied FORCE ROW LEVEL SECURITY;
ALTER TABLE appointment_write ENABLE ROW LEVEL SECURITY;
ALTER TABLE appointment_write FORCE ROW LEVEL SECURITY;

CREATE POLICY working_hours_read ON working_hours FOR SELECT USING (gym_id = acting_gym());
CREATE POLICY working_hours_write ON working_hours FOR ALL USING (gym_id = acting_gym() AND acting_role() = 'service')
  WITH CHECK (gym_id = acting_gym() AND acting_role() = 'service');
CREATE POLICY time_off_read ON time_off FOR SELECT USING (gym_id = acting_gym());
CREATE POLICY time_off_write ON time_off FOR ALL USING (gym_id = acting_gym() AND acting_role() = 'service')
  WITH CHECK (gym_id = acting_gym() AND acting_role() = 'service');

-- Whoever may see the member may see and change the member's appointments; table member is under row-level security itself.
CREATE POLICY appointment_visible ON appointment FOR ALL
  USING (gym_id = acting_gym() AND EXISTS (SELECT FROM member m WHERE m.gym_id = appointment.gym_id AND m.id = appointment.member_id))
  WITH CHECK (gym_id = acting_gym() AND EXISTS (SELECT FROM member m WHERE m.gym_id = appointment.gym_id AND m.id = appointment.member_id));
CREATE POLICY appointment_write_visible ON appointment_write FOR ALL
  USING (gym_id = acting_gym() AND EXISTS (SELECT FROM member m WHERE m.gym_id = appointment_write.gym_id AND m.id = appointment_write.member_id))
  WITH CHECK (gym_id = acting_gym() AND EXISTS (SELECT FROM member m WHERE m.gym_id = appointment_write.gym_id AND m.id = appointment_write.member_id));
-- What is taken is for everybody of the gym to read; to change only by who may change its appointment.
CREATE POLICY occupied_read ON occupied FOR SELECT USING (gym_id = acting_gym());
CREATE POLICY occupied_write ON occupied FOR INSERT
  WITH CHECK (gym_id = acting_gym() AND EXISTS (SELECT FROM appointment a WHERE a.gym_id = occupied.gym_id AND a.id = occupied.appointment_id));
CREATE POLICY occupied_free ON occupied FOR DELETE
  USING (gym_id = acting_gym() AND EXISTS (SELECT FROM appointment a WHERE a.gym_id = occupied.gym_id AND a.id = occupied.appointment_id));

-- +goose Down
DROP TABLE appointment_write, occupied, appointment, time_off, working_hours;
DROP TYPE text_range;
