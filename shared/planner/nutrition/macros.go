package nutrition

import (
	"math"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

// Energy of the macronutrients in kcal per gram (Atwater general factors).
const (
	kcalPerProtein = 4
	kcalPerCarbs   = 4
	kcalPerFat     = 9
)

// proteinWeight is the body weight that protein is scaled by: at high body-mass index the weight at BMI 25, since fat
// mass needs no protein.
func (t *targeter) proteinWeight() float64 {
	if p := t.r.Protein; t.m.BMI() >= p.HeavyBMI {
		metres := t.m.HeightCM / 100
		return p.HeavyAsBMI * metres * metres
	}
	return t.m.WeightKG
}

// leastWeight scales what is enough at least: never more than the weight at BMI 25.
func (t *targeter) leastWeight() float64 {
	metres := t.m.HeightCM / 100
	return min(t.m.WeightKG, t.r.Protein.HeavyAsBMI*metres*metres)
}

// protein returns what is aimed at and the least that is enough, in g.
func (t *targeter) protein() (aim, least float64) {
	p, kg := t.r.Protein, t.proteinWeight()
	if t.m.Has(gym.KidneyDisease) {
		t.note("protein is not raised: kidney disease")
		return p.KidneyPerKG * t.m.WeightKG, p.KidneyPerKG * t.m.WeightKG
	}
	per, ok := p.PerKG[t.goal]
	if !ok {
		per = p.PerKG[gym.Health]
	}
	aim, least = per.Aim*kg, per.Min*t.leastWeight()
	if t.leanInDeficit() {
		aim = max(aim, p.LeanDeficit*t.leanMass())
	}
	if t.m.Diet == gym.LowCarb { // without carbohydrate, energy comes with more protein
		aim = max(aim, t.r.LowCarb.MinProtein/100*t.out.Kcal/kcalPerProtein)
	}
	share := p.MaxEnergyPct
	switch t.m.Diet {
	case gym.Vegan:
		share = p.VeganEnergy
	case gym.LowCarb:
		share = p.RestrictedPct
	}
	most := min(p.Max*kg, share/100*t.out.Kcal/kcalPerProtein)
	if aim > most {
		t.note("protein limited to %.0f g", most)
	}
	return min(aim, most), min(least, most)
}

func (t *targeter) leanInDeficit() bool {
	if t.goal != gym.FatLoss || t.m.BodyFatPct == nil || t.out.Kcal >= t.out.TDEE {
		return false
	}
	lean := t.r.Protein.LeanFemale
	if t.m.Sex == gym.Male {
		lean = t.r.Protein.LeanMale
	}
	return *t.m.BodyFatPct < lean
}

// macros splits the energy so that 4·protein + 4·carbs + 9·fat is the energy within rounding.
func (t *targeter) macros() error {
	protein, leastProtein := t.protein()
	t.out.LeastProteinG = math.Round(leastProtein)
	var err error
	if t.m.Diet == gym.LowCarb {
		err = t.lowCarb(protein)
	} else {
		err = t.balanced(protein, leastProtein)
	}
	t.out.FibreG = math.Round(t.r.Limits.FibrePer1000 * t.out.Kcal / 1000)
	t.out.SodiumMG = t.r.Limits.SodiumMG
	return err
}

func (t *targeter) balanced(protein, leastProtein float64) error {
	kcal, f := t.out.Kcal, t.r.Fat
	leastFat := max(f.MinPct/100*kcal/kcalPerFat, min(f.MinPerKG*t.leastWeight(), f.MaxPct/100*kcal/kcalPerFat))
	fat := max(f.AimPct/100*kcal/kcalPerFat, leastFat)
	carbs := func() float64 { return (kcal - protein*kcalPerProtein - fat*kcalPerFat) / kcalPerCarbs }
	if short := t.r.Carbs.Min - carbs(); short > 0 {
		fat = max(fat-short*kcalPerCarbs/kcalPerFat, leastFat)
	}
	if short := t.r.Carbs.Min - carbs(); short > 0 {
		protein = max(protein-short*kcalPerCarbs/kcalPerProtein, leastProtein)
		t.note("protein lowered to leave %.0f g of carbohydrate", t.r.Carbs.Min)
	}
	if short := t.r.Carbs.Min - carbs(); short > 0 { // a small body with little energy: the share of fat counts, not its weight
		fat = max(fat-short*kcalPerCarbs/kcalPerFat, f.MinPct/100*kcal/kcalPerFat)
	}
	t.set(protein, fat)
	if t.out.CarbsG < t.r.Carbs.Min-1 {
		return &gym.Error{
			Kind: gym.ErrInfeasible, Code: "targets_infeasible",
			Detail: "the energy of the day is too small for the least protein and fat together with the least carbohydrate",
			Hint:   "choose a goal without or with a smaller deficit, or the low_carb diet",
			Fields: []gym.Field{{Name: "targets.carbs_g", Message: "would fall below the recommended minimum"}},
		}
	}
	return nil
}

// lowCarb keeps carbohydrate at or below the limit and lets fat take the rest. When fat would pass its own limit,
// carbohydrate rises to the highest share that still counts as low, then protein; what is left after that is
// carbohydrate again, with a warning.
func (t *targeter) lowCarb(protein float64) error {
	kcal, l := t.out.Kcal, t.r.LowCarb
	carbs := min(l.MaxG, l.AimPct/100*kcal/kcalPerCarbs)
	most := l.MaxFatPct / 100 * kcal / kcalPerFat
	fat := (kcal - protein*kcalPerProtein - carbs*kcalPerCarbs) / kcalPerFat
	if fat > most {
		fat = most
		carbs = (kcal - protein*kcalPerProtein - fat*kcalPerFat) / kcalPerCarbs
	}
	if low := l.MaxPct / 100 * kcal / kcalPerCarbs; carbs > low { // protein takes the rest, within its own limits
		limit := max(protein, t.r.Protein.Max*t.proteinWeight())
		if t.m.Has(gym.KidneyDisease) {
			limit = protein
		}
		protein = min(protein+carbs-low, limit)
		carbs = (kcal - protein*kcalPerProtein - fat*kcalPerFat) / kcalPerCarbs
		if carbs > low+1 {
			t.warn("low_carb_relaxed", "The limits of protein and fat leave more carbohydrate than low_carb asks for.")
		}
	}
	leastFat := t.r.Fat.MinPct / 100 * kcal / kcalPerFat
	if fat < leastFat {
		return &gym.Error{
			Kind: gym.ErrInfeasible, Code: "targets_infeasible",
			Detail: "protein leaves too little room for fat on a low-carbohydrate day",
			Hint:   "choose another diet, or a goal without a deficit",
		}
	}
	t.set(protein, fat)
	return nil
}

// set rounds to whole grams and gives the remainder to carbohydrate.
func (t *targeter) set(protein, fat float64) {
	t.out.ProteinG, t.out.FatG = math.Round(protein), math.Round(fat)
	t.out.CarbsG = max(math.Round((t.out.Kcal-t.out.ProteinG*kcalPerProtein-t.out.FatG*kcalPerFat)/kcalPerCarbs), 0)
}

// Relax lowers protein to the least that the goal needs and gives its energy to carbohydrate, or to fat on a
// low-carbohydrate diet. It is for menus that cannot be solved with the foods that are allowed; ok is false when nothing
// is left to relax.
func Relax(t Targets, diet gym.Diet, r *rules.Rules) (relaxed Targets, w Warning, ok bool) {
	freed := t.ProteinG - t.LeastProteinG
	if t.LeastProteinG <= 0 || freed < 1 {
		return t, Warning{}, false
	}
	relaxed = t
	relaxed.ProteinG = t.LeastProteinG
	if diet == gym.LowCarb {
		room := math.Floor(r.Nutrition.LowCarb.MaxFatPct/100*t.Kcal/kcalPerFat) - t.FatG
		fat := min(math.Round(freed*kcalPerProtein/kcalPerFat), max(room, 0))
		relaxed.FatG += fat
	}
	relaxed.CarbsG = math.Round((t.Kcal - relaxed.ProteinG*kcalPerProtein - relaxed.FatG*kcalPerFat) / kcalPerCarbs)
	relaxed.Notes = append(append([]string(nil), t.Notes...), "protein lowered to the least that the goal needs: the allowed foods bring no more")
	return relaxed, Warning{Code: "protein_lowered", Text: "With the foods that you may eat, this plan aims at the least protein that your goal needs."}, true
}
