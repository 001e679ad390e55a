#!/bin/sh
# Installs what the crash tests need besides Go: strace, by apt-get and as root only. Says loudly what is missing otherwise.
set -eu
command -v strace >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	apt-get update -qq && apt-get install -qq -y --no-install-recommends strace
	exit 0
fi
echo '*** strace is missing: the crash tests fail without it. Install the package strace. ***' >&2
exit 1
