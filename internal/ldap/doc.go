// Package ldap signs users in with the password that they have in a directory: a plain LDAP one or Active Directory
// (A 11). It knows neither accounts nor HTTP.
//
// A directory is never asked with an empty password, which it would take for a request to sign nobody in and answer with
// success. What a user types reaches it only as an escaped value. Referrals to other servers are not followed, since a
// password would go along.
package ldap
