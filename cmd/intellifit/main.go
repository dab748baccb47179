// Command intellifit runs the whole product on one machine: the inference servers, the database, the functions and the
// tools around them. `intellifit up` is the first command of every user.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newRoot().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "intellifit:", err)
		os.Exit(1)
	}
}
