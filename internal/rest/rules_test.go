package rest_test

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/internal/servertest"
)

const rootSecret = servertest.RootSecret

// start runs a server with an empty store and returns its address and a client of the root app.
func start(t *testing.T) (endpoint string, root *client.Client) {
	t.Helper()
	return startWith(t)
}

// newApp makes an app and returns a client with its keys.
func newApp(t *testing.T, endpoint string, root *client.Client, id string) *client.Client {
	t.Helper()
	keys, err := root.SetupApp(t.Context(), id, client.NewApp{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Options{AccessKey: keys.AccessKey, Secret: keys.SecretKey, Endpoint: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// Constraints, permissions, settings and types all live in the app's record: whoever changes it at the same time as
// somebody else must not lose anything (D26, D31, D93).
func TestChangesOfAnAppAtOnce(t *testing.T) {
	endpoint, root := start(t)
	c := newApp(t, endpoint, root, "busy")
	ctx := t.Context()
	const n = 24
	var all sync.WaitGroup
	do := func(f func() error) {
		all.Add(1)
		go func() {
			defer all.Done()
			if err := f(); err != nil {
				t.Error(err)
			}
		}()
	}
	for i := range n {
		do(func() error {
			_, err := c.AddConstraint(ctx, fmt.Sprintf("ruled%d", i), "f", client.Required())
			return err
		})
		do(func() error {
			_, err := c.Grant(ctx, fmt.Sprintf("user%d", i), fmt.Sprintf("granted%d/1", i), client.AllowGet)
			return err
		})
		do(func() error { return c.SetSetting(ctx, fmt.Sprintf("key%d", i), i) })
		do(func() error {
			_, err := c.Create(ctx, para.New(fmt.Sprintf("made%d", i)))
			return err
		})
	}
	all.Wait()
	types, err := c.Types(ctx)
	if err != nil {
		t.Fatal(err)
	}
	permissions, err := c.Permissions(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	constraints, err := c.Constraints(ctx, "")
	if err != nil {
		t.Fatal(err)
	}
	settings, err := c.Settings(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if constraints[fmt.Sprintf("ruled%d", i)]["f"]["required"] == nil {
			t.Errorf("constraint %d is lost", i)
		}
		if len(permissions[fmt.Sprintf("user%d", i)]) != 1 {
			t.Errorf("permission %d is lost", i)
		}
		if _, ok := settings[fmt.Sprintf("key%d", i)]; !ok {
			t.Errorf("setting %d is lost", i)
		}
		for _, kind := range []string{"ruled", "granted", "made"} {
			if name := fmt.Sprintf("%s%d", kind, i); types[name+"s"] != name {
				t.Errorf("type %s is lost", name)
			}
		}
	}
}

// A slash inside a segment of the permission routes is not one between segments: the check stays open to guests, the
// permissions of a subject do not (D73).
func TestPermissionsOfSubjectsWithSlashes(t *testing.T) {
	endpoint, root := start(t)
	newApp(t, endpoint, root, "slashes")
	for path, want := range map[string]int{
		"/v1/_permissions/u1/utils%2Ftimestamp/GET": http.StatusOK,
		"/v1/_permissions/u1/dG9kbw/GET":            http.StatusOK,
		"/v1/_permissions/*":                        http.StatusOK,
		"/v1/_permissions/u1":                       http.StatusForbidden,
		"/v1/_permissions/u1%2Fx%2Fy":               http.StatusForbidden,
		"/v1/_permissions":                          http.StatusForbidden,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint+path+"?accessKey=app:slashes", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%s: got %d %s, want %d", path, answer.StatusCode, body, want)
		}
	}
}
