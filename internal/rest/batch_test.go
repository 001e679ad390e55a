package rest_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/erudika/para-go/internal/servertest"
)

// Large batches wait for each other's memory and all come through; those that are refused give their room back.
func TestLargeBatchesTakeTurns(t *testing.T) {
	app := servertest.Start(t).NewApp(t, "large")
	filler := strings.Repeat("x", 900)
	batch := func(n int) string { // about 1 MB
		parts := make([]string, 1000)
		for i := range parts {
			parts[i] = fmt.Sprintf(`{"id":"o%d-%d","type":"note","text":"%s"}`, n, i, filler)
		}
		return "[" + strings.Join(parts, ",") + "]"
	}
	broken := strings.TrimSuffix(batch(0), "]")
	for range 5 { // more than there is room for, if it were lost
		for _, method := range []string{http.MethodPost, http.MethodPatch} {
			if status, text := app.Send(t, method, "/v1/_batch", broken); status != http.StatusBadRequest {
				t.Fatalf("%s of a broken batch: %d %s", method, status, text)
			}
		}
	}
	var all sync.WaitGroup
	for n := range 6 {
		all.Go(func() {
			if status, text := app.Send(t, http.MethodPost, "/v1/_batch", batch(n)); status != http.StatusOK || strings.Count(text, `"id":"o`) != 1000 {
				t.Errorf("batch %d: %d, %.200s", n, status, text)
			}
		})
	}
	all.Wait()
	if n, err := app.Count(t.Context(), "note"); err != nil || n != 6000 {
		t.Errorf("%d objects, %v", n, err)
	}
}
