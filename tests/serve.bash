# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# For the .bats files about cassette-serve (`load lib`, `load net`, `load serve`).

# tape FILE RECORD...: a cassette of these records (cassette-record(5)).
tape() {
	local file=$1
	shift
	printf '%s\n' "$@" | cassette-pack --no-redact -o "$file"
}

# answer REQUEST-BODY RESPONSE-BODY [MORE]: a record; both bodies as they stand inside a JSON string,
# MORE are further members of the response, with a comma in front.
answer() {
	printf '{"request":{"method":"POST","url":"https://api.example.com/v1/chat/completions","headers":{"Content-Type":["application/json"]},"body":"%s"},"response":{"status":200,"headers":{"Content-Type":["text/event-stream"]},"body":"%s"%s}}' "$1" "$2" "${3-}"
}

# serve ARGUMENT...: starts cassette-serve; $at is its address, $served its number, its messages are in `said`.
serve() {
	exec {out}< <(exec cassette-serve "$@" 3>&- 2>said)
	served=$!
	pids+=("$served")
	read -r -t 20 -u "$out" at
}

# halt [SIGNAL]: ends it; then `is` judges its status and its messages.
halt() {
	kill -"${1:-TERM}" "$served"
	status=0
	# shellcheck disable=SC2034 # for `is`
	wait "$served" || status=$?
	: >stdout
	cp said stderr
}

# ask BODY [CURL-OPTION...]: posts to the server; the body of the answer is on standard output.
ask() {
	local body=$1
	shift
	curl -sN --max-time 30 -H 'Content-Type: application/json' -d "$body" "$@" "$at/v1/chat/completions"
}

# chunks BODY: the sizes of the chunks of the answer, in one line.
chunks() {
	ask "$1" --raw >raw
	python3 - raw <<'END'
import sys
data = open(sys.argv[1], "rb").read()
sizes = []
while True:
    line, data = data.split(b"\r\n", 1)
    size = int(line, 16)
    if not size:
        break
    sizes.append(str(size))
    data = data[size + 2:]
print(" ".join(sizes))
END
}

# raw BYTES: sends them and prints what comes back, until the server closes; leave BYTES: sends them and closes.
# A server that has heard enough closes before all is sent: SIGPIPE, which must not end the test.
leave() {
	local host=${at#http://}
	exec {socket}<>"/dev/tcp/${host%:*}/${host#*:}"
	# shellcheck disable=SC2059 # escapes are meant
	(trap '' PIPE && printf "$1" >&"$socket") 2>/dev/null || true
	[ -n "${2-}" ] || exec {socket}>&-
}
raw() {
	leave "$1" stay
	timeout 10 cat <&"$socket" || true
	exec {socket}>&-
}
