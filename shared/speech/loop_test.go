package speech

import "testing"

func TestWithoutLoop(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Rest 90 seconds between sets. Rest 90 seconds between sets.":                              "Rest 90 seconds between sets.",
		"Tom is free on Tuesday at 8 o'clock. Tom is free on Tuesday at 8 o'clock. Tom is free on": "Tom is free on Tuesday at 8 o'clock.",
		"Book me on Friday please. Book me on Friday please. Thanks":                               "Book me on Friday please. Thanks",
		"No. No. No.":         "No. No. No.",
		"It hurts. It hurts.": "It hurts. It hurts.",
		"Add 2.5 kg to the bar. Then rest. Add 2.5 kg.": "Add 2.5 kg to the bar. Then rest. Add 2.5 kg.",
		"book me with jonas":                            "book me with jonas",
		"":                                              "",
		"Do it on Monday at nine! Do it on Monday at ten!": "Do it on Monday at nine! Do it on Monday at ten!",
	} {
		if got := withoutLoop(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
