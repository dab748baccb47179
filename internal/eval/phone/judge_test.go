package phone

import (
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/coach/memory"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/voice"
)

// ideal is a booking that went as it should: offer, noise, yes sent twice, half of the last answer heard.
func ideal() DialogueResult {
	at := time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC)
	slot := gym.Slot{CoachID: "jonas", StartsAt: at, Minutes: 60}
	done := []gym.Appointment{{CoachID: "jonas", StartsAt: at}}
	said := func(heard, reply, action string, status coach.Status) TurnResult {
		return TurnResult{Heard: heard, Reply: reply, Status: voice.Completed, AudioMS: 900, Action: &coach.Action{Name: action, Status: status}}
	}
	yes, last := said("yes", "Booked.", "schedule_appointment", coach.StatusDone), said("who are you", "I am a program. I book.", "reply", coach.StatusNone)
	again := yes
	yes.Again, yes.Booked, last.Booked, last.Kept = &again, done, done, new("I am a")
	return DialogueResult{
		Slots: []gym.Slot{slot},
		Dialogue: Dialogue{ID: "x", Slots: []Slot{{Coach: "jonas"}}, Turns: []Turn{
			{Say: "book", Action: "schedule_appointment", Status: "proposed", Reply: []string{"Shall I|May I"}}, {Noise: "fan"},
			{Say: "yes", Again: true, Action: "schedule_appointment", Status: "done", Holds: &[]int{0}}, {Say: "who", Played: 0.5, Never: []string{"person"}},
		}},
		Turns: []TurnResult{
			said("book", "I would book. Shall I?", "schedule_appointment", coach.StatusProposed),
			{Reply: "I did not catch that.", Status: voice.Incomplete, Code: voice.CodeNoSpeech, AudioMS: 700}, yes, last,
		},
		Conversation: []memory.Message{
			{Role: memory.User, Text: "book"}, {Role: memory.Assistant, Text: "I would book.  Shall I?"}, {Role: memory.User, Text: "yes"}, {Role: memory.Assistant, Text: "Booked."},
			{Role: memory.User, Text: "who are you"}, {Role: memory.Assistant, Text: "I am a"},
		},
	}
}

// TestJudge: each wrong outcome is found, by its rule, and the right one is not.
func TestJudge(t *testing.T) {
	t.Parallel()
	other := gym.Appointment{CoachID: "lea", StartsAt: time.Date(2026, 3, 6, 9, 0, 0, 0, time.UTC)}
	for name, c := range map[string]struct {
		change func(*DialogueResult)
		rule   string
		turn   int
	}{
		"as it should":             {func(*DialogueResult) {}, "", 0},
		"booked with the offer":    {func(r *DialogueResult) { r.Turns[0].Booked = r.Turns[2].Booked }, ruleWritten, 1},
		"booked at the noise":      {func(r *DialogueResult) { r.Turns[1].Booked = r.Turns[2].Booked }, ruleWritten, 2},
		"booked twice":             {func(r *DialogueResult) { r.Turns[2].Booked = append(r.Turns[2].Booked, r.Turns[2].Booked...) }, ruleWritten, 3},
		"booked something else":    {func(r *DialogueResult) { r.Turns[2].Booked = append(r.Turns[2].Booked, other) }, ruleWritten, 3},
		"not booked":               {func(r *DialogueResult) { r.Turns[2].Booked = nil; r.Turns[3].Booked = nil }, ruleMissing, 3},
		"lost later":               {func(r *DialogueResult) { r.Turns[3].Booked = nil }, ruleWritten, 4},
		"heard noise":              {func(r *DialogueResult) { r.Turns[1].Heard = "yes" }, ruleNoise, 2},
		"answered noise":           {func(r *DialogueResult) { r.Turns[1].Status, r.Turns[1].Code = voice.Completed, "" }, ruleEnd, 2},
		"answered otherwise again": {func(r *DialogueResult) { r.Turns[2].Again.Reply = "Booked it." }, ruleTwice, 3},
		"not answered again":       {func(r *DialogueResult) { r.Turns[2].Again = nil }, ruleTwice, 3},
		"another action":           {func(r *DialogueResult) { r.Turns[0].Action.Name = "cancel_appointment" }, ruleAction, 1},
		"another status":           {func(r *DialogueResult) { r.Turns[0].Action.Status = coach.StatusAsked }, ruleAction, 1},
		"other words":              {func(r *DialogueResult) { r.Turns[0].Reply, r.Conversation[1].Text = "Well.", "Well." }, ruleReply, 1},
		"a claim":                  {func(r *DialogueResult) { r.Turns[3].Reply = "I am a person." }, ruleReply, 4},
		"no voice":                 {func(r *DialogueResult) { r.Turns[0].AudioMS = 0 }, ruleSilent, 1},
		"failed":                   {func(r *DialogueResult) { r.Turns[0].Status = voice.Failed }, ruleEnd, 1},
		"a red flag missed":        {func(r *DialogueResult) { r.Dialogue.Turns[0].Safety = "chest_pain" }, ruleSafety, 1},
		"a false alarm":            {func(r *DialogueResult) { r.Turns[0].Safety = "chest_pain" }, ruleReply, 1},
		"reads notation": {func(r *DialogueResult) {
			r.Turns[0].Reply += ` {"coach":"x"}`
			r.Conversation[1].Text = r.Turns[0].Reply
		}, ruleJSON, 1},
		"keeps more than was heard": {func(r *DialogueResult) { r.Conversation[5].Text = "I am a program." }, ruleConversation, 4},
		"truncates to nothing less": {func(r *DialogueResult) { *r.Turns[3].Kept, r.Conversation[5].Text = r.Turns[3].Reply, r.Turns[3].Reply }, ruleConversation, 4},
		"truncates to other words":  {func(r *DialogueResult) { *r.Turns[3].Kept, r.Conversation[5].Text = "You are", "You are" }, ruleConversation, 4},
		"forgets what was said":     {func(r *DialogueResult) { r.Conversation = r.Conversation[:4] }, ruleConversation, 4},
		"keeps what nobody said": {func(r *DialogueResult) {
			r.Conversation = append(r.Conversation, memory.Message{Role: memory.User, Text: "hm"})
		}, ruleConversation, 0},
		"keeps a turn twice":         {func(r *DialogueResult) { r.Conversation = append(r.Conversation[:4:4], r.Conversation[2:]...) }, ruleConversation, 4},
		"breaks off":                 {func(r *DialogueResult) { r.Error = "turn 2: status 500" }, ruleError, 0},
		"was not left when it could": {func(r *DialogueResult) { r.Dialogue.Turns[0].Leave = 1 }, ruleEnd, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := ideal()
			c.change(&r)
			found := judge(r)
			if c.rule == "" {
				if len(found) > 0 {
					t.Errorf("found %+v", found)
				}
				return
			}
			for _, f := range found {
				if f.rule == c.rule && f.turn == c.turn {
					return
				}
			}
			t.Errorf("found %+v, want %q in turn %d", found, c.rule, c.turn)
		})
	}
}

