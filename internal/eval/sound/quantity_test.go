package sound

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQuantities(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"3x12 @ 60 kg, rest 90 s":              {"3x12", "60 kg", "90 s"},
		"Rest ninety seconds.":                 nil,
		"60 kilos for 8–12 reps":               {"60 kg", "8-12 rep"},
		"at 6:30 pm":                           {"6:30 pm"},
		"at 6:30 p.m.":                         {"6:30 pm"},
		"RPE 8, RIR 2":                         {"rpe 8", "rir 2"},
		"2,310 kcal and 115 g of protein, 20%": {"2310 kcal", "115 g", "20 %"},
		"Friday the 27th of November":          {"27"},
		"135 pounds":                           {"135 lb"},
		"135lbs":                               {"135 lb"},
		"2.5 kg more":                          {"2.5 kg"},
	} {
		if diff := cmp.Diff(want, Quantities(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}
