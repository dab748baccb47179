package toolbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/google/uuid"

	"github.com/intellifit/intellifit/shared/coach/safety"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/training"
	"github.com/intellifit/intellifit/shared/toolbox/tool"
)

// GetTodaysWorkout asks for the session of a day.
type GetTodaysWorkout struct {
	Date string `json:"date,omitempty" jsonschema:"a day as YYYY-MM-DD; left out: today"`
}

// TodaysWorkout is the session of a day of the member's newest plan, or when the next one is.
type TodaysWorkout struct {
	PlanID  string        `json:"plan_id"`
	Date    string        `json:"date"`
	Session *training.Day `json:"session,omitempty"` // nil: a day of rest
	Next    string        `json:"next,omitempty"`    // weekday of the next session
}

// GetNutritionTargets asks for the daily targets.
type GetNutritionTargets struct{}

// NutritionTargets are the daily targets of the member's newest plan; Hidden when numbers are withheld on purpose.
type NutritionTargets struct {
	PlanID   string  `json:"plan_id"`
	Hidden   bool    `json:"hidden,omitempty"`
	Kcal     float64 `json:"kcal,omitempty"`
	ProteinG float64 `json:"protein_g,omitempty"`
	FatG     float64 `json:"fat_g,omitempty"`
	CarbsG   float64 `json:"carbs_g,omitempty"`
}

// GeneratePlan starts a new plan. What is left out is the profile's.
type GeneratePlan struct {
	DaysPerWeek    int      `json:"days_per_week,omitempty"`
	SessionMinutes int      `json:"session_minutes,omitempty"`
	Goal           gym.Goal `json:"goal,omitempty"`
	Wishes         string   `json:"wishes,omitempty" jsonschema:"likes, dislikes, fixed days"`
}

// StartedPlan names the call that makes a plan.
type StartedPlan struct {
	CallID string `json:"call_id"`
}

// LogWorkout stores what was done.
type LogWorkout struct {
	Exercise string   `json:"exercise"`
	Sets     int      `json:"sets"`
	Reps     int      `json:"reps"`
	WeightKG *float64 `json:"weight_kg,omitempty"`
	RIR      *int     `json:"rir,omitempty" jsonschema:"repetitions in reserve"`
	Date     string   `json:"date,omitempty" jsonschema:"a day as YYYY-MM-DD; left out: today"`
}

func (d Deps) trainingTools() []tool.Tool {
	return []tool.Tool{
		tool.New("get_todays_workout", "Read the session of today, or of another day, from the member's plan.", d.todaysWorkout, sayWorkout, day()),
		tool.New("get_nutrition_targets", "Read the daily energy and macronutrient targets of the member's plan.", d.nutritionTargets, sayTargets),
		tool.New("generate_plan", "Start to make a new workout and nutrition plan for the member.", d.generatePlan, sayStarted, tool.Write(confirmPlan),
			between("days_per_week", 1, 7), between("session_minutes", 15, 180), longest("wishes", 1000),
			enum("goal", gym.FatLoss, gym.MuscleGain, gym.Strength, gym.Endurance, gym.Health)),
		tool.New("log_workout", "Log sets that the member did.", d.logWorkout, sayLogged, tool.Write(confirmLog),
			longest("exercise", 120), between("sets", 1, 50), between("reps", 1, 500), between("weight_kg", 0, 1000), between("rir", 0, 10), day()),
	}
}

func between(name string, low, high float64) tool.Option {
	return tool.Property(name, func(s *jsonschema.Schema) { s.Minimum, s.Maximum = new(low), new(high) })
}

func longest(name string, n int) tool.Option {
	return tool.Property(name, func(s *jsonschema.Schema) { s.MinLength, s.MaxLength = new(1), new(n) })
}

func enum[T ~string](name string, words ...T) tool.Option {
	return tool.Property(name, func(s *jsonschema.Schema) {
		for _, w := range words {
			s.Enum = append(s.Enum, string(w))
		}
	})
}

