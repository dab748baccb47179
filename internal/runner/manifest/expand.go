package manifest

import (
	"fmt"
	"regexp"
	"strings"
)

// variable is ${NAME}, or ${NAME:-default} and its kin: the forms that faas-cli's expansion and ours share.
var variable = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-=])(.*))?$`)

// expand replaces ${VAR} and ${VAR:-default} in the text; $$ is a plain dollar. Any other form is an error: a value that
// came out wrong would be found much later.
func expand(s string, getenv func(string) string) (string, error) {
	var out strings.Builder
	for line := 1; ; {
		i := strings.IndexByte(s, '$')
		if i < 0 || i == len(s)-1 {
			out.WriteString(s)
			return out.String(), nil
		}
		line += strings.Count(s[:i], "\n")
		out.WriteString(s[:i])
		switch s[i+1] {
		case '$':
			out.WriteByte('$')
			s = s[i+2:]
		case '{':
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return "", fmt.Errorf("line %d: ${ without }", line)
			}
			m := variable.FindStringSubmatch(s[i+2 : i+end])
			if m == nil {
				return "", fmt.Errorf("line %d: ${…} takes NAME or NAME:-default", line)
			}
			out.WriteString(valueOf(m[1], m[2], m[3], getenv))
			s = s[i+end+1:]
		default:
			out.WriteByte('$')
			s = s[i+1:]
		}
	}
}

func valueOf(name, operator, fallback string, getenv func(string) string) string {
	if v := getenv(name); v != "" || operator == "" {
		return v
	}
	return fallback
}
