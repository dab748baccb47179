package launch

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/shared/postgres"
)

// databaseName is the database in a cluster of ours.
const databaseName = "intellifit"

// databaseSecret is the secret that functions read their URL from.
const databaseSecret = "database-url"

// database makes roles, database and tables, and opens it as the runtime role.
func (l *launch) database(ctx context.Context) error {
	began := time.Now()
	app, owner := l.stack.DatabaseURL, l.stack.MigrateDatabaseURL
	if server := l.stack.Postgres; server != nil {
		var err error
		if app, owner, err = l.bootstrap(ctx, server); err != nil {
			return err
		}
	}
	if err := postgres.Migrate(ctx, owner); err != nil {
		return err
	}
	if err := stack.WriteSecret(l.stack.Secrets, databaseSecret, app); err != nil {
		return err
	}
	db, err := postgres.Open(ctx, app)
	if err != nil {
		return err
	}
	l.db = db
	l.mu.Lock()
	l.state.DatabaseURL, l.state.MigrateDatabaseURL = app, owner
	l.state.RedisURL, l.state.OllamaHost = l.stack.RedisURL, l.stack.OllamaHost
	l.state.WhisperURL, l.state.TTSURL = l.stack.WhisperURL, l.stack.TTSURL
	l.mu.Unlock()
	l.screen.printf("✓ %-9s tables are up to date  %s", "schema", seconds(time.Since(began)))
	return l.save()
}

// bootstrap creates roles and database in our own cluster and returns the URLs of the runtime role and of the owner.
func (l *launch) bootstrap(ctx context.Context, server *stack.Postgres) (app, owner string, err error) {
	ownerPassword, err := stack.ReadSecret(l.stack.Secrets, stack.SecretOwner)
	if err != nil {
		return "", "", err
	}
	appPassword, err := stack.ReadSecret(l.stack.Secrets, stack.SecretApp)
	if err != nil {
		return "", "", err
	}
	superuser := server.URL("postgres")
	err = postgres.Bootstrap(ctx, superuser, postgres.BootstrapOptions{Database: databaseName, OwnerPassword: ownerPassword, AppPassword: appPassword})
	if err != nil {
		return "", "", fmt.Errorf("prepare the database: %w", err)
	}
	at := postgres.WithDatabase(superuser, databaseName)
	return postgres.AsRole(at, postgres.AppRole, appPassword), postgres.AsRole(at, postgres.OwnerRole, ownerPassword), nil
}

// seed fills the demo gym when the database holds none, or when --demo asks for it.
func (l *launch) seed(ctx context.Context) error {
	ctx = l.Parts.Demo.service(ctx)
	empty, err := l.db.Empty(ctx)
	if err != nil {
		return err
	}
	if !empty && !l.Demo {
		return nil
	}
	began := time.Now()
	if err := l.Parts.Seed(ctx, l.db, l.Progress); err != nil {
		return fmt.Errorf("seed the demo gym: %w", err)
	}
	l.screen.printf("✓ %-9s gym %s with its catalogue and members  %s", "demo", l.Parts.Demo.GymID, seconds(time.Since(began)))
	return nil
}

func (l *launch) logFile(name string) string { return filepath.Join(l.Home, "logs", name+".log") }
