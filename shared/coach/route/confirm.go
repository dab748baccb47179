package route

import "regexp"

// What people say to a proposal. "yes but at six" is neither: what is left over makes it a request of its own.
const (
	saysYes = `yes please do|yes please|yes|yeah|yea|yep|yup|yess+|yeahh+|ya|yah|y|ja|aye|sure thing|for sure|sure|ok|okay|k|okey|okie|alright|all right|please do so|please do|do it|do that|do so|go ahead|go for it|go on|confirm it|confirm that|confirm|confirmed|i confirm|sounds (?:good|great|perfect|fine|right)|sound good|that works(?: for me)?|works for me|that is (?:fine|good|great|perfect|right|correct|ok|okay)|that would be (?:great|perfect|good|lovely|nice)|perfect|correct|right|absolutely|definitely|certainly|of course|affirmative|make it so|let us do it|let us do that|let us go|i do|i am sure|looks (?:good|great|right|fine)|exactly|indeed|great|fine(?: by me)?|lovely|awesome|good|cool|deal|agreed|approved|why not|by all means|no problem|it is fine|i would like that|i want that|you bet|totally|100 percent|book it|lock it in|very good|excellent|brilliant|send it`
	saysNo  = `no thank you|no thanks|no way|no|nope|nah|naw|n|nein|do not do it|do not do that|do not|please do not|dont|never ?mind|stop|stop it|stop that|not now|not today|not yet|not really|forget it|forget that|forget about it|leave it|leave it as it is|rather not|i would rather not|i do not want that|i do not want to|i do not|no need|negative|abort|scrap that|drop it|i changed my mind|changed my mind|i have changed my mind|better not|absolutely not|definitely not|of course not|certainly not|not at all|do not book it|do not cancel it|do not move it|no do not|hold off|not interested|i am good|cancel that|wrong|that is wrong|that is not right|not right|not correct|incorrect|no go`
	aside   = `thanks a lot|thank you so much|thank you very much|thank you|thanks|please|coach|mate|man|buddy|then|so|well|oh|um|uh|hmm|hm|just|and|really|very much|much appreciated|cheers|haha|lol|now|i think|i guess|actually`
	// after a yes, the deed itself may be repeated
	deed = `(?:book|cancel|move|log|save|note|add|make|schedule|reschedule|change|update|record|send|delete|do|start|call)(?: (?:it|that|this|them|me in|him|her))?(?: for me| in| up| down)?`
)

var (
	yesForm = regexp.MustCompile(`^ (?:(?:` + aside + `) )*(?:` + saysYes + `) (?:(?:` + saysYes + `|` + aside + `|` + deed + `) )*$`)
	noForm  = regexp.MustCompile(`^ (?:(?:` + aside + `) )*(?:` + saysNo + `) (?:(?:` + saysNo + `|` + aside + `|do not ` + deed + `|leave it|it is fine as it is|keep it|keep it as it is|that is ok|that is okay|that is fine) )*$`)
)

// Confirms reads the answer to a proposal: a plain yes, a plain no, or neither, such as "yes but at 6", which must be
// routed as a request of its own.
func Confirms(text string) (yes, no bool) {
	plain := read(text, nil).plain
	yes, no = yesForm.MatchString(plain), noForm.MatchString(plain)
	if yes && no { // cannot be told apart
		return false, false
	}
	return yes, no
}
