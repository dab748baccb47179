package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/intellifit/intellifit/internal/models"
	"github.com/intellifit/intellifit/internal/process"
)

// What a profile needs, in bytes: disk for downloads, unpacked components, models and some months of data; memory for the
// models, PostgreSQL and ourselves.
var (
	diskNeeded   = map[models.Profile]uint64{models.Small: 3e9, models.Standard: 8e9}
	memoryNeeded = map[models.Profile]uint64{models.Small: 1.5e9, models.Standard: 5e9}
)

// What speech needs beside that: two environments of Python with pip's cache, and the models, on the disk; the two servers in
// memory.
var (
	diskForSpeech   = map[models.Profile]uint64{models.Small: 1.5e9, models.Standard: 1.8e9}
	memoryForSpeech = map[models.Profile]uint64{models.Small: 0.7e9, models.Standard: 1.2e9}
)

// diskToRun is what a home that has everything needs to go on.
const diskToRun = 0.5e9

// profile is the one to judge by: without a choice the small one, which `up` can always fall back to.
func (e *examination) profile() models.Profile {
	if models.Profile(e.plan.Profile) == models.Standard {
		return models.Standard
	}
	return models.Small
}

func (e *examination) platform(context.Context) Check {
	const name = "platform"
	if e.machine.OS != "linux" {
		return fail(name, "the components that up provides run on Linux, this is "+e.machine.OS,
			"use Linux, WSL 2 or the containers of docker-compose.yml")
	}
	return ok(name, "Linux")
}

func (e *examination) home(context.Context) Check {
	const name = "data folder"
	if err := e.machine.Writable(e.plan.Home); err != nil {
		return fail(name, fmt.Sprintf("%s cannot be written to: %v", e.plan.Home, cause(err)), "INTELLIFIT_HOME=/a/folder/of/yours intellifit up")
	}
	return ok(name, "%s", e.plan.Home)
}

func (e *examination) account(context.Context) Check {
	const name = "account"
	switch {
	case e.machine.Getenv("DATABASE_URL") != "":
		return ok(name, "PostgreSQL is given by DATABASE_URL")
	case !e.machine.Root:
		return ok(name, "not root: PostgreSQL runs as you")
	}
	account, err := lookupAccount(e.machine.LookupUser)
	if err != nil {
		return fail(name, "running as root, which PostgreSQL refuses, and there is no unprivileged user to run it as",
			"useradd --system --no-create-home intellifit")
	}
	for _, place := range []string{e.plan.Home, awayPlace(e.plan.Home, systemPlace)} {
		reached, _ := account.CanReach(filepath.Join(place, "data"))
		if reached && e.machine.Writable(place) == nil {
			return ok(name, "running as root: PostgreSQL runs as %s under %s", account.Name, place)
		}
	}
	_, barrier := account.CanReach(filepath.Join(e.plan.Home, "data"))
	if barrier == "" {
		barrier = e.plan.Home
	}
	return fail(name, fmt.Sprintf("running as root, and user %s, who must run PostgreSQL, cannot pass %s", account.Name, barrier),
		"INTELLIFIT_HOME="+systemPlace+" intellifit up, or chmod o+x "+barrier)
}

func (e *examination) port(context.Context) Check {
	const name = "port"
	host, number, err := net.SplitHostPort(e.plan.Addr)
	port, convErr := strconv.Atoi(number)
	if err != nil || convErr != nil || port < 0 || port > 65535 {
		return fail(name, fmt.Sprintf("%q is no address to listen on", e.plan.Addr), "intellifit up --addr "+DefaultAddr)
	}
	if e.state != nil && e.state.URL == BaseURL(e.plan.Addr) {
		return ok(name, "%s is held by the running IntelliFit", e.plan.Addr)
	}
	other := "intellifit up --addr " + net.JoinHostPort(host, strconv.Itoa(port%65535+1))
	switch err := e.machine.Listen(e.plan.Addr); {
	case errors.Is(err, syscall.EADDRINUSE):
		by := ""
		if owner := e.machine.PortOwner(port); owner != "" {
			by = " by " + owner
		}
		return fail(name, e.plan.Addr+" is in use"+by, other)
	case errors.Is(err, syscall.EACCES):
		return fail(name, fmt.Sprintf("port %d may be opened by root only", port), "intellifit up --addr "+net.JoinHostPort(host, "8080"))
	case err != nil:
		return fail(name, fmt.Sprintf("cannot listen on %s: %v", e.plan.Addr, cause(err)), "intellifit up --addr "+DefaultAddr)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return warn(name, e.plan.Addr+" can be reached from the network, without encryption",
			"put a proxy with TLS before it, or intellifit up --addr "+net.JoinHostPort(loopback, number))
	}
	return ok(name, "%s is free", e.plan.Addr)
}

