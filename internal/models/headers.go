package models

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// headers returns the folders for the compiler's -I. Two of the three headers are packages of the distribution; the third
// comes from the source package of a Python library, of which nothing else is used.
func (s *Store) headers(ctx context.Context, p Progress) ([]string, error) {
	miniaudio, err := s.miniaudio(ctx, p)
	if err != nil {
		return nil, err
	}
	if dirs := headerDirs("/usr/include", "/usr/local/include"); dirs != nil {
		return append(dirs, miniaudio), nil
	}
	a, err := s.pinned(OllamaHeaders)
	if err != nil {
		return nil, err
	}
	src, _ := a.Source(SourceDebian)
	root, err := s.debian(ctx, a.Name, src.Packages, p)
	if err == nil {
		if dirs := headerDirs(filepath.Join(root, "usr", "include")); dirs != nil {
			return append(dirs, miniaudio), nil
		}
		return nil, errors.New("the packages brought no headers")
	}
	var missing *MissingError
	if errors.As(err, &missing) {
		return nil, &MissingError{What: "the C++ headers nlohmann/json.hpp and stb/stb_image.h are missing", Fix: missing.Fix}
	}
	if os.Geteuid() == 0 && ctx.Err() == nil && aptInstall(ctx, src.Packages, p) == nil {
		if dirs := headerDirs("/usr/include"); dirs != nil {
			return append(dirs, miniaudio), nil
		}
	}
	return nil, err
}

// headerDirs returns the folders for -I when one root, or all roots together, have both headers.
func headerDirs(roots ...string) []string {
	var json, stb string
	for _, root := range roots {
		if json == "" && exists(filepath.Join(root, "nlohmann", "json.hpp")) {
			json = root
		}
		if stb == "" && exists(filepath.Join(root, "stb", "stb_image.h")) {
			stb = filepath.Join(root, "stb")
		}
	}
	if json == "" || stb == "" {
		return nil
	}
	if json == "/usr/include" || json == "/usr/local/include" {
		return []string{stb} // the compiler looks there by itself; naming it would change the order
	}
	return []string{json, stb}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// miniaudio returns the folder that holds miniaudio/miniaudio.h.
func (s *Store) miniaudio(ctx context.Context, p Progress) (string, error) {
	a, err := s.pinned(Miniaudio)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(s.Home, "components", "headers")
	want := made{Artifact: a.Name, Version: a.Version, From: a.SHA256}
	if want.in(dir) {
		return dir, nil
	}
	archive, err := s.Ensure(ctx, a, p)
	if err != nil {
		return "", err
	}
	err = s.build(ctx, dir, want, p, func(tmp string) error {
		return untarMember(ctx, archive, a.Members[0], filepath.Join(tmp, "miniaudio", "miniaudio.h"))
	})
	if err != nil {
		return "", fmt.Errorf("take miniaudio.h: %w", err)
	}
	return dir, nil
}
