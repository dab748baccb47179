package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/intellifit/intellifit/shared/gym"
	"github.com/intellifit/intellifit/shared/planner"
	"github.com/intellifit/intellifit/shared/postgres"
	"github.com/intellifit/intellifit/shared/postgres/postgrestest"
)

var (
	_ planner.Members = (*postgres.DB)(nil)
	_ planner.Library = (*postgres.DB)(nil)
	_ planner.Plans   = (*postgres.DB)(nil)
)

func member(id, coach string) gym.Member {
	return gym.Member{
		ID: id, Name: "Name of " + id, BirthDate: gym.NewDate(1990, time.April, 12), Sex: gym.Female, HeightCM: 170, WeightKG: 68,
		Goal: gym.Strength, Experience: gym.Beginner, Activity: gym.Light, DaysPerWeek: 3, SessionMinutes: 60, Diet: gym.NoDiet,
		Injuries: []gym.Injury{{Site: gym.Knee, Status: gym.Pain, Note: "private"}}, Allergies: []gym.Allergen{gym.Soy}, CoachID: coach,
		Equipment: []string{}, Conditions: []gym.Condition{}, Likes: []string{}, Dislikes: []string{},
	}
}

// populate gives the gym two coaches and a member for each.
func populate(t *testing.T, db *postgres.DB) {
	t.Helper()
	ctx := postgrestest.Service(t.Context())
	if _, err := db.UpsertCoaches(ctx, []gym.Coach{{ID: "kim", Name: "Kim"}, {ID: "lee", Name: "Lee"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.UpsertMembers(ctx, []gym.Member{member("anna", "kim"), member("ben", "lee")}); err != nil {
		t.Fatal(err)
	}
}

func plan(id, memberID string) planner.Plan {
	return planner.Plan{ID: id, MemberID: memberID, Version: 1, CreatedAt: time.Now().UTC().Truncate(time.Microsecond), Goal: gym.Health, Weeks: 8,
		Source: planner.SourceRules, RulesVersion: "test", Seed: 7, Warnings: []planner.Warning{}}
}

func TestMemberRoundTrip(t *testing.T) {
	db := postgrestest.Open(t)
	populate(t, db)
	got, err := db.Member(postgrestest.Service(t.Context()), "anna")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(member("anna", "kim"), got); diff != "" {
		t.Errorf("Member(anna) (-want +got):\n%s", diff)
	}
}

func TestUpsertCountsChanges(t *testing.T) {
	db := postgrestest.Open(t)
	populate(t, db)
	changed := member("anna", "kim")
	changed.WeightKG = 66
	got, err := db.UpsertMembers(postgrestest.Service(t.Context()), []gym.Member{changed, member("ben", "lee"), member("cleo", "")})
	if err != nil {
		t.Fatal(err)
	}
	if want := (postgres.Changes{Added: 1, Changed: 1, Unchanged: 1}); got != want {
		t.Errorf("UpsertMembers = %+v, want %+v", got, want)
	}
}

func TestUpsertIsAllOrNothing(t *testing.T) {
	db := postgrestest.Open(t)
	populate(t, db)
	broken := member("dora", "")
	broken.Sex = "unknown"
	_, err := db.UpsertMembers(postgrestest.Service(t.Context()), []gym.Member{member("cleo", ""), broken})
	if !errors.Is(err, gym.ErrInvalid) {
		t.Fatalf("UpsertMembers with a broken row: %v, want gym.ErrInvalid", err)
	}
	if _, err := db.Member(postgrestest.Service(t.Context()), "cleo"); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("the good row before the broken one was kept: %v", err)
	}
}

func TestWhoSeesWhom(t *testing.T) {
	db := postgrestest.Open(t)
	populate(t, db)
	other := gym.WithPrincipal(t.Context(), gym.Principal{GymID: "othergym", Subject: "importer", Role: gym.RoleService})
	for _, tt := range []struct {
		name string
		ctx  context.Context
		want []string
	}{
		{"a member sees only itself", postgrestest.As(t.Context(), "anna", gym.RoleMember), []string{"anna"}},
		{"a coach sees the assigned", postgrestest.As(t.Context(), "lee", gym.RoleCoach), []string{"ben"}},
		{"a coach of that name elsewhere sees nobody", postgrestest.As(t.Context(), "anna", gym.RoleCoach), nil},
		{"a manager sees no profile", postgrestest.As(t.Context(), "boss", gym.RoleManager), nil},
		{"the service sees the gym", postgrestest.Service(t.Context()), []string{"anna", "ben"}},
		{"another gym sees nobody", other, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			members, err := db.Members(tt.ctx)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range members {
				got = append(got, m.ID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNobodySeesNothing(t *testing.T) {
	app, _ := postgrestest.URLs(t)
	conn, err := pgx.Connect(t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, table := range []string{"gym", "coach", "member", "equipment", "exercise", "food", "plan", "plan_version", "call"} {
		var n int
		if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s without a principal: %d rows, %v", table, n, err)
		}
	}
	db := postgrestest.Open(t)
	if _, err := db.Members(t.Context()); !errors.Is(err, gym.ErrUnauthorized) {
		t.Errorf("Members without a principal: %v, want gym.ErrUnauthorized", err)
	}
}

// TestEveryTableIsGuarded fails when somebody adds a table with a gym or a member and forgets its policies.
func TestEveryTableIsGuarded(t *testing.T) {
	app, _ := postgrestest.URLs(t)
	conn, err := pgx.Connect(t.Context(), app)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), `
		SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid),
		  pg_get_userbyid(c.relowner)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND (c.relname = 'gym' OR EXISTS (
		  SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('gym_id', 'member_id') AND NOT a.attisdropped))`)
	if err != nil {
		t.Fatal(err)
	}
	type table struct {
		Name    string
		Guarded bool
		Owner   string
	}
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByPos[table])
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) < 9 {
		t.Errorf("found %d guarded tables, the schema has at least 9", len(tables))
	}
	for _, table := range tables {
		if !table.Guarded {
			t.Errorf("table %s lacks forced row-level security or a policy", table.Name)
		}
		if table.Owner == postgres.AppRole {
			t.Errorf("the runtime role owns table %s", table.Name)
		}
	}
}

func TestPlanOfAnother(t *testing.T) {
	db := postgrestest.Open(t)
	populate(t, db)
	anna, ben := postgrestest.As(t.Context(), "anna", gym.RoleMember), postgrestest.As(t.Context(), "ben", gym.RoleMember)
	if _, _, err := db.CreatePlan(anna, plan("p1", "anna"), "call-1"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Plan(ben, "p1"); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("another member reads the plan: %v, want gym.ErrNotFound", err)
	}
	if _, _, err := db.CreatePlan(ben, plan("p2", "anna"), ""); !errors.Is(err, gym.ErrForbidden) {
		t.Errorf("another member writes a plan: %v, want gym.ErrForbidden", err)
	}
	revised := plan("p1", "anna")
	revised.Version = 2
	if _, err := db.RevisePlan(ben, revised, ""); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("another member revises the plan: %v, want gym.ErrNotFound", err)
	}
	if _, err := db.ApprovePlan(postgrestest.As(t.Context(), "lee", gym.RoleCoach), "p1", "lee", time.Now()); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("another coach approves: %v, want gym.ErrNotFound", err)
	}
	if _, err := db.ApprovePlan(anna, "p1", "anna", time.Now()); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("the member approves: %v, want gym.ErrNotFound", err)
	}
	approved, err := db.ApprovePlan(postgrestest.As(t.Context(), "kim", gym.RoleCoach), "p1", "kim", time.Now())
	if err != nil || approved.Approval == nil || approved.Approval.CoachID != "kim" || approved.Approval.Version != 1 {
		t.Errorf("the member's coach approves: %+v, %v", approved.Approval, err)
	}
}

