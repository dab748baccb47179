package coach

import (
	"regexp"
	"strings"
)

// social answers what needs no thought: greetings, thanks, good-byes and who is speaking. The words are the whole message; anything
// beside them is talk of its own.
var social = []struct {
	said   *regexp.Regexp
	answer string // %s is the coach's name
}{
	{regexp.MustCompile(`^(?:hi|hey|hello|hiya|yo|good (?:morning|afternoon|evening|day)|moin|howdy)(?: (?:there|coach|again|all|everyone))?$`), "Hi, I am %s. Ask me about your plan, your training or your appointments."},
	{regexp.MustCompile(`^(?:ok |okay |great |perfect |cool |awesome )?(?:thanks?|thank you|thx|ty|cheers|much appreciated)(?: (?:a lot|so much|very much|again|coach|for (?:that|this|your help|the help)))*$`), "You are welcome."},
	{regexp.MustCompile(`^(?:bye|goodbye|good bye|see you|see ya|see you (?:soon|later|then|tomorrow)|good night|take care|ciao)(?: (?:coach|then))?$`), "See you at the gym."},
	{regexp.MustCompile(`^(?:who are you|what are you|whats your name|what is your name|are you (?:a )?(?:human|bot|robot|ai|real)|who am i talking to)$`), "I am %s, the gym's assistant: a program, not a person. I look things up and book for you; for everything else I ask a coach."},
	{regexp.MustCompile(`^(?:help|what can you do|how does this work|what can i ask(?: you)?)$`), "I can find free times, book, move or cancel an appointment, tell what you train today and what your plan aims at, log a workout, note an injury or a wish, start a new plan, and ask a coach to call you."},
}

var notWord = regexp.MustCompile(`[^a-z ]+`)

// smallTalk is the fixed answer to a message that is nothing but small talk.
func smallTalk(text, name string) (string, bool) {
	plain := strings.Join(strings.Fields(notWord.ReplaceAllString(strings.ToLower(strings.ReplaceAll(text, "'", "")), " ")), " ")
	for _, s := range social {
		if s.said.MatchString(plain) {
			return strings.ReplaceAll(s.answer, "%s", name), true
		}
	}
	return "", false
}
