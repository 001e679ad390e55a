// Package client talks to a Para server: the Go port or the Java one.
//
//	c, err := client.New(client.Options{Endpoint: "http://localhost:8080", AccessKey: "app:myapp", Secret: secret})
//	cat := para.New("cat")
//	cat.Set("name", "Tom")
//	cat, err = c.Create(ctx, cat)
//	page, err := c.Find(ctx, "cat", "name:tom", &client.Pager{Limit: 50})
//
// A Client is safe for concurrent use. Every method takes a context first and returns an error instead of nothing: what
// the server refuses is an *Error, which errors.Is compares with ErrNotFound, ErrForbidden and so on. Requests are signed
// with the keys of the app (A 3) or carry the token of a user (As, WithSession); a client of a user never falls back to
// the keys. Requests that can be repeated are repeated when the connection or the server fails for a moment.
//
// Methods return *para.Object. For types of their own, programs use the functions with a type parameter: ReadAs,
// CreateAs, FindAs and others.
package client
