package model

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/erudika/para-go/internal/sigv4"
)

// TestAppRecord lets clients change the record of one app in every way there is: settings, permissions, constraints, new
// types and the record itself. No change may be lost, nor come back (D26, D31, D93).
func TestAppRecord(t *testing.T) {
	const rounds = 5
	r := startServer(t)
	c := r.app("record")
	send := func(method string, path []string, body any) {
		text := ""
		if body != nil {
			text = text0(body)
		}
		a, err := c.send(method, path, nil, text)
		if err != nil || a.status/100 != 2 {
			t.Errorf("%s %v %s: %v %v", method, path, text, a, err)
		}
	}
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for j := range rounds {
				name := fmt.Sprintf("x%dy%d", i, j)
				send("PUT", []string{"_settings", name}, map[string]any{"value": name})
				send("PUT", []string{"_permissions", "u" + name, base64.RawURLEncoding.EncodeToString([]byte("cat"))}, []string{"GET"})
				send("PUT", []string{"_constraints", "cat", "f" + name, "required"}, map[string]any{})
				send("POST", []string{"single" + name}, map[string]any{"id": "s" + name})
				send("POST", []string{"_batch"}, []any{map[string]any{"type": "batch" + name}})
				send("PATCH", []string{"app", "record"}, map[string]any{"tokenValiditySec": 1000 + j})
				if j%2 == 1 { // take the one before back
					name = fmt.Sprintf("x%dy%d", i, j-1)
					send("DELETE", []string{"_settings", name}, nil)
					send("DELETE", []string{"_permissions", "u" + name}, nil)
					send("DELETE", []string{"_constraints", "cat", "f" + name, "required"}, nil)
				}
			}
		})
	}
	all.Wait()
	settings, permissions, fields := map[string]any{}, map[string]any{}, map[string]any{}
	types := newWorld("record").allTypes()
	for i := range clients {
		for j := range rounds {
			name := fmt.Sprintf("x%dy%d", i, j)
			for _, typ := range []string{"single" + name, "batch" + name} {
				types[plural(typ)] = typ
			}
			if j%2 == 0 && j < rounds-1 {
				continue
			}
			settings[name] = name
			permissions["u"+name] = map[string]any{"cat": []any{"GET"}}
			fields["f"+name] = map[string]any{"required": map[string]any{"message": "messages.required"}}
		}
	}
	types["cats"] = "cat"
	known := map[string]any{}
	for p, s := range types {
		known[p] = s
	}
	check := func(when string) {
		for route, want := range map[string]any{"_settings": settings, "_permissions": permissions, "_types": known} {
			a, err := c.get(route)
			if err != nil {
				t.Fatal(err)
			}
			if d := disagree(ok(want), a); d != "" {
				t.Errorf("%s, %s: %s", when, route, d)
			}
		}
		a, err := c.get("_constraints", "cat")
		if err != nil {
			t.Fatal(err)
		}
		if d := disagree(ok(map[string]any{"cat": fields}), a); d != "" {
			t.Errorf("%s, constraints: %s", when, d)
		}
	}
	check("at once")
	r.stop()
	checkFiles(t, r.dir)
	r.start()
	c = r.root().as(c.keys)
	check("after a restart")
}

// TestCreateAppAtOnce lets clients create the same app: one gets its keys, and they work (C 5.4).
func TestCreateAppAtOnce(t *testing.T) {
	r := startServer(t)
	root := r.root()
	for round := range 5 {
		id := fmt.Sprintf("same-%d", round)
		var mu sync.Mutex
		var made []*caller
		var all sync.WaitGroup
		for range clients {
			all.Go(func() {
				a, err := root.get("_setup", id)
				if err != nil || a.status != 200 {
					t.Errorf("create: %v %v", a, err)
					return
				}
				o := a.object()
				if o["message"] == "All set!" && len(o) == 1 {
					return
				}
				access, _ := o["accessKey"].(string)
				secret, _ := o["secretKey"].(string)
				mu.Lock()
				defer mu.Unlock()
				made = append(made, root.as(sigv4.Credentials{AccessKey: access, Secret: secret}))
			})
		}
		all.Wait()
		if len(made) != 1 {
			t.Fatalf("%d clients got keys of the app", len(made))
		}
		if d := usable(made[0], id); d != "" {
			t.Error(d)
		}
	}
}

// usable writes, reads and finds an object of an app that has none.
func usable(c *caller, app string) string {
	w := newWorld(app)
	w.now = span{time.Now().UnixMilli(), time.Now().Add(time.Minute).UnixMilli()}
	for _, k := range []*call{
		request("GET", nil, "search", "count"),
		request("GET", nil, "_types"),
		request("GET", nil, "_settings"),
		request("PUT", map[string]any{"text": "amber", "timestamp": 1700000000000, "updated": 1700000000000, "name": "Alpha"}, "cat", "c1"),
		request("GET", nil, "cat", "c1"),
		request("GET", nil, "cats").with("q", "amber"),
		request("DELETE", nil, "cat", "c1"),
	} {
		a, err := c.send(k.method, k.path, k.query, k.body)
		if err != nil {
			return err.Error()
		}
		w.got = a
		if d := disagree(w.apply(k), a); d != "" {
			return fmt.Sprintf("app %s: %s: %s", app, k, d)
		}
	}
	return ""
}

