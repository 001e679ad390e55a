// Command bench measures the real para binary over HTTP with signed requests, and beside it, in the same run, what is the
// most that could be had: a bare net/http handler that verifies the same signatures and writes the same bytes (reads),
// and a bare loop over the same SQLite store (writes). It prints one table. Figures depend on the machine; ratios are
// what matters.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"
)

func main() {
	var o options
	var sizes, clients string
	flag.StringVar(&o.binary, "para", "bin/para", "the server to measure")
	flag.StringVar(&sizes, "objects", "20000", "numbers of objects, comma-separated")
	flag.StringVar(&clients, "clients", "1,64", "numbers of clients, comma-separated")
	flag.DurationVar(&o.time, "time", 3*time.Second, "time for each row")
	flag.StringVar(&o.only, "only", "", "only rows whose name contains this")
	flag.IntVar(&o.tenants, "tenants", 1000, "apps on disk for the second start time; 0 leaves it out")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if o.sizes, err = numbers(sizes); err == nil {
		o.clients, err = numbers(clients)
	}
	if err == nil {
		err = run(ctx, o, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func numbers(list string) ([]int, error) {
	var out []int
	for _, s := range strings.Split(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is not a list of positive numbers", list)
		}
		out = append(out, n)
	}
	return out, nil
}

type options struct {
	binary  string
	sizes   []int
	clients []int
	time    time.Duration
	only    string
	tenants int
}
