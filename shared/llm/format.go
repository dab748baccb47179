package llm

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Limits of what llama.cpp's grammar takes: longer repetitions crash the runner (MAX_REPETITION_THRESHOLD).
const (
	maxStringLength = 300
	maxArrayItems   = 300
)

// checkFormat refuses schemas that Ollama v0.17.4 is known to crash on or to answer wrongly, before they are sent.
func checkFormat(format json.RawMessage) error {
	if len(format) == 0 || string(format) == `"json"` {
		return nil
	}
	var schema any
	if err := json.Unmarshal(format, &schema); err != nil {
		return fmt.Errorf("check format: %w", err)
	}
	return checkSchema("format", schema)
}

func checkSchema(path string, node any) error {
	if list, ok := node.([]any); ok {
		for i, child := range list {
			if err := checkSchema(fmt.Sprintf("%s[%d]", path, i), child); err != nil {
				return err
			}
		}
		return nil
	}
	object, ok := node.(map[string]any)
	if !ok {
		return nil
	}
	for key, most := range map[string]float64{"maxLength": maxStringLength, "minLength": maxStringLength, "maxItems": maxArrayItems, "minItems": maxArrayItems} {
		if n, ok := object[key].(float64); ok && n > most {
			return fmt.Errorf("check %s: %s is %v, at most %v is safe", path, key, n, most)
		}
	}
	// \d, \w and the like give a grammar that does not parse, and the runner ends with SIGSEGV (seen in v0.17.4).
	if pattern, ok := object["pattern"].(string); ok && strings.Contains(pattern, `\`) {
		return fmt.Errorf("check %s: the escape in pattern %s crashes Ollama; write [0-9] for \\d", path, pattern)
	}
	if enum, ok := object["enum"].([]any); ok && len(enum) == 0 {
		return fmt.Errorf("check %s: enum is empty", path)
	}
	for _, ignored := range []string{"uniqueItems", "not", "if", "patternProperties", "contains"} {
		if _, ok := object[ignored]; ok {
			return fmt.Errorf("check %s: Ollama ignores %s", path, ignored)
		}
	}
	for key, child := range object {
		if key == "enum" || key == "required" {
			continue
		}
		if err := checkSchema(path+"."+key, child); err != nil {
			return err
		}
	}
	return nil
}
