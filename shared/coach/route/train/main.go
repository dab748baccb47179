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
	"math"
	"os"

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
	w, right := learn(vectors, examples)
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

// Gradient descent with momentum over all examples at once; the penalty was chosen by five-fold cross-validation.
const (
	steps    = 600
	rate     = 2.0
	momentum = 0.9
	penalty  = 1e-4
)

// learn fits a softmax regression and says how many of the examples it gets right.
func learn(vectors [][]float32, examples []route.Example) (route.Weights, int) {
	actions := route.Actions()
	at := map[string]int{}
	for i, a := range actions {
		at[a] = i
	}
	n, size := len(vectors), len(vectors[0])
	rows, step := matrix(len(actions), size), matrix(len(actions), size)
	bias, biasStep := make([]float64, len(actions)), make([]float64, len(actions))
	for range steps {
		grad, biasGrad := matrix(len(actions), size), make([]float64, len(actions))
		for i, v := range vectors {
			p := softmax(rows, bias, v)
			p[at[examples[i].Action]]--
			for k := range actions {
				biasGrad[k] += p[k] / float64(n)
				for j, x := range v {
					grad[k][j] += p[k] * float64(x) / float64(n)
				}
			}
		}
		for k := range actions {
			biasStep[k] = momentum*biasStep[k] + biasGrad[k]
			bias[k] -= rate * biasStep[k]
			for j := range size {
				step[k][j] = momentum*step[k][j] + grad[k][j] + penalty*rows[k][j]
				rows[k][j] -= rate * step[k][j]
			}
		}
	}
	w := route.Weights{Actions: actions, Rows: make([][]float32, len(actions)), Bias: make([]float32, len(actions))}
	for k := range actions {
		w.Bias[k] = round(bias[k])
		w.Rows[k] = make([]float32, size)
		for j := range size {
			w.Rows[k][j] = round(rows[k][j])
		}
	}
	right := 0
	for i, v := range vectors {
		if action, _ := w.Most(v); action == examples[i].Action {
			right++
		}
	}
	return w, right
}

func matrix(rows, size int) [][]float64 {
	m := make([][]float64, rows)
	for i := range m {
		m[i] = make([]float64, size)
	}
	return m
}

func softmax(rows [][]float64, bias []float64, v []float32) []float64 {
	p := make([]float64, len(rows))
	most := math.Inf(-1)
	for k, row := range rows {
		p[k] = bias[k]
		for j, x := range v {
			p[k] += row[j] * float64(x)
		}
		most = max(most, p[k])
	}
	sum := 0.0
	for k := range p {
		p[k] = math.Exp(p[k] - most)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return p
}

// round keeps three decimals: finer ones change no decision.
func round(x float64) float32 { return float32(math.Round(x*1000) / 1000) }
