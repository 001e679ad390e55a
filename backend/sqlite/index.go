package sqlite

// The border between the store core and the search half of this package (files search*.go).
//
// The core calls the indexer from the writer of an app only, inside the write transaction, on the writer's connection:
// schema when a file is created, put for every put of a record, remove for every removal of a record that had a document.
// Search borrows a connection with Store.read, which holds a read transaction: everything read through it, records
// included, is of one moment.

// txConn is the connection of the transaction in progress. Statements are prepared once for each connection and found
// again by their text: c.prepare(sql), bind…, step, reset; c.exec for the rest.
type txConn = *conn

// readConn is a borrowed connection inside a read transaction.
type readConn = *conn
