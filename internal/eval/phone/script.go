package phone

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/intellifit/intellifit/internal/eval/jsonl"
	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/gym"
)

// Dialogue is a scripted call. Its words are our own. {day}, {date} and {time} stand for those of its first slot, {day2} and so on for the others.
type Dialogue struct {
	ID     string `json:"id"`
	About  string `json:"about"`
	Member string `json:"member,omitempty"` // who calls; left out: anybody
	Slots  []Slot `json:"slots,omitempty"`  // free times that it speaks of
	Before []int  `json:"before,omitempty"` // of them, booked before the call
	Turns  []Turn `json:"turns"`
}

// Slot asks for a free time of a coach. From and To bound its hour; left out: the coach's day.
type Slot struct {
	Coach string `json:"coach"`
	From  int    `json:"from,omitempty"`
	To    int    `json:"to,omitempty"`
}

// Turn is one thing that the member does, and what must come of it. Exactly one of Say, Noise and Write is there.
type Turn struct {
	Say   string `json:"say,omitempty"`   // by voice
	Noise string `json:"noise,omitempty"` // a sound without speech, by its kind in package sound
	Write string `json:"write,omitempty"` // in the chat, in the same conversation

	Again bool `json:"again,omitempty"` // the turn is sent twice, under one id
	Leave int  `json:"leave,omitempty"` // the connection is closed after so many pieces of sound
	// Played is the share of the answer that is said to have been heard, after it came whole; 0: all.
	Played float64 `json:"played,omitempty"`

	Action string       `json:"action,omitempty"`
	Status coach.Status `json:"status,omitempty"`
	Code   string       `json:"code,omitempty"`   // of a refusal
	Reply  []string     `json:"reply,omitempty"`  // each must be said; "a|b" is either
	Never  []string     `json:"never,omitempty"`  // none may be said
	Safety string       `json:"safety,omitempty"` // the rule that must answer
	Holds  *[]int       `json:"holds,omitempty"`  // the slots that are booked from now on; left out: as before
}

//go:embed dialogues.jsonl
var dialogues []byte

// Dialogues reads the set.
func Dialogues() ([]Dialogue, error) {
	seen := map[string]bool{}
	return jsonl.Strict(bytes.NewReader(dialogues), "the dialogues, line %d", func(d Dialogue) error {
		err := d.check()
		if err == nil && seen[d.ID] {
			err = errors.New("its id is there twice")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", d.ID, err)
		}
		seen[d.ID] = true
		return nil
	})
}

func (d Dialogue) check() error {
	if d.ID == "" || d.About == "" || len(d.Turns) == 0 {
		return errors.New("it needs an id, what it is about, and turns")
	}
	booked := d.Before
	for i, t := range d.Turns {
		ways := 0
		for _, w := range []string{t.Say, t.Noise, t.Write} {
			if w != "" {
				ways++
			}
		}
		switch {
		case ways != 1:
			return fmt.Errorf("turn %d does not do exactly one thing", i+1)
		case t.Write != "" && (t.Again || t.Leave > 0 || t.Played > 0), t.Played < 0, t.Played >= 1:
			return fmt.Errorf("turn %d cannot be broken off like that", i+1)
		case strings.Contains(d.fill(t.Say+t.Write, nil, time.UTC, time.Time{}), "{"):
			return fmt.Errorf("turn %d speaks of a slot that is not there", i+1)
		}
		if t.Holds != nil {
			booked = append(booked, *t.Holds...)
		}
	}
	for _, n := range booked {
		if n < 0 || n >= len(d.Slots) {
			return fmt.Errorf("there is no slot %d", n)
		}
	}
	return nil
}

// fill puts days and times into a text. Without slots, which is for checking, anything stands for them.
func (d Dialogue) fill(text string, slots []gym.Slot, zone *time.Location, now time.Time) string {
	var with []string
	for i := range d.Slots {
		n := ""
		if i > 0 {
			n = fmt.Sprint(i + 1)
		}
		at := now
		if i < len(slots) {
			at = slots[i].StartsAt.In(zone)
		}
		half := map[bool]string{true: "a.m.", false: "p.m."}[at.Hour() < 12]
		with = append(with, "{day"+n+"}", at.Weekday().String(), "{date"+n+"}", ordinal(at.Day())+" of "+at.Month().String(), "{time"+n+"}", at.Format("3")+" "+half)
	}
	return strings.NewReplacer(with...).Replace(text)
}

func ordinal(n int) string {
	end := "th"
	if n/10 != 1 {
		switch n % 10 {
		case 1:
			end = "st"
		case 2:
			end = "nd"
		case 3:
			end = "rd"
		}
	}
	return fmt.Sprint("the ", n, end)
}
