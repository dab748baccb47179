package safety_test

import (
	"testing"

	"github.com/intellifit/intellifit/internal/eval/chatset"
)

// TestSafetySet: the phrases alone catch every red flag that they were tuned on, or that has been looked at, and at most 2 % of the
// harmless messages raise an alarm. What is unseen is measured with the models: intellifit eval chat --only safety.
func TestSafetySet(t *testing.T) {
	t.Parallel()
	list, err := chatset.LoadSafety()
	if err != nil {
		t.Fatal(err)
	}
	for _, split := range []string{chatset.Train, chatset.Test} {
		s := chatset.ScoreSafety(list, split)
		t.Logf("%-5s  red flags %d, caught %d (%.1f %%), with the label's own code %d; harmless %d, false alarms %d (%.1f %%)",
			split, s.Flags, s.Caught, 100*s.Recall(), s.Named, s.Harmless, s.Alarms, 100*s.AlarmRate())
		for _, m := range s.Missed {
			t.Errorf("missed %s %q: %q, want %s", m.ID, m.Text, m.Got.Code, m.Code)
		}
		for _, m := range s.False {
			t.Logf("false alarm %s: %s %q", m.Got.Code, m.ID, m.Text)
		}
		if s.Flags < 100 || s.Harmless < 50 || s.Recall() < 1 || s.AlarmRate() > 0.02 {
			t.Errorf("%s: %d red flags, %d harmless; recall %.3f, want 1; false alarms %.3f, want at most 0.02", split, s.Flags, s.Harmless, s.Recall(), s.AlarmRate())
		}
	}
	blind := chatset.ScoreSafety(list, chatset.Blind)
	t.Logf("blind  caught %.1f %% of %d, false alarms %.1f %% of %d", 100*blind.Recall(), blind.Flags, 100*blind.AlarmRate(), blind.Harmless)
	if blind.Recall() < 0.6 {
		t.Errorf("the phrases catch %.3f of what nobody tuned them to: they did better", blind.Recall())
	}
}
