package faas_test

import (
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestErrorsAreDocumented holds docs/errors.md to the code: every code that a client can get is in it, and it names none
// that nobody sends.
func TestErrorsAreDocumented(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../../docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("`([a-z][a-z0-9]*(?:_[a-z0-9]+)+|internal|timeout|cancelled|stopping)`").FindAllStringSubmatch(string(doc), -1) {
		documented[m[1]] = true
	}
	sent, said := map[string]string{}, map[string]bool{}
	for _, dir := range []string{"../../functions", "../../internal/runner", ".."} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			if slices.ContainsFunc(inside, func(prefix string) bool { return strings.HasPrefix(path, prefix) }) {
				return nil
			}
			return codesOf(path, sent, said)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(sent) < 30 {
		t.Fatalf("only %d codes found: the search is broken", len(sent))
	}
	for code, at := range sent {
		if !documented[code] && code != "redis_url_invalid" { // of the configuration
			t.Errorf("%s sends %q, which docs/errors.md does not name", at, code)
		}
	}
	for code := range documented {
		if !said[code] && !elsewhere[code] {
			t.Errorf("docs/errors.md names %q, which nobody sends", code)
		}
	}
}

// inside are files whose codes no client gets: of imported files, of the configuration, and the findings of the validator.
var inside = []string{
	"../catalogue/", "../llm/llm.go", "../postgres/db.go",
	"../planner/nutrition/check.go", "../planner/nutrition/legal.go", "../planner/training/build.go",
}

// elsewhere are the words of the document that are no codes.
var elsewhere = map[string]bool{"request_id": true, "model_missing": true, "ai_chat": true}

// codesOf collects the codes that a file can send: the arguments and fields of errors that are one, and the constants named
// Code…; and every text in it, since some codes go through a function's parameter.
func codesOf(path string, into map[string]string, said map[string]bool) error {
	file, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, 0)
	if err != nil {
		return err
	}
	add := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == gotoken.STRING {
			if code, err := strconv.Unquote(lit.Value); err == nil && code != "" && !strings.ContainsAny(code, " :/") {
				into[code] = path
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if isOurs(n.Fun, path, "Errorf") && len(n.Args) > 2 || typeName(n.Fun) == "NewProblem" && len(n.Args) > 1 {
				add(n.Args[1])
			}
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil {
				said[text] = true
			}
		case *ast.CompositeLit:
			if !isOurs(n.Type, path, "Error") {
				return true
			}
			for _, field := range n.Elts {
				if kv, ok := field.(*ast.KeyValueExpr); ok && typeName(kv.Key) == "Code" {
					add(kv.Value)
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if strings.HasPrefix(name.Name, "Code") && i < len(n.Values) {
					add(n.Values[i])
				}
			}
		}
		return true
	})
	return nil
}

// typeName is the last word of gym.Error, Error or a key.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// isOurs reports whether e is gym.NAME, or NAME in package gym itself.
func isOurs(e ast.Expr, path, name string) bool {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return s.Sel.Name == name && typeName(s.X) == "gym"
	}
	return typeName(e) == name && strings.HasPrefix(path, "../gym/")
}
