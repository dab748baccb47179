package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/shared/faas"
	"github.com/intellifit/intellifit/shared/gym"
)

// demoGym is the gym that `up` seeds.
const demoGym = "demo"

func newToken() *cobra.Command {
	var as, role, gymID string
	var ttl time.Duration
	cmd := &cobra.Command{
		Use:   "token --as ID",
		Short: "Print a bearer token for one person of one gym",
		Long: `Print a bearer token that the functions of this installation accept.

A member's token sees the member's own profile and plans; a coach's those of the
members assigned to that coach; a manager's no health data. It holds for --ttl,
at most 15 minutes.`,
		Example: `  TOKEN=$(intellifit token --as mia)
  curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8080/function/plan/ID`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := stack.Home(os.Getenv)
			if err != nil {
				return err
			}
			token, err := signToken(home, gym.Principal{GymID: gymID, Subject: as, Role: gym.Role(role)}, ttl, time.Now())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), token)
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&as, "as", "", "id of the member, coach or manager (required)")
	flags.StringVar(&role, "role", string(gym.RoleMember), "member, coach, manager or service")
	flags.DurationVar(&ttl, "ttl", faas.MaxTokenTTL, "how long the token holds, at most 15m")
	flags.StringVar(&gymID, "gym", demoGym, "id of the gym")
	cobra.CheckErr(cmd.MarkFlagRequired("as"))
	return cmd
}

// signToken signs with the key of the installation in home.
func signToken(home string, p gym.Principal, ttl time.Duration, now time.Time) (string, error) {
	key, err := faas.SecretDir(filepath.Join(home, "secrets")).Secret(faas.KeySecret)
	if errors.Is(err, faas.ErrNoSecret) {
		return "", fmt.Errorf("this installation (%s) has no signing key yet: run `intellifit up` first", home)
	}
	if err != nil {
		return "", err
	}
	return faas.Sign(key, p, ttl, now)
}
