package planner

import (
	"context"
	"encoding/json"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/nutrition"
	"github.com/intellifit/intellifit/shared/planner/training"
)

// Members gives the profile that a plan is made from. A member that the principal in ctx may not see is gym.ErrNotFound.
type Members interface {
	Member(ctx context.Context, id string) (gym.Member, error)
}

// Library finds legal candidates in the gym's catalogue. Filters are hard: no ranking can bring back a row that they
// remove. Results come back one list per slot, best first, in the order of the slots.
type Library interface {
	// GymEquipment lists the kinds of equipment that the gym owns, gym.BodyOnly included.
	GymEquipment(ctx context.Context) ([]string, error)
	FindExercises(ctx context.Context, filter ExerciseFilter, slots []ExerciseQuery) ([][]gym.Exercise, error)
	FindFoods(ctx context.Context, filter FoodFilter, slots []FoodQuery) ([][]gym.Food, error)
	Exercises(ctx context.Context, ids []string) ([]gym.Exercise, error)
	Foods(ctx context.Context, ids []string) ([]gym.Food, error)
}

// ExerciseFilter removes rows before any ranking.
type ExerciseFilter struct {
	Equipment  []string        // kinds that may be used
	AvoidTags  []gym.InjuryTag // any of these removes the row
	MaxLevel   gym.Experience  // nothing harder
	ExcludeIDs []string
	// ExcludeWords are dislikes: whole words of the name, singular or plural.
	ExcludeWords []string
}

// ExerciseQuery is one slot's search.
type ExerciseQuery struct {
	Patterns []gym.Pattern   // any of these
	Muscles  []gym.Muscle    // primary is one of these; empty = any
	Text     string          // for the lexical half
	Vector   []float32       // for the vector half; nil = lexical and name order only
	Prefer   []gym.InjuryTag // tags to rank down (soft contraindications)
	Limit    int
}

// FoodFilter removes rows before any ranking.
type FoodFilter struct {
	Diet         gym.Diet       // the row must fit it; none = any
	Allergens    []gym.Allergen // none of these, and the row's allergens must be known when this is not empty
	ExcludeIDs   []string
	ExcludeWords []string // dislikes: whole words of the name
}

// FoodQuery is one slot's search.
type FoodQuery struct {
	Roles  []gym.FoodRole
	Meal   string // breakfast, lunch, dinner, snack
	Text   string
	Vector []float32
	Limit  int
}

// Model is the language model behind the alias "coach". The request's options, model name and deadlines are set by
// the adapter; the planner sets messages, format, seed and num_predict.
type Model interface {
	Chat(ctx context.Context, req *api.ChatRequest) (*api.ChatResponse, error)
	// Identity says which model answers, for the plan's record.
	Identity(ctx context.Context) (ModelID, error)
}

// Embedder turns text into vectors of the catalogue's embedding model.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// Plans keeps plans. Create is idempotent by (member, call id): a second call with the same id returns the plan that is
// stored and created=false.
type Plans interface {
	CreatePlan(ctx context.Context, p Plan, callID string) (stored Plan, created bool, err error)
	Plan(ctx context.Context, id string) (Plan, error)
	// An empty member id stands for anybody whom the principal may see.
	PlanByCall(ctx context.Context, memberID, callID string) (Plan, error)
	// RevisePlan stores p as the next version of its plan; it fails with gym.ErrConflict when p.Version is not the
	// version after the stored one. It is idempotent by (plan, call id): a second revision with the same id returns what
	// the first one stored.
	RevisePlan(ctx context.Context, p Plan, callID string) (stored Plan, err error)
	// RevisionByCall is the version that a call made of a plan; gym.ErrNotFound when there is none.
	RevisionByCall(ctx context.Context, planID, callID string) (Plan, error)
	ApprovePlan(ctx context.Context, id, coachID string, at time.Time) (Plan, error)
	// RecentFoods and RecentExercises are the ids used in the member's plans since the given time.
	RecentItems(ctx context.Context, memberID string, since time.Time) (exerciseIDs, foodIDs []string, err error)
}

