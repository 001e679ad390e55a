// Package model holds the tests that no list of examples can replace, all through HTTP against a server in this process:
//
//   - TestScripts makes random scripts of API calls and plays each against the server and against a plain model in
//     memory, written from the contract; every answer must agree. A script that disagrees is made as short as possible
//     and printed. `go test ./test/model -run TestScripts -seed N` plays it again, -duration says how long to go on.
//   - TestConcurrentClients lets 16 clients change one small set of objects with everything there is, and then looks for
//     lost counters, lost members, an index that differs from the store, gaps in the log, and wrong versions.
//   - The other tests do the same with the record of an app, its creation and its deletion.
package model
