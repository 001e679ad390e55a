// Package diagnose records the steps of a check that tells an administrator what works, what fails, why, and how to mend it.
package diagnose

import (
	"fmt"
	"io"
)

// State says how a step went.
type State string

// The states of a step.
const (
	OK      State = "ok"
	Warning State = "warning" // works, but should not stay as it is
	Failed  State = "failed"
	Skipped State = "skipped" // could not be tried, or there is nothing to try
)

// Step is one step of a check. Neither text holds a secret.
type Step struct {
	Name   string `json:"name"`
	State  State  `json:"state"`
	Detail string `json:"detail"`           // what was found, or what failed and why
	Remedy string `json:"remedy,omitempty"` // what to do about it
}

// Report is what a check found, step by step.
type Report struct {
	Steps []Step `json:"steps"`
}

// OK records a step that works.
func (r *Report) OK(name, detail string) { r.add(name, OK, detail, "") }

// Warn records a step that works and should be changed nevertheless.
func (r *Report) Warn(name, detail, remedy string) { r.add(name, Warning, detail, remedy) }

// Fail records a step that fails.
func (r *Report) Fail(name, detail, remedy string) { r.add(name, Failed, detail, remedy) }

// Skip records a step that was not tried.
func (r *Report) Skip(name, why string) { r.add(name, Skipped, why, "") }

func (r *Report) add(name string, state State, detail, remedy string) {
	r.Steps = append(r.Steps, Step{Name: name, State: state, Detail: detail, Remedy: remedy})
}

// Failed says whether any step failed.
func (r *Report) Failed() bool {
	for _, s := range r.Steps {
		if s.State == Failed {
			return true
		}
	}
	return false
}

// Write prints the report, one line for each step and one for each remedy.
func (r *Report) Write(w io.Writer) error {
	for _, s := range r.Steps {
		if _, err := fmt.Fprintf(w, "%-7s  %s: %s\n", s.State, s.Name, s.Detail); err != nil {
			return err
		}
		if s.Remedy == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "         -> %s\n", s.Remedy); err != nil {
			return err
		}
	}
	return nil
}
