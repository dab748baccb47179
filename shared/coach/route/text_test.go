package route

import "testing"

func TestReadCleans(t *testing.T) {
	t.Parallel()
	names := map[string]bool{"jonas": true, "lea": true, "zoë": true}
	for said, want := range map[string]string{
		"Cancle my apointment on wendesday": "cancel my appointment on wednesday", "cn u resched tmrw": "cn you reschedule tomorrow", "I'd like Jonas' slot": "i would like jonas' slot",
		"what's Lea's availabilty": "what is lea availability", "can’t make it": "cannot make it", "DON'T book": "do not book", "my  knee\thurts": "my knee hurts", "shedule a sesion": "schedule a session",
		"at 5:30 pm, 27.3.": "at 5:30 pm, 27.3.", "good food": "good food", "I love my coach": "i love my coach", "café": "cafe", "jonsa": "jonsa",
	} {
		if got := read(said, names).text; got != want {
			t.Errorf("read(%q) = %q, want %q", said, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"cancel", "cancle", 1}, {"friday", "fryday", 1}, {"book", "books", 1}, {"a", "abcd", 3}, {"", "", 0}, {"monday", "sunday", 2}, {"tuesday", "thursday", 2}} {
		if got := distance(c.a, c.b, 2); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
