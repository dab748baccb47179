package catalogue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
)

// exerciseRow is one element of an exercises file: the shape of free-exercise-db, the shape of wger's export, and our own
// optional fields. A field that no shape has is refused, since a typo could hide a tag.
type exerciseRow struct {
	ID            string   `json:"id"`
	Name          string   `json:"name"`
	Force         string   `json:"force"`
	Level         string   `json:"level"`
	Mechanic      string   `json:"mechanic"`
	Equipment     any      `json:"equipment"` // a word, null, or wger's list
	Primary       []string `json:"primaryMuscles"`
	Secondary     []string `json:"secondaryMuscles"`
	Category      string   `json:"category"`
	Description   string   `json:"description"`
	License       string   `json:"license"`
	LicenseAuthor string   `json:"license_author"`
	Pattern       string   `json:"pattern"`
	Tags          []string `json:"injury_tags"`
	Unilateral    *bool    `json:"unilateral"`

	UUID           string   `json:"uuid"` // wger
	Aliases        []string `json:"aliases"`
	Muscles        []string `json:"muscles"`
	MusclesSecond  []string `json:"muscles_secondary"`
	VariationGroup any      `json:"variation_group"`
}

// wgerMuscles maps wger's names to the catalogue's words.
var wgerMuscles = map[string]gym.Muscle{
	"shoulders": gym.Shoulders, "lats": gym.Lats, "glutes": gym.Glutes, "abs": gym.Abdominals, "chest": gym.Chest, "triceps": gym.Triceps, "biceps": gym.Biceps,
	"quads": gym.Quadriceps, "trapezius": gym.Traps, "hamstrings": gym.Hamstrings, "obliquus externus abdominis": gym.Abdominals, "calves": gym.Calves,
	"brachialis": gym.Biceps, "serratus anterior": gym.Chest, "soleus": gym.Calves,
}

// wgerEquipment maps wger's names to the catalogue's words; a bench or a mat beside a bar is no further need.
var wgerEquipment = map[string]string{
	"none (bodyweight exercise)": gym.BodyOnly, "dumbbell": "dumbbell", "barbell": "barbell", "sz-bar": "e-z curl bar", "kettlebell": "kettlebells",
	"resistance band": "bands", "swiss ball": "exercise ball", "pull-up bar": "pull-up bar", "gym mat": gym.BodyOnly, "bench": "bench", "incline bench": "bench",
}

var muscleWords = []gym.Muscle{gym.Abdominals, gym.Abductors, gym.Adductors, gym.Biceps, gym.Calves, gym.Chest, gym.Forearms, gym.Glutes, gym.Hamstrings,
	gym.Lats, gym.LowBack, gym.MiddleBack, gym.NeckMuscle, gym.Quadriceps, gym.Shoulders, gym.Traps, gym.Triceps}

// Exercises reads a JSON array of exercises and derives patterns and injury tags where the file gives none.
func Exercises(in io.Reader) (Result[gym.Exercise], error) {
	var out Result[gym.Exercise]
	seen := map[string]int{}
	err := eachJSON(in, func(n int, raw json.RawMessage) {
		var row exerciseRow
		if err := strict(raw, &row); err != nil {
			out.problem(n, "", "", "%v", err)
			return
		}
		before := len(out.Problems)
		e := row.exercise(n, &out)
		if first, twice := seen[e.ID]; twice {
			out.problem(n, e.ID, "id", "stands in row %d already", first)
		}
		seen[e.ID] = n
		if len(out.Problems) == before {
			row.derive(&e, &out)
			out.Rows = append(out.Rows, e)
		}
	})
	return out, err
}

