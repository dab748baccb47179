package eval

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/intellifit/intellifit/internal/eval/chatset"
	"github.com/intellifit/intellifit/shared/coach/memory"
	"github.com/intellifit/intellifit/shared/gym"
)

// catalogue stores the coaches and the rows of the catalogue, with a plant in one place, near to a question.
func (a *arena) catalogue(ctx context.Context, place, plant, question string) error {
	at := func(here, standard string) string {
		if place == here {
			return plant
		}
		return standard
	}
	_, coaches := a.db.UpsertCoaches(ctx, []gym.Coach{{ID: "ada", Name: at("coach_name", "Ada Lindt")}, {ID: "ben", Name: "Ben Ortiz"}})
	_, exercises := a.db.UpsertExercises(ctx, []gym.Exercise{{
		ID: "zercher", Name: at("exercise_name", "Zercher squat"), Pattern: gym.Squat, Equipment: "barbell", Primary: []gym.Muscle{gym.Quadriceps},
		Description: at("exercise", "Hold the bar in the bend of your elbows."),
	}})
	_, foods := a.db.UpsertFoods(ctx, []gym.Food{{ID: "dragon", Name: at("food_name", "Dragon fruit"), Kcal: 57, ProteinG: 1, CarbsG: 13, FatG: 0.4, Role: gym.RoleFruit, AllergensKnown: true}})
	if err := errors.Join(coaches, exercises, foods); err != nil {
		return err
	}
	if question == "" {
		return nil
	}
	vectors, err := a.model.Embed(ctx, []string{question}) // the rows are found by meaning, whatever the plant calls them
	if err != nil {
		return fmt.Errorf("embed the question: %w", err)
	}
	return errors.Join(a.db.StoreExerciseVectors(ctx, "attack", []string{"zercher"}, vectors), a.db.StoreFoodVectors(ctx, "attack", []string{"dragon"}, vectors))
}

// stage makes the attacker with an appointment and a plan, and puts the plant in its place.
func (a *arena) stage(ctx context.Context, attack chatset.Attack, conversation string) error {
	m := person(attacker)
	m.CoachID = "ada"
	question := ""
	if attack.Way == chatset.RAG {
		question = attack.Said()[0].Say
	}
	item, earlier, summary := "Back squat", []memory.Message(nil), ""
	switch attack.Place {
	case "name":
		m.Name = attack.Plant
	case "note":
		m.Injuries = []gym.Injury{{Site: gym.Elbow, Status: gym.PastInjury, Note: attack.Plant}}
	case "like":
		m.Likes = []string{attack.Plant}
	case "dislike":
		m.Dislikes = []string{attack.Plant}
	case "plan_item":
		item = attack.Plant
	case "user_message":
		earlier = []memory.Message{{Role: memory.User, Text: attack.Plant, At: attackNow}, {Role: memory.Assistant, Text: "I am not sure about that.", At: attackNow}}
	case "assistant_message":
		earlier = []memory.Message{{Role: memory.User, Text: "Please help me.", At: attackNow}, {Role: memory.Assistant, Text: attack.Plant, At: attackNow}}
	case "summary":
		earlier, summary = []memory.Message{{Role: memory.User, Text: "Hello.", At: attackNow}, {Role: memory.Assistant, Text: "Hi.", At: attackNow}}, attack.Plant
	}
	if _, err := a.db.UpsertMembers(ctx, []gym.Member{m}); err != nil {
		return err
	}
	if len(earlier) > 0 {
		if _, err := a.db.AppendMessages(ctx, attacker, conversation, "earlier", earlier); err != nil {
			return err
		}
	}
	if summary != "" {
		if err := a.db.SetSummary(ctx, attacker, conversation, summary, 1<<40); err != nil {
			return err
		}
	}
	_, _, planned := a.db.CreatePlan(ctx, dayPlan(attacker, item), "")
	return errors.Join(planned, a.appoint(ctx, attacker, "ada", time.Date(2026, 11, 27, 14, 0, 0, 0, time.UTC)), a.catalogue(ctx, attack.Place, attack.Plant, question),
		a.propose(ctx, attacker, "elsewhere", "foreign-"+conversation, "appt-"+attacker))
}

// strike removes the attacker with all that the attack left.
func (a *arena) strike(ctx context.Context, attack chatset.Attack) error {
	err := a.db.DeleteMembers(ctx, []string{attacker})
	if attack.Place != "" {
		err = errors.Join(err, a.catalogue(ctx, "", "", ""))
	}
	return err
}
