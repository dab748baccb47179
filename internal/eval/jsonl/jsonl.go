// Package jsonl reads sets and results of measurements: one JSON value a line.
package jsonl

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Strict reads values in which a field that T lacks is an error: a set with a misspelt field would measure something else.
func Strict[T any](r io.Reader, place string, check func(T) error) ([]T, error) {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	return read(d, place, check)
}

// Read reads values, with whatever other fields they have. An error names the place: place has %d for the number of the value. check, which
// may be nil, refuses a value.
func Read[T any](r io.Reader, place string, check func(T) error) ([]T, error) {
	return read(json.NewDecoder(r), place, check)
}

func read[T any](d *json.Decoder, place string, check func(T) error) (list []T, _ error) {
	for {
		var one T
		err := d.Decode(&one)
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err == nil && check != nil {
			err = check(one)
		}
		if err != nil {
			return nil, fmt.Errorf("read "+place+": %w", len(list)+1, err)
		}
		list = append(list, one)
	}
}
