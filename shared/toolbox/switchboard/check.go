package switchboard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/intellifit/intellifit/shared/faas"
)

// allows reports whether a number is of the kind and within the bounds.
func (s shape) allows(n float64) bool {
	if math.IsNaN(n) || math.IsInf(n, 0) || s.kind == "integer" && (n != math.Trunc(n) || math.Abs(n) > 1<<53) {
		return false
	}
	return (s.minimum == nil || n >= *s.minimum) && (s.maximum == nil || n <= *s.maximum)
}

// check takes exactly one object whose parameters are those of s, each of its kind and each grounded: said, a default or one of
// an enumeration. Whatever the grammar promised, nothing else gets through. It returns the arguments written anew.
func (s said) check(of shape, answer json.RawMessage) (json.RawMessage, error) {
	if _, err := faas.CheckJSON(answer); err != nil { // names given twice, text that is no UTF-8
		return nil, errors.New("the answer is not the JSON that was asked for")
	}
	d := json.NewDecoder(bytes.NewReader(answer))
	var got any
	if err := d.Decode(&got); err != nil {
		return nil, errors.New("the answer is not the JSON that was asked for")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the answer goes on after the JSON")
	}
	args, err := s.value("the arguments", of, got)
	if err != nil {
		return nil, err
	}
	return encode(args), nil
}

// value checks and coerces one value.
func (s said) value(name string, of shape, v any) (any, error) {
	if len(of.enum) > 0 {
		for _, each := range of.enum {
			if same(each, v) {
				return each, nil
			}
		}
		return nil, fmt.Errorf("%s is none of its values", name)
	}
	switch of.kind {
	case "object":
		return s.object(name, of, v)
	case "array":
		list, ok := v.([]any)
		if !ok || len(list) == 0 || of.items == nil {
			return nil, fmt.Errorf("%s is no list", name)
		}
		var out []any
		for i, each := range list {
			v, err := s.value(fmt.Sprintf("%s[%d]", name, i), *of.items, each)
			if err != nil {
				return nil, err
			}
			if text, ok := v.(string); ok && slices.Contains(out, any(text)) { // small models say a name again and again
				continue
			}
			out = append(out, v)
		}
		return out, nil
	case "boolean":
		if text, ok := v.(string); ok {
			if b, err := strconv.ParseBool(strings.ToLower(text)); err == nil {
				v = b
			}
		}
		if _, ok := v.(bool); !ok {
			return nil, fmt.Errorf("%s is neither true nor false", name)
		}
		return v, nil
	case "integer", "number":
		return s.number(name, of, v)
	}
	if n, ok := v.(float64); ok {
		v = strconv.FormatFloat(n, 'f', -1, 64)
	}
	text, ok := v.(string)
	switch {
	case !ok:
		return nil, fmt.Errorf("%s is no text", name)
	case !s.holds(text) && text != of.standard:
		return nil, fmt.Errorf("%s was not said", name)
	}
	return text, nil
}

func (s said) object(name string, of shape, v any) (any, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: no object", name)
	}
	out := map[string]any{}
	for _, p := range of.properties {
		each, there := object[p.name]
		if !there {
			if of.needs(p.name) {
				return nil, fmt.Errorf("%s is missing", p.name)
			}
			continue
		}
		var err error
		if out[p.name], err = s.value(p.name, p.shape, each); err != nil {
			return nil, err
		}
	}
	if len(out) != len(object) {
		return nil, fmt.Errorf("%s: something that was not asked for", name)
	}
	return out, nil
}

func (s said) number(name string, of shape, v any) (any, error) {
	if text, ok := v.(string); ok {
		if n, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(text), ",", ""), 64); err == nil {
			v = n
		}
	}
	n, ok := v.(float64)
	switch {
	case !ok || !of.allows(n):
		return nil, fmt.Errorf("%s is no %s that it takes", name, of.kind)
	case !slices.Contains(s.numbers, n) && !same(of.standard, n):
		return nil, fmt.Errorf("%s was not said", name)
	}
	return n, nil
}

// same compares what JSON holds; text without regard to case.
func same(a, b any) bool {
	if x, ok := a.(string); ok {
		y, ok := b.(string)
		return ok && strings.EqualFold(x, y)
	}
	return reflect.DeepEqual(a, b)
}
