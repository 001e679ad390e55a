// Package functions holds the pure utility functions behind GET /v1/utils and the small building blocks that other parts
// share: hashes, random tokens, passwords, text clean-up, validity of e-mail addresses and URLs, message and date
// formatting, currencies and templates (O 20, R 23). Nothing here does I/O or keeps state.
package functions
