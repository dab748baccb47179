package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// BootstrapOptions says which database and passwords to create.
type BootstrapOptions struct {
	Database      string
	OwnerPassword string
	AppPassword   string
}

// Bootstrap creates the roles, the database and the vector extension on a cluster, as its superuser. It may run again:
// what exists stays, passwords are set anew.
func Bootstrap(ctx context.Context, superuserURL string, o BootstrapOptions) error {
	conn, err := pgx.Connect(ctx, superuserURL)
	if err != nil {
		return fmt.Errorf("connect as superuser: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for role, password := range map[string]string{OwnerRole: o.OwnerPassword, AppRole: o.AppPassword} {
		if err := ensureRole(ctx, conn, role, password); err != nil {
			return err
		}
	}
	if err := ensureDatabase(ctx, conn, o.Database); err != nil {
		return err
	}
	inside, err := pgx.Connect(ctx, WithDatabase(superuserURL, o.Database))
	if err != nil {
		return fmt.Errorf("connect to the new database: %w", err)
	}
	defer inside.Close(context.WithoutCancel(ctx))
	if _, err := inside.Exec(ctx, `CREATE EXTENSION IF NOT EXISTS vector`); err != nil {
		return fmt.Errorf("create extension vector: %w", err)
	}
	return nil
}

func ensureRole(ctx context.Context, conn *pgx.Conn, role, password string) error {
	name := pgx.Identifier{role}.Sanitize()
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)`, role).Scan(&exists); err != nil {
		return fmt.Errorf("look for role %s: %w", role, err)
	}
	verb := "CREATE"
	if exists {
		verb = "ALTER"
	}
	// ROLE statements take no parameters; the literal is quoted by PostgreSQL itself.
	var literal string
	if err := conn.QueryRow(ctx, `SELECT quote_literal($1::text)`, password).Scan(&literal); err != nil {
		return fmt.Errorf("quote the password of role %s: %w", role, err)
	}
	if _, err := conn.Exec(ctx, verb+` ROLE `+name+` LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD `+literal); err != nil {
		return fmt.Errorf("create role %s: %w", role, errors.New("the server refused")) // its text would repeat the password
	}
	return nil
}

func ensureDatabase(ctx context.Context, conn *pgx.Conn, name string) error {
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name).Scan(&exists); err != nil {
		return fmt.Errorf("look for database %s: %w", name, err)
	}
	if exists {
		return nil
	}
	if _, err := conn.Exec(ctx, `CREATE DATABASE `+pgx.Identifier{name}.Sanitize()+` OWNER `+OwnerRole+` ENCODING 'UTF8' TEMPLATE template0`); err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	return nil
}

// WithDatabase returns databaseURL with another database.
func WithDatabase(databaseURL, name string) string {
	u, err := url.Parse(databaseURL)
	if err != nil {
		return databaseURL
	}
	u.Path = "/" + name
	return u.String()
}

// AsRole returns databaseURL for another role and password.
func AsRole(databaseURL, role, password string) string {
	u, err := url.Parse(databaseURL)
	if err != nil {
		return databaseURL
	}
	u.User = url.UserPassword(role, password)
	return strings.TrimSuffix(u.String(), "/")
}
