#!/bin/sh
# Installs what the tests of LDAP sign-in need besides Go: slapd, by apt-get and as root only. Says loudly what is missing otherwise.
set -eu
PATH=$PATH:/usr/sbin:/usr/local/sbin:/usr/libexec
command -v slapd >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -qq -y --no-install-recommends slapd
	exit 0
fi
echo '*** slapd is missing: the tests of LDAP sign-in fail without it. Install the package slapd (OpenLDAP). ***' >&2
exit 1
