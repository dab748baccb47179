package runner

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/intellifit/intellifit/shared/postgres"
)

// victimVariable makes this test binary a runner on the database that it names.
const victimVariable = "INTELLIFIT_TEST_RUNNER_VICTIM"

// runVictim runs until it is killed. It prints its address first.
func runVictim(url string) {
	if err := victim(url); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func victim(url string) error {
	ctx := context.Background()
	db, err := postgres.Open(ctx, url)
	if err != nil {
		return err
	}
	defer db.Close()
	cfg, err := effectConfig(db, nil, nil)
	if err != nil {
		return err
	}
	if cfg.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	r, err := New(ctx, cfg)
	if err != nil {
		return err
	}
	fmt.Println("http://" + cfg.Listener.Addr().String())
	return r.Run(ctx)
}

// process is a running victim.
type process struct {
	cmd  *exec.Cmd
	base string
}

func startVictim(t *testing.T, url string) process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimVariable+"="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := process{cmd: cmd}
	t.Cleanup(p.kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the runner did not start: %v", err)
	}
	p.base = strings.TrimSpace(line)
	return p
}

// kill is kill -9: nothing of the process runs after it.
func (p process) kill() {
	_ = p.cmd.Process.Kill() // twice is fine
	_ = p.cmd.Wait()
}

// eventually asks until the answer is yes. The bound is for a broken build; a test asserts no time.
func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if yes() {
			return
		}
	}
	t.Fatalf("in vain: %s", what)
}
