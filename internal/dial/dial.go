// Package dial is a client of the function call, for the terminal and for measurements: it sends a turn, hears the events as they
// come, and takes the times as a caller feels them.
package dial

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/intellifit/intellifit/shared/coach"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/voice"
)

// Line is one caller's connection to the function call. Its fields may be set between turns.
type Line struct {
	URL     string // of the function, e.g. http://127.0.0.1:8080/function/call
	Token   func() (string, error)
	Client  *http.Client
	Session string // empty: the next turn begins a call
	Voice   string
}

// Event is an event as it comes over the wire.
type Event struct {
	Type       string             `json:"type"`
	EventID    string             `json:"event_id"`
	ItemID     string             `json:"item_id"`
	ResponseID string             `json:"response_id"`
	Transcript string             `json:"transcript"`
	Delta      string             `json:"delta"`
	StartMS    int64              `json:"start_ms"`
	Name       string             `json:"name"`
	Status     coach.Status       `json:"status"`
	Proposal   *coach.Proposal    `json:"proposal"`
	Session    *voice.SessionInfo `json:"session"`
	Response   *voice.Response    `json:"response"`
	Error      *voice.ErrorDetail `json:"error"`
}

// Turn is what a member says: sound of a media type, or text.
type Turn struct {
	ID       string
	Sound    []byte
	Media    string // of Sound, e.g. audio/wav
	Text     string
	Endpoint time.Duration // what was waited for the end of speech
}

// Answer is what came back.
type Answer struct {
	Heard      string
	Text       string
	ItemID     string
	Rate       int    // Hz of Sound
	Sound      []byte // signed 16-bit little-endian mono samples
	Proposal   *coach.Proposal
	Response   voice.Response
	FirstSound time.Duration // last byte of the request sent -> first sound received; 0: there was none
	Took       time.Duration
}

// Problem is an answer other than 200.
type Problem struct {
	Status     int
	RetryAfter string
	faas.Problem
}

// Error is the code and what to do.
func (p *Problem) Error() string {
	text := p.Code + ": " + p.Detail
	if p.Hint != "" {
		text += " (" + p.Hint + ")"
	}
	return text
}

// Open begins a call and hears the greeting.
func (l *Line) Open(ctx context.Context, conversation string, each func(Event) error) (Answer, error) {
	body, err := json.Marshal(map[string]string{"conversation_id": conversation, "voice": l.Voice})
	if err != nil {
		return Answer{}, err
	}
	return l.post(ctx, l.URL+"/open", "application/json", body, each)
}

// Say sends one turn. each hears the events as they come; its error breaks the answer off as a barge-in does.
func (l *Line) Say(ctx context.Context, t Turn, each func(Event) error) (Answer, error) {
	query := url.Values{}
	for name, value := range map[string]string{"session": l.Session, "turn": t.ID, "voice": l.Voice} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if t.Endpoint > 0 {
		query.Set("endpoint_ms", strconv.FormatInt(t.Endpoint.Milliseconds(), 10))
	}
	body, media := t.Sound, t.Media
	if len(body) == 0 {
		var err error
		if body, err = json.Marshal(map[string]string{"text": t.Text}); err != nil {
			return Answer{}, err
		}
		media = "application/json"
	}
	return l.post(ctx, l.URL+"/?"+query.Encode(), media, body, each)
}

// Truncate says how much of an answer was played.
func (l *Line) Truncate(ctx context.Context, itemID string, played time.Duration) (heard string, err error) {
	body, err := json.Marshal(map[string]any{"type": voice.ClientTruncate, "item_id": itemID, "audio_end_ms": played.Milliseconds()})
	if err != nil {
		return "", err
	}
	var out struct{ Transcript string }
	err = l.json(ctx, http.MethodPost, "/events?session="+url.QueryEscape(l.Session), body, &out)
	return out.Transcript, err
}

// HangUp ends the call.
func (l *Line) HangUp(ctx context.Context) (voice.Ended, error) {
	var out voice.Ended
	err := l.json(ctx, http.MethodDelete, "/?session="+url.QueryEscape(l.Session), nil, &out)
	return out, err
}

func (l *Line) request(ctx context.Context, method, address string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	token, err := l.Token()
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return req, nil
}

func (l *Line) json(ctx context.Context, method, path string, body []byte, out any) error {
	req, err := l.request(ctx, method, l.URL+path, body)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := l.Client.Do(req)
	if err != nil {
		return fmt.Errorf("reach the function call: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return problemOf(res)
	}
	return json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(out)
}

func (l *Line) post(ctx context.Context, address, media string, body []byte, each func(Event) error) (Answer, error) {
	ctx, hangUp := context.WithCancel(ctx)
	defer hangUp()
	req, err := l.request(ctx, http.MethodPost, address, body)
	if err != nil {
		return Answer{}, err
	}
	req.Header.Set("Content-Type", media)
	req.Header.Set("Accept", faas.EventStreamType)
	began := time.Now()
	res, err := l.Client.Do(req)
	if err != nil {
		return Answer{}, fmt.Errorf("reach the function call: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return Answer{}, problemOf(res)
	}
	return l.listen(res.Body, began, each)
}

// maxEvent bounds one event; an audio delta is about six kilobytes.
const maxEvent = 4 << 20

func (l *Line) listen(stream io.Reader, began time.Time, each func(Event) error) (a Answer, err error) {
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, maxEvent)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var e Event
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			return a, fmt.Errorf("read an event: %w", err)
		}
		if err := a.take(e, began); err != nil {
			return a, err
		}
		if e.Session != nil {
			l.Session = e.Session.ID
		}
		if each != nil {
			if err := each(e); err != nil {
				return a, err
			}
		}
		if e.Type == voice.ResponseDone {
			a.Took = time.Since(began)
			return a, nil
		}
	}
	return a, errors.Join(errors.New("the answer broke off"), lines.Err())
}

func (a *Answer) take(e Event, began time.Time) error {
	switch e.Type {
	case voice.SessionCreated:
		a.Rate = e.Session.Audio.Output.Format.Rate
	case voice.Transcribed:
		a.Heard = e.Transcript
	case voice.AudioDelta:
		if a.FirstSound == 0 {
			a.FirstSound = time.Since(began)
		}
		var sound []byte
		if err := json.Unmarshal([]byte(strconv.Quote(e.Delta)), &sound); err != nil {
			return fmt.Errorf("read the sound of an event: %w", err)
		}
		a.Sound, a.ItemID = append(a.Sound, sound...), e.ItemID
	case voice.TranscriptDelta:
		a.Text, a.ItemID = a.Text+e.Delta, e.ItemID
	case voice.FunctionCall:
		if e.Proposal != nil {
			a.Proposal = e.Proposal
		}
	case voice.ResponseDone:
		a.Response = *e.Response
	}
	return nil
}

func problemOf(res *http.Response) error {
	p := &Problem{Status: res.StatusCode, RetryAfter: res.Header.Get("Retry-After")}
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&p.Problem); err != nil || p.Code == "" {
		return fmt.Errorf("the function call answers status %d", res.StatusCode)
	}
	return p
}
