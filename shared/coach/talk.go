package coach

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/shared/coach/memory"
	"github.com/intellifit/intellifit/shared/coach/safety"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/llm"
)

// vectorTime is how long a question may wait for its vector before the catalogue is searched by words alone.
const vectorTime = 3 * time.Second

// answerTokens bounds the model's part of an answer.
const answerTokens = 160

// talk answers without a tool: the model words it over the notes, sentence by sentence, and each is judged before it is
// said. When nothing passes, fixed words answer.
func (t *turn) talk(ctx context.Context) error {
	if t.verdict.Text != "" { // a rule has the word; the model has none
		return t.say(t.verdict.Text)
	}
	if answer, ok := smallTalk(t.text, t.persona.Name); ok {
		return t.say(answer)
	}
	found := t.recall(ctx)
	notes, about := found.text(), t.about()
	system, err := t.persona.System(t.gym.Name)
	if err != nil {
		return err
	}
	rules := copied(system)
	defer t.lap("model", time.Now())
	s := &sentences{emit: func(text string) error { return t.say(strings.TrimSpace(text)) }, pass: func(sentence string) bool {
		_, ok := safety.Check(sentence, t.profile, t.verdict)
		return ok && grounded(sentence, t.text, notes, about) && !rules.in(sentence) && !names(sentence, t.coaches)
	}}
	err = t.word(ctx, system, notes, about, s)
	switch {
	case err == nil:
		err = s.end()
	case errors.Is(err, llm.ErrCut):
		err = nil // what was said is whole sentences
	}
	if ctx.Err() != nil { // the client left: nobody hears an answer
		return fmt.Errorf("word the answer: %w", ctx.Err())
	}
	if err != nil && !errors.Is(err, errEnough) {
		if !errors.Is(err, gym.ErrUnavailable) && !errors.Is(err, gym.ErrBusy) {
			return fmt.Errorf("word the answer: %w", err)
		}
		if !errors.Is(err, errSmall) {
			t.Log(ctx).Warn("the model did not word the answer", "cause", err.Error())
		}
		t.degraded = err
	}
	if s.refused > 0 {
		t.Log(ctx).Info("a sentence of the model was held back")
	}
	if s.n == 0 {
		if errors.Is(err, gym.ErrBusy) {
			return err
		}
		return t.quote(found)
	}
	t.reply.Citations = found.named(t.reply.Reply)
	if deed.MatchString(t.text) {
		return t.say("Nothing has happened yet; tell me plainly what you would like.")
	}
	return nil
}

// deed is in a message that may have asked for something to be done. When it became talk all the same, the model's words may sound
// as if it had been: what is true is said behind them.
var deed = regexp.MustCompile(`(?i)\b(?:book|cancel|move|postpone|delay|re-?schedul|schedul|reserv|chang|delet|remov|updat|add|log|sign|confirm|put|swap|switch)(?:e|s|es|ed|ing)?\b`)

// recall finds what the member's plan and the gym's catalogue say to the question. Without them there is still an answer.
func (t *turn) recall(ctx context.Context) notes {
	defer t.lap("recall", time.Now())
	quick, cancel := context.WithTimeout(ctx, vectorTime)
	vectors, err := t.Embedder.Embed(quick, []string{t.text})
	cancel()
	if err != nil {
		t.Log(ctx).Warn("the question has no vector", "cause", err.Error())
		vectors = [][]float32{nil}
	}
	passages, err := t.Catalogue.Recall(ctx, t.text, vectors[0], recalled)
	if err != nil {
		t.Log(ctx).Warn("the catalogue was not read", "cause", err.Error())
	}
	rules := t.gate
	rules.NoCalorieNumbers = rules.NoCalorieNumbers || t.verdict.NoNumbers
	catalogue := ofCatalogue(passages, t.member, rules)
	plan, err := t.Plans.NewestPlan(ctx, t.in.MemberID)
	switch {
	case errors.Is(err, gym.ErrNotFound):
		return catalogue
	case err != nil:
		t.Log(ctx).Warn("the member's plan was not read", "cause", err.Error())
		return catalogue
	}
	return withPlan(plan, t.text, rules.NoCalorieNumbers, catalogue)
}

// about is what the model should know of the member: what it may need for a kind answer, and nothing that only rules need.
func (t *turn) about() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Goal: %s. Level: %s. Trains %d days a week.", spaced(t.member.Goal), spaced(t.member.Experience), t.member.DaysPerWeek)
	for _, injury := range t.member.Injuries {
		fmt.Fprintf(&b, " Take care of the %s.", spaced(injury.Site))
	}
	if t.member.Diet != "" && t.member.Diet != gym.NoDiet {
		fmt.Fprintf(&b, " Diet: %s.", spaced(t.member.Diet))
	}
	return b.String()
}

func spaced[T ~string](word T) string { return strings.ReplaceAll(string(word), "_", " ") }

// errSmall says that no model words answers here: the gym's own words answer, and say what they do not know.
var errSmall = gym.Errorf(gym.ErrUnavailable, "model_small", "no model that may word answers is there")

// word asks the model. What is the same for many calls comes first: Ollama keeps what it computed for it.
func (t *turn) word(ctx context.Context, system, notes, about string, s *sentences) error {
	if t.Model == nil || !t.Model.Talks(ctx) {
		return errSmall
	}
	messages := t.before(system, about)
	question := t.text
	if notes != "" {
		question = "Notes of the gym: " + safety.Quote(notes, "catalogue", trustStaff) + "\nThe member says: " + t.text
	}
	messages = append(messages, api.Message{Role: "user", Content: question})
	_, err := t.Model.Stream(ctx, &api.ChatRequest{Messages: messages, Options: map[string]any{"num_predict": answerTokens, "temperature": 0.3}}, s.write)
	return err
}

// before is what stands before a question: the same for every turn, with the newest words last.
func (t *turn) before(system, about string) []api.Message {
	messages := []api.Message{{Role: "system", Content: system + "\n\nAbout the member: " + about}}
	if t.state.Summary != "" {
		messages = append(messages, api.Message{Role: "system", Content: "Earlier: " + safety.Quote(t.state.Summary, "summary", trustMember)})
	}
	for _, m := range t.state.Messages { // cleaned when they were stored, by whatever version that was
		messages = append(messages, api.Message{Role: role(m.Role), Content: safety.Clean(m.Text, MaxMessage)})
	}
	return messages
}

func role(r memory.Role) string {
	if r == memory.Assistant {
		return "assistant"
	}
	return "user"
}

// quote answers in the model's place: with what the gym's rows say, or with whom to ask.
func (t *turn) quote(found notes) error {
	if len(found) == 0 {
		return t.say("I am not sure about that. Shall I ask the staff to get back to you? Just say: ask a coach.")
	}
	t.reply.Citations = []Citation{found[0].from}
	if found[0].from.Kind == citedPlan {
		return t.say("This is what your plan says. " + found[0].line)
	}
	return t.say("This is what our catalogue says. " + found[0].line)
}

// sentence makes a detail, which is written as a clause, one.
func sentence(text string) string {
	runes := []rune(strings.TrimSpace(text))
	if len(runes) == 0 {
		return "That is not possible."
	}
	runes[0] = unicode.ToUpper(runes[0])
	if last := runes[len(runes)-1]; last != '.' && last != '!' && last != '?' {
		runes = append(runes, '.')
	}
	return string(runes)
}

func orDefault(text, standard string) string {
	if text == "" {
		return standard
	}
	return text
}
