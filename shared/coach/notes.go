package coach

import (
	"context"
	"fmt"
	"strings"

	"github.com/intellifit/intellifit/shared/coach/safety"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner/gate"
)

// Catalogue finds passages, nearest first, of the gym that ctx acts for.
type Catalogue interface {
	Recall(ctx context.Context, text string, vector []float32, limit int) ([]gym.Passage, error)
}

// The bounds of what is put before the model.
const (
	recalled    = 3    // passages
	near        = 0.55 // distance within which a passage is about the question
	nameLength  = 80   // characters of a passage's name
	noteLength  = 320  // characters of a passage's own text
	maxNotes    = 1600 // characters of all notes of one prompt
	trustStaff  = "staff"
	trustMember = "member"
)

// notes words the passages that are near enough and says what they are. They are cleaned, and become data in a prompt; one whose name
// is no name is left out. A passage that the member should not do or eat says so: the model must not have to know.
func notes(passages []gym.Passage, m gym.Member, a gate.Assessment) (text string, cited []Citation) {
	var b strings.Builder
	for _, p := range passages {
		if p.Distance > near && !p.Worded {
			continue
		}
		line, c := note(p, m, a)
		if c.Name == "" {
			continue
		}
		if b.Len()+len(line) > maxNotes || len(cited) == recalled {
			break
		}
		b.WriteString(line + "\n")
		cited = append(cited, c)
	}
	return b.String(), cited
}

func note(p gym.Passage, m gym.Member, a gate.Assessment) (string, Citation) {
	if f := p.Food; f != nil {
		name := safety.Name(cutAt(f.Name, nameLength), "")
		line := "Food " + name
		if !a.NoCalorieNumbers {
			line += fmt.Sprintf(": per 100 g %.0f kcal, protein %.1f g, carbohydrate %.1f g, fat %.1f g", f.Kcal, f.ProteinG, f.CarbsG, f.FatG)
		}
		if reason := unsafeFood(*f, m); reason != "" {
			line += ". " + reason
		}
		return line + ".", Citation{Kind: "food", ID: f.ID, Name: name}
	}
	e := p.Exercise
	name := safety.Name(cutAt(e.Name, nameLength), "")
	line := fmt.Sprintf("Exercise %s: trains %s", name, muscles(e.Primary))
	if e.Equipment != "" {
		line += ", needs " + safety.Clean(e.Equipment, 40)
	}
	if !a.Allows(*e) {
		line += ". Not for you at present, because of what your profile says"
	} else if text := soundPart(cutAt(e.Description, noteLength)); text != "" {
		line += ". " + strings.TrimRight(text, ". ")
	}
	return line + ".", Citation{Kind: "exercise", ID: e.ID, Name: name}
}

// soundPart keeps the sentences of a description that may stand in what the coach says: without a model the notes are read out.
func soundPart(text string) string {
	var kept []string
	for text = safety.Clean(text, noteLength+2); text != ""; {
		end := sentenceEnd(text)
		if end < 0 {
			end = len(text)
		}
		if sentence := strings.Join(strings.Fields(text[:end]), " "); safety.Sound(sentence) {
			kept = append(kept, sentence)
		}
		text = text[end:]
	}
	return strings.Join(kept, " ")
}

// unsafeFood says why a food is not for the member, "" when nothing is known against it.
func unsafeFood(f gym.Food, m gym.Member) string {
	for _, allergy := range m.Allergies {
		for _, has := range f.Allergens {
			if has == allergy {
				return "Not for you: it contains " + strings.ReplaceAll(string(allergy), "_", " ")
			}
		}
	}
	if len(m.Allergies) > 0 && !f.AllergensKnown {
		return "Not for you: its allergens are not known"
	}
	if m.Diet != "" && m.Diet != gym.NoDiet {
		for _, d := range f.Diets {
			if d == m.Diet {
				return ""
			}
		}
		return "It does not fit your diet"
	}
	return ""
}

func muscles(list []gym.Muscle) string {
	words := make([]string, len(list))
	for i, m := range list {
		words[i] = string(m)
	}
	if len(words) == 0 {
		return "the whole body"
	}
	return strings.Join(words, ", ")
}

// cutAt ends a text at the last word before n characters.
func cutAt(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	cut := string(runes[:n])
	if at := strings.LastIndexByte(cut, ' '); at > 0 {
		cut = cut[:at]
	}
	return cut + " …"
}
