package rest_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	para "github.com/erudika/para-go"
	"github.com/erudika/para-go/client"
	"github.com/erudika/para-go/server"
)

// An app whose file is damaged: reads and writes say that they failed, health turns bad at once, other apps go on, and a
// restore makes all good again (D16, D55).
func TestDamagedApp(t *testing.T) {
	for name, damage := range map[string]func(file []byte) []byte{
		"no database":   func(file []byte) []byte { return bytes.Repeat([]byte("no database "), len(file)/12) },
		"behind page 1": func(file []byte) []byte { return append(file[:4096:4096], bytes.Repeat([]byte{1}, len(file)-4096)...) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			conf := filepath.Join(dir, "para-application.conf")
			if err := os.WriteFile(conf, fmt.Appendf(nil, "para.health_check_enabled = false\npara.root_secret_override = %q", rootSecret), 0o600); err != nil {
				t.Fatal(err)
			}
			start := func() (*server.Server, string, *client.Client) {
				s, err := server.Start(t.Context(), server.Options{ConfigFile: conf, WorkDir: dir, Flags: map[string]string{"port": "0"}})
				if err != nil {
					t.Fatal(err)
				}
				endpoint := fmt.Sprintf("http://127.0.0.1:%d", s.Port())
				root, err := client.New(client.Options{AccessKey: "app:para", Secret: rootSecret, Endpoint: endpoint})
				if err != nil {
					t.Fatal(err)
				}
				return s, endpoint, root
			}
			s, _, root := start()
			keys, err := root.SetupApp(t.Context(), "hurt", client.NewApp{})
			if err != nil {
				t.Fatal(err)
			}
			var backup bytes.Buffer
			if _, err := root.Backup(t.Context(), "hurt", &backup); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(context.Background()); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "data", "apps", "hurt.db")
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(file), 0o600); err != nil {
				t.Fatal(err)
			}
			var endpoint string
			s, endpoint, root = start()
			defer func() { _ = s.Close(context.Background()) }() // what is damaged may be told again
			defer root.Close()
			if got := ask(t, "GET", endpoint+"/v1/_health", ""); got.status != 200 {
				t.Fatalf("before anybody looks: %d %s", got.status, got.body)
			}
			hurt, err := client.New(client.Options{AccessKey: keys.AccessKey, Secret: keys.SecretKey, Endpoint: endpoint, Retry: client.RetryPolicy{Max: -1}})
			if err != nil {
				t.Fatal(err)
			}
			defer hurt.Close()
			cat := para.New("cat")
			cat.SetName("Tom")
			_, err = hurt.Create(t.Context(), cat)
			if want := "DAO write operation failed!"; err == nil || !bytes.Contains([]byte(err.Error()), []byte(want)) {
				t.Errorf("a write: %v, want %q", err, want)
			}
			if got := ask(t, "GET", endpoint+"/v1/_health", ""); got.status != 500 {
				t.Errorf("health after the write: %d %s", got.status, got.body)
			}
			if _, err := root.Create(t.Context(), cat); err != nil {
				t.Errorf("another app: %v", err)
			}
			if err := root.Restore(t.Context(), "hurt", &backup); err != nil {
				t.Fatal(err)
			}
			if _, err := hurt.Create(t.Context(), cat); err != nil {
				t.Errorf("a write after the restore: %v", err)
			}
			if got := ask(t, "GET", endpoint+"/v1/_health", ""); got.status != 200 {
				t.Errorf("health after the restore: %d %s", got.status, got.body)
			}
		})
	}
}
