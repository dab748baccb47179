package stack

import (
	"fmt"
	"net"
	"strconv"
)

// loopback is the only address that a component of ours listens on.
const loopback = "127.0.0.1"

// freePort returns preferred when nothing listens there, else a port that the kernel picks.
func freePort(preferred int) (int, error) {
	for _, port := range []int{preferred, 0} {
		l, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
		if err != nil {
			continue
		}
		port = l.Addr().(*net.TCPAddr).Port
		if err := l.Close(); err != nil {
			return 0, fmt.Errorf("find a free port: %w", err)
		}
		return port, nil
	}
	return 0, fmt.Errorf("find a free port: none on %s", loopback)
}

// reservePort listens on the port that freePort would return, so that nobody else does until its server starts.
func reservePort(preferred int) (net.Listener, error) {
	for _, port := range []int{preferred, 0} {
		if l, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port))); err == nil {
			return l, nil
		}
	}
	return nil, fmt.Errorf("find a free port: none on %s", loopback)
}
