package sheet_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/planner/nutrition"
	"github.com/intellifit/intellifit/shared/planner/sheet"
	"github.com/intellifit/intellifit/shared/planner/training"
)

// hostile is a name as an imported file may have it.
const hostile = "<script>alert(1)</script>\x1b[2J & \"Row\""

func plan() planner.Plan {
	item := func(slot, name string) training.Item {
		return training.Item{Slot: slot, ExerciseID: slot, Name: name, Sets: 3, Reps: training.Range{Min: 8, Max: 12}, RestS: 90, RIR: training.Range{Min: 1, Max: 3},
			Load: training.Load{PctMin: 65, PctMax: 75}, Primary: []gym.Muscle{gym.Chest}}
	}
	food := func(slot, name string, grams int) nutrition.Item {
		return nutrition.Item{Slot: slot, FoodID: slot, Name: name, Grams: grams, Kcal: 321, ProteinG: 12, FatG: 8, CarbsG: 45, Measure: "1 bowl"}
	}
	p := planner.Plan{ID: "p1", MemberID: "mara", Version: 2, Goal: gym.MuscleGain, Weeks: 8, Source: planner.SourceRules, Degraded: true, Draft: true, RulesVersion: "r", Seed: 7,
		Explanation: "This plan helps you to build muscle. " + strings.Repeat("You train on three days a week. ", 8),
		Targets:     nutrition.Targets{Kcal: 2345, ProteinG: 120, FatG: 75, CarbsG: 300},
		Workout:     training.Workout{Split: "full_body", WeeklySets: map[gym.Muscle]float64{gym.Chest: 12, gym.Lats: 6.5}, Progression: []training.Week{{Week: 1, Note: "Find your loads."}}},
		Wishes:      []planner.WishResult{{Wish: "more rice", Honored: true}, {Wish: "no sleep", Reason: "not understood"}},
		Warnings:    []planner.Warning{{Code: "w", Text: "Stop any exercise that hurts."}},
		Approval:    &planner.Approval{CoachID: "jonas", At: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC), Version: 2},
	}
	for d := 1; d <= 3; d++ {
		p.Workout.Days = append(p.Workout.Days, training.Day{Day: d, Weekday: "monday", Focus: "full_body", Minutes: 50 + d,
			Items: []training.Item{item(fmt.Sprintf("d%ds1", d), fmt.Sprintf("Press %d", d)), item(fmt.Sprintf("d%ds2", d), hostile)}})
		p.Nutrition.Days = append(p.Nutrition.Days, nutrition.Day{Day: d, Totals: nutrition.Macros{Kcal: 2340, ProteinG: 121, FatG: 76, CarbsG: 301},
			Meals: []nutrition.Meal{{Name: "breakfast", Items: []nutrition.Item{food(fmt.Sprintf("n%dm1f1", d), fmt.Sprintf("Porridge %d", d), 200+d), food("x", hostile, 90)}}}})
	}
	p.Nutrition.ShoppingList = []nutrition.ShoppingItem{{FoodID: "a", Name: "Oats", Category: "grains", Grams: 612}, {FoodID: "b", Name: "Milk", Category: "dairy", Grams: 900}}
	return p
}

func text(t *testing.T, p planner.Plan, o sheet.TextOptions) string {
	t.Helper()
	var b strings.Builder
	if err := sheet.Text(&b, p, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextShowsEverything(t *testing.T) {
	t.Parallel()
	got := text(t, plan(), sheet.TextOptions{})
	for _, want := range []string{"p1", "mara", "DRAFT", "degraded", "Press 1", "Press 3", "d2s2", "3 × 8–12", "rest 90 s", "RIR 1–3", "65–75 % 1RM", "53 min",
		"chest", "12.0", "Week 1", "2345 kcal", "Porridge 3", "203 g", "1 bowl", "Shopping list", "Oats 612 g", "✓ more rice", "✗ no sleep: not understood", "! Stop any exercise", "Approved by jonas"} {
		if !strings.Contains(got, want) {
			t.Errorf("the text lacks %q:\n%s", want, got)
		}
	}
	if strings.ContainsAny(got, "\x1b") {
		t.Error("a control character of a name reached the terminal")
	}
	if colored := text(t, plan(), sheet.TextOptions{Color: true}); !strings.Contains(colored, "\x1b[1m") {
		t.Error("no colour was used")
	}
}

func TestBriefFitsTheScreen(t *testing.T) {
	t.Parallel()
	got := text(t, plan(), sheet.TextOptions{Brief: true, Width: 80})
	lines := strings.Split(strings.TrimSpace(got), "\n")
	if len(lines) > 26 {
		t.Errorf("%d lines", len(lines))
	}
	for _, line := range lines[3:] { // the first lines hold ids, which are not broken
		if n := utf8.RuneCountInString(line); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	for _, want := range []string{"Press 1 3×8–12", "Menu, day 1 of 3: 2340 kcal", "201 g Porridge 1", "intellifit plan show p1"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
}

// TestHiddenNumbers: neither form shows energy that the plan withholds.
func TestHiddenNumbers(t *testing.T) {
	t.Parallel()
	p := plan()
	p.NumbersHidden = true
	p = p.Shown()
	var page strings.Builder
	if err := sheet.HTML(&page, p); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{"text": text(t, p, sheet.TextOptions{}), "brief": text(t, p, sheet.TextOptions{Brief: true}), "page": page.String()} {
		if strings.Contains(got, "kcal") {
			t.Errorf("the %s speaks of kcal", name)
		}
		if !strings.Contains(got, "Porridge 1") {
			t.Errorf("the %s lacks the menu", name)
		}
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := sheet.HTML(&b, plan()); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, want := range []string{"<!doctype html>", "lang=", "<title>", "@page", "A4", "@media print", "Press 3", "Porridge 3", "Oats", "&lt;script&gt;"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, bad := range []string{"<script", "http://", "https://", "src=", "url("} {
		if strings.Contains(got, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
}

// FuzzNames: whatever the names are, both forms render and stay harmless.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{"", hostile, "\u202e", strings.Repeat("x", 500), "日本語のとても長い名前のトレーニング種目です", "\xff\xfe"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		p := plan()
		p.Workout.Days[0].Items[0].Name, p.Nutrition.Days[0].Meals[0].Items[0].Name, p.MemberID = name, name, name
		for _, o := range []sheet.TextOptions{{}, {Brief: true}, {Width: 20}} {
			if strings.ContainsRune(text(t, p, o), '\x1b') {
				t.Error("a control character passed")
			}
		}
		var b strings.Builder
		if err := sheet.HTML(&b, p); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "<script") {
			t.Error("a script passed")
		}
	})
}

// TestStoredPlan renders a plan that was read back from JSON, where maps and times went through text.
func TestStoredPlan(t *testing.T) {
	t.Parallel()
	document, err := json.Marshal(plan())
	if err != nil {
		t.Fatal(err)
	}
	var p planner.Plan
	if err := json.Unmarshal(document, &p); err != nil {
		t.Fatal(err)
	}
	if text(t, p, sheet.TextOptions{}) != text(t, plan(), sheet.TextOptions{}) {
		t.Error("a stored plan renders otherwise")
	}
}
