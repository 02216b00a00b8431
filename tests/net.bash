# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the .bats files that need a server (`load lib`, then `load net`).

CHAT='{"model":"m","messages":[]}'

# Neither keys, proxies nor certificates of whoever runs the tests.
setup() {
	local name
	lib_setup
	for name in $(env | sed -n 's/^\([A-Za-z0-9_]*\(_KEY\|_TOKEN\|_BASE_URL\|_HOST\|_proxy\|_PROXY\)\)=.*/\1/p'); do
		unset "$name"
	done
	unset CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE
	pids=()
	printf '%s' "$CHAT" >body
}

teardown() {
	local pid
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
}

# server SCRIPT [OPTION...]: starts tests/httpd on the script; $url is its address, $seen its output.
server() {
	printf '%s\n' "$1" >script
	shift
	exec {seen}< <(exec "$TOP_BUILD/tests/httpd" "$@" script 3>&-)
	pids+=($!)
	read -r -t 20 -u "$seen" port
	# shellcheck disable=SC2034 # for the tests
	url=http://127.0.0.1:$port/v1/chat/completions
}

# sees LINE...: what the server says next.
sees() {
	local line want
	for want; do
		read -r -t 20 -u "$seen" line
		[ "$line" = "$want" ] || {
			echo "the server says '$line', not '$want'"
			return 1
		}
	done
}

# lacks PATTERN FILE...: grep finds nothing. (`! grep` would not fail a test.)
lacks() {
	if grep -n "$@"; then
		return 1
	fi
}
