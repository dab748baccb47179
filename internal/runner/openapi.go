package runner

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const schemaPrefix = "#/components/schemas/"

// methods are the keys of a path that hold an operation.
var methods = []string{"get", "post", "put", "patch", "delete", "head", "options"}

type object = map[string]any

// openAPI merges the specifications of all functions into one, each under /function/NAME. Two functions may use one
// schema name for two things: then both get the function's name in front.
func (r *Runner) openAPI() ([]byte, error) {
	specs := map[string]object{}
	for name, f := range r.functions {
		d, ok := f.impl.(documented)
		if !ok {
			continue
		}
		b, err := json.Marshal(d.OpenAPI())
		if err != nil {
			return nil, fmt.Errorf("read the specification of %s: %w", name, err)
		}
		var spec object
		if err := json.Unmarshal(b, &spec); err != nil {
			return nil, fmt.Errorf("read the specification of %s: %w", name, err)
		}
		specs[name] = spec
	}
	b, err := json.Marshal(mergeSpecs(specs, r.cfg.Version))
	if err != nil {
		return nil, fmt.Errorf("merge the specifications: %w", err)
	}
	return b, nil
}

func mergeSpecs(specs map[string]object, version string) object {
	paths, schemas, security := object{}, object{}, object{}
	tags := []object{}
	clash := clashes(specs)
	for _, name := range slices.Sorted(maps.Keys(specs)) {
		spec := rename(specs[name], name, clash).(object)
		info := child(spec, "info")
		tags = append(tags, object{"name": name, "description": info["description"]})
		components := child(spec, "components")
		maps.Copy(security, child(components, "securitySchemes"))
		for schema, v := range child(components, "schemas") {
			schemas[renamed(schema, name, clash)] = v
		}
		for path, item := range child(spec, "paths") {
			addPath(paths, name, path, item)
		}
	}
	return object{
		"openapi": "3.1.0",
		"info": object{
			"title": "IntelliFit", "version": version,
			"description": "The functions of this host. Every error is application/problem+json with a stable code.",
		},
		"servers":    []object{{"url": "/"}},
		"tags":       tags,
		"paths":      paths,
		"components": object{"schemas": schemas, "securitySchemes": security},
	}
}

// addPath puts the operations of one path under /function/NAME, and its POST under /async-function/NAME too.
func addPath(paths object, name, path string, item any) {
	operations, ok := item.(object)
	if !ok {
		return
	}
	suffix := name + strings.TrimSuffix(path, "/")
	for _, method := range methods {
		op, ok := operations[method].(object)
		if !ok {
			continue
		}
		op["tags"] = []string{name}
		if method == "post" {
			paths["/async-function/"+suffix] = object{"post": async(op)}
		}
	}
	paths["/function/"+suffix] = operations
}

// async is a POST operation as it is accepted for later.
func async(op object) object {
	out := maps.Clone(op)
	id, _ := op["operationId"].(string)
	summary, _ := op["summary"].(string)
	out["operationId"] = id + "-async"
	out["summary"] = strings.TrimSpace(summary + " (asynchronous)")
	out["description"] = "Accepted and worked later, at least once, in order of arrival. The result is kept under the X-Call-Id. A body is at most 256,000 bytes."
	problem := object{"application/problem+json": object{"schema": object{"$ref": schemaPrefix + "Problem"}}}
	out["responses"] = object{
		"202":     object{"description": "Accepted", "headers": object{"X-Call-Id": object{"schema": object{"type": "string"}}}},
		"default": object{"description": "Error", "content": problem},
	}
	return out
}

// clashes finds the schema names that do not mean the same in all functions: different texts, or texts that lead to such
// a name.
func clashes(specs map[string]object) map[string]bool {
	texts := map[string]map[string]bool{}
	for _, spec := range specs {
		for name, schema := range child(child(spec, "components"), "schemas") {
			b, err := json.Marshal(schema)
			if err != nil {
				continue
			}
			if texts[name] == nil {
				texts[name] = map[string]bool{}
			}
			texts[name][string(b)] = true
		}
	}
	clash := map[string]bool{}
	for grown := true; grown; {
		grown = false
		for name, variants := range texts {
			if !clash[name] && (len(variants) > 1 || leadsTo(variants, clash)) {
				clash[name], grown = true, true
			}
		}
	}
	return clash
}

func leadsTo(variants map[string]bool, clash map[string]bool) bool {
	for text := range variants {
		for name := range clash {
			if strings.Contains(text, `"`+schemaPrefix+name+`"`) {
				return true
			}
		}
	}
	return false
}

func renamed(schema, function string, clash map[string]bool) string {
	if !clash[schema] {
		return schema
	}
	return strings.ReplaceAll(function, "-", "_") + "_" + schema
}

// rename rewrites the references in v to schemas that clash.
func rename(v any, function string, clash map[string]bool) any {
	switch t := v.(type) {
	case object:
		for k, inner := range t {
			if ref, ok := inner.(string); ok && k == "$ref" && strings.HasPrefix(ref, schemaPrefix) {
				t[k] = schemaPrefix + renamed(strings.TrimPrefix(ref, schemaPrefix), function, clash)
				continue
			}
			t[k] = rename(inner, function, clash)
		}
	case []any:
		for i := range t {
			t[i] = rename(t[i], function, clash)
		}
	}
	return v
}

func child(o object, key string) object {
	c, _ := o[key].(object)
	return c
}
