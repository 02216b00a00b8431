#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sse-post -C: replayed, recorded, shared, and never half written.
# shellcheck disable=SC2154 # url, port and seen are those of net.bash

load lib
load net

# asked N: the server saw N requests.
asked() {
	local n
	n=$(find . -maxdepth 1 -name 'req.*' | wc -l)
	[ "$n" = "$1" ] || {
		echo "$n requests, not $1"
		return 1
	}
}

# recorded N [FILE]: the cassette is whole, holds N interactions, and nothing lies beside it.
recorded() {
	local file=${2:-c.yaml}
	cassette-extract "$file" >interactions
	[ "$(wc -l <interactions)" = "$1" ] || {
		echo "$(wc -l <interactions) interactions, not $1"
		return 1
	}
	[ -z "$(find . -maxdepth 1 -name '*c.yaml*' ! -name c.yaml)" ] || {
		ls -la
		return 1
	}
}

@test "one call goes out, then none: the same bytes, and no key needed" {
	server $'reply\nheader X-Request-Id: r1\nchunked\nbody data: 1\\n\\n\nbody data: [DO\nbody NE]\\n\\n' -l req
	MINE=sekrit-0815 try sse-post -C c.yaml -k MINE "$url" body
	[ "$status" = 0 ]
	[ ! -s stderr ]
	cp stdout first
	try sse-post -C c.yaml -k MINE -D head --report report "$url" body
	[ "$status" = 0 ]
	[ ! -s stderr ]
	cmp stdout first
	printf 'HTTP/1.1 200 OK\r\nX-Request-Id: r1\r\n\r\n' | cmp - head
	grep -q '"status":200,.*"end":"whole","cassette":"replayed","request_id":"r1","bytes":23' report
	asked 1
	recorded 1
}

@test "what is recorded: every piece's arrival, no key, no header of the transport" {
	need jq
	server $'reply\nheader Set-Cookie: session=sekrit\nheader X-Echo: sekrit-0815\nchunked\nbody data: 1\\n\\n\nbody data: sekrit-0815\\n\\n' -l req
	MINE=sekrit-0815 try sse-post -C c.yaml -k MINE "$url?alt=sse" - <<<'{"model":"m","user":"sekrit-0815"}'
	[ "$status" = 0 ]
	recorded 1
	lacks sekrit c.yaml
	jq -e --arg url "$url?alt=sse" '.request.method == "POST" and .request.url == $url and
		.request.headers.Authorization == ["REDACTED"] and .request.body == "{\"model\":\"m\",\"user\":\"REDACTED\"}\n" and
		.response.status == 200 and .response.reason == "OK" and (.response.headers | has("Transfer-Encoding") | not) and
		(.response.arrivals | map(.[1])) == [9, 16] and (.response | has("end") | not) and .duration > 0' interactions
}

@test "an echo of the key in the reason phrase, the request id or a limit is redacted, in the report too" {
	server $'reply\nstatus 401 bad sekrit-0815\nheader X-Request-Id: r-sekrit-0815\nheader X-RateLimit-Key: sekrit-0815\nbody {"error":{"type":"sekrit\\\\u002d0815"}}'
	MINE=sekrit-0815 try sse-post -v --mode record -C c.yaml -k MINE --report report "$url" body
	[ "$status" = 1 ]
	lacks -e 'sekrit.*0815' c.yaml report stderr
	jq -e '.request_id == "r-REDACTED" and .rate_limits["x-ratelimit-key"] == "REDACTED"' report
	cassette-extract c.yaml | jq -e '.response.reason == "bad REDACTED" and .response.body == "{\"error\":{\"type\":\"REDACTED\"}}"'
}

