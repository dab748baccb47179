package runner

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"strings"

	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/postgres"
)

// maxStoredProblem bounds what is kept of a failed answer.
const maxStoredProblem = 16 << 10

// callKey names one asynchronous call. It is all that the queue knows of it; what was asked is in the row of table call,
// behind row-level security.
type callKey struct {
	GymID   string `json:"gym_id"`
	Subject string `json:"subject"`
	CallID  string `json:"call_id"`
}

// as lets ctx act for the service in the call's gym.
func (k callKey) as(ctx context.Context) context.Context {
	return gym.WithPrincipal(ctx, gym.Principal{GymID: k.GymID, Subject: k.Subject, Role: gym.RoleService})
}

// requestHash tells two requests under one call id apart.
func requestHash(c postgres.Call) []byte {
	h := sha256.New()
	for _, part := range []string{string(c.Role), c.Function, c.Path, c.Query, c.ContentType, string(c.Body)} {
		_ = binary.Write(h, binary.BigEndian, uint64(len(part))) // a hash takes every write
		h.Write([]byte(part))
	}
	return h.Sum(nil)
}

// result is how one run of a call ended.
type result struct {
	status  int
	problem json.RawMessage // problem+json, or nil
}

func (r result) state() postgres.CallState {
	if r.status < 300 {
		return postgres.CallDone
	}
	return postgres.CallFailed
}

// retryable reports whether the same call may end otherwise later: a failure of ours, or a bounded queue that was full.
func (r result) retryable() bool { return r.status >= 500 || r.status == 429 || r.status == 408 }

func problemResult(err error) result {
	p := faas.ProblemOf(err)
	b, marshalErr := json.Marshal(p)
	if marshalErr != nil {
		b = nil
	}
	return result{status: p.Status, problem: b}
}

// answerResult keeps the problem of an answer that failed. The column takes no U+0000 and nothing that is not JSON.
func answerResult(answer *buffer) result {
	res := result{status: answer.code()}
	body := answer.body.Bytes()
	if res.state() == postgres.CallDone || !strings.HasPrefix(answer.Header().Get("Content-Type"), faas.ProblemType) ||
		len(body) > maxStoredProblem || !json.Valid(body) || strings.Contains(string(body), `\u0000`) {
		return res
	}
	res.problem = json.RawMessage(strings.TrimSpace(string(body)))
	return res
}
