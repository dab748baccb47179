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
	own := len(examples)
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
	features, err := classifier.OfAll(ctx, client, texts)
	if err != nil {
		return err
	}
	learn := make([]classifier.Example, len(examples))
	for i, e := range examples {
		learn[i] = classifier.Example{Features: features[i], Class: e.Action, Counts: 1}
		if i >= own {
			learn[i].Counts = spoken
		}
	}
	w, err := classifier.Learn(learn, route.Actions(), func(step, of int) {
		if step%100 == 0 {
			fmt.Fprintf(os.Stderr, "step %d of %d\n", step, of)
		}
	})
	if err != nil {
		return err
	}
	right := 0
	for _, e := range learn {
		if action, _ := w.Most(e.Features); action == e.Class {
			right++
		}
	}
	fmt.Fprintf(os.Stderr, "%d examples, %d of them right\n", len(examples), right)
	return json.NewEncoder(os.Stdout).Encode(w)
}

// spoken is how much an utterance of the further files counts: they are as members speak, the examples as rules are thought of.
const spoken = 3

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
		var e struct {
			Text, Action, Split string
			Before              []string
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		if e.Split != "test" && len(e.Before) == 0 { // an answer says nothing alone
			out = append(out, route.Example{Action: e.Action, Text: e.Text})
		}
	}
}