// TestDeleteAppInUse deletes an app while clients use it, and creates it again at once: the old keys are void, nothing
// is left on the disk, and the new app is empty (D35).
func TestDeleteAppInUse(t *testing.T) {
	r := startServer(t)
	root := r.root()
	for round := range 6 {
		again := round%2 == 1
		id := fmt.Sprintf("gone-%d", round)
		c := r.app(id)
		var writes atomic.Int64
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() { useUntilGone(t, c, i, &writes) })
		}
		for writes.Load() < 20 && !t.Failed() {
			time.Sleep(time.Millisecond)
		}
		by, path := root, []string{"apps", "app:" + id}
		if round >= 3 {
			by, path = c, []string{"app", id}
		}
		if a, err := by.send("DELETE", path, nil, ""); err != nil || a.status != 200 || len(a.data) > 0 {
			t.Fatalf("delete the app: %v %v", a, err)
		}
		if a, err := c.get("cat", "c1"); err != nil || a.status != 404 || a.object()["message"] != "App not found." {
			t.Errorf("the keys of a deleted app: %v %v", a, err)
		}
		if again {
			fresh := r.app(id)
			all.Wait()
			if d := usable(fresh, id); d != "" {
				t.Errorf("round %d, the app made again: %s", round, d)
			}
			continue
		}
		all.Wait()
		if left := filesOf(t, r.dir, id); len(left) > 0 {
			t.Errorf("of a deleted app is left: %v", left)
		}
		if d := usable(r.app(id), id); d != "" {
			t.Errorf("round %d, the app made again: %s", round, d)
		}
	}
	r.stop()
	checkFiles(t, r.dir)
}

// useUntilGone writes to an app until its keys are void.
func useUntilGone(t *testing.T, c *caller, me int, writes *atomic.Int64) {
	for n := 0; !t.Failed(); n++ {
		id := fmt.Sprintf("c%d", n%3)
		var a *answer
		var err error
		switch (n + me) % 7 {
		case 0:
			a, err = c.send("POST", []string{fmt.Sprintf("type%dx%d", me, n)}, nil, `{"text":"amber"}`)
		case 1:
			a, err = c.send("PATCH", []string{"cat", id}, nil, `{"n":1}`)
			if err == nil && a.status == 404 && a.object()["message"] == "Not Found" {
				a.status = 200 // the object is not there yet
			}
		case 2:
			a, err = c.send("POST", []string{"_batch"}, nil, `[{"type":"cat"},{"type":"cat","id":"`+id+`"}]`)
		case 3:
			a, err = c.send("PUT", []string{"_settings", id}, nil, `{"value":1}`)
		case 4:
			// What is accepted now is done some time later, if the app is still there.
			later := *c
			later.later = true
			a, err = later.send("POST", []string{"_batch"}, nil, `[{"type":"later"},{"type":"later"},{"type":"cat","id":"`+id+`"}]`)
		case 5:
			a, err = c.send("GET", []string{"cat"}, url.Values{"q": {"amber"}}, "")
		default:
			a, err = c.send("PUT", []string{"cat", id}, nil, `{"text":"amber"}`)
		}
		if err != nil {
			t.Error(err)
			return
		}
		switch message := a.object()["message"]; {
		case a.status/100 == 2:
			writes.Add(1)
		case a.status == 404 && message == "App not found.":
			return
		case a.status == 403 && strings.Contains(fmt.Sprint(message), "signature"): // an app of that name, with other keys
			return
		default:
			t.Errorf("a client of an app that is deleted gets %s", a)
			return
		}
	}
}

// filesOf are the files of an app in a data folder.
func filesOf(t *testing.T, dir, app string) []string {
	t.Helper()
	list, err := os.ReadDir(filepath.Join(dir, "data", "apps"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range list {
		if strings.HasPrefix(f.Name(), app+".") {
			out = append(out, f.Name())
		}
	}
	return out
}

// TestCreateAndDeleteAppAtOnce creates and deletes one app at the same time: whatever comes last, an app that is there
// can be used with the keys that its creation returned.
func TestCreateAndDeleteAppAtOnce(t *testing.T) {
	r := startServer(t)
	root := r.root()
	const id = "contested"
	for round := range 12 {
		first, err := root.newApp(id)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		keys := []*caller{first}
		var all sync.WaitGroup
		for i := range 6 {
			all.Go(func() {
				for range 3 {
					if i%2 == 0 {
						if a, err := root.send("DELETE", []string{"apps", "app:" + id}, nil, ""); err != nil || a.status != 200 && a.status != 404 {
							t.Errorf("delete: %v %v", a, err)
						}
						continue
					}
					a, err := root.get("_setup", id)
					if err != nil || a.status != 200 {
						t.Errorf("create: %v %v", a, err)
						continue
					}
					if secret, made := a.object()["secretKey"].(string); made {
						mu.Lock()
						keys = append(keys, root.as(sigv4.Credentials{AccessKey: "app:" + id, Secret: secret}))
						mu.Unlock()
					}
				}
			})
		}
		all.Wait()
		a, err := root.get("apps", "app:"+id)
		if err != nil {
			t.Fatal(err)
		}
		if a.status == 404 {
			if left := filesOf(t, r.dir, id); len(left) > 0 {
				t.Fatalf("round %d: the app is not there, and left of it is %v", round, left)
			}
			continue
		}
		working := 0
		for _, c := range keys {
			if a, err := c.get("_me"); err != nil || a.status != 200 {
				continue
			}
			working++
			if d := usable(c, id); d != "" {
				t.Fatalf("round %d: %s", round, d)
			}
		}
		if working != 1 {
			t.Fatalf("round %d: the app is there, and %d of its keys work", round, working)
		}
		if a, err := root.send("DELETE", []string{"app", id}, nil, ""); err != nil || a.status != 200 {
			t.Fatalf("delete the app: %v %v", a, err)
		}
	}
}
