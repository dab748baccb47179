package classifier

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"strings"
)

// Features are what a text is judged by: the vector of its meaning, and its words, which tell apart what means nearly the same
// ("book it" and "cancel it" are neighbours to a sentence model).
type Features struct {
	Vector []float32
	Words  []Word
}

// Word is one hashed feature.
type Word struct {
	At    int // 0 to Hashed-1
	Value float32
}

const (
	// Hashed is how many places the words of a text are hashed into.
	Hashed  = 4096
	longest = 3   // words in a row
	weight  = 2.0 // of a vector beside the words; both have unit length
)

// Embedder turns texts into vectors of the embedding model.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float32, error)
}

// OfAll is the features of texts, in their order.
func OfAll(ctx context.Context, e Embedder, texts []string) ([]Features, error) {
	vectors, err := e.Embed(ctx, texts)
	if err != nil {
		return nil, fmt.Errorf("embed the texts: %w", err)
	}
	if len(vectors) != len(texts) {
		return nil, fmt.Errorf("embed the texts: %d vectors for %d", len(vectors), len(texts))
	}
	out := make([]Features, len(texts))
	for i := range texts {
		out[i] = Of(texts[i], vectors[i])
	}
	return out, nil
}

// Of is the features of a text whose words are separated by spaces, with the vector of an embedding model.
func Of(text string, vector []float32) Features { return Features{vector, words(text)} }

// words hashes single words, pairs and triples of neighbours to signed places (the hashing trick, Weinberger et al. 2009), and gives
// them unit length.
func words(text string) []Word {
	list := strings.Fields(text)
	at, sum := map[int]float32{}, 0.0
	var order []int
	for i := range list {
		for n := 1; n <= longest && i+n <= len(list); n++ {
			place, sign := hash(strings.Join(list[i:i+n], " "))
			if _, ok := at[place]; !ok {
				order = append(order, place)
			}
			at[place] += sign
		}
	}
	for _, v := range at {
		sum += float64(v) * float64(v)
	}
	if sum == 0 {
		return nil
	}
	out := make([]Word, 0, len(order))
	for _, place := range order {
		out = append(out, Word{place, at[place] / float32(math.Sqrt(sum))})
	}
	return out
}

func hash(s string) (place int, sign float32) {
	h := fnv.New32a()
	h.Write([]byte(s)) // never fails
	sum := h.Sum32()
	if sum&(1<<31) != 0 {
		return int(sum % Hashed), -1
	}
	return int(sum % Hashed), 1
}
