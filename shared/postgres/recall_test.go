package postgres_test

import (
	"testing"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

func TestRecall(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	ctx := postgrestest.Service(t.Context())
	fill(t, ctx, db, []gym.Exercise{
		{ID: "goblet", Name: "Goblet squat", Pattern: gym.Squat, Description: "Hold the weight in front."},
		{ID: "squat", Name: "Squat", Pattern: gym.Squat}, {ID: "row", Name: "Cable row", Pattern: gym.HorizontalPull},
		{ID: "odd", Name: "Odd thing", Pattern: gym.Unsorted},
	}, []gym.Food{
		{ID: "lentils", Name: "Red lentils, boiled", Role: gym.RoleLegume}, {ID: "salt", Name: "Salt", Role: gym.RoleExcluded},
	})
	name := func(p gym.Passage) string {
		if p.Exercise != nil {
			return p.Exercise.ID
		}
		return p.Food.ID
	}
	// The vector is that of the row "Cable row"; the words are those of two others.
	found, err := db.Recall(ctx, "How do I do goblet squats? And salt?", direction(2), 3)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range found {
		got = append(got, name(p))
	}
	if len(got) != 4 || got[0] != "goblet" || got[1] != "squat" || got[2] != "row" || got[3] != "lentils" {
		t.Fatalf("found %v", got)
	}
	if !found[0].Worded || !found[1].Worded || found[2].Worded || found[2].Distance > 0.001 || found[0].Exercise.Description == "" {
		t.Errorf("found %+v", found)
	}
	// Without a vector and with words that are operators elsewhere.
	for _, text := range []string{"", "'; DROP TABLE food; --", "a & b | !c:*", "\"", "squat"} {
		if _, err := db.Recall(ctx, text, nil, 3); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	if found, err := db.Recall(gym.WithPrincipal(t.Context(), gym.Principal{GymID: "another-gym", Subject: "importer", Role: gym.RoleService}), "goblet squat", direction(0), 3); err != nil || len(found) != 0 {
		t.Errorf("another gym sees %v, %v", found, err)
	}
}
