package jsonl

import (
	"errors"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	t.Parallel()
	type row struct{ A int }
	odd := func(r row) error {
		if r.A%2 == 0 {
			return errors.New("it is even")
		}
		return nil
	}
	for _, c := range []struct {
		in     string
		strict bool
		n      int
		want   string
	}{
		{"", true, 0, ""},
		{"{\"A\":1}\n{\"A\":3}\n", true, 2, ""},
		{`{"A":1} {"A":2}`, true, 0, "read row 2: it is even"},
		{`{"A":1,"B":2}`, true, 0, "read row 1: json: unknown field"},
		{`{"A":1,"B":2}`, false, 1, ""},
		{`{"A":1}{"A":`, false, 0, "read row 2: unexpected EOF"},
	} {
		read := Read[row]
		if c.strict {
			read = Strict[row]
		}
		list, err := read(strings.NewReader(c.in), "row %d", odd)
		if len(list) != c.n || (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, %v; want %d and %q", c.in, list, err, c.n, c.want)
		}
	}
}
