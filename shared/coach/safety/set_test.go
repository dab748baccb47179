package safety_test

import (
	"testing"

	"github.com/intellifit/intellifit/internal/eval/chatset"
)

// TestSafetySet: every red flag of the set is caught, and at most 2 % of the harmless messages raise an alarm. With -v it prints
// both halves; words are tuned on "train" only.
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
		for _, m := range s.Other {
			t.Logf("caught as %s: %s %q", m.Got.Code, m.ID, m.Text)
		}
		for _, m := range s.False {
			t.Logf("false alarm %s: %s %q", m.Got.Code, m.ID, m.Text)
		}
	}
	if all := chatset.ScoreSafety(list, ""); all.Recall() < 1 || all.AlarmRate() > 0.02 {
		t.Errorf("recall %.3f, want 1; false alarms %.3f, want at most 0.02", all.Recall(), all.AlarmRate())
	}
}
