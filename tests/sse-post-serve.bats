#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sse-post with cassette-serve as the provider: its accidents, nginx and a proxy between them, and
# recordings of both that say the same.
# shellcheck disable=SC2154 # at, served, https, proxy and tls are those of net.bash, serve.bash and nginx.bash

load lib
load net
load nginx
load serve

EVENTS='data: {\"a\":1}\n\ndata: {\"b\":\"\u00e9\"}\n\ndata: [DONE]\n\n'

# provider ARGUMENT...: cassette-serve on a tape of one answer; body is its request.
provider() {
	tape tape.yaml "$(answer '{}' "$EVENTS")"
	printf '{}' >body
	printf 'data: {"a":1}\n\ndata: {"b":"\303\251"}\n\ndata: [DONE]\n\n' >want
	serve "$@" tape.yaml
	url=$at/v1/chat/completions
	# shellcheck disable=SC2034 # for nginx.bash
	port=${at##*:}
}

@test "an answer, at any cut" {
	for cut in event byte 5 random:3; do
		provider --cut $cut
		try sse-post "$url" body
		[ "$status" = 0 ]
		cmp want stdout
		halt
		is 0 '' '*1 served, 0 unmatched, 0 unused'
	done
}

@test "statuses that pass are waited for and tried again" {
	provider --fault status:429:0 --fault status:503:0
	try sse-post "$url" body
	[ "$status" = 0 ]
	cmp want stdout
	[ "$(grep -c 'retry [12] of 2' stderr)" = 2 ]
	halt
	is 0 '' '*1 served*'
}

@test "a status that does not pass is 1, and what it says goes down the pipe" {
	provider --fault status:401
	try_sh "sse-post '$url' body | sse-split | delta-merge"
	[ "$status" = 1 ]
	grep -q authentication_error stdout
	halt
	[ "$status" = 0 ]
}

@test "broken off before the first byte: tried again; after it: 3, and what came is written" {
	for fault in cut:0 reset:0; do
		provider --fault $fault
		try sse-post "$url" body
		[ "$status" = 0 ]
		cmp want stdout
		grep -q 'retry 1 of 2' stderr
		halt
	done
	for fault in cut:20 reset:20; do
		provider --fault $fault
		try sse-post "$url" body
		is 3 "$(head -c 20 want)" "sse-post: *: the response broke off after 20 bytes: *" || {
			[ "$status" = 3 ]
			head -c 20 want | cmp - stdout
		}
		halt
	done
}

@test "a server that stalls is late before the first byte or in the middle" {
	provider --fault stall:20:1000
	try sse-post --idle-timeout 0.3 "$url" body
	[ "$status" = 4 ]
	head -c 20 want | cmp - stdout
	grep -q 'no byte came for 0.3 s' stderr
	halt
	provider --fault stall:0:1000
	try sse-post --first-byte-timeout 0.3 "$url" body
	[ "$status" = 0 ]
	grep -q 'no answer within 0.3 s; retry' stderr
	cmp want stdout
	halt
}

@test "noise passes sse-post, and sse-split says where it is" {
	provider --fault garbage:10
	try_sh "sse-post '$url' body | sse-split"
	[ "$status" = 3 ]
	[ "$(head -n 2 stdout | tail -n 1)" = '{"b":"é"}' ]
	grep -q '^sse-split: standard input: event 1 at byte 0: ' stderr
	halt
}

@test "nginx in front: TLS, HTTP/2, compression, buffering; accidents come through" {
	for path in v1 gzip buffered; do
		provider --match body,method --cut 3
		front
		ca -H 'Accept-Encoding: gzip' "$https/$path" body
		[ "$status" = 0 ]
		cmp want stdout
		teardown
	done
	provider --match body,method --fault status:429:0 --fault reset:20
	front
	ca "$https/v1" body
	[ "$status" = 3 ]
	head -c 20 want | cmp - stdout
	grep -q 'retry 1 of 2' stderr
	grep -q 'broke off after 20 bytes' stderr
	ca "$https/v1" body
	[ "$status" = 0 ]
	cmp want stdout
}

@test "a CONNECT proxy and nginx between them" {
	provider --match body,method
	front
	proxied "$tls"
	https_proxy=$proxy ca https://api.test/v1 body
	[ "$status" = 0 ]
	cmp want stdout
}

# what FILE: its interaction without times and what each client adds of itself.
what() {
	cassette-extract "$1" | jq -S 'del(.file, .duration, .request.headers["Accept-Encoding"], .started, .id, .["go-vcr"], .response.arrivals, .request.headers["User-Agent"],
		.request.headers.Accept, .request.headers.accept, .response.headers.Date)
		| .request.headers |= with_entries(.key |= ascii_downcase)'
}

@test "sse-post -C and cassette-serve -u record the same" {
	need jq
	provider --repeat
	up=$at
	MINE=sekrit-0815 try sse-post -k MINE -C post.yaml "$url" body
	[ "$status" = 0 ]
	serve -u "$up" -o serve.yaml
	# by its own name, so that the recorded URL is the upstream's
	MINE=sekrit-0815 try sse-post -k MINE "$at/v1/chat/completions" body
	[ "$status" = 0 ]
	cmp want stdout
	what post.yaml >post
	what serve.yaml >serve
	diff post serve
	lacks sekrit post.yaml serve.yaml
}
