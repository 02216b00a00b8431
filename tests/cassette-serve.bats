#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# cassette-serve: any client against a recording.
load lib

# tape FILE URL...: a cassette with an answer to a POST to each.
tape() {
	local file=$1 url
	shift
	for url; do
		printf '{"request":{"method":"POST","url":"%s"},"response":{"status":200,"body":"yes"}}\n' "$url"
	done | cassette-pack -o "$file"
}

@test "a COMMAND must follow --, and a factor is a number" {
	try cassette-serve c.yaml --
	is 2 '' "cassette-serve: which command? behind -- there is none; try 'cassette-serve --help'"
	try cassette-serve -x fast c.yaml
	is 2 '' "cassette-serve: --speed 'fast' is no number such as 10 or 0.5; try 'cassette-serve --help'"
}

@test "the variables of the page: a client that puts behind them what the page says finds the recording" {
	need curl
	sed -n 's/^\.It Ev \([A-Z_]*\) Ta /\1 /p' "$TOP_SRC/man/cassette-serve.1" | tr -d , >table
	[ "$(wc -l <table)" -gt 5 ]
	while read -r name tails; do
		for tail in $tails; do
			tail=${tail//MODEL/some-model}
			tape c.yaml "https://example.com/deep/down$tail"
			# shellcheck disable=SC2016
			try cassette-serve --all-used c.yaml -- sh -c 'curl -sf -X POST "$(printenv "$1")$2"' - "$name" "$tail"
			[ "$status" = 0 ] && [ "$(cat stdout)" = yes ] || {
				echo "$name $tail"
				show
				return 1
			}
		done
	done <table
}

@test "every provider of sse-post finds the server, and so do the other names of the page" {
	tape c.yaml https://example.com/
	try cassette-serve c.yaml -- env
	sed -n 's/=http:.*//p' stdout | sort -u >found
	{
		sse-post -p list | tr -s ' ' '\n' | grep -E '^[A-Z_]+_(BASE_URL|HOST|ENDPOINT)$'
		sed -n '/^The same as one of these are/,/^\.Pp/s/^\.Ev \([A-Z_]*\).*/\1/p' "$TOP_SRC/man/cassette-serve.1"
	} | sort -u >known
	[ "$(wc -l <known)" -gt 20 ]
	diff known found
}
