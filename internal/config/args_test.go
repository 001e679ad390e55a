package config

import (
	"maps"
	"slices"
	"testing"
)

// C 1.6.
func TestParseArgs(t *testing.T) {
	tests := []struct {
		args   []string
		values map[string]string
		rest   []string
	}{
		{[]string{"serve", "-Dpara.port=81", "x"}, map[string]string{"para.port": "81"}, []string{"serve", "x"}},
		{[]string{"--server.port=9000", "--server.ssl.enabled=true", "--endpoint=http://x", "--verbose"},
			map[string]string{"server.port": "9000", "server.ssl.enabled": "true"}, []string{"--endpoint=http://x", "--verbose"}},
		{[]string{"-config", "a.conf"}, map[string]string{"config.file": "a.conf"}, nil},
		{[]string{"--config=a.conf", "-config"}, map[string]string{"config.file": "a.conf"}, []string{"-config"}},
		{[]string{"-Xmx512m", "-XX:+UseZGC", "--add-modules", "java.sql", "--enable-native-access=ALL", "-javaagent:x.jar", "-jar", "para.jar", "serve"}, nil, []string{"serve"}},
		{[]string{"-Dflag", "-D", "-Da=b=c", "-Dloader.path=lib"}, map[string]string{"flag": "", "a": "b=c", "loader.path": "lib"}, []string{"-D"}},
		{[]string{"--", "-Dpara.port=1"}, nil, []string{"--", "-Dpara.port=1"}},
		{[]string{"--para.env=dev", "--spring.mail.host=h"}, map[string]string{"para.env": "dev", "spring.mail.host": "h"}, nil},
		{nil, nil, nil},
	}
	for _, tt := range tests {
		d := ParseArgs(tt.args)
		if !maps.Equal(d.Values, tt.values) || !slices.Equal(d.Rest, tt.rest) {
			t.Errorf("%q: values %v, rest %q", tt.args, d.Values, d.Rest)
		}
	}
	d := ParseJavaOpts("  -Xmx1g -Dpara.port=5 --add-modules jdk.x -Dloader.path=lib -foo --server.port=3 ")
	if !maps.Equal(d.Values, map[string]string{"para.port": "5", "loader.path": "lib"}) || !slices.Equal(d.Other, []string{"-foo", "--server.port=3"}) {
		t.Errorf("JAVA_OPTS: %v, other %q", d.Values, d.Other)
	}
}
