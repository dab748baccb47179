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

// note is one thing that the gym's rows say, in words, with the row that says it. It is cleaned, and becomes data in a prompt.
type note struct {
	line string
	from Citation
}

// notes of a question: what the member's plan says of it, then the catalogue.
type notes []note

// ofCatalogue words the passages that are near enough; one whose name is no name is left out. One that the member should not do or eat
// says so: the model must not have to know.
func ofCatalogue(passages []gym.Passage, m gym.Member, a gate.Assessment) notes {
	var out notes
	for _, p := range passages {
		if p.Distance > near && !p.Worded || len(out) == recalled {
			continue
		}
		if n := ofPassage(p, m, a); n.from.Name != "" {
			out = append(out, n)
		}
	}
	return out
}

// text is what the model reads, a line each.
func (n notes) text() string {
	var b strings.Builder
	for _, note := range n {
		if b.Len()+len(note.line) > maxNotes {
			break
		}
		b.WriteString(note.line + "\n")
	}
	return b.String()
}

// named are the rows whose names an answer holds.
func (n notes) named(answer string) []Citation {
	var out []Citation
	for _, note := range n {
		if strings.Contains(strings.ToLower(answer), strings.ToLower(note.from.Name)) {
			out = append(out, note.from)
		}
	}
	return out
}

func ofPassage(p gym.Passage, m gym.Member, a gate.Assessment) note {
	if f := p.Food; f != nil {
		name := safety.Name(cutAt(f.Name, nameLength), "")
		line := "Food " + name
		if !a.NoCalorieNumbers {
			line += fmt.Sprintf(": per 100 g %.0f kcal, protein %.1f g, carbohydrate %.1f g, fat %.1f g", f.Kcal, f.ProteinG, f.CarbsG, f.FatG)
		}
		if reason := unsafeFood(*f, m); reason != "" {
			line += ". " + reason
		}
		return note{line + ".", Citation{Kind: "food", ID: f.ID, Name: name}}
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
	return note{line + ".", Citation{Kind: "exercise", ID: e.ID, Name: name}}
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
