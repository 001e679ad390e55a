package sqlite

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/erudika/para-go"
)

type member struct {
	name string
	data []byte
	kind byte
}

func unpack(t testing.TB, archive []byte) []member {
	t.Helper()
	var members []member
	r := tar.NewReader(bytes.NewReader(archive))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return members
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, member{h.Name, b, h.Typeflag})
	}
}

func pack(t testing.TB, members []member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Size: int64(len(m.data)), Mode: 0o600, Typeflag: m.kind}
		if m.kind != tar.TypeReg {
			h.Size, h.Linkname = 0, "/etc/passwd"
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := w.Write(m.data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// reseal makes manifest and seal fit the members again, as somebody would who forges an archive with care.
func reseal(t testing.TB, members []member, change func(m *Manifest)) []member {
	t.Helper()
	var m Manifest
	if err := json.Unmarshal(members[0].data, &m); err != nil {
		t.Fatal(err)
	}
	m.Parts = nil
	for _, p := range members[1 : len(members)-1] {
		sum := sha256.Sum256(p.data)
		m.Parts = append(m.Parts, Part{p.name, int64(len(p.data)), hex.EncodeToString(sum[:])})
	}
	change(&m)
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	members[0].data = text
	members[len(members)-1].data = []byte(hex.EncodeToString(sum[:]))
	return members
}

func takeSnapshot(t testing.TB, s *Store, app string, extra map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.SnapshotWith(t.Context(), app, &b, extra); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSnapshotExtra(t *testing.T) {
	s := openTest(t, testOptions(t.TempDir()))
	mustApply(t, s, "para", putOp("a", "1"))
	extra := map[string][]byte{"app.json": []byte(`{"id":"app:para"}`), "a.txt": nil}
	archive := takeSnapshot(t, s, "para", extra)
	sn, err := s.ReadSnapshot(t.Context(), bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	if sn.Manifest.App != "para" || sn.Manifest.LastChange != 1 || sn.Manifest.Store != "SQLite" || len(sn.Manifest.Parts) != 3 {
		t.Errorf("manifest: %+v", sn.Manifest)
	}
	if len(sn.Extra) != 2 || string(sn.Extra["app.json"]) != `{"id":"app:para"}` {
		t.Errorf("extra: %q", sn.Extra)
	}
	if err := s.Restore(t.Context(), "kid", sn); err != nil {
		t.Fatal(err)
	}
	wantError(t, s.Restore(t.Context(), "kid", sn), para.Invalid, "used")
	if err := sn.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(s.tmp)
	if err != nil || len(left) != 0 {
		t.Errorf("spooled files are left: %v, %v", left, err)
	}
	for _, name := range []string{"", "../x", "a/b", "data.db", "manifest.json", "manifest.sha256", ".hidden"} {
		err := s.SnapshotWith(t.Context(), "para", io.Discard, map[string][]byte{name: nil})
		wantError(t, err, para.Invalid)
	}
}

// TestForgedSnapshot: archives whose hashes are right but whose content is not what Snapshot writes.
func TestForgedSnapshot(t *testing.T) {
	s := openTest(t, testOptions(t.TempDir()))
	mustApply(t, s, "para", putOp("a", "1"))
	archive := takeSnapshot(t, s, "para", map[string][]byte{"app.json": []byte("{}")})
	database := func(t *testing.T, sql string) func([]member) []member {
		return func(m []member) []member {
			path := filepath.Join(t.TempDir(), "x.db")
			writeFile(t, path, m[2].data)
			c, err := openConn(path, openExisting)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.script(sql); err != nil {
				t.Fatal(err)
			}
			if err := c.close(); err != nil {
				t.Fatal(err)
			}
			if m[2].data, err = os.ReadFile(path); err != nil {
				t.Fatal(err)
			}
			return reseal(t, m, func(*Manifest) {})
		}
	}
	manifest := func(t *testing.T, change func(*Manifest)) func([]member) []member {
		return func(m []member) []member { return reseal(t, m, change) }
	}
	tests := []struct {
		name  string
		forge func(t *testing.T) func([]member) []member
	}{
		{"trigger", func(t *testing.T) func([]member) []member {
			return database(t, "CREATE TRIGGER evil AFTER INSERT ON objects BEGIN DELETE FROM changes; END")
		}},
		{"view", func(t *testing.T) func([]member) []member { return database(t, "CREATE VIEW v AS SELECT 1") }},
		{"missing table", func(t *testing.T) func([]member) []member { return database(t, "DROP TABLE changes") }},
		{"other app inside", func(t *testing.T) func([]member) []member {
			return database(t, "UPDATE meta SET value='kid' WHERE key='app'")
		}},
		{"foreign database", func(t *testing.T) func([]member) []member { return database(t, "PRAGMA application_id=1") }},
		{"newer database", func(t *testing.T) func([]member) []member { return database(t, "PRAGMA user_version=99") }},
		{"damaged page", func(t *testing.T) func([]member) []member {
			return func(m []member) []member {
				copy(m[2].data[3*4096+8:], bytes.Repeat([]byte{0xff}, 4000))
				return reseal(t, m, func(*Manifest) {})
			}
		}},
		{"newer archive", func(t *testing.T) func([]member) []member {
			return manifest(t, func(m *Manifest) { m.Format = 2 })
		}},
		{"newer data in the manifest", func(t *testing.T) func([]member) []member {
			return manifest(t, func(m *Manifest) { m.StoreFormat = 50 })
		}},
		{"wrong size", func(t *testing.T) func([]member) []member {
			return manifest(t, func(m *Manifest) { m.Parts[1].Size++ })
		}},
		{"wrong hash", func(t *testing.T) func([]member) []member {
			return manifest(t, func(m *Manifest) { m.Parts[0].SHA256 = m.Parts[1].SHA256 })
		}},
		{"no parts", func(t *testing.T) func([]member) []member { return manifest(t, func(m *Manifest) { m.Parts = nil }) }},
		{"part twice", func(t *testing.T) func([]member) []member {
			return manifest(t, func(m *Manifest) { m.Parts[0].Name = dataName })
		}},
		{"path", func(t *testing.T) func([]member) []member {
			return func(m []member) []member {
				m[1].name = "../../x"
				return reseal(t, m, func(*Manifest) {})
			}
		}},
		{"link", func(t *testing.T) func([]member) []member {
			return func(m []member) []member {
				m[2].kind = tar.TypeSymlink
				return m
			}
		}},
		{"member too many", func(t *testing.T) func([]member) []member {
			return func(m []member) []member { return append(m, member{"more", nil, tar.TypeReg}) }
		}},
		{"no seal", func(t *testing.T) func([]member) []member { return func(m []member) []member { return m[:3] } }},
		{"wrong seal", func(t *testing.T) func([]member) []member {
			return func(m []member) []member {
				m[3].data = bytes.ToUpper(m[3].data)
				m[3].data[0] ^= 1
				return m
			}
		}},
		{"other order", func(t *testing.T) func([]member) []member {
			return func(m []member) []member { return []member{m[1], m[0], m[2], m[3]} }
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			forged := pack(t, test.forge(t)(unpack(t, archive)))
			wantError(t, s.RestoreSnapshot(t.Context(), "para", bytes.NewReader(forged)), para.Invalid)
			if got, err := s.Get(t.Context(), "para", []string{"a"}); err != nil || got[0] == nil {
				t.Errorf("afterwards: %v, %v", got, err)
			}
		})
	}
	// The untouched archive, packed the same way, is accepted: the refusals above have their own reasons.
	same := pack(t, reseal(t, unpack(t, archive), func(*Manifest) {}))
	if err := s.RestoreSnapshot(t.Context(), "para", bytes.NewReader(same)); err != nil {
		t.Errorf("repacked archive: %v", err)
	}
	left, err := os.ReadDir(s.tmp)
	if err != nil || len(left) != 0 {
		t.Errorf("spooled files are left: %v, %v", left, err)
	}
}

// TestRootRestore: the root app comes back into a folder that lost it.
func TestRootRestore(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, testOptions(dir))
	mustApply(t, s, "para", putOp("app:kid", "{}"))
	if err := s.CreateApp(t.Context(), "kid"); err != nil {
		t.Fatal(err)
	}
	archive := takeSnapshot(t, s, "para", nil)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "apps", "para.db")); err != nil {
		t.Fatal(err)
	}
	_, err := Open(testOptions(dir))
	wantError(t, err, para.Unavailable, "kid.db")
	opts := testOptions(dir)
	opts.AllowNewRoot = true
	s = openTest(t, opts)
	if err := s.RestoreSnapshot(t.Context(), "para", bytes.NewReader(archive)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, testOptions(dir))
	if got, err := s.Get(t.Context(), "para", []string{"app:kid"}); err != nil || got[0] == nil {
		t.Errorf("after the restore: %v, %v", got, err)
	}
}

func FuzzReadSnapshot(f *testing.F) {
	dir := f.TempDir()
	s := openTest(f, testOptions(dir))
	mustApply(f, s, "para", putOp("a", "1"))
	var b bytes.Buffer
	if err := s.SnapshotWith(f.Context(), "para", &b, map[string][]byte{"app.json": []byte("{}")}); err != nil {
		f.Fatal(err)
	}
	members := unpack(f, b.Bytes())
	members[2].data = members[2].data[:100]
	f.Add(pack(f, reseal(f, members, func(*Manifest) {})))
	f.Add(b.Bytes()[:4096])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, archive []byte) {
		sn, err := s.ReadSnapshot(t.Context(), bytes.NewReader(archive))
		if err == nil {
			if err := sn.Close(); err != nil {
				t.Fatal(err)
			}
			return
		}
		if para.CodeOf(err) != para.Invalid {
			t.Errorf("code %q: %v", para.CodeOf(err), err)
		}
	})
}