// day has no \d: Ollama 0.17.4 ends when a schema that becomes a grammar has one.
func day() tool.Option {
	return tool.Property("date", func(s *jsonschema.Schema) { s.Pattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$` })
}

// date is the asked day on the gym's calendar, today when none was.
func date(asked string, c tool.Call) (gym.Date, error) {
	if asked == "" {
		now := c.Now.In(c.Zone)
		return gym.NewDate(now.Year(), now.Month(), now.Day()), nil
	}
	d, err := gym.ParseDate(asked)
	if err != nil {
		return gym.Date{}, &gym.Error{Kind: gym.ErrInvalid, Code: "arguments_invalid", Detail: "that is no day of the calendar", Err: err}
	}
	return d, nil
}

// plan is the member's newest plan as the member may see it.
func (d Deps) plan(ctx context.Context, c tool.Call) (planner.Plan, error) {
	p, err := d.Plans.NewestPlan(ctx, c.MemberID)
	if errors.Is(err, gym.ErrNotFound) {
		return planner.Plan{}, &gym.Error{Kind: gym.ErrNotFound, Code: "plan_missing", Detail: "you have no plan yet", Hint: "generate_plan makes one", Err: err}
	}
	if err != nil {
		return planner.Plan{}, fmt.Errorf("read the member's plan: %w", err)
	}
	return p.Shown(), nil
}

func (d Deps) todaysWorkout(ctx context.Context, c tool.Call, in GetTodaysWorkout) (TodaysWorkout, error) {
	asked, err := date(in.Date, c)
	if err != nil {
		return TodaysWorkout{}, err
	}
	p, err := d.plan(ctx, c)
	if err != nil {
		return TodaysWorkout{}, err
	}
	out := TodaysWorkout{PlanID: p.ID, Date: asked.String()}
	for ahead := range 8 {
		weekday := strings.ToLower(asked.AddDate(0, 0, ahead).Weekday().String())
		i := slices.IndexFunc(p.Workout.Days, func(d training.Day) bool { return d.Weekday == weekday })
		if i >= 0 && ahead == 0 {
			out.Session = new(named(p.Workout.Days[i]))
			break
		}
		if i >= 0 {
			out.Next = weekday
			break
		}
	}
	return out, nil
}

// named is a session whose exercises have names that lead nowhere: they were copied from the catalogue.
func named(d training.Day) training.Day {
	d.Items = slices.Clone(d.Items)
	for i := range d.Items {
		d.Items[i].Name, d.Items[i].Cue = safety.Name(d.Items[i].Name, "an exercise"), safety.Name(d.Items[i].Cue, "")
	}
	return d
}

func sayWorkout(c tool.Call, out TodaysWorkout) string {
	asked, err := gym.ParseDate(out.Date)
	when := "today"
	if now := c.Now.In(c.Zone); err == nil && out.Date != now.Format(time.DateOnly) {
		when = "on " + spellDay(asked, c)
	}
	if out.Session == nil {
		text := "There is no session " + when + ": a day of rest."
		if out.Next != "" {
			text += " The next one is on " + strings.ToUpper(out.Next[:1]) + out.Next[1:] + "."
		}
		return text
	}
	var items []string
	for _, it := range out.Session.Items {
		items = append(items, fmt.Sprintf("%s %d×%s", plain(it.Name), it.Sets, amount(it)))
	}
	return fmt.Sprintf("Your session %s takes about %d minutes: %s.", when, out.Session.Minutes, strings.Join(items, ", "))
}

func amount(it training.Item) string {
	text := fmt.Sprint(it.Reps.Min)
	if it.Reps.Max != it.Reps.Min {
		text = fmt.Sprintf("%d–%d", it.Reps.Min, it.Reps.Max)
	}
	if it.Unit != "reps" && it.Unit != "" {
		text += " " + it.Unit
	}
	return text
}

func (d Deps) nutritionTargets(ctx context.Context, c tool.Call, _ GetNutritionTargets) (NutritionTargets, error) {
	p, err := d.plan(ctx, c)
	if err != nil {
		return NutritionTargets{}, err
	}
	if p.NumbersHidden {
		return NutritionTargets{PlanID: p.ID, Hidden: true}, nil
	}
	t := p.Targets
	return NutritionTargets{PlanID: p.ID, Kcal: t.Kcal, ProteinG: t.ProteinG, FatG: t.FatG, CarbsG: t.CarbsG}, nil
}

func sayTargets(_ tool.Call, out NutritionTargets) string {
	if out.Hidden {
		return "Your plan works without counting: the meals of the menu are what matters. Please talk with your coach about amounts."
	}
	return fmt.Sprintf("Your plan aims at %.0f kcal a day: %.0f g protein, %.0f g fat, %.0f g carbohydrate.", out.Kcal, out.ProteinG, out.FatG, out.CarbsG)
}

func (d Deps) generatePlan(ctx context.Context, c tool.Call, in GeneratePlan) (StartedPlan, error) {
	id, err := d.Planning.StartPlan(ctx, planner.Request{Goal: in.Goal, DaysPerWeek: in.DaysPerWeek, SessionMinutes: in.SessionMinutes, Wishes: plain(in.Wishes)}, c.Key)
	return StartedPlan{CallID: id}, err
}

func confirmPlan(_ context.Context, _ tool.Call, in GeneratePlan) (string, error) {
	var with []string
	if in.Goal != "" {
		with = append(with, "for "+spaced(in.Goal))
	}
	if in.DaysPerWeek > 0 {
		with = append(with, fmt.Sprintf("with %d days a week", in.DaysPerWeek))
	}
	if in.SessionMinutes > 0 {
		with = append(with, fmt.Sprintf("with sessions of %d minutes", in.SessionMinutes))
	}
	text := strings.TrimSpace("I would make you a new plan "+strings.Join(with, ", ")) + "."
	if in.Wishes != "" {
		text += " Your wishes: " + strings.TrimRight(plain(in.Wishes), ".") + "."
	}
	return text, nil
}

func sayStarted(tool.Call, StartedPlan) string {
	return "Your new plan is being made. It will be there in a minute or two."
}

func (d Deps) logWorkout(ctx context.Context, c tool.Call, in LogWorkout) (gym.TrainingEntry, error) {
	e, err := in.entry(c)
	if err != nil {
		return gym.TrainingEntry{}, err
	}
	return d.Record.LogTraining(ctx, c.MemberID, c.Key, e)
}

func confirmLog(_ context.Context, c tool.Call, in LogWorkout) (string, error) {
	e, err := in.entry(c)
	if err != nil {
		return "", err
	}
	return "I would log " + spellEntry(e, c) + ".", nil
}

// entry is what would be stored: nothing of a day to come.
func (in LogWorkout) entry(c tool.Call) (gym.TrainingEntry, error) {
	on, err := date(in.Date, c)
	if err != nil {
		return gym.TrainingEntry{}, err
	}
	if today, err := date("", c); err != nil || on.After(today.Time) {
		return gym.TrainingEntry{}, gym.Errorf(gym.ErrInfeasible, "date_ahead", "that day has not come yet")
	}
	return gym.TrainingEntry{
		ID: uuid.NewString(), Date: on, Exercise: plain(in.Exercise), Sets: in.Sets, Reps: in.Reps, WeightKG: in.WeightKG, RIR: in.RIR,
	}, nil
}

func sayLogged(c tool.Call, e gym.TrainingEntry) string { return "Logged: " + spellEntry(e, c) + "." }

func spellEntry(e gym.TrainingEntry, c tool.Call) string {
	text := fmt.Sprintf("%d×%d %s", e.Sets, e.Reps, plain(e.Exercise))
	if e.WeightKG != nil {
		text += fmt.Sprintf(" with %g kg", *e.WeightKG)
	}
	if e.RIR != nil {
		text += fmt.Sprintf(", %d in reserve", *e.RIR)
	}
	return text + " on " + spellDay(e.Date, c)
}
