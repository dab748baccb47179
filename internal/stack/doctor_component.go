package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/intellifit/intellifit/internal/models"
)

// toBuild reports whether `up` has to compile Ollama.
func (e *examination) toBuild() bool {
	if e.machine.Getenv("OLLAMA_HOST") != "" {
		return false
	}
	if _, err := e.machine.LookPath("ollama"); err == nil {
		return false
	}
	_, err := os.Stat(filepath.Join(e.plan.Home, "components", "ollama", "ollama"))
	return err != nil
}

func (e *examination) compiler(context.Context) Check {
	const name = "compiler"
	if !e.toBuild() {
		return ok(name, "not needed: Ollama is there")
	}
	var missing []string
	if !e.has("g++", "clang++") || !e.has("gcc", "clang") {
		missing = append(missing, "a C and C++ compiler")
	}
	if !e.has("go") {
		missing = append(missing, "Go")
	}
	if missing == nil {
		return ok(name, "C++ and Go are there to build Ollama, once")
	}
	fix := "apt-get install --yes g++"
	if !e.has("go") {
		fix = "install Go from your distribution or go.dev"
		if len(missing) > 1 {
			fix = "apt-get install --yes g++, and " + fix
		}
	}
	return fail(name, "Ollama is not on PATH, and to build it "+strings.Join(missing, " and ")+" is missing",
		fix+"; or install Ollama, or set OLLAMA_HOST to a running one")
}

func (e *examination) has(names ...string) bool {
	for _, name := range names {
		if _, err := e.machine.LookPath(name); err == nil {
			return true
		}
	}
	return false
}

// downloads tries the source of what is not here yet.
func (e *examination) downloads(ctx context.Context) Check {
	const name = "downloads"
	store := models.NewStore(e.plan.Home, e.machine.Getenv)
	wanted := []string{}
	if e.machine.Getenv("DATABASE_URL") == "" {
		wanted = append(wanted, models.Postgres)
	}
	if e.profile() == models.Small {
		wanted = append(wanted, models.CoachSmall, models.EmbedSmall)
	}
	if e.toBuild() {
		wanted = append(wanted, models.Miniaudio)
	}
	wanted = append(wanted, e.speechArtifacts()...)
	var missing []string
	var size int64
	if e.toInstall() != nil {
		missing, size = append(missing, "Python packages"), pythonPackages
	}
	for _, artifact := range wanted {
		a, err := models.Pinned(artifact)
		if err != nil {
			return fail(name, err.Error(), "set DATABASE_URL and OLLAMA_HOST to servers of yours")
		}
		if _, err := os.Stat(store.Path(a)); err != nil {
			missing, size = append(missing, artifact), size+a.Size
		}
	}
	if missing == nil {
		return ok(name, "everything is on this machine")
	}
	from := store.Index
	if store.Mirror != "" {
		from = store.Mirror
	}
	if err := e.machine.Reach(ctx, from); err != nil {
		return fail(name, fmt.Sprintf("%s must still be fetched, and %s does not answer: %v", strings.Join(missing, ", "), host(from), cause(err)),
			"connect this machine, set HTTPS_PROXY, name an index of your own (PIP_INDEX_URL), or a folder with the files: INTELLIFIT_MIRROR=/DIR intellifit up")
	}
	return ok(name, "%s to fetch: %s", gigabytes(uint64(size)), strings.Join(missing, ", "))
}

func host(raw string) string {
	if a := address(raw); a != "" {
		return a
	}
	return raw
}

func (e *examination) postgres(ctx context.Context) Check {
	given := e.machine.Getenv("DATABASE_URL")
	if given == "" {
		return ok(postgres, "started by up")
	}
	version, err := e.machine.AskPostgres(ctx, given)
	switch {
	case errors.Is(err, errNoVector):
		return fail(postgres, fmt.Sprintf("the server at %s has no pgvector", address(given)),
			"install pgvector 0.7 or newer on that server, or unset DATABASE_URL to have one provided")
	case err != nil:
		return fail(postgres, fmt.Sprintf("DATABASE_URL is set, and %s does not answer: %v", address(given), cause(err)),
			"start that server, correct DATABASE_URL, or unset it to have one provided")
	case e.machine.Getenv("MIGRATE_DATABASE_URL") == "":
		return fail(postgres, "DATABASE_URL is set without MIGRATE_DATABASE_URL, so the tables cannot be made: the runtime role owns none",
			"set MIGRATE_DATABASE_URL to the same database as its owner intellifit_owner")
	}
	return ok(postgres, "%s at %s", version, address(given))
}

func (e *examination) redis(ctx context.Context) Check {
	given := e.machine.Getenv("REDIS_URL")
	if given == "" {
		return ok(redis, "started by up")
	}
	version, err := e.machine.AskRedis(ctx, given)
	if err != nil {
		return fail(redis, fmt.Sprintf("REDIS_URL is set, and %s does not answer: %v", host(given), cause(err)),
			"start that server, correct REDIS_URL, or unset it to have one provided")
	}
	return ok(redis, "%s at %s", version, host(given))
}

func (e *examination) ollama(ctx context.Context) Check {
	given := e.machine.Getenv("OLLAMA_HOST")
	if given == "" {
		return ok(ollama, "started by up")
	}
	version, err := e.machine.AskOllama(ctx, given)
	if err != nil {
		return fail(ollama, fmt.Sprintf("OLLAMA_HOST is set, and %s does not answer: %v", given, cause(err)),
			"start it there (OLLAMA_HOST=0.0.0.0 ollama serve on that machine), correct OLLAMA_HOST, or unset it to have one provided")
	}
	return ok(ollama, "%s at %s", version, given)
}

// models compares what Ollama has under our aliases with what `up` made.
func (e *examination) models(ctx context.Context) Check {
	const name = "models"
	if e.state == nil || e.state.Phase != PhaseReady {
		return ok(name, "made by up when Ollama runs")
	}
	if e.plan.Aliases == nil {
		return ok(name, "profile %s", e.state.Profile)
	}
	if err := e.plan.Aliases(ctx, e.state.OllamaHost); err != nil {
		var missing *models.MissingError
		if errors.As(err, &missing) {
			return fail(name, missing.What, missing.Fix)
		}
		return fail(name, err.Error(), "intellifit down && intellifit up")
	}
	return ok(name, "coach and embed are those of profile %s", e.state.Profile)
}

// device says what the model computes on.
func (e *examination) device(ctx context.Context) Check {
	const name = "device"
	card := e.machine.GPU(ctx)
	if e.state == nil {
		if card != "" {
			return ok(name, "%s: Ollama uses it when its build can", card)
		}
		return ok(name, "CPU: no GPU found")
	}
	loaded, err := Models(ctx, e.state.OllamaHost)
	if err != nil {
		return warn(name, fmt.Sprintf("Ollama does not say what it computes on: %v", cause(err)), "look into the log: "+filepath.Join(e.plan.Home, "logs", "ollama.log"))
	}
	serves := Device(loaded, filepath.Join(e.plan.Home, "logs", "ollama.log"))
	if card != "" && serves == "CPU" {
		return warn(name, fmt.Sprintf("there is a GPU (%s), but Ollama computes on the CPU", card),
			"install Ollama's own release, which brings the GPU libraries, so that it is on PATH; then intellifit down && intellifit up")
	}
	return ok(name, "%s", serves)
}
