package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/intellifit/intellifit/internal/stack"
	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/llm"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

const (
	foodsHead = "id,name,category,kcal,protein,carbs,fat\n"
	kale      = "kale,\"Kale, raw\",Vegetables,35,2.9,4.4,1.5\n"
	oats      = "oats,Oats,Grains,389,17,66,7\n"
)

// installation is a home with a real database, whose Ollama is what the test says.
type installation struct {
	t    *testing.T
	home string
	db   *postgres.DB
}

func newInstallation(t *testing.T, ollama string) *installation {
	t.Helper()
	app, _ := postgrestest.URLs(t)
	db, err := postgres.Open(t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	b := &installation{t: t, home: t.TempDir(), db: db}
	t.Setenv("INTELLIFIT_HOME", b.home)
	if err := (stack.State{PID: os.Getpid(), Phase: stack.PhaseReady, DatabaseURL: app, OllamaHost: ollama}).Save(b.home); err != nil {
		t.Fatal(err)
	}
	return b
}

// fakeOllama embeds every text, and counts them.
func fakeOllama(t *testing.T) (url string, embedded *int) {
	t.Helper()
	embedded = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct{ Input []string }
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil || r.URL.Path != "/api/embed" {
			http.Error(w, "only /api/embed", http.StatusBadRequest)
			return
		}
		*embedded += len(request.Input)
		vectors := make([][]float32, len(request.Input))
		for i := range vectors {
			vectors[i] = make([]float32, llm.Dimensions)
			vectors[i][i%llm.Dimensions] = 1
		}
		if err := json.NewEncoder(w).Encode(map[string]any{"embeddings": vectors}); err != nil {
			t.Errorf("answer: %v", err)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, embedded
}

// gone is the address of a server that has ended.
func gone(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	return server.URL
}

func (b *installation) file(name string, content []byte) string {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		b.t.Fatal(err)
	}
	return path
}

func runImportCommand(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := newImport()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func (b *installation) report(args ...string) importReport {
	b.t.Helper()
	out, err := runImportCommand(b.t, append(args, "-o", "json")...)
	if err != nil {
		b.t.Fatalf("import %v: %v\n%s", args, err, out)
	}
	var r importReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		b.t.Fatalf("%v in %s", err, out)
	}
	return r
}

func (b *installation) as(gymID string) context.Context {
	return gym.WithPrincipal(b.t.Context(), gym.Principal{GymID: gymID, Subject: "test", Role: gym.RoleService})
}

func (b *installation) foods(gymID string) map[string]string {
	b.t.Helper()
	foods, err := b.db.Foods(b.as(gymID), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	names := map[string]string{}
	for _, f := range foods {
		names[f.ID] = f.Name
	}
	return names
}

func TestImportNeedsARunningStack(t *testing.T) {
	home := t.TempDir()
	t.Setenv("INTELLIFIT_HOME", home)
	if _, err := runImportCommand(t, "foods", "foods.csv"); err == nil || !strings.Contains(err.Error(), "intellifit up") {
		t.Errorf("nothing runs: %v", err)
	}
	if err := (stack.State{PID: os.Getpid(), Phase: stack.PhaseStarting}).Save(home); err != nil {
		t.Fatal(err)
	}
	if _, err := runImportCommand(t, "foods", "foods.csv"); err == nil || !strings.Contains(err.Error(), "still starting") {
		t.Errorf("still starting: %v", err)
	}
	for _, args := range [][]string{{}, {"foods"}, {"recipes", "a.csv"}, {"foods", "a.csv", "b.csv"}} {
		if _, err := runImportCommand(t, args...); err == nil || !strings.Contains(err.Error(), "exercises|foods|equipment|members") {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestImportAllOrNothing(t *testing.T) {
	url, embedded := fakeOllama(t)
	b := newInstallation(t, url)
	bad := b.file("foods.csv", []byte(foodsHead+kale+"oil,\"Oil, olive\",Fats and oils,3700,0,0,100\n"+oats+"x,,Grains,1,1,-1,1\n"))
	out, err := runImportCommand(t, "foods", bad)
	if err == nil || !strings.Contains(err.Error(), "2 rows are bad and nothing was imported") {
		t.Errorf("a bad file: %v", err)
	}
	for _, want := range []string{"line 3, kcal: is 3700", "is it in kJ", "line 5, name: is missing", "line 5, carbs: is -1"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if got := b.foods(demoGym); len(got) != 0 || *embedded != 0 {
		t.Errorf("a bad file left %v, %d embedded", got, *embedded)
	}
	r := b.report("foods", bad, "--skip-bad")
	if diff := cmp.Diff(postgres.Changes{Added: 2}, r.Changes); diff != "" || len(r.Bad) != 3 || r.Refused || !r.Embedded || *embedded != 2 {
		t.Errorf("--skip-bad: %+v, %d embedded (-want +got):\n%s", r, *embedded, diff)
	}
	if diff := cmp.Diff(map[string]string{"kale": "Kale, raw", "oats": "Oats"}, b.foods(demoGym)); diff != "" {
		t.Errorf("foods differ (-want +got):\n%s", diff)
	}
}

func TestImportAgain(t *testing.T) {
	url, embedded := fakeOllama(t)
	b := newInstallation(t, url)
	first := b.file("foods.csv", []byte(foodsHead+kale+oats))
	if r := b.report("foods", first); r.Changes != (postgres.Changes{Added: 2}) || *embedded != 2 {
		t.Errorf("first: %+v, %d embedded", r.Changes, *embedded)
	}
	if r := b.report("foods", first); r.Changes != (postgres.Changes{Unchanged: 2}) || *embedded != 2 {
		t.Errorf("again: %+v, %d embedded", r.Changes, *embedded)
	}
	second := b.file("foods.csv", []byte(foodsHead+strings.Replace(kale, "Kale, raw", "Kale, cooked", 1)+oats+"leek,\"Leeks, raw\",Vegetables,61,1.5,14,0.3\n"))
	if r := b.report("foods", second, "--dry-run"); r.Changes != (postgres.Changes{Added: 1, Changed: 1, Unchanged: 1}) || !r.DryRun || *embedded != 2 {
		t.Errorf("dry run: %+v, %d embedded", r, *embedded)
	}
	if got := b.foods(demoGym); len(got) != 2 || got["kale"] != "Kale, raw" {
		t.Errorf("a dry run stored %v", got)
	}
	if r := b.report("foods", second); r.Changes != (postgres.Changes{Added: 1, Changed: 1, Unchanged: 1}) || *embedded != 4 {
		t.Errorf("second: %+v, %d embedded", r.Changes, *embedded)
	}
}

func TestImportIntoAnotherGym(t *testing.T) {
	b := newInstallation(t, gone(t))
	file := b.file("foods.csv", []byte(foodsHead+kale))
	if r := b.report("foods", file, "--gym", "north", "--dry-run"); r.Changes != (postgres.Changes{Added: 1}) {
		t.Errorf("dry run into a gym that is not there: %+v", r.Changes)
	}
	if _, err := b.db.Gym(b.as("north")); err == nil {
		t.Error("a dry run made the gym")
	}
	if _, err := runImportCommand(t, "foods", file, "--gym", "north", "--zone", "Mars/Olympus"); err == nil || !strings.Contains(err.Error(), "time zone") {
		t.Errorf("zone: %v", err)
	}
	r := b.report("foods", file, "--gym", "north", "--zone", "Europe/Oslo")
	if r.Embedded || !strings.Contains(r.Note, "run this import again") {
		t.Errorf("without a model server: %+v", r)
	}
	north, err := b.db.Gym(b.as("north"))
	if err != nil || north.TimeZone != "Europe/Oslo" {
		t.Errorf("gym %+v, %v", north, err)
	}
	if len(b.foods("north")) != 1 || len(b.foods(demoGym)) != 0 {
		t.Errorf("north has %v, the demo gym %v", b.foods("north"), b.foods(demoGym))
	}
}

// Without Ollama the rows are stored, the line says what follows, and the next import brings the vectors.
func TestImportWithoutOllama(t *testing.T) {
	b := newInstallation(t, gone(t))
	file := b.file("foods.csv", []byte(foodsHead+kale))
	out, err := runImportCommand(t, "foods", file)
	if err != nil || !strings.Contains(out, "vectors follow with the next `intellifit up`") || !strings.Contains(out, "does not answer") {
		t.Errorf("%v\n%s", err, out)
	}
	url, embedded := fakeOllama(t)
	state, err := stack.LoadState(b.home)
	if err != nil {
		t.Fatal(err)
	}
	state.OllamaHost = url
	if err := state.Save(b.home); err != nil {
		t.Fatal(err)
	}
	if r := b.report("foods", file); !r.Embedded || r.Unchanged != 1 || *embedded != 1 {
		t.Errorf("with Ollama again: %+v, %d embedded", r, *embedded)
	}
}

func TestImportReadsWhatIsInside(t *testing.T) {
	url, _ := fakeOllama(t)
	b := newInstallation(t, url)
	zip := func(s string) []byte {
		var z bytes.Buffer
		w := gzip.NewWriter(&z)
		if _, err := w.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return z.Bytes()
	}
	foodsJSON := `[{"id":"rice","name":"Rice, white, cooked","category":"Grains","kcal":130,"protein":2.7,"carbs":28,"fat":0.3}]`
	for _, c := range []struct {
		kind, name string
		content    []byte
	}{
		{"foods", "foods.txt", []byte(foodsHead + kale)},
		{"foods", "FOODS.CSV", []byte("\ufeff" + foodsHead + kale)},
		{"foods", "foods.csv", []byte("\n " + foodsJSON)},
		{"foods", "foods.json.gz", zip(foodsJSON)},
		{"foods", "packed", zip(foodsHead + kale)},
		{"equipment", "equipment.csv", []byte("id,name,kind,count\nbar,Bars,barbell,4\n")},
		{"equipment", "equipment.json", []byte(`[{"id":"rack","name":"Rack","kind":"machine"}]`)},
		{"exercises", "exercises.json", []byte(`[{"id":"squat","name":"Barbell Squat","equipment":"barbell","primaryMuscles":["quadriceps"],"category":"strength"}]`)},
	} {
		if r := b.report(c.kind, b.file(c.name, c.content)); r.Rows != 1 || r.Added+r.Unchanged != 1 {
			t.Errorf("%s %s: %+v", c.kind, c.name, r)
		}
	}
	for _, c := range []struct {
		kind, name string
		content    []byte
		says       string
	}{
		{"foods", "empty.csv", nil, "the file is empty; nothing was imported"},
		{"foods", "binary.csv", []byte("id\xff\xfe"), "not UTF-8"},
		{"foods", "cut.json", []byte(foodsJSON[:60]), "row 1"},
		{"foods", "ragged.csv", []byte(foodsHead + kale + "a,b\n"), "line 3"},
		{"foods", "broken.gz", zip(foodsHead)[:15], "unexpected EOF"},
		{"foods", "typo.csv", []byte("id,name,alergens\n"), `the column "alergens" is not known`},
		{"exercises", "exercises.csv", []byte("id,name\na,Squat\n"), "imported from a JSON array"},
		{"members", "members.csv", []byte("id,name\na,Ana\n"), "imported from a JSON array"},
	} {
		if out, err := runImportCommand(t, c.kind, b.file(c.name, c.content)); err == nil || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), c.name) {
			t.Errorf("%s: %v, want %q\n%s", c.name, err, c.says, out)
		}
	}
	if _, err := runImportCommand(t, "foods", filepath.Join(b.home, "none.csv")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("no file: %v", err)
	}
	if _, err := runImportCommand(t, "foods", b.file("foods.csv", []byte(foodsHead+"new,Leeks,Vegetables,1,1,1,1\n")), "-o", "yaml"); err == nil || len(b.foods(demoGym)) != 2 {
		t.Errorf("-o yaml: %v, %v", err, b.foods(demoGym))
	}
}

const memberJSON = `{"id":"%s","name":"Ana","birth_date":"1990-02-03","sex":"female","height_cm":170,"weight_kg":64,"goal":"strength","experience":"beginner","activity":"moderate","days_per_week":3,"session_minutes":60,"allergies":["nuts"],"equipment":["%s"],"coach_id":"%s"}`

func TestImportMembers(t *testing.T) {
	url, _ := fakeOllama(t)
	b := newInstallation(t, url)
	b.report("exercises", b.file("exercises.json", []byte(`[{"id":"squat","name":"Barbell Squat","equipment":"barbell","primaryMuscles":["quadriceps"]}]`)))
	file := b.file("members.json", []byte("["+fmt.Sprintf(memberJSON, "ana", "barbell", "lee")+","+fmt.Sprintf(memberJSON, "ben", "trampoline", "no such id!")+"]"))
	out, err := runImportCommand(t, "members", file)
	if err == nil || !strings.Contains(out, `line 2, equipment: "trampoline" is no equipment of the exercise catalogue: barbell`) || !strings.Contains(out, "line 2, coach_id") {
		t.Errorf("%v\n%s", err, out)
	}
	if r := b.report("members", file, "--skip-bad", "--dry-run"); r.Added != 1 {
		t.Errorf("dry run: %+v", r)
	}
	if r := b.report("members", file, "--skip-bad"); r.Added != 1 || r.Embedded {
		t.Errorf("%+v", r)
	}
	member, err := b.db.Member(b.as(demoGym), "ana")
	if err != nil || member.CoachID != "lee" || len(member.Allergies) != 1 || member.Allergies[0] != gym.TreeNut {
		t.Errorf("%+v, %v", member, err)
	}
	if r := b.report("members", file, "--skip-bad"); r.Unchanged != 1 {
		t.Errorf("again: %+v", r.Changes)
	}
}

func TestImportReview(t *testing.T) {
	url, _ := fakeOllama(t)
	b := newInstallation(t, url)
	var rows strings.Builder
	for i := range 30 {
		fmt.Fprintf(&rows, "bad%d,Kale,Vegetables,x,1,1,1\n", i)
	}
	file := b.file("foods.csv", []byte(foodsHead+kale+"soy,\"Tofu, MEGABRAND\",Plant protein,120,12,2,7\n"+rows.String()))
	review := filepath.Join(b.home, "review.csv")
	out, err := runImportCommand(t, "foods", file, "--skip-bad", "--review", review)
	if err != nil || strings.Count(out, "✗") != badShown || !strings.Contains(out, "… and 10 more") {
		t.Errorf("%v\n%s", err, out)
	}
	for _, want := range []string{"allergens: known 1, unknown 1\n", "role: protein 1, vegetable 1\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	got, err := os.ReadFile(review)
	if err != nil || !strings.HasPrefix(string(got), "id,name,reason\nsoy,\"Tofu, MEGABRAND\",") || !strings.Contains(string(got), "allergens unknown") {
		t.Errorf("review %q, %v", got, err)
	}
	lost := filepath.Join(b.home, "no", "such", "folder.csv")
	if _, err := runImportCommand(t, "foods", b.file("f.csv", []byte(foodsHead+oats)), "--review", lost); err == nil || len(b.foods(demoGym)) != 2 {
		t.Errorf("a review list that cannot be written: %v, %v", err, b.foods(demoGym))
	}
}
