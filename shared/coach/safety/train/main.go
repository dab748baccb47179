// Command train learns the weights of the screen's classifier from messages.txt ("code<TAB>text", - is harmless) and from further
// files: lists of the same form, or JSON lines {"text", "code", "split"} of the evaluation's set, of which only the train part is read.
// The same vectors give the same weights.
package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/intellifit/intellifit/shared/classifier"
	"github.com/intellifit/intellifit/shared/coach/safety"
	"github.com/intellifit/intellifit/shared/llm"
)

//go:embed messages.txt
var messages string

// message is a text with the code of its red flag.
type message struct {
	Text, Code, Split, Action string
	Profile                   json.RawMessage
}

func main() {
	host := flag.String("ollama", "http://127.0.0.1:11434", "Ollama with the model embed")
	folds := flag.Int("folds", 0, "instead of learning from all, tell what each of so many parts is judged by the others")
	flag.Parse()
	if err := run(context.Background(), *host, *folds, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, host string, folds int, files []string) error {
	list, err := readList(messages)
	if err != nil {
		return err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		more, err := readList(string(text))
		if err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		list = append(list, more...)
	}
	client, err := llm.New(llm.Config{Host: host})
	if err != nil {
		return err
	}
	texts := make([]string, len(list))
	for i, m := range list {
		texts[i] = safety.Plain(m.Text)
	}
	features, err := classifier.OfAll(ctx, client, texts)
	if err != nil {
		return err
	}
	examples := make([]classifier.Example, len(list))
	for i, m := range list {
		examples[i] = classifier.Example{Features: features[i], Class: m.Code}
	}
	classes := append([]string{safety.Harmless}, safety.Codes()...)
	if folds > 1 {
		return validate(examples, list, classes, folds)
	}
	w, err := classifier.Learn(examples, classes, told)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(w)
}

func told(step, of int) {
	if step%100 == 0 {
		fmt.Fprintf(os.Stderr, "step %d of %d\n", step, of)
	}
}

// validate prints how likely a red flag is in each message, judged by weights that were learnt without its part.
func validate(examples []classifier.Example, list []message, classes []string, folds int) error {
	for fold := range folds {
		var learn []classifier.Example
		for i, e := range examples {
			if i%folds != fold {
				learn = append(learn, e)
			}
		}
		w, err := classifier.Learn(learn, classes, nil)
		if err != nil {
			return err
		}
		for i, e := range examples {
			if i%folds != fold {
				continue
			}
			p := w.Probabilities(e.Features)
			code, _ := w.Most(e.Features)
			fmt.Printf("%.4f\t%s\t%s\t%s\n", 1-p[slices.Index(classes, safety.Harmless)], e.Class, code, list[i].Text)
		}
	}
	return nil
}

// readList reads either form. Messages that are red flags only because of who writes them say nothing by their words.
func readList(text string) ([]message, error) {
	var out []message
	in := bufio.NewScanner(strings.NewReader(text))
	for in.Scan() {
		line := in.Text()
		var m message
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case strings.HasPrefix(line, "{"):
			if err := json.Unmarshal([]byte(line), &m); err != nil {
				return nil, fmt.Errorf("read %.40q: %w", line, err)
			}
			if m.Split != "train" || len(m.Profile) > 0 {
				continue
			}
		default:
			code, said, ok := strings.Cut(line, "\t")
			if !ok && !strings.Contains(line, " ") {
				continue // an action above the router's examples
			}
			if !ok {
				return nil, fmt.Errorf("read %.40q: no tab", line)
			}
			m.Code, m.Text = code, said
		}
		if m.Code == "" {
			m.Code = safety.Harmless
		}
		out = append(out, m)
	}
	return out, in.Err()
}
