package config

import (
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
)

// production is the only environment name that changes behaviour (C 6).
const production = "production"

func productionOnly(d defaults) string {
	return strconv.FormatBool(d.option("env") == production)
}

func clusterName(d defaults) string {
	if d.option("env") == production {
		return "para-prod"
	}
	return "para-dev"
}

func engineScheme(d defaults) string {
	if d.option("env") == production {
		return "https"
	}
	return "http"
}

func awsHost(d defaults) string {
	return strconv.FormatBool(strings.Contains(d.option("es.restclient_host"), "amazonaws.com"))
}

func sameAs(name string) func(defaults) string {
	return func(d defaults) string { return d.option(name) }
}

func environment(name string) func(defaults) string {
	return func(d defaults) string { return d.getenv(name) }
}

func workDir(d defaults) string { return d.workDir() }

func s3Bucket(d defaults) string {
	region := d.getenv("AWS_REGION")
	if region == "" {
		region = "us-east-1"
	}
	return "org.paraio." + region
}

// filesFolder is D110: files lie in the data folder, not in the root of the file system.
func filesFolder(d defaults) string {
	return filepath.ToSlash(d.option("db.dir")) + "/files"
}

func tcpServer(d defaults) string {
	if d.option("db.hostname") != "" {
		return ""
	}
	return "-baseDir " + d.option("db.dir")
}

func mailPort(d defaults) string {
	if strings.EqualFold(d.option("mail.ssl"), "true") {
		return "465"
	}
	return "587"
}

func rootIdentifier(d defaults) string { return identifier(d.option("app_name")) }

// identifier makes the identifier of an app from its name (C 5.1): lower-case ASCII words joined by hyphens.
func identifier(name string) string {
	for strings.HasPrefix(name, "app:") {
		name = strings.TrimPrefix(name, "app:")
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r > unicode.MaxASCII:
			return -1
		case unicode.IsSymbol(r), unicode.IsPunct(r), unicode.IsControl(r):
			return ' '
		}
		return unicode.ToLower(r)
	}, name)
	return strings.Join(strings.Fields(name), "-")
}
