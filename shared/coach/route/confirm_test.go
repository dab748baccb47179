package route

import "testing"

func TestConfirms(t *testing.T) {
	t.Parallel()
	const yes, no, neither = 1, 2, 0
	for text, want := range map[string]int{
		"yes": yes, "Yes!": yes, "yep": yes, "yeah sure": yes, "ok": yes, "Okay, do it": yes, "sounds good, thanks": yes, "go ahead": yes, "please do": yes, "yes please book it": yes,
		"confirm": yes, "yes, that works for me": yes, "that's right": yes, "Perfect, thank you!": yes, "y": yes, "absolutely": yes, "yes cancel it": yes, "sure thing coach": yes, "yes go ahead and book it": yes,
		"no": no, "nope": no, "No, thanks.": no, "never mind": no, "don't": no, "no, leave it as it is": no, "not now": no, "stop": no, "no don't do that": no, "forget it": no, "I changed my mind": no, "nah": no,
		"no, don't cancel it": no, "no that is wrong": no,
		"yes but at 6": neither, "yes but make it Friday": neither, "no, at 6 instead": neither, "at 6": neither, "what does it cost": neither, "": neither, "yes or no?": neither, "maybe": neither,
		"cancel it": neither, "ok what about Lea": neither, "sure, but with Jonas": neither, "yes and also cancel my Friday session": neither, "no wait, yes": neither, "is that ok?": neither,
		"book another one": neither, "yes at 6 pm": neither, "please": neither, "thanks": neither,
	} {
		gotYes, gotNo := Confirms(text)
		if gotYes != (want == yes) || gotNo != (want == no) {
			t.Errorf("Confirms(%q) = %v, %v", text, gotYes, gotNo)
		}
	}
}
