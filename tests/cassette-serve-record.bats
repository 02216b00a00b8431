#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# cassette-serve -u: what it does not know it asks upstream, passes on as it comes, and records.
# shellcheck disable=SC2154 # at, served, port and seen are those of net.bash and serve.bash

load lib
load net
load serve

STREAM=$'reply\nheader Content-Type: text/event-stream\nheader Set-Cookie: session=sekrit\nheader Keep-Alive: timeout=5\nchunked\nbody data: 1\\n\\n\nbody data: [DONE]\\n\\n'

# upstream SCRIPT [OPTION...]: tests/httpd; $up is its address.
upstream() {
	server "$@"
	up=http://127.0.0.1:$port
}

# recorded N: new.yaml is whole, holds N interactions, and nothing lies beside it.
recorded() {
	cassette-extract new.yaml >interactions
	[ "$(wc -l <interactions)" = "$1" ] || {
		cat interactions
		return 1
	}
	[ -z "$(find . -maxdepth 1 -name '*new.yaml*' ! -name new.yaml)" ]
}

@test "what is not known goes up once, is recorded without secrets, and is replayed by the next run" {
	need jq
	upstream "$STREAM" -l req
	serve -u "$up/v1" -o new.yaml
	[ "$(ask '{"a":1}' -H 'Authorization: Bearer sekrit-0815' -H 'Accept-Encoding: gzip' -D head)" = $'data: 1\n\ndata: [DONE]' ]
	grep -qi '^set-cookie: session=sekrit' head
	recorded 1
	halt
	is 0 '' 'cassette-serve: 0 served, 0 unmatched, 0 unused, 1 from the upstream, 1 recorded'
	lacks -i sekrit new.yaml
	tr -d '\r' <req.1 >sent
	grep -q '^POST /v1/chat/completions HTTP/1.1$' sent
	grep -q '^Authorization: Bearer sekrit-0815$' sent
	grep -qi "^Host: 127.0.0.1:$port\$" sent
	lacks -i '^accept-encoding: gzip' sent
	[ "$(tail -n 1 sent)" = '{"a":1}' ]
	jq -e --arg url "$up/v1/chat/completions" '.request.url == $url and .request.body == "{\"a\":1}" and
		.request.headers.Authorization == ["REDACTED"] and
		([.request.headers | keys[] | ascii_downcase] | index("host", "accept-encoding", "content-length", "connection") | not) and
		([.response.headers | keys[] | ascii_downcase] | index("transfer-encoding", "keep-alive", "connection") | not) and
		(.response.arrivals | map(.[1])) == [9, 14] and (.response | has("end") | not) and .duration > 0' interactions
	serve new.yaml # the upstream is gone: it had one reply
	[ "$(ask '{"a": 1}' -H 'Authorization: Bearer other')" = $'data: 1\n\ndata: [DONE]' ]
	halt
	is 0 '' '*1 served*'
}

@test "options say what else is redacted in a recording, and it is found again" {
	upstream $'reply\nstatus 200 Who MY-own-word\nheader X-Trace: 1\nheader Date: today\nbody {"user":"me","text":"MY-own-word"}'
	local options=(--redact-env WORD --redact-header x-tenant --redact-json .user --drop-header date --drop-header x-trace)
	# shellcheck disable=SC2030
	export WORD=MY-own-word
	serve -u "$up" -o new.yaml "${options[@]}"
	[ "$(ask '{"user":"me","q":"MY-own-word?"}' -H 'X-Tenant: acme')" = '{"user":"me","text":"MY-own-word"}' ]
	recorded 1
	halt
	lacks -e MY-own-word -e acme -e '"me"' -e today -e X-Trace new.yaml
	jq -e '.request.body == "{\"user\":\"REDACTED\",\"q\":\"REDACTED?\"}" and .request.headers["X-Tenant"] == ["REDACTED"] and
		.response.reason == "Who REDACTED" and .response.body == "{\"user\":\"REDACTED\",\"text\":\"REDACTED\"}"' interactions
	serve "${options[@]}" new.yaml
	[ "$(ask '{"user":"me","q":"MY-own-word?"}')" = '{"user":"REDACTED","text":"REDACTED"}' ]
	halt
	is 0 '' '*1 served*'
	serve new.yaml
	ask '{"user":"you","q":"x"}' | jq -e .error
	halt
	[ "$status" = 1 ]
}