// TestLeft: of an answer that was left the conversation may hold its beginning or nothing, and no more.
func TestLeft(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kept []memory.Message
		ok   bool
	}{
		"nothing":         {nil, true},
		"the question":    {[]memory.Message{{Role: memory.User, Text: "when"}}, true},
		"its beginning":   {[]memory.Message{{Role: memory.User, Text: "when"}, {Role: memory.Assistant, Text: "Free: Friday"}}, true},
		"more than heard": {[]memory.Message{{Role: memory.User, Text: "when"}, {Role: memory.Assistant, Text: "Free: Friday with Jonas at nine."}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := DialogueResult{
				Dialogue: Dialogue{Turns: []Turn{{Say: "when", Leave: 1}}}, Conversation: c.kept,
				Turns: []TurnResult{{Heard: "when", Reply: "Free: Friday with Jonas", Left: true}},
			}
			if found := judge(r); (len(found) == 0) != c.ok {
				t.Errorf("found %+v", found)
			}
		})
	}
}

// TestJudgeBargeIn: each way in which a break can go wrong misses its bar.
func TestJudgeBargeIn(t *testing.T) {
	t.Parallel()
	good := func() BargeInResult {
		return BargeInResult{
			Way: WayLeft, Whole: "Free: Friday at nine and ten.", Received: "Free: Friday", Broken: true, ClosedMS: 120, IdleMS: 700, LongestMS: 600, AcceptedMS: 20, AnsweredMS: 900,
			Next: TurnResult{Heard: "show", Reply: "You have no appointment then.", Status: voice.Completed, AudioMS: 900, Action: &coach.Action{Name: "list_appointments", Status: coach.StatusRead}},
			Kept: []memory.Message{{Role: memory.User, Text: "when"}, {Role: memory.Assistant, Text: "Free:"}, {Role: memory.User, Text: "show"}, {Role: memory.Assistant, Text: "You have no appointment then."}},
		}
	}
	for name, c := range map[string]struct {
		change func(*BargeInResult)
		row    string // that is missed; "": none
	}{
		"good":            {func(*BargeInResult) {}, ""},
		"slow to close":   {func(r *BargeInResult) { r.ClosedMS = 251 }, "requests are gone"},
		"slow to be idle": {func(r *BargeInResult) { r.IdleMS = 851 }, "engines idle"},
		"goes on":         {func(r *BargeInResult) { r.SoundMS = 1 }, "sound after"},
		"sends on":        {func(r *BargeInResult) { r.Way, r.Late = WayCancelled, 1 }, "sound after"},
		"keeps too much":  {func(r *BargeInResult) { r.Kept[1].Text = "Free: Friday at nine and ten. More." }, "more than was heard"},
		"keeps two":       {func(r *BargeInResult) { r.Kept = append(r.Kept[:2:2], r.Kept[1:]...) }, "more than was heard"},
		"wrong next":      {func(r *BargeInResult) { r.Next.Action.Name = "reply" }, "next turns"},
		"no next":         {func(r *BargeInResult) { r.Error = "the next turn: turn_running" }, "next turns"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := good()
			c.change(&r)
			var missed []string
			for _, row := range Score([]Result{{Set: SetBargeIn, ID: "x", BargeIn: &r}}).Rows {
				if row.Held != nil && !*row.Held {
					missed = append(missed, row.Metric)
				}
			}
			if c.row == "" && len(missed) > 0 || c.row != "" && (len(missed) != 1 || !strings.Contains(missed[0], c.row)) {
				t.Errorf("missed %q, want %q", missed, c.row)
			}
		})
	}
}
