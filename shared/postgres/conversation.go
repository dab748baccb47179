package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/intellifit/intellifit/shared/coach/memory"
	"github.com/intellifit/intellifit/shared/coach/persona"
)

const conversationColumns = `id, title, summary, summed_up, newest, created_at, updated_at`

func scanConversation(row pgx.CollectableRow) (c memory.Conversation, err error) {
	err = row.Scan(&c.ID, &c.Title, &c.Summary, &c.SummedUp, &c.Newest, &c.CreatedAt, &c.UpdatedAt)
	c.CreatedAt, c.UpdatedAt = c.CreatedAt.UTC(), c.UpdatedAt.UTC()
	return c, err
}

// Conversation reads one conversation of a member.
func (db *DB) Conversation(ctx context.Context, memberID, id string) (c memory.Conversation, err error) {
	err = db.read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT `+conversationColumns+` FROM conversation WHERE gym_id = acting_gym() AND member_id = $1 AND id = $2`, memberID, id)
		if err != nil {
			return err
		}
		c, err = pgx.CollectExactlyOneRow(rows, scanConversation)
		return err
	})
	return c, translate("read a conversation", err)
}

// Conversations lists a member's conversations, the newest first, from the one after before.
func (db *DB) Conversations(ctx context.Context, memberID, before string, limit int) ([]memory.Conversation, error) {
	return many(ctx, db, "list conversations", `
		SELECT `+conversationColumns+` FROM conversation c WHERE gym_id = acting_gym() AND member_id = $1
		AND ($2 = '' OR (c.updated_at, c.id) < (SELECT b.updated_at, b.id FROM conversation b WHERE b.gym_id = acting_gym() AND b.member_id = $1 AND b.id = $2))
		ORDER BY c.updated_at DESC, c.id DESC LIMIT $3`, scanConversation, memberID, before, limit)
}

// Messages lists the messages of a conversation after one, oldest first; with a limit above 0 only the last so many.
func (db *DB) Messages(ctx context.Context, memberID, id string, after int64, limit int) ([]memory.Message, error) {
	return many(ctx, db, "list messages", `
		SELECT id, role, body, at, action, safety_code FROM (
		  SELECT * FROM message WHERE gym_id = acting_gym() AND member_id = $1 AND conversation_id = $2 AND id > $3 ORDER BY id DESC LIMIT NULLIF($4::int, 0)) last
		ORDER BY id`, func(row pgx.CollectableRow) (m memory.Message, err error) {
		err = row.Scan(&m.ID, &m.Role, &m.Text, &m.At, &m.Action, &m.SafetyCode)
		m.At = m.At.UTC()
		return m, err
	}, memberID, id, after, limit)
}

// AppendMessages adds to a conversation, which it begins when it is new.
func (db *DB) AppendMessages(ctx context.Context, memberID, id, title string, messages []memory.Message) (stored []memory.Message, err error) {
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		stored = stored[:0]
		_, err := tx.Exec(ctx, `
			INSERT INTO conversation (gym_id, member_id, id, title) VALUES (acting_gym(), $1, $2, $3)
			ON CONFLICT (gym_id, member_id, id) DO UPDATE SET updated_at = clock_timestamp()`, memberID, id, title)
		if err != nil {
			return err
		}
		for _, m := range messages {
			err := tx.QueryRow(ctx, `
				INSERT INTO message (gym_id, member_id, conversation_id, role, body, action, safety_code, at) VALUES (acting_gym(), $1, $2, $3, $4, $5, $6, $7) RETURNING id`,
				memberID, id, string(m.Role), m.Text, m.Action, m.SafetyCode, m.At).Scan(&m.ID)
			if err != nil {
				return err
			}
			stored = append(stored, m)
		}
		if len(stored) == 0 {
			return nil
		}
		_, err = tx.Exec(ctx, `UPDATE conversation SET newest = $3 WHERE gym_id = acting_gym() AND member_id = $1 AND id = $2`, memberID, id, stored[len(stored)-1].ID)
		return err
	})
	return stored, translate("store messages", err)
}

// AmendMessage gives an answer another text, or removes it when text is empty. The member's own words cannot be amended.
func (db *DB) AmendMessage(ctx context.Context, memberID, id string, messageID int64, text string) error {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		const amend = `UPDATE message SET body = $4 WHERE gym_id = acting_gym() AND member_id = $1 AND conversation_id = $2 AND id = $3 AND role = 'assistant'`
		const remove = `DELETE FROM message WHERE gym_id = acting_gym() AND member_id = $1 AND conversation_id = $2 AND id = $3 AND role = 'assistant' AND $4 = ''`
		statement := amend
		if text == "" {
			statement = remove
		}
		tag, err := tx.Exec(ctx, statement, memberID, id, messageID, text)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return pgx.ErrNoRows
		}
		_, err = tx.Exec(ctx, `
			UPDATE conversation SET newest = coalesce((SELECT max(m.id) FROM message m WHERE m.gym_id = acting_gym() AND m.member_id = $1 AND m.conversation_id = $2), 0)
			WHERE gym_id = acting_gym() AND member_id = $1 AND id = $2`, memberID, id)
		return err
	})
	return translate("amend a message", err)
}

// SetSummary replaces the rolling summary. One that covers less than the stored one changes nothing: two jobs may run.
func (db *DB) SetSummary(ctx context.Context, memberID, id, summary string, upTo int64) error {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE conversation SET summary = $3, summed_up = $4 WHERE gym_id = acting_gym() AND member_id = $1 AND id = $2 AND summed_up < $4`, memberID, id, summary, upTo)
		return err
	})
	return translate("store a summary", err)
}

// DeleteConversation removes a conversation with its messages.
func (db *DB) DeleteConversation(ctx context.Context, memberID, id string) error {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM conversation WHERE gym_id = acting_gym() AND member_id = $1 AND id = $2`, memberID, id)
		if err == nil && tag.RowsAffected() == 0 {
			return pgx.ErrNoRows
		}
		return err
	})
	return translate("delete a conversation", err)
}

// Persona is what the gym set, or the default.
func (db *DB) Persona(ctx context.Context) (p persona.Persona, err error) {
	err = db.read(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT name, tone, language FROM persona WHERE gym_id = acting_gym()`).Scan(&p.Name, &p.Tone, &p.Language)
		if errors.Is(err, pgx.ErrNoRows) {
			p = persona.Default()
			return nil
		}
		return err
	})
	return p, translate("read the persona", err)
}

// SetPersona stores how the gym's coach presents itself.
func (db *DB) SetPersona(ctx context.Context, p persona.Persona) error {
	err := db.InTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			INSERT INTO persona (gym_id, name, tone, language, version) VALUES (acting_gym(), $1, $2, $3, $4)
			ON CONFLICT (gym_id) DO UPDATE SET name = excluded.name, tone = excluded.tone, language = excluded.language, version = excluded.version`,
			p.Name, p.Tone, p.Language, persona.Version)
		return err
	})
	return translate("store the persona", err)
}