// BaseURL is how a client reaches a runner that listens on addr.
func BaseURL(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "http://" + addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = loopback
	}
	return "http://" + net.JoinHostPort(host, port)
}

func (e *examination) disk(context.Context) Check {
	const name = "disk"
	need, whatFor := e.diskNeed(e.profile()), "profile "+string(e.profile())
	if e.furnished() {
		need, whatFor = diskToRun, "what is installed"
		if e.toInstall() != nil {
			need, whatFor = diskToRun+diskForSpeech[e.profile()], "what is installed, with speech,"
		}
	}
	free, err := e.machine.FreeBytes(e.plan.Home)
	if err != nil {
		return warn(name, fmt.Sprintf("the space left for %s is unknown: %v", e.plan.Home, cause(err)), "check it with: df -h "+standing(e.plan.Home))
	}
	if free < need {
		fix := "free some space, or move: INTELLIFIT_HOME=/a/larger/disk intellifit up"
		if e.profile() == models.Standard && free >= e.diskNeed(models.Small) {
			fix = "intellifit up --profile small, or move: INTELLIFIT_HOME=/a/larger/disk intellifit up"
		}
		return fail(name, fmt.Sprintf("%s free at %s, %s needs %s", gigabytes(free), e.plan.Home, whatFor, gigabytes(need)), fix)
	}
	return ok(name, "%s free, %s needs %s", gigabytes(free), whatFor, gigabytes(need))
}

// diskNeed is what a profile needs with everything that is still to come.
func (e *examination) diskNeed(p models.Profile) uint64 {
	if e.toInstall() == nil {
		return diskNeeded[p]
	}
	return diskNeeded[p] + diskForSpeech[p]
}

// memoryNeed is what a profile needs with the servers of speech that run here.
func (e *examination) memoryNeed(p models.Profile) uint64 {
	if len(e.ownSpeech()) == 0 {
		return memoryNeeded[p]
	}
	return memoryNeeded[p] + memoryForSpeech[p]
}

// furnished reports whether a former `up` has brought everything.
func (e *examination) furnished() bool {
	for _, path := range []string{"data/postgres/PG_VERSION", "data/ollama/models/blobs"} {
		if _, err := os.Stat(filepath.Join(e.plan.Home, filepath.FromSlash(path))); err != nil {
			return false
		}
	}
	return true
}

func (e *examination) memory(context.Context) Check {
	const name = "memory"
	need := e.memoryNeed(e.profile())
	total, available, err := e.machine.Memory()
	if err != nil || total == 0 {
		return warn(name, "the memory of this machine is unknown", "check it with: free -h")
	}
	switch {
	case total < need && e.profile() == models.Standard && total >= e.memoryNeed(models.Small):
		return fail(name, fmt.Sprintf("%s, profile standard needs %s", gigabytes(total), gigabytes(need)), "intellifit up --profile small")
	case total < need:
		return fail(name, fmt.Sprintf("%s, profile %s needs %s", gigabytes(total), e.profile(), gigabytes(need)),
			"use a machine with more memory, point OLLAMA_HOST at one, or go without voice: intellifit up --no-voice")
	case available < need && e.state == nil:
		return warn(name, fmt.Sprintf("%s of %s available, profile %s needs %s", gigabytes(available), gigabytes(total), e.profile(), gigabytes(need)),
			"close other programs; otherwise the machine may swap and answer slowly")
	}
	return ok(name, "%s of %s available", gigabytes(available), gigabytes(total))
}

func (e *examination) leftover(context.Context) Check {
	const name = "former run"
	if e.state != nil {
		return ok(name, "IntelliFit runs at %s (pid %d)", e.state.URL, e.state.PID)
	}
	if left, err := readState(e.plan.Home); err == nil && !process.Alive(left.PID) {
		return warn(name, fmt.Sprintf("the last run (pid %d) was killed and left its state behind", left.PID),
			"intellifit up clears it away and recovers the data")
	}
	return ok(name, "nothing left behind")
}
