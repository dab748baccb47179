package safety

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/planner/rules"
	"github.com/intellifit/intellifit/shared/wording"
)

//go:embed safety.json
var file []byte

// fixed is what follows from a code: the reviewed text, the limits, and where they come from.
type fixed struct {
	Text      string `json:"text"`
	Stop      bool   `json:"stop,omitempty"`
	NoNumbers bool   `json:"no_numbers,omitempty"`
	NoWrites  bool   `json:"no_writes,omitempty"`
	NoPlan    bool   `json:"no_plan,omitempty"`
	Escalate  bool   `json:"escalate,omitempty"`
	// Own: what is told of somebody else is no finding. Present: neither is what was long ago. Emergency: told of somebody
	// else as present, it is other_in_danger.
	Own       bool   `json:"own,omitempty"`
	Present   bool   `json:"present,omitempty"`
	Emergency bool   `json:"emergency,omitempty"`
	Source    string `json:"source"`
}

// said is a pattern that a model's words must not match.
type reply struct {
	Code    string `json:"code"`
	Pattern string `json:"pattern"`
	Unless  string `json:"unless,omitempty"` // what makes it harmless in the same sentence
	Reason  string `json:"reason"`
	regexp  *regexp.Regexp
	unless  *regexp.Regexp
}

func (r reply) matches(text string) bool {
	return r.regexp.MatchString(text) && (r.unless == nil || !r.unless.MatchString(text))
}

// people are the words that tell who a message is about.
type people struct {
	Self      []string `json:"self"`
	Others    []string `json:"others"`
	Adjuncts  []string `json:"adjuncts"`  // may stand before a person: my, the, old
	Openers   []string `json:"openers"`   // a person after one of them is the subject
	Reporters []string `json:"reporters"` // "my coach says": what follows may be about the member
	Breaks    []string `json:"breaks"`    // after one of them the subject may be another
	Source    string   `json:"source"`
}

// times are the words that tell when.
type times struct {
	Past    []string `json:"past"`    // phrases
	Lasting []string `json:"lasting"` // phrases that take the past back
	Settled []string `json:"settled"` // phrases in which those do not
	Now     []string `json:"now"`     // words of an emergency
	Source  string   `json:"source"`
}

type loaded struct {
	Version string `json:"version"`
	Source  string `json:"source"`
	// Classes are lists of alternatives that phrases name as <class>.
	Classes  map[string]string `json:"classes"`
	Urgency  []string          `json:"urgency"`
	Wording  []wording.Entry   `json:"wording"`
	Requests []wording.Entry   `json:"requests"`
	Denials  wording.Denials   `json:"denials"`
	Eat      []string          `json:"eat"`
	Lose     []string          `json:"lose"`
	Units    []string          `json:"units"` // of amounts, whose typos are corrected
	People   people            `json:"people"`
	Times    times             `json:"times"`
	Replies  []reply           `json:"replies"`
	Care     string            `json:"care"` // ends an answer when something may be wrong
	Verdicts map[string]fixed  `json:"verdicts"`
}

var (
	book      = load()
	gateRules = rules.Default()
	// lexicon has the wordings of the plan's gate and those of this package.
	lexicon  = compile(merge(gateRules.Gate.Wording, book.Wording))
	requests = compile(book.Requests)
	past     = phrases(book.Times.Past, nil)
	lasting  = phrases(book.Times.Lasting, book.Times.Settled)
	units    = phrases(book.Units, nil)

	eatWords, loseWords = set(book.Eat), set(book.Lose)
	self, others        = set(book.People.Self), set(book.People.Others)
	adjuncts, openers   = set(book.People.Adjuncts), set(book.People.Openers)
	reporters, breaks   = set(book.People.Reporters), set(book.People.Breaks)
	nowWords            = set(book.Times.Now)
)

// load reads the embedded file. That it is whole is held by a test; a broken one must not serve.
func load() loaded {
	var l loaded
	if err := json.Unmarshal(file, &l); err != nil {
		panic(fmt.Sprintf("read safety.json: %v", err))
	}
	for _, list := range [][]wording.Entry{l.Wording, l.Requests, {{Phrases: l.Times.Past, Unless: l.Times.Lasting}, {Phrases: l.Times.Settled}}} {
		for _, e := range list {
			for _, phrases := range [][]string{e.Phrases, e.Unless} {
				for i := range phrases {
					phrases[i] = l.expand(phrases[i])
				}
			}
		}
	}
	for i := range l.Replies {
		l.Replies[i].regexp = regexp.MustCompile(l.expand(l.Replies[i].Pattern))
		if l.Replies[i].Unless != "" {
			l.Replies[i].unless = regexp.MustCompile(l.expand(l.Replies[i].Unless))
		}
	}
	return l
}

var class = regexp.MustCompile(`<([a-z_]+)>`)

// expand writes the classes of a phrase or pattern out. An unknown one stays and is found by the test.
func (l loaded) expand(text string) string {
	return class.ReplaceAllStringFunc(text, func(name string) string {
		if list, ok := l.Classes[strings.Trim(name, "<>")]; ok {
			return list
		}
		return name
	})
}

// merge puts the two lists together: what the second knows to be harmless is so for the phrases of the first too.
func merge(first, second []wording.Entry) []wording.Entry {
	merged := slices.Clone(first)
	for i, e := range merged {
		for _, more := range second {
			if more.Code == e.Code {
				merged[i].Unless = slices.Concat(merged[i].Unless, more.Unless)
			}
		}
	}
	return append(merged, second...)
}

// compile reads a list with the denials of this package, which add fillers to those of the gate.
func compile(list []wording.Entry) *wording.Lexicon {
	d := book.Denials
	d.Between = slices.Concat(gateRules.Gate.Negations.Between, d.Between)
	d.Turns = slices.Concat(gateRules.Gate.Negations.Turns, d.Turns)
	return wording.Compile(list, d, gateRules.Gate.Wording)
}

// phrases compiles phrases that are no findings: nothing denies them.
func phrases(list, unless []string) *wording.Lexicon {
	return wording.Compile([]wording.Entry{{Code: "phrase", Phrases: list, Unless: unless}}, wording.Denials{}, nil)
}

func set(list []string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, w := range list {
		m[w] = true
	}
	return m
}

// Version names the wordings and texts of this build.
func Version() string { return book.Version }
