package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	goredis "github.com/redis/go-redis/v9"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/voice"
)

// Session finds a call of a member.
func (db *DB) Session(ctx context.Context, memberID, id string) (voice.Session, error) {
	gymID, err := gymOf(ctx)
	if err != nil {
		return voice.Session{}, err
	}
	return readSession(ctx, db.client, sessionKey(gymID, memberID, id))
}

func readSession(ctx context.Context, from goredis.Cmdable, at string) (s voice.Session, err error) {
	value, err := from.Get(ctx, at).Bytes()
	if errors.Is(err, goredis.Nil) {
		return s, &gym.Error{Kind: gym.ErrNotFound, Code: voice.CodeSessionUnknown, Detail: "no such call, or nobody spoke in it for a while",
			Hint: "begin a new one; with the same conversation it goes on where this one ended"}
	}
	if err != nil {
		return s, translate("read a call", err)
	}
	if err := json.Unmarshal(value, &s); err != nil {
		return s, fmt.Errorf("read a call: %w", err)
	}
	return s, nil
}

// SaveSession stores a call.
func (db *DB) SaveSession(ctx context.Context, s voice.Session) error {
	gymID, err := gymOf(ctx)
	if err != nil {
		return err
	}
	value, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("store a call: %w", err)
	}
	return translate("store a call", db.client.Set(ctx, sessionKey(gymID, s.MemberID, s.ID), value, voice.SessionTTL).Err())
}

// changes is how often a change of a call is tried when others change it at the same time.
const changes = 20

// ChangeSession changes a call as it is now; two changes never lose one another.
func (db *DB) ChangeSession(ctx context.Context, memberID, id string, change func(*voice.Session) error) (s voice.Session, err error) {
	gymID, err := gymOf(ctx)
	if err != nil {
		return s, err
	}
	at := sessionKey(gymID, memberID, id)
	for range changes {
		err = db.client.Watch(ctx, func(tx *goredis.Tx) error {
			if s, err = readSession(ctx, tx, at); err != nil {
				return err
			}
			if err := change(&s); err != nil {
				return err
			}
			value, err := json.Marshal(s)
			if err != nil {
				return fmt.Errorf("store a call: %w", err)
			}
			_, err = tx.TxPipelined(ctx, func(p goredis.Pipeliner) error {
				return p.Set(ctx, at, value, voice.SessionTTL).Err()
			})
			return err
		}, at)
		if !errors.Is(err, goredis.TxFailedErr) {
			break
		}
	}
	var known *gym.Error
	if errors.As(err, &known) {
		return s, err
	}
	return s, translate("change a call", err)
}

// DropSession forgets a call.
func (db *DB) DropSession(ctx context.Context, memberID, id string) error {
	gymID, err := gymOf(ctx)
	if err != nil {
		return err
	}
	return translate("forget a call", db.client.Del(ctx, sessionKey(gymID, memberID, id)).Err())
}

// CancelTurn tells whoever runs a turn of the call to end it, but not the turn `except`.
func (db *DB) CancelTurn(ctx context.Context, memberID, sessionID, except string) error {
	gymID, err := gymOf(ctx)
	if err != nil {
		return err
	}
	return translate("end a turn", db.client.Publish(ctx, cancelKey(gymID, memberID, sessionID), except).Err())
}

// Cancellations hears of CancelTurn, wherever it was called. stop must be called.
func (db *DB) Cancellations(ctx context.Context, memberID, sessionID string) (<-chan string, func(), error) {
	gymID, err := gymOf(ctx)
	if err != nil {
		return nil, nil, err
	}
	sub := db.client.Subscribe(ctx, cancelKey(gymID, memberID, sessionID))
	if _, err := sub.Receive(ctx); err != nil { // the subscription stands when this returns
		return nil, nil, errors.Join(translate("listen for the end of a turn", err), sub.Close())
	}
	heard := make(chan string)
	stop := make(chan struct{})
	go func() {
		defer close(heard)
		for message := range sub.Channel() {
			select {
			case heard <- message.Payload:
			case <-stop:
				return
			}
		}
	}()
	return heard, func() {
		close(stop)
		_ = sub.Close() // the connection is given up either way
	}, nil
}

func sessionKey(gymID, memberID, id string) string { return key("call", gymID, memberID, id) }

func cancelKey(gymID, memberID, id string) string { return key("cancel", gymID, memberID, id) }