@test "an echo of the key is redacted, whatever the scheme and the spelling; a word is not" {
	local key=sk-Zeta/0815+KEYx-9876 basic reply='reply
header X-Echo: KEY
header Location: ?key=abc
body k=KEY BASIC sk-Zeta%2F0815%2BKEYx-9876 sk-Zeta\\/0815\\u002bKEYx-9876'
	basic=$(printf 'user:%s' "$key" | base64 -w 0)
	reply=${reply//KEY /$key }
	reply=${reply//: KEY/: $key}
	reply=${reply//BASIC/$basic}
	upstream "$(printf '%s\n' "$reply" "$reply" "$reply" "$reply" "$reply" "$reply" "$reply" reply 'body Run ollama serve.')"
	serve -u "$up" -o new.yaml
	for header in "Authorization: bearer $key" "Authorization: Bearer  $key" "Authorization: Token $key" "authorization: Key $key" \
		"Authorization: Basic $basic" "Cookie: id=x1; s=$key" "X-Vault-Token: $key" 'Authorization: Bearer ollama'; do
		ask '{"prompt":"How do I start ollama?"}' -H "$header" | grep -q -e "^k=$key" -e 'ollama serve'
	done
	recorded 8
	halt
	lacks -e Zeta -e "${basic:8:16}" -e 'key=abc' new.yaml
	jq -se 'last | .request.headers.Authorization == ["REDACTED"] and .response.body == "Run ollama serve." and
		(.request.body | test("ollama"))' interactions
}

@test "a body that is too large when it is decompressed is not searched, and the exchange is not recorded" {
	upstream $'reply\nbody one\nreply\nbody two'
	head -c 100000 /dev/zero | gzip | gzip >bomb
	serve -M 50k -u "$up" -o new.yaml
	[ "$(curl -s --max-time 30 --data-binary @bomb -H 'Content-Encoding: gzip, gzip' -H 'Authorization: Bearer sk-abcdefgh12' "$at/")" = one ]
	[ "$(ask '{}')" = two ]
	recorded 1
	halt
	[ "$status" = 0 ]
	grep -q 'not recorded: request body of more than 51200 bytes when decoded (--max-size)$' stderr
	grep -q '1 recorded, 1 not recorded$' stderr
}

@test "pieces pass one for one, before the next is sent" {
	mkfifo go
	upstream $'reply\nchunked\nbody data: 1\\n\\n\ngo\nbody data: 2\\n\\n\ngo' -g go
	exec {gate}<>go
	serve -u "$up" -o new.yaml
	exec {pipe}< <(exec curl -sN --max-time 60 -d '{}' "$at/v1/chat/completions" 3>&-)
	pids+=($!)
	for i in 1 2; do
		read -r -t 20 -u "$pipe" line
		[ "$line" = "data: $i" ]
		read -r -t 20 -u "$pipe" line
		printf x >&"$gate"
	done
	! read -r -t 20 -u "$pipe" line
	recorded 1
	halt
	[ "$status" = 0 ]
}

@test "the file is a cassette too: what it holds is served, what is new joins it; --mode replay never asks" {
	upstream $'reply\nbody one\nreply\nbody two\nreply\nbody three' -l req
	serve -u "$up" -o new.yaml
	[ "$(ask '{"n":1}')" = one ]
	[ "$(ask '{"n":1}')" = two ] # each once: the second is asked for again, and recorded
	halt
	recorded 2
	serve -u "$up" -o new.yaml
	[ "$(ask '{"n":1}')$(ask '{"n":1}')$(ask '{"n":2}')" = onetwothree ]
	halt
	is 0 '' 'cassette-serve: 2 served, 0 unmatched, 0 unused, 1 from the upstream, 1 recorded'
	recorded 3
	serve -u "$up" -o new.yaml ./new.yaml # one file, whatever it is called
	halt
	is 0 '' '*0 unmatched, 3 unused*'
	serve --mode replay -u "$up" -o new.yaml
	[ "$(ask '{"n":9}' -o answer -w '%{http_code}')" = 404 ]
	halt
	is 1 '' '*1 unmatched*'
}

@test "--mode record asks always; what matched before gives way, what this run put there stays" {
	upstream $'reply\nbody one\nreply\nbody two\nreply\nbody three\nreply\nbody four'
	serve -u "$up" -o new.yaml
	ask '{"n":1}'
	ask '{"n":2}'
	halt
	serve --mode record -u "$up" -o new.yaml
	[ "$(ask '{"n":1}')$(ask '{"n":1}')" = threefour ]
	halt
	is 0 '' 'cassette-serve: 0 served, 0 unmatched, 0 unused, 2 from the upstream, 2 recorded'
	recorded 3
	[ "$(jq -r .response.body interactions | tr '\n' ' ')" = 'two three four ' ]
}

@test "what breaks off breaks off, and is recorded as what it was" {
	upstream $'reply\nchunked\nbody data: 1\\n\\n\ncut\nreply\nlength 100\nbody data: 2\\n\\n\nreset'
	serve --mode record -u "$up" -o new.yaml
	try ask '{"n":1}'
	[ "$status" = 18 ]
	[ "$(cat stdout)" = 'data: 1' ]
	try ask '{"n":2}'
	[ "$status" = 18 ] || [ "$status" = 56 ]
	halt
	[ "$status" = 0 ]
	grep -q 'the response broke off after 9 bytes' stderr
	recorded 2
	[ "$(jq -r .response.end interactions | tr '\n' ' ')" = 'cut reset ' ]
}

# outcome METHOD: the status of what the upstream answers to that method, or what became of it.
outcome() {
	if [ "$1" = HEAD ]; then
		curl -sI --max-time 20 -o answer -w '%{http_code}' "$at/x"
	else
		curl -s --max-time 20 -X "$1" -o answer -w '%{http_code}' "$at/x"
	fi
}

@test "auto: failures are passed on and reported, not recorded, and the next run asks again" {
	local code method kept
	while read -r method code kept; do
		rm -f new.yaml
		upstream $'reply\nstatus '"$code"$' Whatever\nlength 0'
		serve -u "$up" -o new.yaml
		[ "$(outcome "$method")" = "$code" ]
		halt
		if [ "$kept" = yes ]; then
			is 0 '' 'cassette-serve: 0 served, 0 unmatched, 0 unused, 1 from the upstream, 1 recorded'
			recorded 1
		else
			is 0 '' "cassette-serve: $method /x: not recorded: status $code
cassette-serve: 0 served, 0 unmatched, 0 unused, 1 from the upstream, 0 recorded, 1 not recorded"
			[ ! -e new.yaml ]
		fi
	done <<-END
		POST 200 yes
		POST 204 yes
		GET 302 yes
		POST 308 yes
		GET 304 yes
		GET 404 yes
		HEAD 404 yes
		POST 404 no
		DELETE 404 no
		GET 410 no
		POST 400 no
		POST 401 no
		POST 429 no
		POST 500 no
		GET 503 no
		POST 529 no
	END
}

@test "auto: a client's retry after 429 and a truncated answer is what is recorded; record keeps all" {
	local script=$'reply\nstatus 429 Slow down\nlength 4\nbody slow\nreply\nchunked\nbody data: 1\\n\\n\ncut\nreply\nlength 2\nbody ok'
	upstream "$script"
	serve -u "$up" -o new.yaml
	[ "$(ask '{}')" = slow ]
	[ "$(ask '{}' || true)" = 'data: 1' ]
	[ "$(ask '{}')" = ok ]
	halt
	is 0 '' 'cassette-serve: POST /v1/chat/completions: not recorded: status 429
cassette-serve: POST /v1/chat/completions: the response broke off after 9 bytes: *
cassette-serve: POST /v1/chat/completions: not recorded: the response broke off
cassette-serve: 0 served, 0 unmatched, 0 unused, 3 from the upstream, 1 recorded, 2 not recorded'
	recorded 1
	rm new.yaml
	upstream "$script"
	serve --mode record -u "$up" -o new.yaml
	for i in 1 2 3; do
		ask '{}' >answer || true
	done
	halt
	is 0 '' '*3 from the upstream, 3 recorded'
	recorded 3
	[ "$(jq -r '"\(.response.status) \(.response.end)"' interactions | tr '\n' ' ')" = '429 null 200 cut 200 null ' ]
}

@test "no upstream: 502 in every client's words, status 4, nothing recorded" {
	need jq
	upstream $'reply\ncut'
	serve -u "$up" -o new.yaml
	ask '{"n":1}' -w '%{stderr}%{http_code}' >stdout 2>code
	[ "$(cat code)" = 502 ]
	jq -e '.error.type == "api_error" and (.error.message | length > 5)' stdout
	halt
	[ "$status" = 4 ]
	[ ! -e new.yaml ]
	serve -u http://127.0.0.1:1 -o new.yaml
	[ "$(ask '{"n":1}' -o answer -w '%{http_code}')" = 502 ]
	halt
	is 4 '' 'cassette-serve: POST /v1/chat/completions: http://127.0.0.1:1/: *connect*'
	[ ! -e new.yaml ]
}

@test "a client that leaves ends the upstream too, and half an answer is not recorded" {
	upstream $'reply\nchunked\nbody data: 1\\n\\n\ngone'
	serve -u "$up" -o new.yaml
	exec {pipe}< <(exec curl -sN --max-time 60 -d '{}' "$at/v1/chat/completions" 3>&-)
	client=$!
	read -r -t 20 -u "$pipe" line
	kill "$client"
	sees 'request POST /v1/chat/completions' gone
	halt
	is 0 '' 'cassette-serve: POST /v1/chat/completions: not recorded: the client left
cassette-serve: *, 0 recorded, 1 not recorded'
	[ ! -e new.yaml ]
}

@test "a client that leaves before the answer begins ends the upstream" {
	upstream $'reply\ngone'
	serve -u "$up" -o new.yaml
	exec {pipe}< <(exec curl -sN --max-time 60 -d '{}' "$at/v1/chat/completions" 3>&-)
	client=$!
	sees 'request POST /v1/chat/completions'
	kill "$client"
	sees gone
	halt
	[ "$status" = 0 ]
}

@test "kill -9 loses what is in flight and nothing else" {
	mkfifo go
	upstream $'reply\nbody one\nreply\nchunked\nbody two\ngo' -g go
	exec {gate}<>go
	serve -u "$up" -o new.yaml
	[ "$(ask '{"n":1}')" = one ]
	exec {pipe}< <(exec curl -sN --max-time 60 -d '{"n":2}' "$at/v1/chat/completions" 3>&-)
	pids+=($!)
	read -r -t 20 -n 3 -u "$pipe" line
	[ "$line" = two ]
	kill -9 "$served"
	wait "$served" || true
	recorded 1
}

@test "sixteen at once are all recorded, by two servers into one file" {
	upstream "$(printf 'reply\nbody x\n')" -f -t 60
	serve -u "$up" -o new.yaml
	first=$served at1=$at
	serve -u "$up" -o new.yaml
	for i in $(seq 8); do
		for a in "$at1" "$at"; do
			printf 'url="%s/%s"\ndata={}\noutput=/dev/null\nnext\n' "$a" "$i"
		done
	done | sed '$d' >list
	curl --no-progress-meter -s -Z --parallel-max 16 -K list
	halt
	[ "$status" = 0 ]
	kill "$first"
	wait "$first"
	recorded 16
}

@test "answers that end together: one that the file cannot hold keeps no other out" {
	mkfifo go
	upstream $'reply\nchunked\ngo\nbody x' -f -g go -t 60
	exec {gate}<>go
	echo '{"version": 1, "interactions": []}' >new.json
	serve -u "$up" -o new.json
	printf '\377' >bad
	for i in 1 2 3; do
		printf 'url="%s/%s"\ndata={}\noutput=/dev/null\nnext\n' "$at" "$i"
	done >list
	printf 'url="%s/bad"\ndata-binary=@bad\noutput=/dev/null\n' "$at" >>list
	curl --no-progress-meter -s -Z --parallel-immediate --max-time 60 -K list 3>&- &
	client=$!
	for i in 1 2 3 4; do
		read -r -t 20 -u "$seen" line
	done
	kill -STOP "$served"
	printf 1234 >&"$gate"
	kill -CONT "$served"
	wait "$client"
	halt
	is 3 '' 'cassette-serve: POST /bad: not recorded in new.json: bytes that are no UTF-8, which go-vcr in JSON cannot hold
*4 from the upstream, 3 recorded, 1 not recorded'
	[ "$(cassette-extract new.json | wc -l)" = 3 ]
}

@test "a client that does not read holds the upstream back; beyond --max-size it passes unrecorded" {
	upstream $'reply\nchunked\nfill 3000000\nbody end'
	serve -M 1M -u "$up" -o new.yaml
	ask '{}' --limit-rate 20M >got
	[ "$(wc -c <got)" = 3000003 ]
	halt
	is 0 '' '*not recorded: the answer is larger than --max-size*'
	[ ! -e new.yaml ]
}

@test "-- COMMAND talks to the upstream under its path, with its own keys" {
	upstream "$STREAM" -l req
	unset OPENAI_API_KEY
	# shellcheck disable=SC2016 # the command's shell
	try cassette-serve -u "$up/api/v1" -o new.yaml -- sh -c 'echo "$OPENROUTER_BASE_URL ${OPENAI_API_KEY-no key}"; curl -sN -d {} "$OPENAI_BASE_URL/chat/completions"'
	[ "$status" = 0 ]
	[[ $(head -n 1 stdout) == http://127.0.0.1:*'/api/v1 no key' ]]
	grep -q '^data: 1' stdout
	grep -q '^POST /api/v1/chat/completions ' req.1
	recorded 1
}

@test "another method and no body go up as they are" {
	upstream $'reply\nlength 2\nbody {}\nreply\nlength 0' -l req
	serve -u "$up" -o new.yaml
	[ "$(curl -s --max-time 20 "$at/v1/models?a=%20b")" = '{}' ]
	curl -s --max-time 20 -X DELETE "$at/v1/files/1"
	halt
	[ "$status" = 0 ]
	grep -q '^GET /v1/models?a=%20b HTTP/1.1' req.1
	lacks -i '^content-' req.1
	grep -q '^DELETE /v1/files/1 HTTP/1.1' req.2
	recorded 2
	serve new.yaml
	[ "$(curl -s --max-time 20 "$at/v1/models?a=%20b")" = '{}' ]
	halt
}

@test "what the client said goes up, and nothing that it did not say" {
	upstream $'reply\nlength 0\nreply\nlength 0' -l req
	serve -u "$up" -o new.yaml
	raw 'POST /a/../b//c?d#e HTTP/1.1\r\nHost: a\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nX-Stays: 1\r\nContent-Length: 2\r\n\r\n{}' >answer
	grep -q '^HTTP/1.1 200' answer
	tr -d '\r' <req.1 >sent
	[ "$(head -n 1 sent)" = 'POST /a/../b//c?d HTTP/1.1' ]
	grep -q '^X-Stays: 1$' sent
	lacks -iE '^(accept|content-type|x-hop|connection):' sent
	raw 'GET http://other.example/f HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n' >answer
	[ "$(head -n 1 req.2 | tr -d '\r')" = 'GET /f HTTP/1.1' ]
	halt
	[ "$status" = 0 ]
	recorded 2
	[ "$(jq -r .request.url interactions | tr '\n' ' ')" = "$up/a/../b//c?d $up/f " ]
	lacks -i hop interactions
}

@test "no request leads to another host than the upstream's" {
	upstream $'reply\nlength 0' -l req
	serve -u "$up" -o new.yaml
	for target in "@127.0.0.1:$port/" ":80@127.0.0.1:$port/" '.example.com/' '*' '?q' 'a b' '/a b' 'ftp:/h/'; do
		raw "GET $target HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n" >answer
		grep -q '^HTTP/1.1 400' answer || {
			echo "$target"
			cat answer said
			return 1
		}
	done
	[ ! -e req.1 ]
	halt
	is 3 '' 'cassette-serve: GET @*: what is asked for is no path
*0 from the upstream, 0 recorded'
}

@test "from the upstream: hop-by-hop headers stay out, a length beside chunks does not count" {
	upstream $'reply\nheader Connection: close, x-hop\nheader X-Hop: 1\nheader Content-Length: 7\nheader Set-Cookie: a=1\nheader Set-Cookie: b=2\nchunked\nbody {}'
	serve -u "$up" -o new.yaml
	[ "$(curl -s --max-time 20 -D head "$at/x")" = '{}' ]
	lacks -iE '^(x-hop|content-length):' head
	[ "$(grep -c '^Set-Cookie: .=' head)" = 2 ]
	halt
	[ "$status" = 0 ]
	recorded 1
	lacks -iE 'x-hop|content-length' interactions
}

@test "an unknown Content-Encoding is passed on with its header, a known one decoded; both are replayed" {
	need gzip
	gzip -nc <<<'{"a":1}' >packed
	upstream $'reply\nheader Content-Encoding: utf-8\nlength 2\nbody {}\nreply\nheader Content-Encoding: gzip\nlength '"$(wc -c <packed)"$'\nfile packed'
	serve -u "$up" -o new.yaml
	for round in live replayed; do
		[ "$(curl -s --max-time 20 -D head "$at/x")" = '{}' ]
		grep -qi '^content-encoding: utf-8' head
		[ "$(curl -s --max-time 20 -D head "$at/y")" = '{"a":1}' ]
		lacks -i '^content-encoding' head
		halt
		[ "$status" = 0 ]
		[ $round = replayed ] || serve new.yaml
	done
}

@test "a client that does not read holds back an upstream that compresses, and gets all of it" {
	need gzip
	head -c 3000000 /dev/urandom | base64 -w 76 >plain
	gzip -c plain >packed
	upstream $'reply\nheader Content-Encoding: gzip\nchunked\nfile packed'
	serve -u "$up" -o new.yaml
	ask '{}' --limit-rate 20M | cmp - plain
	halt
	[ "$status" = 0 ]
	recorded 1
}

@test "an upstream that changes the protocol has not answered" {
	upstream $'reply\nstatus 101 Switching Protocols\nheader Upgrade: websocket\\r\\n\\r\\nxyz\nhead\ncut'
	serve -u "$up" -o new.yaml
	[ "$(curl -s --max-time 20 -o answer -w '%{http_code}' "$at/x")" = 502 ]
	halt
	is 4 '' '*: no answer came behind the status 101
*0 recorded'
	[ ! -e new.yaml ]
}

@test "headers of an answer that are too long are told, live and replayed" {
	need jq
	{
		printf 'reply\n'
		for i in $(seq 70); do
			printf 'header X-%s: %01000d\n' "$i" 0
		done
		printf 'length 2\nbody {}\n'
	} >script
	upstream "$(cat script)"
	serve -u "$up" -o new.yaml
	[ "$(curl -s --max-time 20 -o answer -w '%{http_code}' "$at/x")" = 502 ]
	jq -e '.error.message == "its headers are too long to be sent"' answer
	halt
	is 4 '' "cassette-serve: GET /x: $up/: its headers are too long to be sent
*1 recorded"
	serve new.yaml
	[ "$(curl -s --max-time 20 -o answer -w '%{http_code}' "$at/x")" = 502 ]
	halt
	is 3 '' 'cassette-serve: GET /x: interaction 0 of new.yaml: its headers are too long to be sent
*1 served*'
}

@test "HEAD and 304 have a length and no body, live and replayed" {
	upstream $'reply\nheader Content-Length: 1234\nhead\nreply\nstatus 304 Not Modified\nheader Content-Length: 77\nhead'
	serve -u "$up" -o new.yaml
	for round in live replayed; do
		curl -sI --max-time 20 "$at/x" | tr -d '\r' >heads
		grep -q '^Content-Length: 1234$' heads
		curl -s --max-time 20 -D heads "$at/y" >body
		tr -d '\r' <heads | grep -qE '^HTTP/1.1 304 '
		tr -d '\r' <heads | grep -q '^Content-Length: 77$'
		[ ! -s body ]
		halt
		[ "$status" = 0 ]
		[ $round = replayed ] || serve new.yaml
	done
}

@test "more clients than there are descriptors: they wait, and each is answered and recorded" {
	upstream "$(printf 'reply\nbody x\n')" -f -t 60
	exec {out}< <(ulimit -n 40 && exec cassette-serve -u "$up" -o new.yaml 3>&- 2>said)
	served=$!
	pids+=("$served")
	read -r -t 20 -u "$out" at
	for i in $(seq 60); do
		printf 'url="%s/%s"\ndata={}\noutput=/dev/null\nwrite-out="%%{http_code}\\n"\nnext\n' "$at" "$i"
	done | sed '$d' >list
	timeout 60 curl --no-progress-meter -s -Z --parallel-max 60 -K list >codes
	[ "$(sort codes | uniq -c | tr -s ' ')" = ' 60 200' ]
	halt
	is 0 '' '*60 recorded'
	recorded 60
}