func (row exerciseRow) exercise(n int, out *Result[gym.Exercise]) gym.Exercise {
	e := gym.Exercise{
		ID: clean(row.ID), Name: clean(row.Name), Force: clean(strings.ToLower(row.Force)), Mechanic: clean(strings.ToLower(row.Mechanic)),
		Category: clean(strings.ToLower(row.Category)), Description: cut(clean(row.Description), maxDescription),
		License: cut(clean(row.License), maxName), LicenseAuthor: cut(clean(row.LicenseAuthor), maxName),
	}
	if e.ID == "" {
		e.ID = clean(row.UUID)
	}
	checkKey(out, n, e.ID, e.Name)
	if row.Level != "" {
		level, err := gym.ParseExperience(row.Level)
		if err != nil {
			out.problem(n, e.ID, "level", "%v", err)
		}
		e.Level = level
	}
	row.checkWords(n, e.ID, out)
	if e.Equipment = row.equipment(); contradicts(e) {
		out.Review = append(out.Review, Review{e.ID, e.Name, "the name speaks of equipment, the file of none: equipment unknown"})
		e.Equipment = ""
	}
	if len(e.Equipment) > maxKind {
		out.problem(n, e.ID, "equipment", "has more than %d bytes", maxKind)
	}
	e.Primary = muscles(out, n, e.ID, append(row.Primary, row.Muscles...))
	e.Secondary = muscles(out, n, e.ID, append(row.Secondary, row.MusclesSecond...))
	return e
}

// equipment reads a word or wger's list. Of a list the most demanding kind counts; two demanding ones are unknown, and so
// is an empty list.
func (row exerciseRow) equipment() string {
	switch v := row.Equipment.(type) {
	case string:
		return clean(strings.ToLower(v))
	case []any:
		kinds := map[string]bool{}
		for _, item := range v {
			name, _ := item.(string)
			kind, known := wgerEquipment[strings.ToLower(name)]
			if !known {
				return ""
			}
			kinds[kind] = true
		}
		if len(kinds) > 1 {
			delete(kinds, gym.BodyOnly)
		}
		if len(kinds) > 1 {
			delete(kinds, "bench") // beside a bar or dumbbells a bench is at hand
		}
		for kind := range kinds {
			if len(kinds) == 1 {
				return kind
			}
		}
	}
	return ""
}

