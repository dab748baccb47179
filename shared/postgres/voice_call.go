package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/intellifit/intellifit/shared/voice"
)

// StoreCall keeps a call that has ended. The same call again changes nothing.
func (db *DB) StoreCall(ctx context.Context, r voice.Record) error {
	var transcript []byte
	if r.Transcript != nil {
		var err error
		if transcript, err = json.Marshal(r.Transcript); err != nil {
			return fmt.Errorf("write the transcript: %w", err)
		}
	}
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO voice_call (gym_id, member_id, id, conversation_id, started_at, ended_at, turns, transcript)
			VALUES (acting_gym(), $1, $2, $3, $4, $5, $6, $7) ON CONFLICT (gym_id, member_id, id) DO NOTHING`,
			r.MemberID, r.ID, r.ConversationID, r.StartedAt, r.EndedAt, r.Turns, transcript)
		return err
	})
	return translate("store a call", err)
}

// Calls lists a member's ended calls, the newest first.
func (db *DB) Calls(ctx context.Context, memberID string, limit int) ([]voice.Record, error) {
	return many(ctx, db, "list calls", `
		SELECT id, member_id, conversation_id, started_at, ended_at, turns, transcript FROM voice_call
		WHERE gym_id = acting_gym() AND member_id = $1 ORDER BY started_at DESC, id LIMIT $2`, func(row pgx.CollectableRow) (r voice.Record, err error) {
		var transcript []byte
		if err := row.Scan(&r.ID, &r.MemberID, &r.ConversationID, &r.StartedAt, &r.EndedAt, &r.Turns, &transcript); err != nil {
			return r, err
		}
		r.StartedAt, r.EndedAt = r.StartedAt.UTC(), r.EndedAt.UTC()
		if transcript != nil {
			err = json.Unmarshal(transcript, &r.Transcript)
		}
		return r, err
	}, memberID, limit)
}
