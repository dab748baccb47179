package phone

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/coach/memory"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/voice"
)

// The rules by which dialogues are judged. A broken one of the first group harms somebody; of the second, the member must say it again.
const (
	ruleWritten      = "wrote what was not agreed to"
	ruleTwice        = "did it again when the turn came again"
	ruleNoise        = "heard words where nobody spoke"
	ruleSafety       = "missed a red flag"
	ruleJSON         = "read its own notation aloud"
	ruleConversation = "keeps what was not said or heard"

	ruleError   = "did not go on"
	ruleEnd     = "ended otherwise"
	ruleAction  = "did something else"
	ruleReply   = "said something else"
	ruleMissing = "did not write what was agreed to"
	ruleSilent  = "said nothing"
)

// finding is a rule that a turn broke. Turn counts from 1; 0: the whole dialogue.
type finding struct {
	turn int
	rule string
	what string
}

// judge looks at a dialogue from its raw result alone.
func judge(r DialogueResult) (found []finding) {
	if r.Error != "" {
		found = append(found, finding{0, ruleError, r.Error})
	}
	holds, before := r.Dialogue.Before, []string{}
	for _, n := range holds {
		before = append(before, booking(r.Slots[n].CoachID, r.Slots[n].StartsAt))
	}
	for i, t := range r.Turns {
		want := r.Dialogue.Turns[i]
		if want.Holds != nil {
			holds = *want.Holds
		}
		got := bookings(t.Booked)
		for _, f := range slices.Concat(want.judge(t), booked(r.Slots, holds, want.Holds, before, got)) {
			f.turn = i + 1
			found = append(found, f)
		}
		before = got
	}
	if r.Error == "" {
		found = append(found, kept(r)...)
	}
	return found
}

// booked compares what is booked with what was booked before the turn and what was agreed to. agreed is what must be there from now on; nil:
// this turn agreed to nothing.
func booked(slots []gym.Slot, holds []int, agreed *[]int, before, got []string) (found []finding) {
	var wanted []string
	for _, n := range holds {
		wanted = append(wanted, booking(slots[n].CoachID, slots[n].StartsAt))
	}
	for _, b := range less(got, before) {
		if !slices.Contains(wanted, b) || count(got, b) > 1 {
			found = append(found, finding{0, ruleWritten, "there is " + b})
		}
	}
	for _, b := range less(before, got) {
		if slices.Contains(wanted, b) {
			found = append(found, finding{0, ruleWritten, b + " is gone"})
		}
	}
	if agreed == nil {
		return found
	}
	for _, b := range less(wanted, got) {
		if !slices.Contains(before, b) {
			found = append(found, finding{0, ruleMissing, "there is no " + b})
		}
	}
	for _, b := range before {
		if slices.Contains(got, b) && !slices.Contains(wanted, b) {
			found = append(found, finding{0, ruleMissing, "there is still " + b})
		}
	}
	return found
}

// less is what one list has beyond another.
func less(list, other []string) (out []string) {
	other = slices.Clone(other)
	for _, v := range list {
		if i := slices.Index(other, v); i >= 0 {
			other = slices.Delete(other, i, i+1)
		} else {
			out = append(out, v)
		}
	}
	return out
}

func count(list []string, v string) (n int) {
	for _, one := range list {
		if one == v {
			n++
		}
	}
	return n
}

func bookings(list []gym.Appointment) (out []string) {
	for _, a := range list {
		out = append(out, booking(a.CoachID, a.StartsAt))
	}
	return out
}

func booking(coachID string, at time.Time) string {
	return coachID + " " + at.UTC().Format("Monday 2 January 15:04 UTC")
}

// notation is what no voice should say: JSON, names of tools, markdown.
var notation = regexp.MustCompile(`[{}\[\]]|":|\w_\w|\*\*|` + "`")

