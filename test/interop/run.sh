#!/usr/bin/env bash
# Runs the unmodified Python and Java clients against a fresh server and stops it again.
#
#   PARA_BIN=bin/para test/interop/run.sh
#   PARA_BIN=bin/para SECTIONS="4.7 4.9" CLIENTS=java test/interop/run.sh
#
# PARA_BIN  the server binary (required)
# SECTIONS  sections of the acceptance scenarios, see the tables in python/driver.py and java/.../Main.java
# CLIENTS   "python java" unless told otherwise
# Clients and builds go to .cache/interop and are made again only when their files change.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$here/../.." && pwd)/.cache/interop
SECTIONS=${SECTIONS:-4.1 4.2 4.3 4.4 4.5 4.6 4.6-similar-nearby 4.7 4.8 4.9 4.10 4.11 4.12 4.13 4.14 4.15 4.16 4.17}
CLIENTS=${CLIENTS:-python java}

missing() {
	echo "interop: $1" >&2
	exit 1
}

need_python() {
	command -v python3 >/dev/null || missing "python3 is missing (3.10 or newer; Debian: apt-get install python3 python3-venv)"
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || missing "python3 is older than 3.10"
	python3 -c 'import ensurepip, venv' 2>/dev/null || missing "python3 lacks venv (Debian: apt-get install python3-venv)"
}

need_java() {
	command -v mvn >/dev/null || missing "mvn is missing (Maven 3.8 or newer; Debian: apt-get install maven)"
	command -v javac >/dev/null && command -v java >/dev/null ||
		missing "a JDK is missing (17 or newer; Debian: apt-get install openjdk-17-jdk-headless)"
	local version
	version=$(javac -version 2>&1 | sed 's/^javac \([0-9]*\).*/\1/')
	[ "$version" -ge 17 ] 2>/dev/null || missing "javac is '$(javac -version 2>&1)', 17 or newer is needed"
}

# The checksum of files; a build is up to date while it equals the one noted in its stamp.
sum_of() { cat "$@" | cksum; }

install_python() {
	local stamp="$cache/python.stamp" sum
	sum=$(sum_of "$here/python/requirements.txt")
	[ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && "$cache/python/bin/python" -c 'import paraclient' 2>/dev/null && return
	echo "interop: installing the Python client"
	rm -rf "$cache/python"
	python3 -m venv "$cache/python"
	"$cache/python/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r "$here/python/requirements.txt"
	echo "$sum" >"$stamp"
}

install_java() {
	local stamp="$cache/java.stamp" sum
	sum=$(find "$here/java/pom.xml" "$here/java/src" -type f | LC_ALL=C sort | xargs cat | cksum)
	[ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] && [ -d "$cache/java/lib" ] && return
	echo "interop: installing the Java client and building its driver"
	rm -rf "$cache/java"
	mvn --batch-mode --quiet -Dstyle.color=never -f "$here/java/pom.xml" -Dmaven.repo.local="$cache/m2" process-classes
	echo "$sum" >"$stamp"
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

[ -n "${PARA_BIN:-}" ] || missing "set PARA_BIN to the server binary"
[ -x "$PARA_BIN" ] || missing "PARA_BIN=$PARA_BIN is not an executable file"
PARA_BIN=$(cd "$(dirname "$PARA_BIN")" && pwd)/$(basename "$PARA_BIN")
mkdir -p "$cache"
need_python # the port is found with it in any case
for client in $CLIENTS; do
	case $client in
	python) install_python ;;
	java) need_java && install_java ;;
	*) missing "unknown client '$client' in CLIENTS" ;;
	esac
done

work=$(mktemp -d "${TMPDIR:-/tmp}/para-interop.XXXXXX")
server=
cleanup() {
	if [ -n "$server" ]; then
		kill -KILL "$server" 2>/dev/null || true
		wait "$server" 2>/dev/null || true
	fi
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

port=$(free_port)
export ENDPOINT="http://localhost:$port" SECTIONS
ROOT_SECRET=$(python3 -c 'import secrets; print(secrets.token_urlsafe(40))')
export ROOT_SECRET
# In a folder of its own: the server may write its configuration file into the working directory.
(
	cd "$work"
	exec env para_root_secret_override="$ROOT_SECRET" para_webhooks_enabled=true \
		"$PARA_BIN" serve --port "$port" --data "$work/data"
) >"$work/server.log" 2>&1 &
server=$!

server_failed() {
	echo "interop: $1; the end of its log:" >&2
	tail -n 40 "$work/server.log" >&2
	exit 1
}

# Readiness: the status of GET /ping, asked with Python alone so that no other tool is needed.
ready() {
	python3 - "$ENDPOINT/ping" <<'PY' 2>/dev/null
import sys, urllib.request
urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sys.argv[1], timeout=2)
PY
}
for attempt in $(seq 1 120); do
	ready && break
	kill -0 "$server" 2>/dev/null || server_failed "the server ended before it was ready"
	[ "$attempt" -lt 120 ] || server_failed "the server did not answer GET /ping in time"
	sleep 0.5
done

# A proxy of the environment must not stand between the clients and the server.
export no_proxy=localhost NO_PROXY=localhost
status=0
for client in $CLIENTS; do
	echo "interop: the $client client"
	case $client in
	python) PYTHONDONTWRITEBYTECODE=1 "$cache/python/bin/python" "$here/python/driver.py" ;;
	java) java -cp "$cache/java/classes:$cache/java/lib/*" interop.Main ;;
	esac | tee "$work/$client.out" || status=1
	kill -0 "$server" 2>/dev/null || server_failed "the server ended during the run"
done

kill -TERM "$server"
ended=0
wait "$server" || ended=$?
server=
if [ "$ended" -ne 0 ]; then
	echo "interop: the server ended with status $ended after SIGTERM, 0 was expected; the end of its log:" >&2
	tail -n 40 "$work/server.log" >&2
	status=1
fi
cat "$work"/*.out | awk '/^[0-9]+ passed, [0-9]+ failed$/ { p += $1; f += $3 } END { printf "interop: %d passed, %d failed\n", p, f }'
exit "$status"