// Request is what an app asks for; zero values take the member's profile.
type Request struct {
	Goal           gym.Goal `json:"goal,omitempty" enum:"fat_loss,muscle_gain,strength,endurance,health" doc:"default: the profile's"`
	DaysPerWeek    int      `json:"days_per_week,omitempty" minimum:"1" maximum:"7" doc:"sessions a week; default: the profile's"`
	SessionMinutes int      `json:"session_minutes,omitempty" minimum:"15" maximum:"180" doc:"warm-up included; default: the profile's"`
	Weeks          int      `json:"weeks,omitempty" minimum:"1" maximum:"16" doc:"of the progression; default 8"`
	NutritionDays  int      `json:"nutrition_days,omitempty" minimum:"1" maximum:"14" doc:"days of the menu; default 7"`
	Wishes         string   `json:"wishes,omitempty" maxLength:"1000" doc:"free text: likes, dislikes, fixed days. It can never lift a rule"`
	Seed           *int64   `json:"seed,omitempty" doc:"the same seed and inputs give the same plan"`
	MemberID       string   `json:"member_id,omitempty" maxLength:"128" doc:"for a coach: whom the plan is for"`
}

// ModelID names the model that made the choices.
type ModelID struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

// Warning is something that the member or coach should know.
type Warning struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Where a plan's choices came from.
const (
	SourceModel = "model"
	SourceRules = "rules"
)

// Plan is a workout and nutrition plan for one member.
type Plan struct {
	ID           string    `json:"id"`
	MemberID     string    `json:"member_id"`
	Version      int       `json:"version" doc:"1 when made, one more for each swap or regenerate"`
	CreatedAt    time.Time `json:"created_at"`
	Goal         gym.Goal  `json:"goal"`
	Weeks        int       `json:"weeks"`
	Source       string    `json:"source" enum:"model,rules"`
	Degraded     bool      `json:"degraded"`
	Draft        bool      `json:"draft" doc:"true until a professional or coach confirms it"`
	Model        ModelID   `json:"model"`
	RulesVersion string    `json:"rules_version"`
	Seed         int64     `json:"seed"`
	Request      Request   `json:"request" doc:"what was asked for, with the profile's values for what was not"`
	RequestHash  string    `json:"request_hash,omitempty" doc:"tells a repeated call from another one under the same id"`
	RevisionHash string    `json:"revision_hash,omitempty" doc:"the same for a swap or regenerate"`
	// NumbersHidden is true for members whom counting would harm. The stored document keeps the numbers, since a swap has to
	// meet the targets; Shown removes them.
	NumbersHidden bool                `json:"numbers_hidden,omitempty" doc:"true when energy and macros are withheld on purpose; they then read 0"`
	Targets       nutrition.Targets   `json:"targets"`
	Workout       training.Workout    `json:"workout"`
	Nutrition     nutrition.Nutrition `json:"nutrition"`
	Explanation   string              `json:"explanation"`
	Encouragement string              `json:"encouragement,omitempty" doc:"one sentence worded by the model, part of the explanation"`
	Wishes        []WishResult        `json:"wishes,omitempty"`
	Warnings      []Warning           `json:"warnings"`
	Approval      *Approval           `json:"approval,omitempty"`
	// Candidates records what each slot could have become: slot id → ids. Kept for audit, swap and evaluation.
	Candidates map[string][]string `json:"candidates,omitempty"`
	// Replaced lists, by slot, what was swapped out, so that a further swap does not bring it back at once.
	Replaced map[string][]string `json:"replaced,omitempty"`
	// ModelSeconds is the sum of the total durations that Ollama reported, per call.
	ModelSeconds []float64 `json:"model_seconds,omitempty"`
}

// WishResult says what became of one wish.
type WishResult struct {
	Wish    string `json:"wish"`
	Honored bool   `json:"honored"`
	Reason  string `json:"reason,omitempty"`
}

// Approval is a coach's signature under one version.
type Approval struct {
	CoachID string    `json:"coach_id"`
	At      time.Time `json:"at"`
	Version int       `json:"version"`
}

// rawSchema keeps the order of properties: Ollama turns the bytes into a grammar in that order.
type rawSchema = json.RawMessage