func TestCreatePlanOncePerCall(t *testing.T) {
	db := postgrestest.Open(t)
	populate(t, db)
	anna := postgrestest.As(t.Context(), "anna", gym.RoleMember)
	const callers = 10
	ids := make(chan string, callers)
	for i := range callers {
		go func() {
			p, _, err := db.CreatePlan(anna, plan("p"+string(rune('a'+i)), "anna"), "same-call")
			if err != nil {
				t.Error(err)
			}
			ids <- p.ID
		}()
	}
	first := <-ids
	for range callers - 1 {
		if id := <-ids; id != first {
			t.Errorf("one call gave two plans: %s and %s", first, id)
		}
	}
}

func TestReviseConflict(t *testing.T) {
	db := postgrestest.Open(t)
	populate(t, db)
	anna := postgrestest.As(t.Context(), "anna", gym.RoleMember)
	p := plan("p1", "anna")
	if _, _, err := db.CreatePlan(anna, p, ""); err != nil {
		t.Fatal(err)
	}
	p.Version = 2
	if _, err := db.RevisePlan(anna, p, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := db.RevisePlan(anna, p, ""); !errors.Is(err, gym.ErrConflict) {
		t.Errorf("the same version twice: %v, want gym.ErrConflict", err)
	}
}

func TestNulByteIsRefused(t *testing.T) {
	db := postgrestest.Open(t)
	m := member("nul", "")
	m.Name = "a\x00b"
	if _, err := db.UpsertMembers(postgrestest.Service(t.Context()), []gym.Member{m}); !errors.Is(err, gym.ErrInvalid) {
		t.Errorf("a NUL byte: %v, want gym.ErrInvalid", err)
	}
}

// TestDeleteGym: a gym goes with all that is its own, and no other one does.
func TestDeleteGym(t *testing.T) {
	t.Parallel()
	db := postgrestest.Open(t)
	populate(t, db)
	mine := postgrestest.Service(t.Context())
	other := gym.WithPrincipal(t.Context(), gym.Principal{GymID: "other", Subject: "importer", Role: gym.RoleService})
	if err := db.UpsertGym(other, gym.Gym{ID: "other", Name: "Other", TimeZone: "UTC"}); err != nil {
		t.Fatal(err)
	}
	for _, role := range []gym.Role{gym.RoleMember, gym.RoleManager} {
		if err := db.DeleteGym(postgrestest.As(t.Context(), "anna", role)); err != nil {
			t.Errorf("a %s tries: %v", role, err)
		}
	}
	if _, err := db.Member(mine, "anna"); err != nil {
		t.Errorf("after others tried: %v", err)
	}
	if err := db.DeleteGym(mine); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Gym(mine); !errors.Is(err, gym.ErrNotFound) {
		t.Errorf("the gym is there still: %v", err)
	}
	if empty, err := db.Empty(mine); err != nil || !empty {
		t.Errorf("its rows are there still: %t, %v", empty, err)
	}
	if _, err := db.Gym(other); err != nil {
		t.Errorf("the other gym: %v", err)
	}
}
