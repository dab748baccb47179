package load

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
)

// The kinds of turns, in the order in which a chat takes them again and again.
const (
	talk         = "talk"
	availability = "availability"
	proposal     = "proposal"
	answer       = "yes or no"
)

var kinds = []string{talk, availability, proposal, answer, talk}

// member is one chat.
type member struct {
	*stage
	i            int
	conversation string
	proposal     *coach.Proposal
	booked       int
	turns        int // that were answered
}

func (s *stage) member(i int) *member {
	m := &member{stage: s, i: i}
	s.membersMu.Lock()
	defer s.membersMu.Unlock()
	s.members = append(s.members, m)
	return m
}

// days are how many days of the week are booked on, from the day after tomorrow: a weekday's name then has one meaning.
const days = 5

// turn is one message and its answer, measured and checked.
func (m *member) turn(n int) result {
	word := word(m.i, n)
	kind := kinds[n%len(kinds)]
	body, done := m.message(kind, n, word)
	r := result{kind: kind, who: memberID(m.i), n: n}
	began := time.Now()
	reply, raw, err := m.post(body)
	r.wall = time.Since(began)
	r.engines = m.model.busyFor(word)
	if err != nil {
		r.lost = err.Error()
		return r
	}
	m.turns++
	m.conversation, m.proposal = reply.ConversationID, reply.Proposal
	for _, heard := range canary.FindAllString(string(raw), -1) {
		if !strings.HasPrefix(heard, mine(m.i)) {
			r.foreign = append(r.foreign, heard)
		}
	}
	if why := done(reply); why != "" {
		r.lost = fmt.Sprintf("%s: answered %q, action %s %s %s", why, reply.Reply, reply.Action.Name, reply.Action.Status, reply.Action.Code)
	}
	return r
}

// message is what the member says in a turn, and what must be true of the answer: "" when it is, else what is wrong.
func (m *member) message(kind string, n int, word string) (body map[string]string, done func(coach.Reply) string) {
	round := n / len(kinds)
	day := m.now.UTC().AddDate(0, 0, 2+round%days).Weekday()
	hour := opens + (m.i+round/days)%(closes-opens)
	at := time.Date(0, 1, 1, hour, 0, 0, 0, time.UTC)
	clock := at.Format("15:04")
	body = map[string]string{"conversation_id": m.conversation}
	status := func(want coach.Status, text string) func(coach.Reply) string {
		return func(r coach.Reply) string {
			if r.Action.Status != want || !strings.Contains(r.Reply, text) {
				return fmt.Sprintf("want %s with %q", want, text)
			}
			return ""
		}
	}
	switch kind {
	case availability:
		body["message"] = fmt.Sprintf("when is Ada free on %s", day)
		return body, status(coach.StatusRead, "Ada")
	case proposal:
		body["message"] = fmt.Sprintf("book me with Ada on %s at %s", day, at.Format("3 pm"))
		return body, status(coach.StatusProposed, clock)
	case answer:
		return m.answer(body, round, status, clock)
	}
	body["message"] = "how do I keep my back straight in a goblet squat " + word
	return body, func(r coach.Reply) string {
		if r.Degraded || !strings.Contains(r.Reply, word) {
			return "want the model's own answer with " + word
		}
		return ""
	}
}

// answer says yes in words, no in words, or yes by the proposal's id, in turn.
func (m *member) answer(body map[string]string, round int, status func(coach.Status, string) func(coach.Reply) string, clock string) (map[string]string, func(coach.Reply) string) {
	if round%3 == 1 {
		body["message"] = "no thanks"
		return body, status(coach.StatusDeclined, "")
	}
	if body["message"] = "yes"; round%3 == 2 && m.proposal != nil {
		body = map[string]string{"conversation_id": m.conversation, "confirm": m.proposal.ID}
	}
	check := status(coach.StatusDone, clock)
	return body, func(r coach.Reply) string {
		if r.Action.Status == coach.StatusDone {
			m.booked++
		}
		return check(r)
	}
}

func (m *member) post(body map[string]string) (coach.Reply, []byte, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return coach.Reply{}, nil, err
	}
	raw, err := m.call(m.ctx, memberID(m.i), http.MethodPost, "/", encoded)
	if err != nil {
		return coach.Reply{}, nil, err
	}
	var reply coach.Reply
	return reply, raw, json.Unmarshal(raw, &reply)
}

// call is one request of a member; an answer that is not 200 is an error with its code.
func (s *stage) call(ctx context.Context, member, method, path string, body []byte) ([]byte, error) {
	token, err := faas.Sign(s.key, gym.Principal{GymID: s.gymID, Subject: member, Role: gym.RoleMember}, time.Minute, time.Now())
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		var p faas.Problem
		_ = json.Unmarshal(raw, &p) // without a code the status tells
		return nil, fmt.Errorf("answered %d %s", res.StatusCode, p.Code)
	}
	return raw, nil
}

// audit compares what the database holds at the end with what the members were told.
func (s *stage) audit(r *recorder) error {
	for _, m := range s.members {
		if m.conversation != "" {
			raw, err := s.call(s.ctx, memberID(m.i), http.MethodGet, "/conversations/"+m.conversation, nil)
			if err != nil {
				return fmt.Errorf("read a conversation of the bench: %w", err)
			}
			var kept struct{ Messages []struct{ Text string } }
			if err := json.Unmarshal(raw, &kept); err != nil {
				return fmt.Errorf("read a conversation of the bench: %w", err)
			}
			if len(kept.Messages) != 2*m.turns {
				r.fail(fmt.Sprintf("%s: %d messages are kept of %d turns", memberID(m.i), len(kept.Messages), m.turns))
			}
		}
		held, err := s.db.Appointments(s.ctx, memberID(m.i), s.now, s.now.AddDate(0, 0, 70))
		if err != nil {
			return err
		}
		if len(held) != m.booked {
			r.fail(fmt.Sprintf("%s: %d appointments are kept of %d that were confirmed", memberID(m.i), len(held), m.booked))
		}
	}
	return nil
}

// mine begins all words of a member; the turn follows.
func mine(i int) string { return "canary" + letters(i) }

func word(i, turn int) string { return mine(i) + letters(turn) }

func letters(n int) string { return string([]byte{byte('a' + n/26%26), byte('a' + n%26)}) }
