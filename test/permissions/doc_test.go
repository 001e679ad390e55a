// Package permissions tests through the HTTP handler of a whole server who may do what:
//
//   - TestRandomRequests sends random requests to every route, as apps, users, moderators, admins, guests and nobody, under
//     random tables of permissions, and compares each answer with a small model of the rules that was written from the
//     contract (D71–D81, R 12) and shares no code with the server. A request that is refused must leave everything as it
//     was. `go test ./test/permissions -run TestRandomRequests -seed N` plays a run again, -duration says how long to go on.
//   - TestTableOfRoutes writes the table of docs/security.md by asking the server, and fails when the page differs
//     (-update rewrites it).
//   - The others look at states of apps and users, and at what the log holds.
package permissions
