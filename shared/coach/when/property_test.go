package when

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// words are what the texts of the properties are made of.
var words = strings.Fields(`monday friday fri next this last on at in the a week weeks after before between and to from until or 5 6 12 17 27th 3rd 27.11. 27/11 2026-11-27 17:00 5pm pm am p.m. half past quarter
	five thirty twenty seventh november jan may march 2026 today tomorrow tonight yesterday morning evening night early late lunch work first thing second one noon midnight christmas eve day days hours hour minutes few ago now
	weekend month of , . - – ' % kg sets x 3x8 1730 99999999999 0 00:00 24:00 hundred o'clock oclock ish h 17h30 reps an couple rest end start mid été 数 İ`)

func texts(t *rapid.T) string {
	if rapid.Bool().Draw(t, "wild") {
		return rapid.String().Draw(t, "text")
	}
	glue := rapid.SampledFrom([]string{" ", " ", "", ", "}).Draw(t, "glue")
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 30).Draw(t, "words"), glue)
}

func nows(t *rapid.T) time.Time {
	name := rapid.SampledFrom([]string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Pacific/Auckland", "UTC"}).Draw(t, "zone")
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(rapid.Int64Range(1_600_000_000, 2_200_000_000).Draw(t, "now"), 0).In(z)
}

// sound holds what every answer must keep.
func sound(t interface {
	Fatalf(format string, args ...any)
}, text string, now time.Time, got []Span) {
	rest := text
	for _, s := range got {
		at := strings.Index(rest, s.Phrase)
		if s.Phrase == "" || at < 0 {
			t.Fatalf("%q: %q does not stand behind the phrase before it", text, s.Phrase)
		}
		rest = rest[at+len(s.Phrase):]
		if s.To.Before(s.From) || s.At && s.To.Sub(s.From) != time.Hour {
			t.Fatalf("%q: %q is from %v to %v", text, s.Phrase, s.From, s.To)
		}
		if len(s.Vague) > 0 && (s.At || len(s.Vague) != 2 || len(s.Times) != 2) || s.From.Location() != now.Location() {
			t.Fatalf("%q: %+v", text, s)
		}
	}
}

func TestEveryTextIsReadSoundly(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, now := texts(t), nows(t)
		sound(t, text, now, FindAll(text, now))
	})
}

// TestSpellIsReadBack: what is spelled names the same time, except for the second of the two times that a clock shows twice.
func TestSpellIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		now := nows(t)
		at := now.Add(time.Duration(rapid.Int64Range(-3*365*24*60, 3*365*24*60).Draw(t, "minutes")) * time.Minute).Truncate(time.Minute)
		if at.Second() != 0 {
			t.Skip("a zone with an offset in seconds")
		}
		text := strings.ToLower(Spell(at, now))
		got := FindAll(text, now)
		want := OnDay(at, at.Hour()*60+at.Minute()) // the first of two
		if len(got) != 1 || !got[0].At || !got[0].From.Equal(want) || got[0].Phrase != text {
			t.Fatalf("%q is read as %+v, want %v", text, got, want)
		}
	})
}

func TestNightsWhenClocksChange(t *testing.T) {
	t.Parallel()
	all := contexts(t)
	for _, c := range []struct{ context, said, want string }{
		{"spring", "sunday at 2:30 am", "2027-03-28T03:30:00+02:00"}, // skipped
		{"spring", "sunday at 1:59 am", "2027-03-28T01:59:00+01:00"},
		{"spring", "sunday at 3 am", "2027-03-28T03:00:00+02:00"},
		{"spring", "sunday at 5", "2027-03-28T17:00:00+02:00"},
		{"spring", "monday at 5", "2027-03-29T17:00:00+02:00"},
		{"autumn", "sunday at 2:30 am", "2026-10-25T02:30:00+02:00"}, // twice: the first
		{"autumn", "sunday at 3 am", "2026-10-25T03:00:00+01:00"},
		{"autumn", "sunday at 5", "2026-10-25T17:00:00+01:00"},
		{"autumn", "tomorrow at midnight", "2026-10-25T00:00:00+02:00"},
		{"us", "sunday week at 2:30 am", "2027-03-14T03:30:00-04:00"},
		{"us", "a week from sunday at 5 pm", "2027-03-14T17:00:00-04:00"},
		{"us", "on the 14th at 1:30 am", "2027-03-14T01:30:00-05:00"},
	} {
		got := FindAll(c.said, all[c.context])
		if len(got) != 1 || !got[0].At || got[0].From.Format(time.RFC3339) != c.want {
			t.Errorf("%s: %q is %+v, want %s", c.context, c.said, got, c.want)
		}
	}
	for _, c := range []struct {
		context, said string
		hours         float64
	}{{"spring", "sunday", 23}, {"autumn", "sunday", 25}, {"us", "the 14th", 23}, {"spring", "this weekend", 47}, {"autumn", "this weekend", 49}, {"spring", "next week", 168}} {
		got := FindAll(c.said, all[c.context])
		if len(got) != 1 || got[0].To.Sub(got[0].From).Hours() != c.hours {
			t.Errorf("%s: %q is %+v, want %g hours", c.context, c.said, got, c.hours)
		}
	}
	night := all["spring"].AddDate(0, 0, 1).Add(7 * time.Hour) // Sunday, 01:00
	if got := FindAll("in two hours", night); len(got) != 1 || !got[0].From.Equal(night.Add(2*time.Hour)) || got[0].From.Hour() != 4 {
		t.Errorf("two hours after %v are %+v", night, got)
	}
}

// TestHostileTextIsReadQuickly: the time grows with the text, not with its square.
func TestHostileTextIsReadQuickly(t *testing.T) {
	t.Parallel()
	now := contexts(t)["plain"]
	for _, unit := range []string{"at ", "friday ", "half past ", "a week from ", "5 to ", "twenty ", "27.11.", "1:", "a hundred and ", "-", "between 4 and ", "the next ", "\xff", "monday 5 "} {
		text := strings.Repeat(unit, 8192/len(unit))
		start := time.Now()
		sound(t, text, now, FindAll(text, now))
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%q took %v", unit, took)
		}
	}
}

func FuzzFindAll(f *testing.F) {
	for _, w := range words {
		f.Add(w+" friday at 5", int64(1_795_000_000))
	}
	f.Add("between 4 and 6 pm on monday, or a week on friday at half seven", int64(1_800_000_000))
	z := zone(f, "Europe/Berlin")
	f.Fuzz(func(t *testing.T, text string, now int64) {
		at := time.Unix(now%4_000_000_000, 0).In(z)
		sound(t, text, at, FindAll(text, at))
	})
}

func BenchmarkFindAll(b *testing.B) {
	now := contexts(b)["plain"]
	for b.Loop() {
		FindAll("hi, could you please move my friday session with jonas to a week on tuesday at half past five, or after work if that is possible", now)
	}
}

// TestNothingBeginsWithoutAnOpener: what FindAll skips is no time.
func TestNothingBeginsWithoutAnOpener(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, now := texts(t), nows(t)
		p := &parser{tokens: tokenize(text), now: now, today: civil(now), american: american(now.Location())}
		for i := range p.tokens {
			if s, n := p.expression(i); n > 0 && !p.opens(i) {
				t.Fatalf("%q: token %d begins %+v", text, i, s)
			}
		}
	})
}
