package catalogue_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/intellifit/intellifit/shared/catalogue"
)

// usdaRows is how many foods the USDA's table (SR 28) has.
const usdaRows = 8789

// foodsFile writes a foods file of n rows with names as long and as various as real ones.
func foodsFile(n int) []byte {
	var b bytes.Buffer
	b.WriteString("id,name,category,kcal,protein,carbs,fat,fibre,sugars,sodium,portion,portion_g\n")
	for i := range n {
		row := foodTable[i%len(foodTable)]
		fmt.Fprintf(&b, "%05d,\"%s, lot %d\",\"%s\",%g,%g,%g,%g,1.5,2.25,140,\"1 cup, chopped\",156\n", i, strings.ReplaceAll(row.name, `"`, `""`), i, row.category, row.kcal, row.protein, row.carbs, row.fat)
	}
	return b.Bytes()
}

func exercisesFile(n int) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i := range n {
		row := exerciseTable[i%len(exerciseTable)]
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"%d","name":%q,"equipment":%q,"category":%q,"primaryMuscles":[%q],"secondaryMuscles":[]}`, i, row.name, row.equipment, row.category, row.muscle)
	}
	b.WriteByte(']')
	return b.Bytes()
}

// BenchmarkFoodsCSV reads a file as large as the USDA's table and derives all roles, diets and allergens.
func BenchmarkFoodsCSV(b *testing.B) {
	file := foodsFile(usdaRows)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if r, err := catalogue.FoodsCSV(bytes.NewReader(file)); err != nil || len(r.Rows) != usdaRows {
			b.Fatalf("%d rows, %v", len(r.Rows), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/usdaRows, "µs/food")
}

// BenchmarkExercises reads as many exercises as free-exercise-db has and derives all patterns and tags.
func BenchmarkExercises(b *testing.B) {
	const rows = 873
	file := exercisesFile(rows)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if r, err := catalogue.Exercises(bytes.NewReader(file)); err != nil || len(r.Rows) != rows {
			b.Fatalf("%d rows, %v", len(r.Rows), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/rows, "µs/exercise")
}
