package speechset

import (
	"strings"
	"testing"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	list, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	figures := 0
	for _, s := range list {
		count[s.Split]++
		if strings.ContainsAny(s.Text, "0123456789") {
			figures++
		}
	}
	if len(list) < 240 || count[Test] < 80 || figures < 180 {
		t.Errorf("%d sentences, %d to test, %d with figures", len(list), count[Test], figures)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	good := Sentence{ID: "a", Split: Train, Template: "t", Text: "Do 3x12 squats."}
	for name, change := range map[string]func(*Sentence){
		"no id": func(s *Sentence) { s.ID = "" }, "an id twice": func(s *Sentence) { s.ID = "a" }, "no text": func(s *Sentence) { s.Text = " " }, "a text twice": func(s *Sentence) { s.Text = good.Text },
		"no split": func(s *Sentence) { s.Split = "dev" }, "no template": func(s *Sentence) { s.Template = "" }, "a template in both": func(s *Sentence) { s.Split = Test },
	} {
		other := Sentence{ID: "b", Split: Train, Template: "t", Text: "Rest 90 s."}
		if err := Check([]Sentence{good, other}); err != nil {
			t.Fatal(err)
		}
		change(&other)
		if err := Check([]Sentence{good, other}); err == nil {
			t.Errorf("%s passes", name)
		}
	}
	if _, err := Read(strings.NewReader(`{"id":"a","words":3}`)); err == nil {
		t.Error("an unknown field passes")
	}
}
