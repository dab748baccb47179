package route

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// rule says that talk of a form asks for an action. The heaviest match wins, then the first. Weights: 7 says that it asks
// for no tool whatever else it holds; 5 and 6 name a deed and its object; 4 is a form that seldom means something else; 3 a
// likely one.
type rule struct {
	action string
	weight int
	form   *regexp.Regexp
}

// sure is the weight from which a rule acts on its own.
const sure = 3

//go:embed forms.txt
var formsText string

var rules = mustRead(formsText)

func mustRead(text string) []rule {
	read, err := readRules(text)
	if err != nil {
		panic("forms.txt of this build: " + err.Error())
	}
	return read
}

// readRules reads the classes and forms of a text like forms.txt: the heaviest first, and talk before requests of the same weight.
func readRules(text string) ([]rule, error) {
	classes := map[string]string{}
	var out []rule
	var class, action string
	var weight int
	n := 0
	for line := range strings.Lines(text) {
		n++
		body := strings.TrimSpace(line)
		switch {
		case body == "" || strings.HasPrefix(body, "#"):
		case !strings.HasPrefix(line, "\t"):
			head, rest, _ := strings.Cut(body, " ")
			class, action = "", ""
			if head == "class" {
				class = rest
				continue
			}
			w, err := strconv.Atoi(rest)
			if err != nil {
				return nil, fmt.Errorf("read line %d: %q is no weight: %w", n, rest, err)
			}
			action, weight = head, w
		case class != "":
			classes[class] += body
		default:
			form, err := compileForm(body, classes)
			if err != nil {
				return nil, fmt.Errorf("read line %d: %w", n, err)
			}
			out = append(out, rule{action, weight, form})
		}
	}
	slices.SortStableFunc(out, func(a, b rule) int {
		if a.weight != b.weight {
			return b.weight - a.weight
		}
		return talkFirst(a) - talkFirst(b)
	})
	return out, nil
}

func talkFirst(r rule) int {
	if r.action == Reply {
		return 0
	}
	return 1
}

var classNames = regexp.MustCompile(`\{[a-z]+[12]?\}`)

// compileForm turns a form into an expression over words with one space before and behind each. Go's expressions take time
// in proportion to the text, whatever it holds.
func compileForm(form string, classes map[string]string) (*regexp.Regexp, error) {
	expanded := form
	var unknown error
	for range 3 { // a class may name classes
		expanded = classNames.ReplaceAllStringFunc(expanded, func(name string) string {
			words, ok := classes[strings.Trim(name, "{}")]
			if !ok || words == "" {
				unknown = fmt.Errorf("the form %q names the unknown class %s", form, name)
			}
			return `(?:` + words + `)`
		})
	}
	if unknown != nil {
		return nil, unknown
	}
	expanded = strings.ReplaceAll(expanded, " ~ ", `(?: \S+){0,6} `)
	front, back := `(?:^| )(?:`, `)(?: |$)`
	if rest, ok := strings.CutPrefix(expanded, "^"); ok {
		front, expanded = `^ ?(?:`, rest
	}
	if rest, ok := strings.CutSuffix(expanded, "$"); ok {
		back, expanded = `) ?$`, rest
	}
	compiled, err := regexp.Compile(front + strings.TrimSpace(expanded) + back)
	if err != nil {
		return nil, fmt.Errorf("compile the form %q: %w", form, err)
	}
	return compiled, nil
}

// verdict is what the rules make of a piece of talk.
type verdict struct {
	action string
	weight int
}

// judge returns the first rule that masked words match; weight 0 says that there is none.
func judge(masked string) verdict {
	for _, r := range rules {
		if r.form.MatchString(masked) {
			return verdict{r.action, r.weight}
		}
	}
	return verdict{}
}

// mustForm compiles a form that is written in code.
func mustForm(form string) *regexp.Regexp {
	compiled, err := compileForm(form, nil)
	if err != nil {
		panic(err)
	}
	return compiled
}
