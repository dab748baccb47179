package nutrition

import (
	"math"

	"github.com/intellifit/intellifit/shared/gym"
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
	aim, least = per.Aim*kg, per.Min*kg
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
	leastFat := max(f.MinPct/100*kcal/kcalPerFat, min(f.MinPerKG*t.proteinWeight(), f.MaxPct/100*kcal/kcalPerFat))
	fat := max(f.AimPct/100*kcal/kcalPerFat, leastFat)
	carbs := func() float64 { return (kcal - protein*kcalPerProtein - fat*kcalPerFat) / kcalPerCarbs }
	if short := t.r.Carbs.Min - carbs(); short > 0 {
		fat = max(fat-short*kcalPerCarbs/kcalPerFat, leastFat)
	}
	if short := t.r.Carbs.Min - carbs(); short > 0 {
		protein = max(protein-short*kcalPerCarbs/kcalPerProtein, leastProtein)
		t.note("protein lowered to leave %.0f g of carbohydrate", t.r.Carbs.Min)
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
// carbohydrate rises to the highest share that still counts as low.
func (t *targeter) lowCarb(protein float64) error {
	kcal, l := t.out.Kcal, t.r.LowCarb
	carbs := min(l.MaxG, l.AimPct/100*kcal/kcalPerCarbs)
	most := l.MaxFatPct / 100 * kcal / kcalPerFat
	fat := (kcal - protein*kcalPerProtein - carbs*kcalPerCarbs) / kcalPerFat
	if fat > most {
		fat = most
		carbs = (kcal - protein*kcalPerProtein - fat*kcalPerFat) / kcalPerCarbs
	}
	if share := carbs * kcalPerCarbs / kcal * 100; share > l.MaxPct {
		if t.m.Has(gym.KidneyDisease) {
			t.warn("low_carb_relaxed", "Low carbohydrate and protected kidneys exclude each other here: carbohydrate is higher than low_carb asks for.")
		} else { // the rest goes to protein, within its own limits
			carbs = l.MaxPct / 100 * kcal / kcalPerCarbs
			protein = (kcal - carbs*kcalPerCarbs - fat*kcalPerFat) / kcalPerProtein
			if protein > t.r.Protein.Max*t.proteinWeight() {
				protein = t.r.Protein.Max * t.proteinWeight()
				fat = (kcal - carbs*kcalPerCarbs - protein*kcalPerProtein) / kcalPerFat
			}
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