@test "a word for a key is redacted at its own place, and nowhere else; a number is too" {
	server $'reply\nbody Run it: ollama serve 12345678\nreply\nbody ok'
	OPENROUTER_API_KEY=ollama OPENROUTER_BASE_URL=${url%/chat/completions} try sse-post -p openrouter -C c.yaml <<<'{"q":"what is ollama?"}'
	ANTHROPIC_API_KEY=12345678 ANTHROPIC_BASE_URL=${url%/v1/*} try sse-post -p anthropic -C c.yaml <<<'{"q":"12345678"}'
	recorded 2
	jq -sce 'map(.request.headers | .Authorization // .["X-Api-Key"]) == [["REDACTED"], ["REDACTED"]] and
		(.[0].request.body | test("what is ollama")) and (.[0].response.body | test("ollama serve"))' interactions
}

@test "options say what else is redacted" {
	server $'reply\nheader X-Trace: 1\nbody {"user":"me"}'
	WORD=own1 MINE=sekrit-0815 try sse-post -C c.yaml -k MINE -H 'X-Tenant: own1' --redact-env WORD --redact-json .user --drop-header x-trace "$url" <<<'{"user":"me","q":"own1"}'
	[ "$status" = 0 ]
	[ "$(cat stdout)" = '{"user":"me"}' ]
	recorded 1
	lacks -e own1 -e '"me"' -e X-Trace c.yaml
	try sse-post --redact-json user --dry-run "$url" body
	is 2 '' "sse-post: invalid path 'user' *"
	MINE=sekrit-0815 try sse-post -k MINE --redact-json .user --redact-header x-tenant -H 'X-Tenant: acme' --dry-run "$url" <<<'{"user":"me","api_key":"x"}'
	[ "$status" = 0 ]
	grep -qx 'X-Tenant: REDACTED' stdout
	grep -qx '{"user":"REDACTED","api_key":"REDACTED"}' stdout
}

@test "the same JSON matches, another does not; method, URL and body count, headers do not" {
	server $'reply\nlength 4\nbody one\\n\nreply\nlength 4\nbody two\\n\nreply\nlength 6\nbody three\\n' -l req
	sse-post -C c.yaml "$url" - <<<'{"a":1.0,"b":[true]}' >/dev/null
	try sse-post -C c.yaml -H 'X-Other: 1' "$url" - <<<' { "b":[ true ], "\u0061":1, "content":null } '
	is 0 one
	asked 1
	try sse-post -C c.yaml "$url" - <<<'{"a":1,"b":[false]}'
	is 0 two
	try sse-post -C c.yaml "$url?x=1" - <<<'{"a":1,"b":[true]}'
	is 0 three
	asked 3
	recorded 3
}

@test "--ignore: a member that differs in each run is neither asked nor recorded again" {
	server $'reply\nlength 4\nbody one\\n\nreply\nlength 4\nbody two\\n' -l req
	sse-post -C c.yaml "$url" - <<<'{"a":1,"run":{"id":1}}' >/dev/null
	try sse-post -C c.yaml --ignore .run.id "$url?" - <<<'{"a":1,"run":{"id":2}}'
	is 0 one
	try sse-post -C c.yaml --mode replay --ignore .other "$url" - <<<'{"a":1,"run":{"id":2}}'
	is 1 '' '*differs in .run.id'
	asked 1
	try sse-post -C c.yaml --mode record --ignore .run "$url" - <<<'{"a":1,"run":{"id":3}}'
	is 0 two
	recorded 1
	try sse-post -C c.yaml --ignore run "$url" body
	is 2 '' "sse-post: invalid path 'run' *"
}

@test "replay: never the network, and the nearest is told" {
	server $'reply\nlength 4\nbody one\\n' -l req
	try sse-post -C c.yaml --mode replay "$url" body
	is 1 '' 'sse-post: c.yaml: no recorded request matches; nothing was recorded'
	[ ! -e c.yaml ]
	sse-post -C c.yaml "$url" body >/dev/null
	try sse-post -C c.yaml --mode replay -k UNSET "$url" - <<<'{"model":"n","messages":[]}'
	is 1 '' 'sse-post: c.yaml: no recorded request matches; nearest is interaction 0, which differs in .model'
	try sse-post -v -C c.yaml --mode replay "$url" - <<<'{"model":"n","messages":[]}'
	is 1 '' 'sse-post: c.yaml: no recorded request matches; nearest is interaction 0, which differs in .model ("n", recorded "m")'
	asked 1
}

@test "record: always the network; what matches gives way, the others stay" {
	need jq
	server $'reply\nlength 4\nbody one\\n\nreply\nlength 4\nbody two\\n\nreply\nlength 6\nbody three\\n' -l req
	sse-post -C c.yaml "$url" body >/dev/null
	sse-post -C c.yaml "$url" - <<<'{}' >/dev/null
	try sse-post -C c.yaml --mode record "$url" body
	is 0 three
	asked 3
	recorded 2
	[ "$(jq -r .response.body interactions | tr '\n' ' ')" = 'two  three  ' ]
}

@test "a failure is not kept, so that the next run asks again; --mode record keeps what came" {
	local mode refused broken
	for mode in auto record; do
		# shellcheck disable=SC1007
		refused= broken=
		[ $mode = record ] || {
			refused=$'\nsse-post: c.yaml: not recorded: status 401'
			broken=$'\nsse-post: c.yaml: not recorded: the response broke off'
		}
		rm -f c.yaml req.*
		server $'reply\nstatus 401 No\nlength 3\nbody no\\n\nreply\nchunked\nbody data: 1\\n\\n\ncut\nreply\nlength 3\nbody ok\\n' -l req
		try sse-post -C c.yaml --mode $mode "$url" body
		is 1 no "sse-post: $url: 401 No$refused"
		try sse-post -C c.yaml --mode $mode "$url" - <<<'{}'
		is 3 $'data: 1\n' "sse-post: $url: the response broke off after 9 bytes: *$broken"
		[ $mode = record ] || [ ! -e c.yaml ]
	done
	recorded 2
	try sse-post -C c.yaml "$url" body
	is 1 no "sse-post: $url: 401 No"
	try sse-post -C c.yaml "$url" - <<<'{}'
	is 3 $'data: 1\n' "sse-post: $url: the response broke off after 9 bytes: so it was recorded"
	asked 2
}

@test "only the last of several attempts is recorded" {
	server $'reply\nstatus 503 Busy\nheader retry-after: 0\nlength 0\nreply\nlength 3\nbody ok\\n' -l req
	try sse-post -C c.yaml "$url" body
	is 0 ok 'sse-post: *: 503 Busy; retry 1 of 2 in 0.0 s'
	asked 2
	recorded 1
	lacks Busy c.yaml
}

@test "a compressed answer is recorded as it was handed on" {
	need jq gzip
	printf 'data: 1\n\ndata: 2\n\n' >plain
	gzip -c plain >plain.gz
	server $'reply\nheader Content-Encoding: gzip\nheader ETag: x\nlength '"$(wc -c <plain.gz)"$'\nfile plain.gz'
	try sse-post -C c.yaml "$url" body
	cmp stdout plain
	try sse-post -C c.yaml "$url" body
	cmp stdout plain
	recorded 1
	jq -e '.response.headers == {"Etag": ["x"]} and .response.body == "data: 1\n\ndata: 2\n\n"' interactions
}

@test "an answer in an unknown encoding is recorded and replayed as it is" {
	need jq
	printf '\x9f\0raw' >raw
	server $'reply\nheader Content-Encoding: aws-chunked\nlength 5\nfile raw'
	try sse-post -C c.yaml "$url" body
	cmp stdout raw
	try sse-post -C c.yaml --mode replay "$url" body
	[ "$status" = 0 ]
	[ ! -s stderr ]
	cmp stdout raw
}

@test "an answer of other people's cassettes, compressed and in any format, is decoded" {
	need gzip
	local format
	gzip -c body >body.gz
	printf '{"id":0,"request":{"method":"POST","url":"%s","headers":{},"body":"{}"},"response":{"status":200,"headers":{"Content-Encoding":["gzip"]},"body_base64":"%s"}}\n' \
		http://127.0.0.1:1/ "$(base64 -w0 body.gz)" >record
	for format in go-vcr vcrpy ruby-vcr har; do
		cassette-pack -f $format record >"$format"
		try sse-post -C "$format" --mode replay http://127.0.0.1:1/ - <<<'{}'
		[ "$status" = 0 ]
		cmp stdout body
	done
}

@test "eight at once lose nothing" {
	server $'reply\nchunked\nbody data: 1\\n\\n' -f
	local i waits=()
	for i in 1 2 3 4 5 6 7 8; do
		sse-post -C c.yaml "$url" - <<<"{\"n\":$i}" >"out$i" 2>"err$i" 3>&- &
		waits+=($!)
	done
	for i in "${waits[@]}"; do
		wait "$i"
	done
	recorded 8
	for i in 1 2 3 4 5 6 7 8; do
		[ ! -s "err$i" ]
		try sse-post -C c.yaml --mode replay "$url" - <<<"{\"n\":$i}"
		is 0 $'data: 1\n'
	done
}

@test "killed, left or interrupted in the middle: no half record" {
	server $'reply\nlength 3\nbody ok\\n'
	sse-post -C c.yaml "$url" body >/dev/null
	cp c.yaml before
	local sig
	for sig in KILL TERM INT; do
		server $'reply\nchunked\nbody data: 1\\n\\n\ngone'
		mkfifo pipe
		env --default-signal=INT sse-post -C c.yaml "$url" - <<<'{}' >pipe 2>stderr 3>&- &
		pid=$!
		exec {from}<pipe
		read -r _ <&"$from"
		kill -$sig $pid
		wait $pid || true
		sees 'request POST /v1/chat/completions' gone
		exec {from}<&-
		rm pipe
		cmp c.yaml before
		recorded 1
	done
	server $'reply\nchunked\nbody data: 1\\n\\n\ngone'
	set +e
	sse-post -C c.yaml "$url" - <<<'{}' 2>stderr | head -n 1 >stdout
	status=${PIPESTATUS[0]}
	set -e
	is 141 'data: 1'
	cmp c.yaml before
	recorded 1
}

@test "an answer larger than --max-size passes on unrecorded" {
	server $'reply\nchunked\nfill 30000\nfill 30000\nfill 30000'
	try sse-post -M 50k -C c.yaml "$url" body
	[ "$status" = 0 ]
	[ "$(wc -c <stdout)" = 90000 ]
	[ "$(cat stderr)" = 'sse-post: c.yaml: not recorded: the answer is larger than --max-size' ]
	[ ! -e c.yaml ]
}

@test "a file that is no cassette is left alone, and nothing is sent" {
	server $'reply\nlength 3\nbody ok\\n' -l req
	echo 'a: [1' >c.yaml
	cp c.yaml before
	try sse-post -C c.yaml "$url" body
	is 3 '' 'sse-post: c.yaml*: *'
	mkdir folder
	try sse-post -C folder "$url" body
	is 4 '' 'sse-post: folder*: Is a directory'
	cmp c.yaml before
	asked 0
}

@test "a cassette that cannot be written: the answer passes on, status 4" {
	server $'reply\nlength 3\nbody ok\\n'
	try sse-post -C nowhere/c.yaml "$url" body
	is 4 ok 'sse-post: nowhere/c.yaml: not recorded: *No such file or directory'
}

@test "a new file whose name ends in .har is one" {
	need jq
	server $'reply\nlength 3\nbody ok\\n'
	sse-post -C new.har "$url" body >/dev/null
	jq -e '.log.entries | length == 1' new.har
	try sse-post -C new.har --mode replay "$url" body
	is 0 ok
}

@test "the user's recording replays, byte for byte" {
	local i
	for i in 0 1; do
		cassette-extract -b request -i $i "$TOP_SRC/examples/florence.yaml" >request
		cassette-extract -b response -i $i "$TOP_SRC/examples/florence.yaml" >response
		try sse-post -p openrouter -C "$TOP_SRC/examples/florence.yaml" --mode replay request
		[ "$status" = 0 ]
		[ ! -s stderr ]
		cmp stdout response
	done
}

@test "examples/Makefile: a target costs one call, then none" {
	need make
	server $'reply\nchunked\nbody data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"}]}\\n\\ndata: [DONE]\\n\\n\nreply\nstatus 401 No\nlength 2\nbody {}' -l req
	export OPENROUTER_BASE_URL=${url%/chat/completions} OPENROUTER_API_KEY=sekrit-0815 MAKEFLAGS=
	cp body hi.json
	make -s -f "$TOP_SRC/examples/Makefile" hi.txt
	[ "$(cat hi.txt)" = Hello ]
	rm hi.txt
	unset OPENROUTER_API_KEY
	make -s -f "$TOP_SRC/examples/Makefile" hi.txt
	[ "$(cat hi.txt)" = Hello ]
	asked 1
	# a failure leaves no target
	echo '{}' >bye.json
	OPENROUTER_API_KEY=sekrit-0815 try make -s -f "$TOP_SRC/examples/Makefile" bye.txt
	[ "$status" = 2 ]
	[ ! -e bye.txt ]
}
