package config

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// load reads a configuration in a folder of its own that holds file as f.conf.
func load(t *testing.T, file string, src Sources) (*Config, error) {
	t.Helper()
	src.WorkDir = t.TempDir()
	if file != "" {
		write(t, src.WorkDir, "f.conf", file)
		src.File = "f.conf"
	}
	return Load(context.Background(), src)
}

func mustLoad(t *testing.T, file string, src Sources) *Config {
	t.Helper()
	c, err := load(t, file, src)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// C 1.2, and C 1.1 level by level.
func TestPrecedence(t *testing.T) {
	tests := []struct {
		env     string
		defs    map[string]string
		flags   map[string]string
		want    int
		origin  string
		comment string
	}{
		{want: 1, origin: "f.conf:1:13"},
		{env: "para_port=3 PARA_PORT=4", want: 4, origin: "environment variable PARA_PORT"},
		{env: "para_port=3 PARA_PORT=", want: 3, origin: "environment variable para_port"},
		{env: "Para_Port=9", want: 1, origin: "f.conf:1:13"},
		{env: "para_port=3", defs: map[string]string{"para.port": "11"}, want: 11, origin: "definition -Dpara.port"},
		{env: "para_port=3", defs: map[string]string{"para.port": " "}, want: 3, origin: "environment variable para_port"},
		{defs: map[string]string{"para.port": " "}, want: 1, origin: "f.conf:1:13"},
		{env: "PARA_PORT=3", defs: map[string]string{"para.port": "11"}, flags: map[string]string{"port": "12"}, want: 12, origin: "flag --port"},
		{flags: map[string]string{"para.port": "12"}, want: 12, origin: "flag --port"},
		{env: "PARA_PORT=3", defs: map[string]string{"server.port": "77", "para.port": "11"}, want: 77, origin: "definition -Dserver.port"},
		{defs: map[string]string{"server.port": "x"}, want: 1, origin: "f.conf:1:13"},
		{env: "PARA_PORT=tcp://10.0.0.1:8080", want: 1, origin: "f.conf:1:13"},
		{env: "JAVA_OPTS=-Xmx1g;-Dpara.port=5", want: 5, origin: "definition -Dpara.port"},
		{env: "JAVA_OPTS=-Dpara.port=5", defs: map[string]string{"para.port": "6"}, want: 6, origin: "definition -Dpara.port"},
	}
	for _, tt := range tests {
		environ := strings.Fields(tt.env)
		for i := range environ {
			environ[i] = strings.ReplaceAll(environ[i], ";", " ")
		}
		c := mustLoad(t, "para.port = 1", Sources{Environ: environ, Definitions: tt.defs, Flags: tt.flags})
		v, _ := c.Value("port")
		if c.Int("port") != tt.want || v.Origin.String() != tt.origin {
			t.Errorf("%+v: port %d from %s", tt, c.Int("port"), v.Origin)
		}
	}
}

func TestEnvironmentNames(t *testing.T) {
	for name, want := range map[string]string{
		"security.ldap.server_url":  "PARA_SECURITY_LDAP_SERVER_URL para_security_ldap_server_url",
		"db.tcpServer":              "PARA_DB_TCPSERVER para_db_tcpServer",
		"max_pass_matching_attemts": "PARA_MAX_PASS_MATCHING_ATTEMTS para_max_pass_matching_attemts",
	} {
		if got := strings.Join(EnvironmentNames(name), " "); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestDefaults(t *testing.T) {
	c := mustLoad(t, "", Sources{})
	packaged := mustLoad(t, "", Sources{Packaged: true})
	custom := mustLoad(t, `para { app_name = "My Cool App!", env = production, db.dir = /data, max_items_per_page = 50,
		security.signin = /in, mail.ssl = false, support_email = "a@b", es.restclient_host = x.amazonaws.com }`, Sources{Environ: []string{"AWS_REGION=eu-west-1", "AWS_SECRET_ACCESS_KEY=s"}})
	tests := []struct {
		c          *Config
		name, want string
	}{
		{c, "env", "embedded"}, {c, "cache_enabled", "false"}, {c, "cluster_name", "para-dev"}, {c, "es.restclient_scheme", "http"},
		{c, "dao", "H2DAO"}, {c, "search", "LuceneSearch"}, {c, "port", "8080"}, {c, "max_items_per_page", "30"}, {c, "reindex_batch_size", "30"},
		{c, "gzip_enabled", "true"}, {c, "security.access_denied", "/error/403"}, {c, "security.signout_success", "/signin"},
		{c, "mongodb.database", "para"}, {c, "localstorage.folder", "./data/files"}, {c, "mail.port", "465"}, {c, "mail.from", "support@myapp.co"},
		{c, "db.tcpServer", "-baseDir ./data"}, {c, "lucene.dir", c.WorkDir()}, {c, "s3.bucket", "org.paraio.us-east-1"}, {c, "durability", "full"},
		{c, "search.max_expansions", "10000"}, {c, "search.timeout", "10s"}, {c, "cache.max_bytes", "67108864"}, {c, "ignore_config_errors", "false"},
		{c, "console_enabled", "true"}, {c, "security.allow_password_signup", "true"}, {c, "security.oauthsecond.parameters.id", "sub"},
		{c, "security.saml.domain", "paraio.com"}, {c, "security.ldap.user_dn_pattern", "uid={0}"}, {c, "logs_dir", "."}, {c, "max_pass_matching_attemts", "20"},
		{packaged, "env", "production"}, {packaged, "cache_enabled", "true"}, {packaged, "cluster_name", "para-prod"}, {packaged, "dynamodb.backups_enabled", "true"},
		{custom, "mongodb.database", "my-cool-app"}, {custom, "localstorage.folder", "/data/files"}, {custom, "reindex_batch_size", "50"},
		{custom, "security.signout_success", "/in"}, {custom, "mail.port", "587"}, {custom, "mail.from", "a@b"}, {custom, "es.restclient_scheme", "https"},
		{custom, "es.sign_requests_to_aws", "true"}, {custom, "s3.bucket", "org.paraio.eu-west-1"}, {custom, "hc.aws_secret_key", "s"},
	}
	for _, tt := range tests {
		if got := tt.c.String(tt.name); got != tt.want {
			t.Errorf("%s = %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := c.Ignored(); !slices.Equal(got, []string{"/"}) {
		t.Errorf("ignored %q", got)
	}
	if got := packaged.Ignored(); len(got) != 8 || got[7] != "/v1/_forms/**" {
		t.Errorf("packaged ignored %q", got)
	}
	if v, _ := packaged.Value("env"); v.Origin.String() != "packaged default" {
		t.Errorf("env from %s", v.Origin)
	}
	if c.Duration("search.timeout") != 10*time.Second || c.Duration("request_expires_after") != 15*time.Minute ||
		c.Duration("pass_matching_lock_period_hours") != time.Hour || c.Duration("es.bulk.flush_interval_ms") != 5*time.Second {
		t.Error("durations")
	}
	if c.Production() || !packaged.Production() || c.Has("env") || !packaged.Has("env") {
		t.Error("production")
	}
}

func TestIdentifier(t *testing.T) {
	for name, want := range map[string]string{"para": "para", "Para": "para", "app:para": "para", "My Cool App!": "my-cool-app", "my_app": "my-app",
		"x.y/z": "x-y-z", "a  b": "a-b", "MyApp2": "myapp2", "app:app:x": "x", "!!!": "", "Приложение": "", "app:": ""} {
		if got := identifier(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestIssueFile(t *testing.T) {
	c, err := Load(context.Background(), Sources{File: "testdata/application.conf", Packaged: true})
	if err != nil {
		t.Fatal(err)
	}
	if c.String("app_name") != "Para" || c.Production() || !c.Bool("cache_enabled") || c.Int("worker_id") != 1 ||
		c.String("app_secret_key") != "b8db69a24a43f2ce134909f164a45263" || !c.Bool("clients_can_access_root_app") {
		t.Error("wrong values")
	}
	var unknown []string
	for _, u := range c.Unknown() {
		unknown = append(unknown, u.String())
	}
	want := []string{"testdata/application.conf:4:36: unknown key para.clients_can_access_root_app",
		"testdata/application.conf:7:30: unknown key para.security.api_security"}
	if !slices.Equal(unknown, want) || len(c.Warnings()) != 0 {
		t.Errorf("unknown %q, warnings %q", unknown, c.Warnings())
	}
}

// D97, C 1.4.
func TestErrors(t *testing.T) {
	tests := []struct {
		file string
		src  Sources
		want []string
	}{
		{file: "para.port = http", want: []string{`f.conf:1:13: para.port: "http" is not a whole number; write digits only, such as 8080`}},
		{file: "para.max_page_limit = 10m", want: []string{"not a whole number"}},
		{file: "para.max_page_limit = 1.5", want: []string{"not a whole number"}},
		{file: "para.max_page_limit = 2147483648", want: []string{"out of range"}},
		{file: "para.max_page_limit = 99999999999999999999", want: []string{"out of range"}},
		{file: "para.port = 70000", want: []string{"from 0 to 65535"}},
		{file: "\npara.worker_id = x", want: []string{`f.conf:2:18: para.worker_id: "x" is not a whole number; write a number from 0 to 31`}},
		{src: Sources{Environ: []string{"PARA_WORKER_ID=node-1"}}, want: []string{`environment variable PARA_WORKER_ID: para.worker_id: "node-1" is not`}},
		{file: "para.max_entity_size_bytes = -1", want: []string{`f.conf:1:30: para.max_entity_size_bytes: "-1" is out of range; use a number from 1 to 2147483647`}},
		{file: "para.request_expires_after = -5", want: []string{"use a number from 1 to"}},
		{file: "para.session_timeout = -5", want: []string{"use a number from 0 to"}},
		{file: "para.caffeine.cache_size = -1", want: []string{"use a number from 0 to"}},
		{file: "para.max_page_limit = 0", want: []string{"use a number from 1 to"}},
		{file: "para.import_batch_size = 0", want: []string{"use a number from 1 to"}},
		{file: "para.port = -1", want: []string{"from 0 to 65535"}},
		{file: "para.context_path = \"//a?b\"", want: []string{`f.conf:1:21: para.context_path: "//a?b" has an empty, . or .. segment; write it like /para`}},
		{file: "para.context_path = \"/a?b\"", want: []string{"holds the character '?'"}},
		{file: "para.context_path = \"/a b\"", want: []string{"holds the character ' '"}},
		{file: "para.context_path = \"/../a\"", want: []string{"segment"}},
		{file: "para.port = [1]", want: []string{`"[1]" is not a whole number`}},
		{file: "\npara.durability = ful", want: []string{`f.conf:2:19: para.durability: "ful" is not one of: full, relaxed; did you mean "full"?`}},
		{file: "para.search.timeout = soon", want: []string{"para.search.timeout", "not a time"}},
		{file: "para.search.timeout = -3", want: []string{"not a time"}},
		{file: `para.security.ignored = "/"`, want: []string{"is a string, not a list"}},
		{file: "para.security.protected = 5", want: []string{"is a number, not an object"}},
		{file: "para.jwt_expires_after = x\npara.mail.port = y", want: []string{"f.conf:1:26: para.jwt_expires_after", "f.conf:2:18: para.mail.port"}},
		{file: "para.pass_reset_timeout = hunter2", want: []string{"f.conf:1:27: para.pass_reset_timeout: is not a whole number"}},
		{src: Sources{Environ: []string{"PARA_MAX_PAGES=many"}}, want: []string{"environment variable PARA_MAX_PAGES: para.max_pages"}},
		{src: Sources{Definitions: map[string]string{"para.max_pages": "many"}}, want: []string{"definition -Dpara.max_pages: para.max_pages"}},
		{file: "para { port = 5", want: []string{"Failed to load configuration file 'application.(conf|json|properties)' for namespace 'para' - f.conf:1:6: "}},
		{file: "para=5", want: []string{"namespace 'para' - f.conf:1:6: para is a number, not an object"}},
		{file: "para.a = ${NOPE}", want: []string{"${NOPE}"}},
		{src: Sources{File: "nope.conf"}, want: []string{"namespace 'para' - nope.conf: no such file"}},
		{src: Sources{Definitions: map[string]string{"config.file": "nope.conf"}}, want: []string{"nope.conf"}},
		{src: Sources{Definitions: map[string]string{"config.file": "a", "config.url": "b"}}, want: []string{"more than one of"}},
		{src: Sources{Definitions: map[string]string{"config.resource": "a"}}, want: []string{"use config.file"}},
		{src: Sources{Definitions: map[string]string{"config.url": "http://127.0.0.1:1/a.conf?token=x"}}, want: []string{"http://127.0.0.1:1/a.conf: "}},
		{file: "a = b c\n]", src: Sources{Environ: []string{"PARA_MAX_PAGES=many"}}, want: []string{"f.conf:2:1", "PARA_MAX_PAGES"}},
	}
	for _, tt := range tests {
		c, err := load(t, tt.file, tt.src)
		if err == nil || c != nil {
			t.Errorf("%q %+v: accepted", tt.file, tt.src)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q: error %q, want %q", tt.file, err, want)
			}
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("sensitive value in %q", err)
		}
	}
}

func TestIgnoreConfigErrors(t *testing.T) {
	src := Sources{Packaged: true, Definitions: map[string]string{"para.ignore_config_errors": "true"}, Environ: []string{"PARA_MAX_PAGES=many"}}
	c := mustLoad(t, "para { port = 5", src)
	if !c.Production() || len(c.Ignored()) != 8 || c.Int("port") != 8080 || c.Int("max_pages") != 1000 || len(c.Warnings()) != 2 {
		t.Errorf("port %d, warnings %q", c.Int("port"), c.Warnings())
	}
	if c = mustLoad(t, "para { port = x, ignore_config_errors = true }", Sources{}); c.Int("port") != 8080 {
		t.Errorf("port %d", c.Int("port"))
	}
}

func TestConversion(t *testing.T) {
	c := mustLoad(t, `para {
		metrics_enabled = yes, gzip_enabled = TRUE, cors_enabled = "true ", print_logo = "", print_version = False
		max_pages = "", max_page_limit = 1e2, metrics.graphite.period = -5
		support_email = "", localstorage.folder = "", dao = " "
		cassandra.hosts = ["a", "b"], trusted_proxies = "10.0.0.1, 10.1.0.0/16,", mcp_allowed_origins = ["https://a"]
		search.timeout = 1m30s, cache.max_bytes = 8589934592
		my.own = 7, my.ratio = 2.50, my.flag = True, my.list = [x, 2], my.text = "a,b", my.time = 30
	}`, Sources{})
	for name, want := range map[string]bool{"metrics_enabled": false, "gzip_enabled": true, "cors_enabled": false, "print_logo": true, "print_version": false, "my.flag": true} {
		if c.Bool(name) != want {
			t.Errorf("%s = %v", name, c.Bool(name))
		}
	}
	for name, want := range map[string]int{"max_pages": 1000, "max_page_limit": 100, "metrics.graphite.period": -5, "my.own": 7, "my.ratio": 0, "nothing": 0} {
		if c.Int(name) != want {
			t.Errorf("%s = %v", name, c.Int(name))
		}
	}
	for name, want := range map[string]string{"support_email": "", "localstorage.folder": "./data/files", "dao": " ", "my.ratio": "2.5", "nothing": ""} {
		if c.String(name) != want {
			t.Errorf("%s = %q", name, c.String(name))
		}
	}
	for name, want := range map[string]string{"cassandra.hosts": "a b", "trusted_proxies": "10.0.0.1 10.1.0.0/16", "mcp_allowed_origins": "https://a", "my.list": "x 2", "my.text": "a b", "nothing": ""} {
		if got := strings.Join(c.List(name), " "); got != want {
			t.Errorf("%s = %q", name, got)
		}
	}
	if c.Float("my.ratio") != 2.5 || c.Float("my.flag") != 0 || c.Duration("search.timeout") != 90*time.Second || c.Int64("cache.max_bytes") != 8<<30 || c.Duration("my.time") != 30*time.Second {
		t.Error("numbers")
	}
	if got := len(c.Warnings()); got != 2 {
		t.Errorf("%d warnings: %q", got, c.Warnings())
	}
	if !c.Has("my.own") || c.Has("nothing") || c.Has("max_pages") || !c.Has("support_email") {
		t.Error("Has")
	}
}

// "search" and "search.timeout" are both options although HOCON lets one hide the other.
func TestNestedOptionNames(t *testing.T) {
	for name, text := range map[string]string{
		"a.conf": "para.search = ElasticSearch\npara.search.timeout = 5s", "b.conf": "para.search.timeout = 5s\npara.search = ElasticSearch",
		"c.conf": "para { search = ElasticSearch, search { timeout = 5s } }", "d.properties": "para.search=ElasticSearch\npara.search.timeout=5s",
	} {
		dir := t.TempDir()
		write(t, dir, name, text)
		c, err := Load(context.Background(), Sources{WorkDir: dir, File: name, Packaged: true})
		if err != nil {
			t.Fatal(err)
		}
		if c.String("search") != "ElasticSearch" || c.Duration("search.timeout") != 5*time.Second || len(c.Unknown()) != 0 {
			t.Errorf("%s: search %q, timeout %v, unknown %v", name, c.String("search"), c.Duration("search.timeout"), c.Unknown())
		}
	}
	c := mustLoad(t, "para.search.timeout = 5s, para.cache.max_bytes = 1", Sources{Packaged: true})
	if c.String("search") != "LuceneSearch" || c.String("cache") != "CaffeineSearch" || c.Int("cache.max_bytes") != 1 {
		t.Errorf("search %q, cache %q", c.String("search"), c.String("cache"))
	}
}

// C 1.3, D113.
func TestWhichFile(t *testing.T) {
	dir := t.TempDir()
	at := func(src Sources) *Config {
		t.Helper()
		src.WorkDir = dir
		c, err := Load(context.Background(), src)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	write(t, dir, "application.conf", "para.port = 5")
	c := at(Sources{})
	if c.Int("port") != 8080 || len(c.Warnings()) != 1 || !strings.Contains(c.Warnings()[0], "-Dconfig.file=./application.conf") {
		t.Errorf("unnamed application.conf: port %d, warnings %q", c.Int("port"), c.Warnings())
	}
	if c.Path() != filepath.Join(dir, DefaultFile) {
		t.Errorf("path %s", c.Path())
	}
	write(t, dir, DefaultFile, "para.port = ${?P}\npara.port = 6")
	if c = at(Sources{}); c.Int("port") != 6 || len(c.Warnings()) != 0 {
		t.Errorf("default file: port %d, warnings %q", c.Int("port"), c.Warnings())
	}
	write(t, dir, "f.json", `{"para": {"port": 7}}`)
	c = at(Sources{Definitions: map[string]string{"config.file": "./f.json"}})
	if c.Int("port") != 7 || c.Path() != filepath.Join(dir, "f.json") {
		t.Errorf("named file: port %d, path %s", c.Int("port"), c.Path())
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/x.properties" {
			http.NotFound(w, r)
			return
		}
		w.Write([]byte("para.port=9\n"))
	}))
	defer server.Close()
	c = at(Sources{Definitions: map[string]string{"config.url": server.URL + "/x.properties?key=secret"}})
	if v, _ := c.Value("port"); v.Text != "9" || strings.Contains(v.Origin.String(), "secret") || c.Path() != filepath.Join(dir, DefaultFile) {
		t.Errorf("url: port %v, path %s", v, c.Path())
	}
	if c = at(Sources{Definitions: map[string]string{"config.url": "file:" + filepath.ToSlash(filepath.Join(dir, "application.conf"))}}); c.Int("port") != 5 {
		t.Errorf("file url: port %d", c.Int("port"))
	}
	if _, err := Load(context.Background(), Sources{WorkDir: dir, Definitions: map[string]string{"config.url": server.URL + "/none"}}); err == nil {
		t.Error("404 accepted")
	}
	write(t, dir, DefaultFile, "para { port")
	if _, err := Load(context.Background(), Sources{WorkDir: dir}); err == nil || !strings.Contains(err.Error(), DefaultFile+":1:8") {
		t.Errorf("broken default file: %v", err)
	}
}

func TestUnknown(t *testing.T) {
	c := mustLoad(t, `para { prot = 1, securty.signin = /x, es.shrads = 3, zzzzzz = 1, "a.b" = 2, security.protected.x = ["/x"]
		metricsGraphiteReporter { host = h }, signout = /out }
		app_name = x
		"para.port" = 3
		scoold.port = 4`,
		Sources{Environ: []string{"PARA_PROT=1", "PARA_ENDPOINT=x", "Para_Port=3", "PARA_SERVICE_HOST=x", "PARA_PORT_8080_TCP=y", "PARA_MAX_PAGE=1"}, Definitions: map[string]string{"para.gzipenabled": "true"}})
	got := map[string]string{}
	for _, u := range c.Unknown() {
		got[u.Name] = u.Suggestion
	}
	want := map[string]string{"prot": "para.port", "securty.signin": "para.security.signin", "es.shrads": "para.es.shards", "zzzzzz": "", `"a.b"`: "",
		"signout": "para.security.signout", "gzipenabled": "para.gzip_enabled", "PARA_PROT": "PARA_PORT", "Para_Port": "PARA_PORT", "PARA_MAX_PAGE": "PARA_MAX_PAGES"}
	for name, s := range want {
		if v, ok := got[name]; !ok || v != s {
			t.Errorf("%s: %q (%v), want %q", name, v, ok, s)
		}
		delete(got, name)
	}
	if len(got) != 0 {
		t.Errorf("also unknown: %v", got)
	}
	if w := strings.Join(c.Warnings(), "\n"); !strings.Contains(w, "app_name has no effect; write para.app_name") || !strings.Contains(w, `"para.port" has no effect; write para.port`) || len(c.Warnings()) != 2 {
		t.Errorf("warnings %s", w)
	}
	found := false
	for _, u := range c.Unknown() {
		found = found || u.String() == "f.conf:1:15: unknown key para.prot; did you mean para.port?"
	}
	if !found {
		t.Errorf("unknown %v", c.Unknown())
	}
}

func TestValues(t *testing.T) {
	c := mustLoad(t, `para { own = "plain", root_secret_override = "hush", sql.url = "postgresql://u:pw@h/db?password=x&a=b", fb_app_id = "0123456789abcdef0123456789abcdef0", gh_secret = "" }`, Sources{})
	masked, plain := c.Values(true), c.Values(false)
	if len(masked) != len(Options())+1 || masked[len(masked)-1].Name != "own" || masked[0].Name != "app_name" {
		t.Fatalf("%d values, last %v", len(masked), masked[len(masked)-1])
	}
	text := map[string][2]string{}
	for i := range masked {
		text[masked[i].Name] = [2]string{plain[i].Text, masked[i].Text}
	}
	for name, want := range map[string][2]string{
		"own": {"plain", "plain"}, "root_secret_override": {"hush", Redacted}, "fb_app_id": {"0123456789abcdef0123456789abcdef0", Redacted}, "gh_secret": {"", ""},
		"sql.url": {"postgresql://u:pw@h/db?password=x&a=b", "postgresql://u:" + Redacted + "@h/db?password=" + Redacted + "&a=b"}, "pass_reset_timeout": {"1800", Redacted}, "port": {"8080", "8080"},
	} {
		if text[name] != want {
			t.Errorf("%s: %q, want %q", name, text[name], want)
		}
	}
	if !slices.EqualFunc(masked, c.Values(true), func(a, b Value) bool { return a == b }) {
		t.Error("order changes")
	}
}

func TestSensitive(t *testing.T) {
	for name, want := range map[string]bool{"gh_secret": true, "mail.password": true, "security.saml.sp.privatekey": true, "max_pass_matching_attemts": true,
		"MyCredentials": true, "sensitive_x": true, "port": false, "app_secret_key": true, "sql.user": false} {
		if Sensitive(name) != want {
			t.Errorf("%s: %v", name, Sensitive(name))
		}
	}
}

func TestProperties(t *testing.T) {
	c := mustLoad(t, "", Sources{Environ: []string{"SERVER_SSL_KEYSTORE=a", "SERVER_SSL_KEY_STORE_PASSWORD=b", "PARA_LOGS_DIR=/logs", "PIDFILE=p"},
		Definitions: map[string]string{"server.ssl.enabled": "true", "server.ssl.key-alias": " ", "server.servlet.context-path": "/ctx/", "para.file_logger_level": "OFF"}})
	for name, want := range map[string]string{"server.ssl.enabled": "true", "server.ssl.key-store": "a", "server.ssl.key-store-password": "b", "server.ssl.key-alias": ""} {
		if v, ok := c.Property(name); v != want || ok != (want != "") {
			t.Errorf("%s = %q %v", name, v, ok)
		}
	}
	if c.String("logs_dir") != "/logs" || c.String("file_logger_level") != "OFF" || c.ContextPath() != "/ctx" || len(c.Unknown()) != 0 {
		t.Errorf("logs %q, context %q, unknown %v", c.String("logs_dir"), c.ContextPath(), c.Unknown())
	}
	if v, ok := c.Getenv("PIDFILE"); v != "p" || !ok {
		t.Error("Getenv")
	}
	for in, want := range map[string]string{"/para": "/para", "/para/": "/para", "/a/b//": "/a/b", "/": "", "para": "", "": ""} {
		if got := mustLoad(t, `para.context_path = "`+in+`"`, Sources{}).ContextPath(); got != want {
			t.Errorf("context path %q: %q", in, got)
		}
	}
}

// C 3.7.
func TestProtected(t *testing.T) {
	c := mustLoad(t, `para.security.protected {
		area51 = ["/area51", "/area51/**", [" admin ", "get"]]
		api = ["/api/**", ["APP"]]
		open = ["/all"]
		empty = [["USER"]]
		number = 5
		object = ["/x", {a = 1}]
	}`, Sources{Environ: []string{"PARA_SECURITY_IGNORED=/x"}})
	got := c.Protected()
	if len(got) != 3 {
		t.Fatalf("%d entries: %v", len(got), got)
	}
	a := got[0]
	if a.Name != "area51" || !slices.Equal(a.Patterns, []string{"/area51", "/area51/**"}) || !slices.Equal(a.Methods, []string{"GET"}) || !slices.Equal(a.Roles, []string{"ADMIN"}) || a.REST() {
		t.Errorf("area51: %+v", a)
	}
	if !got[1].REST() || len(got[1].Methods) != 8 || !got[2].REST() || !slices.Equal(got[2].Roles, []string{"USER", "MOD", "ADMIN", "APP"}) {
		t.Errorf("%+v", got[1:])
	}
	w := strings.Join(c.Warnings(), "\n")
	if !strings.Contains(w, "Invalid syntax for protected resource: 'security.protected.number'.") || !strings.Contains(w, "'security.protected.object'") ||
		!strings.Contains(w, "only a configuration file can set it") || len(c.Warnings()) != 3 {
		t.Errorf("warnings %s", w)
	}
}

func TestSubstitutionsAndIncludes(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "more.conf", "para.max_pages = 7")
	write(t, dir, "f.conf", "include file(\"more.conf\")\ninclude \"other\"\npara.app_name = ${para.cluster_name}-${USER}-${para.env}\npara.dao = ${para.dao}")
	c, err := Load(context.Background(), Sources{WorkDir: dir, File: "f.conf", Packaged: true, Environ: []string{"USER=joe"}, Definitions: map[string]string{"para.cluster_name": "cl"}})
	if err != nil {
		t.Fatal(err)
	}
	if c.String("app_name") != "cl-joe-production" || c.Int("max_pages") != 7 || c.String("dao") != "H2DAO" || len(c.Warnings()) != 1 {
		t.Errorf("app_name %q, max_pages %d, dao %q, warnings %q", c.String("app_name"), c.Int("max_pages"), c.String("dao"), c.Warnings())
	}
	if v, _ := c.Value("max_pages"); !strings.HasSuffix(v.Origin.String(), "more.conf:1:18") {
		t.Errorf("origin %s", v.Origin)
	}
}

func BenchmarkInt(b *testing.B) {
	c, err := Load(context.Background(), Sources{WorkDir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if c.Int("max_page_limit") != 256 {
			b.Fatal("wrong value")
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	src := Sources{File: "testdata/application.conf", Packaged: true}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(context.Background(), src); err != nil {
			b.Fatal(err)
		}
	}
}

// What is replaced rather than refused is told (O 3.1, C 4.2); what switches something off is neither.
func TestReplacedValues(t *testing.T) {
	for file, want := range map[string]string{
		"para.worker_id = 32":                "f.conf:1:18: para.worker_id: \"32\" is not from 0 to 31",
		"para.worker_id = -1":                "is not from 0 to 31",
		"para.context_path = para":           "does not start with a slash and has no effect; write /para",
		"para.worker_id = 31":                "",
		"para.worker_id = \"\"":              "",
		"para.context_path = /para/":         "",
		"para.context_path = \"/\"":          "",
		"para.context_path = /p-1/a.b_c":     "",
		"para.health.check_interval = -1":    "",
		"para.metrics.graphite.period = -1":  "",
		"para.caffeine.cache_size = 0":       "",
		"para.vote_locked_after = 0":         "",
		"para.cache.max_bytes = 10000000000": "",
		"para.root_secret_override = hush":   "f.conf:1:29: para.root_secret_override: is shorter than 32 bytes",
		"para.root_secret_override = \"\"":   "",
		"para.fail_on_write_errors = false":  "\"false\" has no effect",
		"para.fail_on_write_errors = true":   "",
		"para.mcp_server_mode = on":          "\"on\" is none of off, r and rw, and counts as r",
		"para.mcp_server_mode = RW":          "",
	} {
		c := mustLoad(t, file, Sources{})
		if got := strings.Join(c.Warnings(), " "); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: warnings %q, want %q", file, got, want)
		}
	}
}

// A blank number of the node is the default (O 3.1).
func TestBlankWorker(t *testing.T) {
	if c := mustLoad(t, `para.worker_id = " "`, Sources{}); c.Int("worker_id") != 1 {
		t.Errorf("%d", c.Int("worker_id"))
	}
}

// Nothing that the table says by itself is out of its own bounds.
func TestDefaultsAreWithinBounds(t *testing.T) {
	for _, o := range Options() {
		if o.Default == "" {
			continue
		}
		if _, err := check(&o, found{text: o.Default}); err != nil {
			t.Errorf("%s: %v", o.Name, err)
		}
	}
}
