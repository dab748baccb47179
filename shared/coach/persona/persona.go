// Package persona words who the coach is. Its templates are versioned; a gym sets name, tone and language. What a template
// gives for the same gym is the same bytes each time, since Ollama keeps what it computed for a prompt's common beginning.
package persona

import (
	"bytes"
	"embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/intellifit/intellifit/shared/gym"
)

// Version names the templates of this build; it is stored with what they worded.
const Version = "v1"

// The limits of a persona: its texts stand in front of every prompt.
const (
	maxName = 40 // characters
	maxGym  = 80
)

// Persona is what a gym may set. Zero values take the default.
type Persona struct {
	Name     string `json:"name" doc:"how the coach calls itself"`
	Tone     string `json:"tone" enum:"friendly,factual,motivating"`
	Language string `json:"language" enum:"en" doc:"of fixed texts and answers"`
}

// Default is the persona of a gym that set none.
func Default() Persona { return Persona{Name: "Nora", Tone: "friendly", Language: "en"} }

var (
	tones     = map[string]string{"friendly": "Be warm and plain.", "factual": "Be brief and factual.", "motivating": "Be lively and encouraging."}
	languages = []string{"en"}
)

// Validate refuses what the templates have no words for, and names that could pass for instructions.
func (p Persona) Validate() error {
	switch {
	case len([]rune(p.Name)) > maxName || strings.ContainsAny(p.Name, "\n\r<>{}[]|\"`") || strings.TrimSpace(p.Name) == "":
		return gym.Errorf(gym.ErrInvalid, "persona_invalid", "the name must be 1 to %d characters, without brackets, quotes and line breaks", maxName)
	case tones[p.Tone] == "":
		return gym.Errorf(gym.ErrInvalid, "persona_invalid", "the tone must be friendly, factual or motivating")
	case !slices.Contains(languages, p.Language):
		return gym.Errorf(gym.ErrInvalid, "persona_invalid", "the language must be one of %s", strings.Join(languages, ", "))
	}
	return nil
}

//go:embed v1
var files embed.FS

var templates = template.Must(template.New("").Option("missingkey=error").ParseFS(files, Version+"/*.gotmpl"))

// System is the beginning of every prompt of a gym: who the coach is and the rules of an answer.
func (p Persona) System(gymName string) (string, error) {
	if err := p.Validate(); err != nil {
		return "", err
	}
	if runes := []rune(gymName); len(runes) > maxGym {
		gymName = string(runes[:maxGym])
	}
	return render("system.en.gotmpl", map[string]string{"Name": p.Name, "Tone": tones[p.Tone], "Gym": strings.Join(strings.Fields(gymName), " ")})
}

// Greeting opens a conversation; it is fixed, so that it is there at once.
func (p Persona) Greeting() (string, error) {
	if err := p.Validate(); err != nil {
		return "", err
	}
	return render("greeting.en.gotmpl", map[string]string{"Name": p.Name})
}

func render(name string, values map[string]string) (string, error) {
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, name, values); err != nil {
		return "", fmt.Errorf("word the persona: %w", err)
	}
	return strings.TrimSpace(out.String()), nil
}