func muscles(out *Result[gym.Exercise], n int, id string, names []string) []gym.Muscle {
	list := []gym.Muscle{}
	for _, name := range names {
		m := gym.Muscle(strings.ToLower(strings.TrimSpace(name)))
		if mapped, ok := wgerMuscles[string(m)]; ok {
			m = mapped
		}
		if !slices.Contains(muscleWords, m) {
			out.problem(n, id, "muscles", "%q is no muscle that is known: %v", cut(name, 40), muscleWords)
			continue
		}
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// derive fills in what the file does not give. Given tags stand beside the derived ones: a file can add, not take away.
func (row exerciseRow) derive(e *gym.Exercise, out *Result[gym.Exercise]) {
	e.Pattern = gym.Pattern(strings.ToLower(strings.TrimSpace(row.Pattern)))
	if e.Pattern == "" {
		e.Pattern = DerivePattern(*e)
	}
	e.Tags = DeriveInjuryTags(*e)
	for _, t := range row.Tags {
		if tag := injuryTag(t); !slices.Contains(e.Tags, tag) {
			e.Tags = append(e.Tags, tag)
		}
	}
	slices.Sort(e.Tags)
	e.Unilateral = DeriveUnilateral(*e)
	if row.Unilateral != nil {
		e.Unilateral = *row.Unilateral
	}
	switch {
	case e.Pattern == gym.Unsorted:
		out.Review = append(out.Review, Review{e.ID, e.Name, "no movement pattern found: never planned until one is given"})
	case e.Equipment == "" && row.equipment() == "":
		out.Review = append(out.Review, Review{e.ID, e.Name, "equipment unknown: never planned until it is given"})
	case len(e.Primary) == 0:
		out.Review = append(out.Review, Review{e.ID, e.Name, "no primary muscle"})
	case slices.Contains(e.Tags, gym.Unclassified):
		out.Review = append(out.Review, Review{e.ID, e.Name, "what it loads is not clear: never planned for whoever must avoid anything"})
	case len(e.Tags) == 0 && row.Tags == nil && slices.Contains(loading, e.Pattern): // "injury_tags": [] says that a person looked
		out.Review = append(out.Review, Review{e.ID, e.Name, "no injury tag derived: confirm that it loads nothing that a complaint must avoid"})
	}
}

// loading are the patterns of which nearly every exercise loads something that a complaint must avoid.
var loading = []gym.Pattern{gym.Squat, gym.Hinge, gym.Lunge, gym.VerticalPush, gym.VerticalPull, gym.Core, gym.Carry, gym.Olympic, gym.Plyometric}

var patternWords = []gym.Pattern{gym.Squat, gym.Hinge, gym.HorizontalPush, gym.VerticalPush, gym.HorizontalPull, gym.VerticalPull, gym.Lunge, gym.KneeExtension,
	gym.KneeFlexion, gym.HipAbduction, gym.HipAdduction, gym.CalfRaise, gym.ElbowFlexion, gym.ElbowExtension, gym.ShoulderRaise, gym.ChestFly, gym.Shrug, gym.Core,
	gym.Carry, gym.WristMotion, gym.NeckMotion, gym.Olympic, gym.Plyometric, gym.Cardio, gym.Stretch, gym.Unsorted}

func injuryTag(s string) gym.InjuryTag { return gym.InjuryTag(strings.ToLower(strings.TrimSpace(s))) }

// checkWords refuses patterns and tags that nobody knows: a misspelt tag would protect nobody.
func (row exerciseRow) checkWords(n int, id string, out *Result[gym.Exercise]) {
	if p := gym.Pattern(strings.ToLower(strings.TrimSpace(row.Pattern))); p != "" && !slices.Contains(patternWords, p) {
		out.problem(n, id, "pattern", "%q is no pattern that is known: %v", cut(string(p), 40), patternWords)
	}
	for _, t := range row.Tags {
		if tag := injuryTag(t); !slices.ContainsFunc(tagRules, func(r tagRule) bool { return r.tag == tag }) {
			out.problem(n, id, "injury_tags", "%q is no injury tag that is known", cut(string(tag), 40))
		}
	}
}

// tools are named in exercises that cannot be done without them.
var tools = words("barbell|dumbbell|kettlebell|cable|machine|smith|treadmill|elliptical|stationary bike|recumbent bike|rowing machine|stairmaster|stair master|leg press|lat pulldown|ez bar|ergometer")

// contradicts reports whether the exercise is said to need nothing while its name speaks of a machine or a weight.
func contradicts(e gym.Exercise) bool {
	return e.Equipment == gym.BodyOnly && tools.in(fold(e.Name)) && !words("off of a dumbbell").in(fold(e.Name))
}

func checkKey[T any](out *Result[T], n int, id, name string) {
	switch {
	case id == "":
		out.problem(n, "", "id", "is missing")
	case len(id) > maxID:
		out.problem(n, cut(id, 40), "id", "has more than %d bytes", maxID)
	}
	switch {
	case name == "":
		out.problem(n, id, "name", "is missing")
	case len([]rune(name)) > maxName:
		out.problem(n, id, "name", "has more than %d characters", maxName)
	}
}

// eachJSON calls f for every element of a JSON array with its 1-based place.
func eachJSON(in io.Reader, f func(n int, raw json.RawMessage)) error {
	b, err := read(in)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return gym.Errorf(gym.ErrInvalid, "file_not_array", "the file must be a JSON array of objects")
	}
	n := 0
	for dec.More() {
		if n++; n > MaxRows {
			return gym.Errorf(gym.ErrTooLarge, "file_too_large", "the file has more than %d rows", MaxRows)
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			line := 1 + bytes.Count(b[:min(int(dec.InputOffset()), len(b))], []byte("\n"))
			return gym.Errorf(gym.ErrInvalid, "file_broken", "the JSON breaks off in row %d, near line %d", n, line)
		}
		f(n, raw)
	}
	if _, err := dec.Token(); err != nil {
		return gym.Errorf(gym.ErrInvalid, "file_broken", "the JSON array does not end after row %d", n)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return gym.Errorf(gym.ErrInvalid, "file_broken", "something stands after the JSON array, behind row %d", n)
	}
	return nil
}

func strict(raw json.RawMessage, v any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}
