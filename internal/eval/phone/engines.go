package phone

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Engines are where the servers of speech are: their metrics say what they do.
type Engines struct{ Whisper, TTS string }

// load is what the engines do at a moment.
type load struct {
	Open     float64 // requests of the voice
	Clauses  float64 // computed or waiting, also of those who left
	Decodes  float64 // of the recogniser, running or waiting, also of those who left
	Sound    float64 // seconds made since the start
	Finished float64 // clauses computed since the start
}

func (l load) idle() bool { return l.Open+l.Clauses+l.Decodes == 0 }

// load asks both.
func (e Engines) load(ctx context.Context) (l load, err error) {
	heard, err := gauges(ctx, e.Whisper)
	if err != nil {
		return l, err
	}
	spoke, err := gauges(ctx, e.TTS)
	if err != nil {
		return l, err
	}
	return load{
		Open: spoke["intellifit_tts_open_requests"], Clauses: spoke["intellifit_tts_pending_clauses"],
		Decodes: heard["intellifit_whisper_running"] + heard["intellifit_whisper_waiting"],
		Sound:   spoke["intellifit_tts_audio_seconds_total"], Finished: spoke["intellifit_tts_clause_seconds_count"],
	}, nil
}

// gauges reads the values of Prometheus' text format that have no labels.
func gauges(ctx context.Context, url string) (map[string]float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	res, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("read the metrics of an engine: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("read the metrics of an engine: status %d", res.StatusCode)
	}
	out := map[string]float64{}
	lines := bufio.NewScanner(io.LimitReader(res.Body, 1<<20))
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if !ok || strings.HasPrefix(name, "#") || strings.Contains(name, "{") {
			continue
		}
		if out[name], err = strconv.ParseFloat(value, 64); err != nil {
			return nil, fmt.Errorf("read the metric %s: %w", name, err)
		}
	}
	return out, lines.Err()
}

// look is how often an engine that works is looked at.
const look = 10 * time.Millisecond

// settle waits until nothing runs, and says when no request was open any more and when nothing was computed any more.
func (e Engines) settle(ctx context.Context, since time.Time, most time.Duration) (closed, idle time.Duration, last load, err error) {
	for {
		if last, err = e.load(ctx); err != nil {
			return closed, idle, last, err
		}
		now := time.Since(since)
		if last.Open > 0 {
			closed = 0
		} else if closed == 0 {
			closed = now
		}
		if last.idle() {
			return closed, now, last, nil
		}
		if now > most {
			return closed, now, last, fmt.Errorf("the engines are not idle after %v: %+v", most, last)
		}
		select {
		case <-ctx.Done():
			return closed, idle, last, ctx.Err()
		case <-time.After(look):
		}
	}
}
