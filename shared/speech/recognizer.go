package speech

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/speech/pcm"
	"github.com/intellifit/intellifit/shared/speech/wav"
)

// Recognizer hears. It is safe for concurrent use and dials only when called.
type Recognizer struct {
	server
	plain   atomic.Bool  // the server knows no verbose answer
	noJudge atomic.Int64 // until when the server is known to have no judge of turns, in Unix nanoseconds
}

// NewRecognizer returns a client of the server at cfg.URL; it dials nothing.
func NewRecognizer(cfg Config) *Recognizer {
	r := &Recognizer{server: server{
		cfg: cfg.standards("whisper-1"), http: newHTTP(), does: "the recogniser", env: "WHISPER", unavailable: "whisper_unavailable", busy: "whisper_busy",
	}}
	r.at(cfg.URL)
	return r
}

// mostTranscript bounds an answer: an hour of talk is a tenth of it.
const mostTranscript = 4 << 20

// Transcribe gives the words of a clip of 16 kHz. Nobody speaking is no error: the transcript says so.
func (r *Recognizer) Transcribe(ctx context.Context, clip pcm.Clip, how Listening) (Transcript, error) {
	if clip.Rate != pcm.Rate {
		return Transcript{}, fmt.Errorf("transcribe: the clip has %d Hz and must have %d", clip.Rate, pcm.Rate)
	}
	began := time.Now()
	if len(clip.Samples) == 0 {
		return Transcript{Language: how.Language, NoSpeech: true}, nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, r.cfg.Timeout, errLate)
	defer cancel()
	t, err := r.transcribe(ctx, clip, how, r.plain.Load())
	var refused *refusal
	if errors.As(err, &refused) && refused.mentions("response_format") && !r.plain.Load() {
		if t, err = r.transcribe(ctx, clip, how, true); err == nil && !r.plain.Swap(true) {
			r.cfg.Log.Warn("the recogniser gives no verbose answers: times of words and signs of silence are missing", "cause", refused.Error())
		}
	}
	if err != nil {
		return Transcript{}, err
	}
	t.Audio, t.Took = clip.Duration(), time.Since(began)
	return t, nil
}

func (r *Recognizer) transcribe(ctx context.Context, clip pcm.Clip, how Listening, plain bool) (Transcript, error) {
	const attempt = "transcribe"
	body, contentType, err := r.form(clip, how, plain)
	if err != nil {
		return Transcript{}, fmt.Errorf("%s: %w", attempt, err)
	}
	res, err := r.ask(ctx, request{method: http.MethodPost, path: "/v1/audio/transcriptions", contentType: contentType, accept: "application/json", body: body})
	if err != nil {
		return Transcript{}, r.lost(ctx, attempt, err)
	}
	if res.StatusCode != http.StatusOK {
		return Transcript{}, r.unheard(attempt, readRefusal(res))
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, mostTranscript+1))
	if err != nil {
		return Transcript{}, r.lost(ctx, attempt, err)
	}
	if len(answer) > mostTranscript {
		return Transcript{}, r.fail(attempt, r.does+" answered without end", nil)
	}
	named := how.Language
	if named == Auto {
		named = ""
	}
	t, err := readTranscript(answer, named)
	if err != nil {
		return Transcript{}, r.fail(attempt, r.does+" answered what is no transcript", err)
	}
	t.Text = withoutLoop(t.Text)
	return t, nil
}

// unheard gives a refusal to listen a kind and a stable code: what is wrong with the request is the caller's to know.
func (r *Recognizer) unheard(attempt string, refused *refusal) error {
	fail := func(kind error, code, detail string) error {
		return fmt.Errorf("%s: %w", attempt, &gym.Error{Kind: kind, Code: code, Detail: detail, Err: refused})
	}
	switch refused.code {
	case "language_unknown":
		return fail(gym.ErrInvalid, "language_unknown", "the recogniser does not know this language")
	case "prompt_too_long":
		return fail(gym.ErrInvalid, "prompt_too_long", "the prompt is longer than the recogniser takes")
	case "audio_too_long", "audio_too_large":
		return fail(gym.ErrTooLarge, refused.code, "the recording is longer than the recogniser takes")
	}
	return r.refused(attempt, refused)
}

