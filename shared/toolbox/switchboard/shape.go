package switchboard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// shape is the part of a JSON Schema that the switchboard understands, with properties in their order.
type shape struct {
	kind        string // object, array, string, integer, number, boolean; "" for anything
	description string
	enum        []any
	standard    any // the default
	minimum     *float64
	maximum     *float64
	properties  []property
	required    []string
	items       *shape
}

type property struct {
	name string
	shape
}

// kinds maps the names of types that lists in the wild use to those of JSON Schema.
var kinds = map[string]string{"dict": "object", "float": "number", "double": "number", "tuple": "array", "list": "array", "int": "integer", "bool": "boolean", "str": "string", "any": ""}

// maxDepth is how deep a schema may go.
const maxDepth = 8

func readShape(raw json.RawMessage) (shape, error) { return readDeep(raw, 0) }

func readDeep(raw json.RawMessage, depth int) (shape, error) {
	if depth > maxDepth {
		return shape{}, errors.New("the schema is too deep")
	}
	var loose struct {
		Type        any             `json:"type"`
		Description string          `json:"description"`
		Enum        []any           `json:"enum"`
		Default     any             `json:"default"`
		Minimum     *float64        `json:"minimum"`
		Maximum     *float64        `json:"maximum"`
		Properties  json.RawMessage `json:"properties"`
		Required    []string        `json:"required"`
		Items       json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(raw, &loose); err != nil {
		return shape{}, fmt.Errorf("read the schema: %w", err)
	}
	s := shape{kind: kindOf(loose.Type), description: loose.Description, enum: loose.Enum, standard: loose.Default,
		minimum: loose.Minimum, maximum: loose.Maximum, required: loose.Required}
	names, err := keys(loose.Properties)
	if err != nil {
		return shape{}, err
	}
	var properties map[string]json.RawMessage
	if len(names) > 0 {
		if err := json.Unmarshal(loose.Properties, &properties); err != nil {
			return shape{}, fmt.Errorf("read the schema: %w", err)
		}
	}
	for _, name := range names {
		p, err := readDeep(properties[name], depth+1)
		if err != nil {
			return shape{}, err
		}
		s.properties = append(s.properties, property{name, p})
	}
	if len(loose.Items) > 0 && bytes.HasPrefix(bytes.TrimSpace(loose.Items), []byte("{")) {
		items, err := readDeep(loose.Items, depth+1)
		if err != nil {
			return shape{}, err
		}
		s.items = &items
	}
	return s, nil
}

func kindOf(t any) string {
	if list, ok := t.([]any); ok { // null or something: something
		list = slices.DeleteFunc(slices.Clone(list), func(v any) bool { return v == "null" })
		if len(list) == 0 {
			return ""
		}
		t = list[0]
	}
	name, _ := t.(string)
	if mapped, ok := kinds[name]; ok {
		return mapped
	}
	return name
}

// keys are the names of an object in their order.
func keys(raw json.RawMessage) ([]string, error) {
	if len(raw) == 0 || string(bytes.TrimSpace(raw)) == "null" {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if first, err := d.Token(); err != nil || first != json.Delim('{') {
		return nil, errors.New("read the schema: properties are no object")
	}
	var out []string
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("read the schema: %w", err)
		}
		out = append(out, name.(string))
		var skipped json.RawMessage
		if err := d.Decode(&skipped); err != nil {
			return nil, fmt.Errorf("read the schema: %w", err)
		}
	}
	return out, nil
}

func (s shape) needs(name string) bool { return slices.Contains(s.required, name) }
