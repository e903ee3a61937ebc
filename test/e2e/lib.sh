# shellcheck shell=bash
# Sourced by the end-to-end tests: a state folder and an emulator of their own,
# checks that count, and a clean end whatever happens.
#
# FPCTL names the program under test. Every test ends with `finish`.
set -uo pipefail

FPCTL=${FPCTL:-$PWD/build/fpctl}
work=$(mktemp -d)
export FPCTL_STATE=$work/state
unset "${!AWS_@}"
passed=0 failed=0 skipped=0

cleanup() {
	[ ! -d "$FPCTL_STATE" ] || "$FPCTL" local down >/dev/null 2>&1
	rm -rf "$work"
}
trap cleanup EXIT

ok() { passed=$((passed + 1)); echo "ok   $1"; }
not_ok() {
	failed=$((failed + 1))
	echo "not ok $1"
	[ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/     | /'
}
skip() { skipped=$((skipped + 1)); echo "skip $1"; }

# succeeds NAME COMMAND...: exit status 0; its output is in $out (both streams).
succeeds() {
	local name=$1
	shift
	if out=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "status $?: $out"; fi
}
# fails_with NAME STATUS TEXT COMMAND...: that exit status, and TEXT in what it says.
fails_with() {
	local name=$1 status=$2 text=$3 rc
	shift 3
	out=$("$@" 2>&1)
	rc=$?
	if [ $rc -eq "$status" ] && [[ $out == *"$text"* ]]; then
		ok "$name"
	else
		not_ok "$name" "status $rc (wanted $status), wanted '$text' in: $out"
	fi
}
# contains NAME TEXT: TEXT in $out.
contains() {
	if [[ $out == *"$2"* ]]; then ok "$1"; else not_ok "$1" "wanted '$2' in: $out"; fi
}
lacks() {
	if [[ $out != *"$2"* ]]; then ok "$1"; else not_ok "$1" "did not want '$2' in: $out"; fi
}
equals() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "wanted '$3', got '$2'"; fi
}
# with NAME=VALUE COMMAND...: the command, a function too, with that variable.
with() {
	local -x "${1?}"
	shift
	"$@"
}
# within SECONDS COMMAND...: try until it succeeds.
within() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# Start an emulator on a free port and take its environment.
emulator_up() {
	local env
	"$FPCTL" local up --port 0 --quiet >/dev/null || { not_ok "the emulator starts"; return 1; }
	env=$("$FPCTL" local env) && eval "$env"
}

# npm_packages FOLDER NAME: the packages of FOLDER/package.json, from npm once into the
# user's cache; $packages is then where node_modules is. Otherwise $why says why not.
# shellcheck disable=SC2034
npm_packages() {
	local cache=${XDG_CACHE_HOME:-$HOME/.cache}/fpctl/$2 fresh
	for program in node npm; do
		command -v "$program" >/dev/null || { why="$program is not installed"; return 1; }
	done
	[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] ||
		{ why="node is older than 20"; return 1; }
	# A folder a version of package.json; made beside and renamed, so that it is whole.
	packages=$cache/$(sha256sum <"$1/package.json" | cut -c 1-16)
	[ ! -d "$packages/node_modules" ] || return 0
	mkdir -p "$cache"
	fresh=$(mktemp -d "$cache/new.XXXXXX")
	cp "$1/package.json" "$fresh/"
	if ! timeout 120 npm --prefix "$fresh" install --no-audit --no-fund --ignore-scripts \
		--loglevel=error >"$work/npm.log" 2>&1; then
		rm -rf "$fresh"
		why="npm cannot install $2: $(tail -n 1 "$work/npm.log")"
		return 1
	fi
	mv -T "$fresh" "$packages" 2>/dev/null || rm -rf "$fresh"
}

# counted LOG: add what a program of another language counted: "counts PASSED FAILED".
counted() {
	[[ $(grep '^counts ' "$1") =~ ^counts\ ([0-9]+)\ ([0-9]+) ]] || return 1
	passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
}

# Debian's awscli is what the suite is written for; 2.9 knows no AWS_ENDPOINT_URL.
export AWS_PAGER=''
aws_cli() {
	if [ -x /usr/bin/aws ]; then
		/usr/bin/aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"
	else
		aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"
	fi
}

# What sanitizers found in an emulator stands in its log.
check_logs() {
	local found
	"$FPCTL" local down >/dev/null 2>&1
	found=$(grep -hE 'AddressSanitizer|LeakSanitizer|runtime error:|ThreadSanitizer' \
		-A 30 "$work"/*/emulator.log 2>/dev/null | head -n 80)
	[ -z "$found" ] || not_ok "the emulator's log is clean" "$found"
}

finish() {
	check_logs
	if [ $skipped -gt 0 ]; then
		echo "$passed passed, $failed failed, $skipped skipped"
	else
		echo "$passed passed, $failed failed"
	fi
	[ $failed -eq 0 ]
}