// form is the upload of a clip with all that servers may want to know.
func (r *Recognizer) form(clip pcm.Clip, how Listening, plain bool) (body []byte, contentType string, err error) {
	var b bytes.Buffer
	b.Grow(2*len(clip.Samples) + 2<<10)
	w := multipart.NewWriter(&b)
	format := "verbose_json"
	if plain {
		format = "json"
	}
	fields := [][2]string{{"model", r.cfg.Model}, {"response_format", format}, {"language", how.Language}, {"prompt", how.Prompt}}
	if how.Words && !plain {
		fields = append(fields, [2]string{"timestamp_granularities[]", "segment"}, [2]string{"timestamp_granularities[]", "word"})
	}
	if how.Temperature > 0 {
		fields = append(fields, [2]string{"temperature", strconv.FormatFloat(how.Temperature, 'g', -1, 64)})
	}
	for _, f := range fields {
		if f[1] == "" {
			continue
		}
		if err := w.WriteField(f[0], f[1]); err != nil {
			return nil, "", fmt.Errorf("write the field %s: %w", f[0], err)
		}
	}
	file, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="speech.wav"`}, "Content-Type": {"audio/wav"}})
	if err != nil {
		return nil, "", fmt.Errorf("write the clip: %w", err)
	}
	if err := wav.Write(file, clip); err != nil {
		return nil, "", fmt.Errorf("write the clip: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, "", fmt.Errorf("end the form: %w", err)
	}
	return b.Bytes(), w.FormDataContentType(), nil
}

// Ping reports whether the server can hear. One that tells nothing of its health must show it.
func (r *Recognizer) Ping(ctx context.Context) error {
	known, err := r.ping(ctx)
	if known || err != nil {
		return err
	}
	_, err = r.Transcribe(ctx, pcm.Clip{Rate: pcm.Rate, Samples: make([]float32, pcm.Rate/2)}, Listening{Language: "en"})
	return err
}

const (
	turnWindow = 8 * time.Second // of the end of a clip that judges of turns look at
	turnTime   = 2 * time.Second // after which the judgement is worth nothing
	judgeAgain = time.Minute     // until a server without a judge is asked again
)

// Turn says whether the speaker of a clip of 16 kHz has finished, and how probable that is. The error is gym.ErrNotFound when the server
// has no such judge.
func (r *Recognizer) Turn(ctx context.Context, clip pcm.Clip) (complete bool, probability float64, err error) {
	const attempt = "judge the end of the turn"
	if clip.Rate != pcm.Rate {
		return false, 0, fmt.Errorf("%s: the clip has %d Hz and must have %d", attempt, clip.Rate, pcm.Rate)
	}
	if time.Now().UnixNano() < r.noJudge.Load() {
		return false, 0, fmt.Errorf("%s: %s has no judge: %w", attempt, r.does, gym.ErrNotFound)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, min(r.cfg.Timeout, turnTime), errLate)
	defer cancel()
	whole := clip.Duration()
	var body bytes.Buffer
	if err := wav.Write(&body, clip.Slice(max(0, whole-turnWindow), whole)); err != nil {
		return false, 0, fmt.Errorf("%s: %w", attempt, err)
	}
	res, err := r.ask(ctx, request{method: http.MethodPost, path: "/v1/audio/turn", contentType: "audio/wav", accept: "application/json", body: body.Bytes()})
	if err != nil {
		return false, 0, r.lost(ctx, attempt, err)
	}
	if res.StatusCode != http.StatusOK {
		refused := readRefusal(res)
		if refused.none() {
			r.noJudge.Store(time.Now().Add(judgeAgain).UnixNano())
			r.cfg.Log.Info("the recogniser has no judge of turns: silence alone ends them", "status", refused.status)
			return false, 0, fmt.Errorf("%s: %s has no judge: %w", attempt, r.does, gym.ErrNotFound)
		}
		return false, 0, r.refused(attempt, refused)
	}
	complete, probability, err = readTurn(res.Body)
	if ctx.Err() != nil {
		return false, 0, r.lost(ctx, attempt, err)
	}
	if err != nil {
		return false, 0, r.fail(attempt, r.does+" answered what is no judgement", err)
	}
	return complete, probability, nil
}
