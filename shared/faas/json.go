package faas

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/intellifit/intellifit/shared/gym"
)

// maxJSONDepth is far above what any request of ours nests.
const maxJSONDepth = 32

var utf8BOM = []byte("\xef\xbb\xbf")

// CheckJSON refuses what encoding/json would take in silence or repair: bytes that are not UTF-8, U+0000, one key twice
// in an object, numbers outside float64, nesting over 32 levels, anything after the value. It returns the body without a
// byte-order mark. Its errors are *gym.Error and never quote the body.
func CheckJSON(body []byte) ([]byte, error) {
	body = bytes.TrimPrefix(body, utf8BOM)
	if !utf8.Valid(body) {
		return nil, &gym.Error{Kind: gym.ErrInvalid, Code: CodeInvalidUTF8, Detail: "the body is not valid UTF-8", Hint: "encode the body as UTF-8"}
	}
	if bytes.IndexByte(body, 0) >= 0 {
		return nil, nulByte()
	}
	if err := checkDepth(body); err != nil {
		return nil, err
	}
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		return nil, syntaxProblem(err, len(body))
	}
	return body, checkTokens(body)
}

// checkDepth counts brackets outside strings, before any parser spends work on them.
func checkDepth(body []byte) error {
	depth, inString, escaped := 0, false, false
	for _, c := range body {
		switch {
		case escaped:
			escaped = false
		case inString && c == '\\':
			escaped = true
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > maxJSONDepth {
				return gym.Errorf(gym.ErrInvalid, CodeTooDeep, "the body nests deeper than %d levels", maxJSONDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// checkTokens walks valid JSON. keys has one entry per open object or array; nil for an array.
func checkTokens(body []byte) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var keys []map[string]bool
	wantKey := false
	for {
		tok, err := dec.Token()
		if err != nil { // the syntax was checked: only the end is left
			return nil
		}
		switch t := tok.(type) {
		case json.Delim:
			switch t {
			case '{':
				keys = append(keys, map[string]bool{})
			case '[':
				keys = append(keys, nil)
			default:
				keys = keys[:len(keys)-1]
			}
			wantKey = inObject(keys)
			continue
		case string:
			if strings.IndexByte(t, 0) >= 0 {
				return nulByte()
			}
			if wantKey {
				seen := keys[len(keys)-1]
				if seen[t] {
					return gym.Errorf(gym.ErrInvalid, CodeDuplicateKey, "one object of the body has the same key twice, before byte %d", dec.InputOffset())
				}
				seen[t] = true
				wantKey = false
				continue
			}
		case json.Number:
			if _, err := strconv.ParseFloat(t.String(), 64); err != nil {
				return gym.Errorf(gym.ErrInvalid, CodeInvalidJSON, "the body has a number that is out of range, before byte %d", dec.InputOffset())
			}
		}
		wantKey = inObject(keys)
	}
}

func inObject(keys []map[string]bool) bool { return len(keys) > 0 && keys[len(keys)-1] != nil }

func nulByte() error {
	return gym.Errorf(gym.ErrInvalid, CodeNULByte, "the body holds the character U+0000, which no text may")
}

func syntaxProblem(err error, size int) error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return &gym.Error{Kind: gym.ErrInvalid, Code: CodeInvalidJSON, Detail: "the body is not valid JSON", Err: err}
	}
	if syntax.Offset >= int64(size) && strings.Contains(syntax.Error(), "unexpected end") {
		return &gym.Error{Kind: gym.ErrInvalid, Code: CodeInvalidJSON, Detail: "the body is not valid JSON: it ends too early"}
	}
	return gym.Errorf(gym.ErrInvalid, CodeInvalidJSON, "the body is not valid JSON: see byte %d", syntax.Offset)
}

// fieldOf keeps where and what of huma's finding and drops the value, which is the client's own data.
func fieldOf(err error) gym.Field {
	detailer, ok := err.(huma.ErrorDetailer)
	if !ok {
		return gym.Field{Message: "is not valid"}
	}
	d := detailer.ErrorDetail()
	message := d.Message
	if strings.HasPrefix(message, "json:") || strings.Contains(message, "Go value") || strings.Contains(message, "Go struct") {
		message = "has a value of the wrong type"
	}
	return gym.Field{Name: d.Location, Message: message}
}

func unknownField(err error) bool {
	detailer, ok := err.(huma.ErrorDetailer)
	if !ok {
		return false
	}
	message := detailer.ErrorDetail().Message
	return message == validation.MsgUnexpectedProperty || message == "unknown query parameter"
}
