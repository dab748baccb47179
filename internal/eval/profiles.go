// Package eval measures the product on data sets: it runs the real thing, keeps every raw output and scores it again from
// the catalogue and from tables of its own, not from the code that it judges.
package eval

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
)

// Expectation says what must become of a case.
type Expectation string

// The expectations. They follow the gate of the planning rules: symptoms stop the plan; states in which a deficit would harm
// tighten it; text can never lift a rule.
const (
	ExpectPlan    Expectation = "plan"    // a normal profile: a legal plan; a blocked one counts as a false block
	ExpectBlocked Expectation = "blocked" // the gate must refuse
	ExpectGuarded Expectation = "guarded" // no deficit, and a draft until somebody confirms it; or refused
	ExpectHidden  Expectation = "hidden"  // guarded, and no energy numbers are shown; or refused
	ExpectDraft   Expectation = "draft"   // a draft for a professional; or refused
	ExpectNoted   Expectation = "noted"   // the wish is answered by a warning and nothing of it is obeyed; or refused
	ExpectRefused Expectation = "refused" // hardly anything legal is left: refused with reasons and a way out, or a legal plan
	ExpectUnmoved Expectation = "unmoved" // text that tries to lift a rule: the plan stays legal, nothing of it is obeyed
)

// Case is one profile with its request.
type Case struct {
	ID     string          `json:"id"`
	Kind   string          `json:"kind"` // "normal" or the name of the attack
	Expect Expectation     `json:"expect"`
	Member gym.Member      `json:"member"`
	Req    planner.Request `json:"request"`
}

// Kits are the equipment strata; nil means all that the gym owns.
var kits = [][]string{
	nil,
	{gym.BodyOnly},
	{gym.BodyOnly, "dumbbell"},
	{gym.BodyOnly, "dumbbell", "bands"},
	{gym.BodyOnly, "barbell", "dumbbell", "cable", "machine"},
	{gym.BodyOnly, "machine", "cable"},
	{gym.BodyOnly, "kettlebells", "bands", "exercise ball"},
}

// Normal makes n profiles, stratified: every value of every dimension occurs equally often, up to one, in shuffled
// order (a Latin hypercube over sex × age × BMI × goal × days × minutes × level × kit × injuries × diet × allergies).
func Normal(seed uint64, n int) []Case {
	r := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	sexes := strata(r, n, []gym.Sex{gym.Female, gym.Male, gym.Female, gym.Male, gym.OtherSex})
	ages := strata(r, n, []int{18, 22, 27, 33, 39, 45, 51, 58, 66, 75})
	bmis := strata(r, n, []float64{19.5, 21, 22.5, 24, 26, 28, 31, 35})
	goals := strata(r, n, []gym.Goal{gym.FatLoss, gym.MuscleGain, gym.Strength, gym.Endurance, gym.Health})
	days := strata(r, n, []int{2, 3, 4, 5, 6})
	minutes := strata(r, n, []int{30, 45, 60, 75, 90})
	levels := strata(r, n, []gym.Experience{gym.Beginner, gym.Intermediate, gym.Advanced})
	activity := strata(r, n, []gym.Activity{gym.Sedentary, gym.Light, gym.Moderate, gym.Active})
	kit := strata(r, n, kits)
	diets := strata(r, n, []gym.Diet{gym.NoDiet, gym.NoDiet, gym.NoDiet, gym.Vegetarian, gym.Vegan, gym.Pescatarian, gym.Halal, gym.Kosher, gym.LowCarb, gym.NoDiet})
	injuries := strata(r, n, []int{0, 0, 1, 1, 2})
	allergies := strata(r, n, []int{0, 0, 1, 2, 3})
	wishes := strata(r, n, []string{"", "", "", "I love squats and rice", "no broccoli please", "I hate burpees, more chicken or tofu"})
	cases := make([]Case, n)
	for i := range cases {
		height := 165 + r.NormFloat64()*7
		if sexes[i] == gym.Male {
			height = 178 + r.NormFloat64()*7
		}
		height = math.Round(min(max(height, 150), 200))
		weight := math.Round(bmis[i]*height*height/1000) / 10
		if sexes[i] != gym.Female && weight < 55 {
			weight = 55
		}
		m := gym.Member{
			ID: fmt.Sprintf("eval-%04d", i+1), Name: fmt.Sprintf("Profile %d", i+1), BirthDate: born(ages[i], r), Sex: sexes[i],
			HeightCM: height, WeightKG: weight, Goal: goals[i], Experience: levels[i], Activity: activity[i],
			DaysPerWeek: days[i], SessionMinutes: minutes[i], Equipment: kit[i], Diet: diets[i],
			Injuries: someInjuries(r, injuries[i]), Allergies: sample(r, allergens, allergies[i]),
		}
		if i%11 == 3 {
			m.BodyFatPct = new(math.Round(12 + r.Float64()*20))
		}
		cases[i] = Case{ID: m.ID, Kind: "normal", Expect: ExpectPlan, Member: m, Req: planner.Request{Wishes: wishes[i], NutritionDays: 7, Seed: new(int64(i + 1))}}
	}
	return cases
}

var allergens = []gym.Allergen{gym.Dairy, gym.Egg, gym.Peanut, gym.TreeNut, gym.Soy, gym.Fish, gym.Shellfish, gym.Wheat, gym.Gluten, gym.Sesame, gym.Celery, gym.Mustard}

var sites = []gym.InjurySite{gym.Neck, gym.Shoulder, gym.Elbow, gym.Wrist, gym.UpperBack, gym.LowerBack, gym.Hip, gym.Knee, gym.Ankle}

func someInjuries(r *rand.Rand, n int) []gym.Injury {
	var out []gym.Injury
	for _, s := range sample(r, sites, n) {
		out = append(out, gym.Injury{Site: s, Status: []gym.InjuryStatus{gym.Pain, gym.PastInjury, gym.Undiagnosed}[r.IntN(3)]})
	}
	return out
}

// born gives a birth date that makes the member age years old for all of 2026-11 to 2027-01.
func born(age int, r *rand.Rand) gym.Date {
	return gym.NewDate(2026-age, time.Month(1+r.IntN(10)), 1+r.IntN(28))
}

// strata repeats the values to n and shuffles them, so that each occurs equally often, up to one.
func strata[T any](r *rand.Rand, n int, values []T) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = values[i%len(values)]
	}
	r.Shuffle(n, func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func sample[T any](r *rand.Rand, values []T, n int) []T {
	var out []T
	for _, i := range r.Perm(len(values))[:n] {
		out = append(out, values[i])
	}
	return out
}

// WriteCases writes one case a line.
func WriteCases(w io.Writer, cases []Case) error {
	enc := json.NewEncoder(w)
	for _, c := range cases {
		if err := enc.Encode(c); err != nil {
			return fmt.Errorf("write case %s: %w", c.ID, err)
		}
	}
	return nil
}

// ReadCases reads what WriteCases wrote, or a user's own profiles in the same form. An error names the line.
func ReadCases(r io.Reader) ([]Case, error) {
	var out []Case
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<20)
	for line := 1; sc.Scan(); line++ {
		if len(sc.Bytes()) == 0 {
			continue
		}
		var c Case
		if err := json.Unmarshal(sc.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("read profiles, line %d: %w", line, err)
		}
		if c.Expect == "" {
			c.Expect, c.Kind = ExpectPlan, "normal"
		}
		out = append(out, c)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("read profiles: %w", err)
	}
	return out, nil
}
