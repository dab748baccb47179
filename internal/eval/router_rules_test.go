package eval

import (
	"testing"

	"github.com/intellifit/intellifit/internal/eval/chatset"
	"github.com/intellifit/intellifit/shared/coach/route"
	"github.com/intellifit/intellifit/shared/toolbox"
)

// TestRulesOnTheSet holds the rules alone, which need no model, to what they reached on the part of the set that they are tuned
// on. The whole router is measured with the models: intellifit eval chat.
func TestRulesOnTheSet(t *testing.T) {
	t.Parallel()
	lines, err := chatset.LoadRouter()
	if err != nil {
		t.Fatal(err)
	}
	router, tools := &route.Router{}, toolbox.New(toolbox.Deps{})
	var results []RouterResult
	for _, l := range lines {
		if l.Split != chatset.Train {
			continue
		}
		r, err := routeLine(t.Context(), router, tools, l)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, r)
	}
	s := ScoreRouter(results)
	t.Logf("action %s, restraint %s, exact %s, asked %s, invalid calls %d", s.Action, s.Restraint, s.Exact, s.Asked, len(s.Invalid))
	if len(results) < 800 || s.Action.share() < 0.94 || s.Restraint.share() < 0.95 || s.Exact.share() < 0.91 || len(s.Invalid) > 0 {
		t.Errorf("the rules do worse than they did: action %s, restraint %s, exact %s, invalid calls %d", s.Action, s.Restraint, s.Exact, len(s.Invalid))
	}
}
