package coach

import "testing"

func TestSmallTalk(t *testing.T) {
	for text, want := range map[string]bool{
		"Hi there!": true, "hello": true, "Thanks a lot!!": true, "ok thank you": true, "bye": true, "Who are you?": true, "what's your name": true, "help": true,
		"hi, book me for friday": false, "thanks but can you move it": false, "who is free on friday": false, "help me lose weight": false, "": false, "hello my knee hurts": false,
	} {
		if answer, ok := smallTalk(text, "Nora"); ok != want || ok && answer == "" {
			t.Errorf("%q: %q, %t", text, answer, ok)
		}
	}
}
