// Command train learns the weights of the router's classifier from examples.txt and from further
// files of lines {"text", "action"}, and writes them as JSON. The same vectors give the same weights.
package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"os"

	"github.com/intellifit/intellifit/shared/classifier"
	"github.com/intellifit/intellifit/shared/coach/route"
	"github.com/intellifit/intellifit/shared/llm"
)

//go:embed examples.txt
var examplesText string

func main() {
	host := flag.String("ollama", "http://127.0.0.1:11434", "Ollama with the model embed")
	flag.Parse()
	if err := run(context.Background(), *host, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, host string, files []string) error {
	examples := route.ReadExamples(examplesText)
	for _, file := range files {
		more, err := read(file)
		if err != nil {
			return err
		}
		examples = append(examples, more...)
	}
	client, err := llm.New(llm.Config{Host: host})
	if err != nil {
		return err
	}
	texts := make([]string, len(examples))
	for i, e := range examples {
		texts[i] = route.Plain(e.Text)
	}
	vectors, err := client.Embed(ctx, texts)
	if err != nil {
		return fmt.Errorf("embed the examples: %w", err)
	}
	labels := make([]string, len(examples))
	for i, e := range examples {
		labels[i] = e.Action
	}
	w, err := classifier.Learn(vectors, labels, route.Actions())
	if err != nil {
		return err
	}
	right := 0
	for i, v := range vectors {
		if action, _ := w.Most(v); action == labels[i] {
			right++
		}
	}
	fmt.Fprintf(os.Stderr, "%d examples, %d of them right\n", len(examples), right)
	return json.NewEncoder(os.Stdout).Encode(w)
}

func read(file string) ([]route.Example, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []route.Example
	for lines := bufio.NewScanner(f); ; {
		if !lines.Scan() {
			return out, lines.Err()
		}
		var e struct{ Text, Action string }
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		out = append(out, route.Example{Action: e.Action, Text: e.Text})
	}
}
