package toolbox

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/toolbox/tool"
)

// UpdateProfile adds to the profile. It removes nothing: what was an injury stays on record until staff retire it.
type UpdateProfile struct {
	Injury    *gym.Injury    `json:"injury,omitempty"`
	Allergies []gym.Allergen `json:"allergies,omitempty"`
	Likes     []string       `json:"likes,omitempty"`
	Dislikes  []string       `json:"dislikes,omitempty"`
	Goal      gym.Goal       `json:"goal,omitempty"`
}

// UpdatedProfile is what was added.
type UpdatedProfile struct {
	Facts []gym.Fact `json:"facts"`
}

// EscalateToCoach calls a person.
type EscalateToCoach struct {
	Reason string `json:"reason,omitempty" jsonschema:"one of the known codes; left out: asked_for_a_person"`
}

// Escalated says that a person was called.
type Escalated struct {
	Code string `json:"code"`
}

// The codes with which a tool may call a person. What the member said stays in the conversation.
var escalationCodes = []string{"asked_for_a_person", "plan_question", "injury_question", "complaint", "billing"}

func (d Deps) profileTools() []tool.Tool {
	return []tool.Tool{
		tool.New("update_profile", "Add an injury, allergy, like, dislike or a new goal to the member's profile.", d.updateProfile, sayUpdated, tool.Write(confirmUpdate),
			tool.Property("injury", injuryWords), words("allergies", gym.Dairy, gym.Egg, gym.Peanut, gym.TreeNut, gym.Soy, gym.Fish, gym.Shellfish, gym.Mollusc, gym.Wheat,
				gym.Gluten, gym.Sesame, gym.Celery, gym.Mustard, gym.Lupin, gym.Sulphite),
			short("likes"), short("dislikes"), enum("goal", gym.FatLoss, gym.MuscleGain, gym.Strength, gym.Endurance, gym.Health)),
		tool.New("escalate_to_coach", "Ask a human coach to get in touch with the member.", d.escalate, sayEscalated, tool.Write(confirmEscalate), enum("reason", escalationCodes...)),
	}
}

func injuryWords(s *jsonschema.Schema) {
	site, status := s.Properties["site"], s.Properties["status"]
	for _, w := range []gym.InjurySite{gym.Neck, gym.Shoulder, gym.Elbow, gym.Wrist, gym.UpperBack, gym.LowerBack, gym.Hip, gym.Knee, gym.Ankle} {
		site.Enum = append(site.Enum, string(w))
	}
	for _, w := range []gym.InjuryStatus{gym.Pain, gym.Undiagnosed, gym.PastInjury} {
		status.Enum = append(status.Enum, string(w))
	}
	s.Properties["note"].MaxLength = new(200)
}

func words[T ~string](name string, known ...T) tool.Option {
	return tool.Property(name, func(s *jsonschema.Schema) {
		s.MaxItems = new(20)
		for _, w := range known {
			s.Items.Enum = append(s.Items.Enum, string(w))
		}
	})
}

func short(name string) tool.Option {
	return tool.Property(name, func(s *jsonschema.Schema) {
		s.MaxItems, s.Items.MinLength, s.Items.MaxLength = new(20), new(1), new(40)
	})
}

func (in UpdateProfile) facts(c tool.Call) []gym.Fact {
	var out []gym.Fact
	add := func(f gym.Fact) {
		f.Source, f.SaidAt = "member", c.Now.UTC()
		out = append(out, f)
	}
	if in.Injury != nil {
		injury := *in.Injury
		injury.Note = plain(injury.Note)
		add(gym.Fact{Kind: gym.InjuryFact, Injury: &injury})
	}
	for _, a := range in.Allergies {
		add(gym.Fact{Kind: gym.AllergyFact, Allergy: a})
	}
	for _, w := range in.Likes {
		add(gym.Fact{Kind: gym.LikeFact, Word: plain(w)})
	}
	for _, w := range in.Dislikes {
		add(gym.Fact{Kind: gym.DislikeFact, Word: plain(w)})
	}
	if in.Goal != "" {
		add(gym.Fact{Kind: gym.GoalFact, Goal: in.Goal})
	}
	return out
}

func (d Deps) updateProfile(ctx context.Context, c tool.Call, in UpdateProfile) (UpdatedProfile, error) {
	facts := in.facts(c)
	if len(facts) == 0 {
		return UpdatedProfile{}, nothingNew()
	}
	return UpdatedProfile{Facts: facts}, d.Record.AddFacts(ctx, c.MemberID, facts)
}

func confirmUpdate(_ context.Context, c tool.Call, in UpdateProfile) (string, error) {
	facts := in.facts(c)
	if len(facts) == 0 {
		return "", nothingNew()
	}
	return "I would add to your profile: " + told(facts) + ".", nil
}

func nothingNew() error {
	return gym.Errorf(gym.ErrInvalid, "arguments_invalid", "there is nothing to add to the profile")
}

func sayUpdated(_ tool.Call, out UpdatedProfile) string {
	text := "Added to your profile: " + told(out.Facts) + "."
	if slices.ContainsFunc(out.Facts, func(f gym.Fact) bool { return f.Kind == gym.InjuryFact || f.Kind == gym.AllergyFact }) {
		text += " The plan that you have does not know it yet: ask me for a new one."
	}
	return text
}

func told(facts []gym.Fact) string {
	var out []string
	for _, f := range facts {
		switch f.Kind {
		case gym.InjuryFact:
			out = append(out, toldInjury(*f.Injury))
		case gym.AllergyFact:
			out = append(out, "an allergy to "+spaced(f.Allergy))
		case gym.LikeFact:
			out = append(out, "you like "+f.Word)
		case gym.DislikeFact:
			out = append(out, "you do not like "+f.Word)
		case gym.GoalFact:
			out = append(out, "your goal is "+spaced(f.Goal))
		}
	}
	return strings.Join(out, "; ")
}

var injuryStart = map[gym.InjuryStatus]string{gym.Pain: "pain in the ", gym.Undiagnosed: "an undiagnosed complaint of the ", gym.PastInjury: "a past injury of the "}

func toldInjury(i gym.Injury) string {
	text := injuryStart[i.Status] + spaced(i.Site)
	if i.Note != "" {
		text += " (" + i.Note + ")"
	}
	return text
}

func (d Deps) escalate(ctx context.Context, c tool.Call, in EscalateToCoach) (Escalated, error) {
	code := in.Reason
	if code == "" {
		code = escalationCodes[0]
	}
	if err := d.Record.Escalate(ctx, c.MemberID, "", code, c.Key); err != nil {
		return Escalated{}, fmt.Errorf("call a person: %w", err)
	}
	return Escalated{Code: code}, nil
}

func confirmEscalate(context.Context, tool.Call, EscalateToCoach) (string, error) {
	return "I would ask a coach of the gym to get in touch with you.", nil
}

func sayEscalated(tool.Call, Escalated) string {
	return "I asked the staff: a coach will get in touch with you."
}
