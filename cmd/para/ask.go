package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// ask asks a person on a terminal; elsewhere the default is taken, so that scripts never wait. The answer to a hidden
// question, and its default, are not shown. Errors: the context's, when the person interrupts.
func (t *tool) ask(ctx context.Context, question, def string, hidden bool) (string, error) {
	f, ok := t.in.(*os.File)
	if !ok || !terminal(f) {
		return def, nil
	}
	switch {
	case def == "":
		fmt.Fprintf(t.err, "%s: ", question)
	case hidden:
		fmt.Fprintf(t.err, "%s [keep the one found]: ", question)
	default:
		fmt.Fprintf(t.err, "%s [%s]: ", question, def)
	}
	before, err := term.GetState(int(f.Fd()))
	if err != nil {
		return "", fmt.Errorf("ask: %w", err)
	}
	type answer struct {
		text string
		err  error
	}
	answered := make(chan answer, 1)
	if t.lines == nil {
		t.lines = bufio.NewReader(t.in)
	}
	go func() { // reading a terminal cannot be interrupted
		if hidden {
			line, err := term.ReadPassword(int(f.Fd()))
			fmt.Fprintln(t.err)
			answered <- answer{string(line), err}
			return
		}
		line, err := t.lines.ReadString('\n')
		answered <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(t.err)
		return "", errors.Join(ctx.Err(), term.Restore(int(f.Fd()), before))
	case a := <-answered:
		if a.err != nil && !errors.Is(a.err, io.EOF) {
			return "", fmt.Errorf("ask: %w", a.err)
		}
		return firstOf(strings.TrimSpace(a.text), def), nil
	}
}

// confirm lets a person agree to what cannot be undone by typing yes. Without a terminal yes must be said by the flag
// --yes.
func (t *tool) confirm(ctx context.Context, yes bool, what string) error {
	if yes {
		return nil
	}
	if !terminal(t.in) {
		return usageError{errors.New(what + " Say --yes if that is meant.")}
	}
	answer, err := t.ask(ctx, what+" Type yes to go on", "", false)
	if err != nil {
		return err
	}
	if answer != "yes" {
		return fmt.Errorf("%w: nothing was changed", errCancelled)
	}
	return nil
}

// errCancelled ends a command that a person did not agree to.
var errCancelled = errors.New("cancelled")