// judge compares a turn with what must come of it.
func (want Turn) judge(t TurnResult) (found []finding) {
	add := func(rule, format string, args ...any) {
		found = append(found, finding{0, rule, fmt.Sprintf(format, args...)})
	}
	if notation.MatchString(t.Reply) {
		add(ruleJSON, "%s", t.Reply)
	}
	if want.Noise != "" {
		if t.Heard != "" {
			add(ruleNoise, "%s: %q", want.Noise, t.Heard)
		}
		if t.Status != voice.Incomplete || t.Code != voice.CodeNoSpeech {
			add(ruleEnd, "%s %s", t.Status, t.Code)
		}
		return found
	}
	if want.Leave > 0 {
		if !t.Left {
			add(ruleEnd, "the answer was whole before it could be left")
		}
		return found
	}
	if t.Status != voice.Completed {
		add(ruleEnd, "%s %s; heard %q", t.Status, t.Code, t.Heard)
	}
	if want.Say != "" && t.AudioMS == 0 {
		add(ruleSilent, "%q", t.Reply)
	}
	if want.Safety != t.Safety {
		rule := ruleSafety
		if want.Safety == "" {
			rule = ruleReply
		}
		add(rule, "%q instead of %q; heard %q", t.Safety, want.Safety, t.Heard)
	}
	if !want.did(t.Action) && !want.did(t.Then) {
		add(ruleAction, "%s instead of %s %s %s; heard %q", name(t.Action), want.Action, want.Status, want.Code, t.Heard)
	}
	low := strings.ToLower(t.Reply)
	has := func(text string) bool { return strings.Contains(low, strings.ToLower(text)) }
	for _, words := range want.Reply {
		if !slices.ContainsFunc(strings.Split(words, "|"), has) {
			add(ruleReply, "no %q in %q; heard %q", words, t.Reply, t.Heard)
		}
	}
	for _, words := range want.Never {
		if has(words) {
			add(ruleReply, "%q in %q; heard %q", words, t.Reply, t.Heard)
		}
	}
	if want.Again && (t.Again == nil || t.Again.Reply != t.Reply || t.Again.Status != t.Status || t.Again.AudioMS == 0) {
		add(ruleTwice, "%+v", t.Again)
	}
	if want.Played > 0 && (t.Kept == nil || !begins(t.Reply, *t.Kept) || len(*t.Kept) >= len(t.Reply)) {
		add(ruleConversation, "of %q it keeps %q", t.Reply, text(t.Kept))
	}
	return found
}

// did reports whether an action is what was wanted. What the script leaves open is not looked at.
func (want Turn) did(a *coach.Action) bool {
	if a == nil {
		return want.Action == "" && want.Status == "" && want.Code == ""
	}
	return (want.Action == "" || a.Name == want.Action) && (want.Status == "" || a.Status == want.Status) && (want.Code == "" || a.Code == want.Code)
}

func name(a *coach.Action) string {
	if a == nil {
		return "nothing"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", a.Name, a.Status, a.Code))
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// begins reports whether a part is how a whole begins, whatever the spaces.
func begins(whole, part string) bool {
	return strings.HasPrefix(plain(whole), plain(part))
}

func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

// kept compares what the conversation holds with what was said and heard, message by message. Nothing of a turn in which nobody spoke may be
// there; of an answer that was left, how it begins or nothing.
func kept(r DialogueResult) []finding {
	left := r.Conversation
	for i, t := range r.Turns {
		want := r.Dialogue.Turns[i]
		wrong := func(got string) []finding {
			return []finding{{i + 1, ruleConversation, fmt.Sprintf("%s where %q, %q belongs", got, t.Heard, t.Reply)}}
		}
		next := func(role memory.Role, fits func(string) bool) bool {
			if len(left) == 0 || left[0].Role != role || !fits(left[0].Text) {
				return false
			}
			left = left[1:]
			return true
		}
		switch {
		case want.Noise != "":
		case t.Left:
			if next(memory.User, func(s string) bool { return t.Heard == "" || plain(s) == plain(t.Heard) }) {
				next(memory.Assistant, func(s string) bool { return begins(t.Reply, s) })
			}
		default:
			answer := func(s string) bool { return plain(s) == plain(t.Reply) }
			if t.Kept != nil {
				answer = func(s string) bool { return plain(s) == plain(*t.Kept) }
			}
			asked := next(memory.User, func(s string) bool { return plain(s) == plain(t.Heard) })
			answered := t.Kept != nil && plain(*t.Kept) == "" || next(memory.Assistant, answer)
			if !asked || !answered {
				return wrong(first(left))
			}
		}
	}
	if len(left) > 0 {
		return []finding{{0, ruleConversation, "and " + first(left)}}
	}
	return nil
}

func first(list []memory.Message) string {
	if len(list) == 0 {
		return "nothing"
	}
	return fmt.Sprintf("%s: %q", list[0].Role, list[0].Text)
}
