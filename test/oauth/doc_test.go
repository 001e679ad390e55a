// Package oauth tests signing in with OAuth 2.0, OpenID Connect and OAuth 1.0a through HTTP: with a real OpenID provider in
// the test process, and with endpoints that answer as the social providers do. The server's requests to providers are led
// to these endpoints; their addresses stay the real ones.
package oauth
