package catalogue

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/gym"
)

// eachCSV calls f for every row with its line and its values by meaning. A column that is not in columns is refused: a
// misspelt "alergens" must not pass as no allergens.
func eachCSV(in io.Reader, columns map[string]string, f func(line int, row map[string]string)) error {
	b, err := read(in)
	if err != nil {
		return err
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil {
		return broken(err)
	}
	meanings := make([]string, len(head))
	for i, name := range head {
		meaning, known := columns[strings.ToLower(strings.TrimSpace(name))]
		if !known {
			return gym.Errorf(gym.ErrInvalid, "unknown_column", "line 1: the column %q is not known", cut(name, 40))
		}
		if meaning != "" && slices.Contains(meanings[:i], meaning) {
			return gym.Errorf(gym.ErrInvalid, "double_column", "line 1: the column %q stands there twice", meaning)
		}
		meanings[i] = meaning
	}
	for n := 1; ; n++ {
		record, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return broken(err)
		case n > MaxRows:
			return gym.Errorf(gym.ErrTooLarge, "file_too_large", "the file has more than %d rows", MaxRows)
		}
		line, _ := r.FieldPos(0)
		row := make(map[string]string, len(record))
		for i, value := range record {
			if meanings[i] != "" {
				row[meanings[i]] = value
			}
		}
		f(line, row)
	}
}

func broken(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return gym.Errorf(gym.ErrInvalid, "file_broken", "line %d: %v", parse.Line, parse.Err)
	}
	return gym.Errorf(gym.ErrInvalid, "file_broken", "the file is no CSV: %v", err)
}
