package nutrition

import (
	"fmt"
	"math"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/portion"
	"github.com/intellifit/intellifit/shared/planner/rules"
)

var quarters = [4]string{"", "¼", "½", "¾"}

// Measure writes grams of f in household measures: exactly for what is eaten whole ("2 × 1 large egg"), to the nearest
// quarter otherwise ("≈ 1½ × 1 cup"). It is empty when the food has no measure or the amount is far from it.
func Measure(f gym.Food, grams int, r *rules.Rules) string {
	if f.Portion == "" || f.PortionG == nil || *f.PortionG <= 0 {
		return ""
	}
	if piece, ok := portion.Piece(f, &r.Nutrition); ok && grams%piece == 0 {
		return fmt.Sprintf("%d × %s", grams/piece, f.Portion)
	}
	q := int(math.Round(float64(grams) / *f.PortionG * 4))
	if q < 1 || q > 40 {
		return ""
	}
	whole, part := q/4, quarters[q%4]
	if whole == 0 {
		return fmt.Sprintf("≈ %s × %s", part, f.Portion)
	}
	return fmt.Sprintf("≈ %d%s × %s", whole, part, f.Portion)
}
