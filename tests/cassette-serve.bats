#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# cassette-serve: from cassettes, at any pace, with accidents.
# shellcheck disable=SC2154 # at, served and url are those of net.bash and serve.bash

load lib
load net
load serve

EVENTS='data: {\"a\":1}\n\ndata: {\"b\":\"\u00e9\"}\r\n\r\n: still here\n\ndata: [DONE]\n\n'
TEXT=$'data: {"a":1}\n\ndata: {"b":"\303\251"}\r\n\r\n: still here\n\ndata: [DONE]\n\n'

# simple: one interaction, {} answered with EVENTS.
simple() {
	tape tape.yaml "$(answer '{}' "$EVENTS" "${1-}")"
}

@test "the recorded conversation, byte for byte, and a summary" {
	serve "$TOP_SRC/examples/florence.yaml"
	[[ $at =~ ^http://127\.0\.0\.1:[0-9]+$ ]]
	for i in 0 1; do
		cassette-extract -b request -i $i "$TOP_SRC/examples/florence.yaml" >request
		cassette-extract -b response -i $i "$TOP_SRC/examples/florence.yaml" >want
		curl -sN --max-time 20 -D head -d @request "$at/api/v1/chat/completions" >got
		cmp want got
		grep -q '^HTTP/1.1 200 OK' head
		grep -q '^Content-Type: text/event-stream' head
	done
	halt
	is 0 '' 'cassette-serve: 2 served, 0 unmatched, 0 unused'
}

@test "SIGINT ends it as SIGTERM does; what nobody asked for is unused, and with --all-used a 1" {
	simple
	# a shell in the background ignores SIGINT, and what was ignored stays so
	exec {out}< <(exec env --default-signal=INT cassette-serve tape.yaml 3>&- 2>said)
	served=$!
	pids+=("$served")
	read -r -t 20 -u "$out" at
	halt INT
	is 0 '' 'cassette-serve: 0 served, 0 unmatched, 1 unused'
	serve --all-used tape.yaml
	halt
	is 1 '' $'cassette-serve: not all interactions were used\ncassette-serve: 0 served, 0 unmatched, 1 unused'
}

@test "in file order, each once, files one behind the other; --repeat begins again" {
	tape a.yaml "$(answer '{}' 'data: 1\n\n')" "$(answer '{}' 'data: 2\n\n')"
	tape b.yaml "$(answer '{}' 'data: 3\n\n')"
	serve a.yaml b.yaml
	[ "$(ask '{}')$(ask '{}')$(ask '{ }')" = 'data: 1data: 2data: 3' ]
	ask '{}' -w '%{http_code}' >stdout
	grep -q '404$' stdout
	halt
	is 1 '' 'cassette-serve: POST /v1/chat/completions: no recorded request matches; interaction 0 of a.yaml matches, but was served already (--repeat serves it again)
cassette-serve: 3 served, 1 unmatched, 0 unused'
	serve --repeat a.yaml b.yaml
	for i in 1 2 3 1 2 3; do
		[ "$(ask '{}')" = "data: $i" ]
	done
	halt
	is 0 '' 'cassette-serve: 6 served, 0 unmatched, 0 unused'
}

@test "no match: a 404 that every client understands, the nearest, and where it differs" {
	need jq
	tape tape.yaml "$(answer '{\"model\":\"m\",\"messages\":[{\"content\":\"hello\"}]}' 'data: 1\n\n')"
	serve tape.yaml
	ask '{"model":"m","messages":[{"content":"sekrit"}]}' -H 'x-api-key: sekrit' -w '%{stderr}%{http_code} %{content_type}' >stdout 2>code
	[ "$(cat code)" = '404 application/json' ]
	jq -e '.type == "error" and (.error | .type == "not_found_error" and .code == 404 and .status == "NOT_FOUND" and
		(.message | test("^no recorded request matches POST /v1/chat/completions; nearest is interaction 0 of tape.yaml, which differs in .messages\\[0\\].content$")))' stdout
	halt
	is 1 '' 'cassette-serve: POST /v1/chat/completions: no recorded request matches; nearest is interaction 0 of tape.yaml, which differs in .messages\[0\].content
cassette-serve: 0 served, 1 unmatched, 1 unused'
	serve -v tape.yaml
	ask '{"model":"m","messages":[{"content":"bye"}]}' >stdout
	halt
	is 1 '' '*differs in .messages\[0\].content ("bye", recorded "hello")*'
}

@test "--match chooses what counts" {
	tape tape.yaml "$(answer '{\"a\":1}' 'data: 1\n\n')" "$(answer '{\"a\":2}' 'data: 2\n\n')"
	serve --match method,path tape.yaml
	[ "$(ask '{"other":true}')" = 'data: 1' ]
	[ "$(ask 'x' -G)" != 'data: 2' ]
	[ "$(ask 'no JSON')" = 'data: 2' ]
	halt
	[ "$status" = 1 ]
	sed -i 's/^      Content-Type:/      X-Session:\n      - one\n      Content-Type:/;' tape.yaml
	serve --match headers:x-session,path tape.yaml
	[ "$(ask '{}' -H 'X-Session: one')" = 'data: 1' ]
	ask '{}' -H 'X-Session: two' >stdout
	halt
	is 1 '' '*differs in x-session*'
}

@test "the path and the query are those of the request line, not decoded" {
	tape tape.yaml "$(answer '{}' 'data: 1\n\n' | sed 's|/v1/chat/completions|/v1beta/models/a%2Fb:stream?alt=sse|')"
	serve tape.yaml
	curl -s --max-time 20 -d '{}' "$at/v1beta/models/a/b:stream?alt=sse" >stdout
	curl -s --max-time 20 -d '{}' "$at/v1beta/models/a%2Fb:stream" >stdout
	[ "$(curl -s --max-time 20 -d '{}' "$at/v1beta/models/a%2Fb:stream?alt=sse")" = 'data: 1' ]
	halt
	[ "$status" = 1 ]
}

@test "--match order: each request gets the next interaction, and one warning at the start" {
	need jq
	tape a.yaml "$(answer '{\"n\":1}' 'data: 1\n\n')" "$(answer '{\"n\":2}' 'data: 2\n\n')"
	tape b.yaml "$(answer '{\"n\":3}' 'data: 3\n\n')"
	serve --match order a.yaml b.yaml
	[ "$(ask '{"other":1}')$(curl -s --max-time 20 "$at/elsewhere?x=1")$(ask 'no JSON')" = 'data: 1data: 2data: 3' ]
	ask '{}' | jq -e '.error.message == "no recorded request matches POST /v1/chat/completions; all interactions were served already (--repeat serves them again)"'
	halt
	is 1 '' "cassette-serve: --match order compares nothing: each request gets the next interaction, whatever it asks
cassette-serve: POST /v1/chat/completions: no recorded request matches; all interactions were served already (--repeat serves them again)
cassette-serve: 3 served, 1 unmatched, 0 unused"
	serve --match order --repeat a.yaml
	[ "$(ask '1')$(ask '2')$(ask '3')$(ask '4')" = 'data: 1data: 2data: 1data: 2' ]
	halt
	is 0 '' '*4 served, 0 unmatched, 0 unused'
	for parts in order,path path,order order,order headers:a,order; do
		try cassette-serve --match $parts a.yaml
		is 2 '' "cassette-serve: --match order takes no other part; *"
	done
}

@test "--ignore: members that differ in each run do not count, others do" {
	need jq
	tape tape.yaml "$(answer '{\"model\":\"m\",\"user\":\"u1\",\"messages\":[{\"id\":\"a\",\"content\":\"hi\"},{\"id\":\"b\",\"content\":\"bye\"}],\"x-run\":{\"at\":1}}' 'data: 1\n\n')"
	ids='{"model":"m","user":"u2","messages":[{"id":"c","content":"hi"},{"content":"bye"}],"x-run":{"at":2,"by":3}}'
	serve tape.yaml
	ask "$ids" | jq -r .error.message >message
	grep -q 'differs in .user, .messages\[0\].id, .messages\[1\].id, .\["x-run"\].at, .\["x-run"\].by$' message
	halt
	[ "$status" = 1 ]
	# what the message names can be given to the option
	serve --ignore .user --ignore '.messages[0].id' --ignore '.messages[1].id' --ignore '.["x-run"].at' --ignore '.["x-run"].by' tape.yaml
	[ "$(ask "$ids")" = 'data: 1' ]
	halt
	is 0 '' '*1 served*'
	serve --ignore .user --ignore '.messages[].id' --ignore '."x-run"' tape.yaml
	ask "${ids/hi/ho}" | jq -r .error.message >message
	grep -q 'differs in .messages\[0\].content$' message
	[ "$(ask "$ids")" = 'data: 1' ]
	halt
	is 1 '' '*1 served*'
	try cassette-serve --ignore user tape.yaml
	is 2 '' "cassette-serve: invalid path 'user' (examples: .id, .messages\[\].content, .a\[0\]); *"
	try cassette-serve --match path --ignore .user tape.yaml
	is 2 '' "cassette-serve: --ignore needs --match with body; *"
}

@test "the order of a query's parameters and equivalent percent-encoding do not count" {
	tape tape.yaml "$(answer '{}' 'data: 1\n\n' | sed 's|/v1/chat/completions|/v1beta/models/g:stream?alt=sse\&at=10:30\&key=k|')"
	serve --repeat tape.yaml
	for target in 'models/g:stream?alt=sse&at=10:30&key=k' 'models/g%3Astream?key=other&at=10%3A30&alt=sse' 'models/%67%3astream?at=10:30&alt=ss%65&key=x'; do
		[ "$(curl -s --max-time 20 -d '{}' "$at/v1beta/$target")" = 'data: 1' ]
	done
	for target in 'models/g:stream?alt=sse&at=10:31&key=k' 'models/g:stream?alt=sse&at=10:30' 'models%2Fg:stream?alt=sse&at=10:30&key=k'; do
		[ "$(curl -s --max-time 20 -o answer -w '%{http_code}' -d '{}' "$at/v1beta/$target")" = 404 ]
	done
	halt
	is 1 '' '*3 served, 3 unmatched*'
}

@test "an exact match precedes one that is the same only without its secrets" {
	for page in page1 page2; do
		printf '{"request":{"method":"GET","url":"https://api.example.com/list?token=%s"},"response":{"status":200,"body":"%s"}}\n' $page $page
	done | cassette-pack --no-redact -o a.yaml
	serve a.yaml
	[ "$(curl -s "$at/list?token=page2")" = page2 ]
	curl -s "$at/list?token=page2" | jq -e '.error.message | test("interaction 1 of a.yaml matches, but was served already")'
	[ "$(curl -s "$at/list?token=page1")" = page1 ]
	halt
	serve --repeat a.yaml
	for page in page2 page2 page1 page2; do
		[ "$(curl -s "$at/list?token=$page")" = $page ]
	done
	halt
	serve a.yaml # other secrets than those of the recording: in its order
	[ "$(curl -s "$at/list?token=mine")" = page1 ]
	[ "$(curl -s "$at/list?token=mine")" = page2 ]
	halt
}

@test "JSON that is sent with the type of a form is JSON, and ; separates nothing in a form" {
	printf '{"request":{"method":"POST","url":"https://api.example.com/v1/chat/completions","headers":{"Content-Type":["application/x-www-form-urlencoded"]},"body":"%s"},"response":{"status":200,"body":"%s"}}\n' \
		'{\"q\":\"GET /x?a&token=b\",\"rest\":\"one\"}' first 'a=1;token=x&b=2' form | cassette-pack -o a.yaml
	serve -v a.yaml
	form='Content-Type: application/x-www-form-urlencoded'
	ask '{"q":"GET /x?a&token=b","rest":"two"}' -H "$form" | jq -e '.error.message | test("differs in .rest")'
	[ "$(ask '{"rest":"one","q":"GET /x?a&token=b"}' -H "$form")" = first ]
	ask 'a=1;token=y&b=2' -H "$form" | jq -e '.error.message | test("differs in body")'
	[ "$(ask 'a=1;token=x&b=2' -H "$form")" = form ]
	halt
	[ "$status" = 1 ]
}

@test "uploads are compared part by part: the boundary is another one in each request" {
	need jq
	printf 'RIFF\0\1\2WAVE' >a.wav
	printf 'RIFF\0\1\3WAVE' >b.wav
	server $'reply\nbody heard' -l req
	serve -u "http://127.0.0.1:$port" -o new.yaml
	[ "$(curl -s --max-time 20 -F file=@a.wav -F model=m "$at/v1/audio")" = heard ]
	halt
	serve --repeat new.yaml
	[ "$(curl -s --max-time 20 -F file=@a.wav -F model=m "$at/v1/audio")" = heard ]
	[ "$(curl -s --max-time 20 -F model=m -F file=@a.wav "$at/v1/audio")" = heard ]
	curl -s --max-time 20 -F file=@b.wav -F model=n "$at/v1/audio" | jq -r .error.message >message
	grep -q 'differs in part file, part model$' message
	curl -s --max-time 20 -F 'file=@a.wav;filename=b.wav' -F model=m -F language=de "$at/v1/audio" | jq -r .error.message >message
	grep -q 'differs in part file, part language$' message
	halt
	is 1 '' '*2 served, 2 unmatched*'
}

@test "a compressed request is compared decoded, and beyond --max-size as it is" {
	need gzip jq
	printf '{"model":"m","input":"hi"}' >q
	printf '{ "input": "hi", "model": "m" }' >same
	printf '{"model":"m","input":"ho"}' >other
	for name in q same other; do
		gzip -c $name >$name.gz
	done
	tape tape.yaml '{"request":{"method":"POST","url":"https://h/r","headers":{"Content-Encoding":["gzip"]},"body_base64":"'"$(base64 -w 0 q.gz)"'"},"response":{"status":200,"headers":{},"body":"yes"}}'
	serve --repeat tape.yaml
	[ "$(curl -s --max-time 20 -H 'Content-Encoding: gzip' --data-binary @same.gz "$at/r")" = yes ]
	[ "$(curl -s --max-time 20 --data-binary @same "$at/r")" = yes ]
	curl -s --max-time 20 -H 'Content-Encoding: gzip' --data-binary @other.gz "$at/r" | jq -r .error.message >message
	grep -q 'differs in .input$' message
	halt
	is 1 '' '*2 served, 1 unmatched*'
	if have zstd; then
		serve tape.yaml
		zstd -q same
		[ "$(curl -s --max-time 20 -H 'Content-Encoding: zstd' --data-binary @same.zst "$at/r")" = yes ]
		halt
		is 0 '' '*1 served*'
	fi
	# 100 MB of zeros in 200 bytes
	head -c 100000000 /dev/zero | gzip -9 | gzip -9 >bomb
	serve -M 1M tape.yaml
	curl -s --max-time 20 -H 'Content-Encoding: gzip, gzip' --data-binary @bomb "$at/r" | jq -r .error.message >message
	grep -q 'differs in body$' message
	[ "$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$served/status")" -lt 50000 ]
	halt
	[ "$status" = 1 ]
}

@test "a NUL in a body that differs does not break the message off" {
	need jq
	printf 'bin\0ary1' >body1
	tape tape.yaml '{"request":{"method":"POST","url":"https://h/x","headers":{},"body":"bin\u0000ary2"},"response":{"status":200,"headers":{},"body":"ok"}}'
	serve -v tape.yaml
	curl -s --max-time 20 -H 'Content-Type:' --data-binary @body1 "$at/x" | jq -e '.error.message | endswith("differs in body (bin ary1, recorded bin ary2)")'
	halt
	is 1 '' '*differs in body (bin ary1, recorded bin ary2)
*1 unmatched*'
}

@test "a GET, a HEAD, a status, and a length where one was recorded" {
	tape tape.yaml '{"request":{"method":"GET","url":"https://h/models","headers":{},"body":null},"response":{"status":418,"headers":{"Content-Length":["2"],"X-A":["1","2"],":status":["418"],"a b":["1"],"X-B":["1\nX-C: 2"],"Connection":["close"],"Transfer-Encoding":["chunked"]},"body":"{}"}}'
	serve --repeat tape.yaml
	[ "$(curl -s --max-time 20 -D head "$at/models")" = '{}' ]
	tr -d '\r' <./head | grep -v '^Date' >got
	grep -q '^HTTP/1.1 418 ' got
	[ "$(grep -c '^X-A' got)" = 2 ]
	grep -q '^Content-Length: 2$' got
	lacks -i 'chunked\|^:\|^a b\|^x-[bc]' got
	halt
	is 0 '' '*1 served*'
}

@test "a compressed body goes as it is to who takes it, decoded to others" {
	gzip -nc <<<'data: {"a":1}' | base64 -w 0 >packed
	tape tape.yaml '{"request":{"method":"GET","url":"https://h/z","headers":{},"body":null},"response":{"status":200,"headers":{"Content-Encoding":["gzip"],"Content-Type":["text/event-stream"]},"body_base64":"'"$(cat packed)"'"}}'
	serve --repeat tape.yaml
	curl -s --max-time 20 -D head -H 'Accept-Encoding: br, gzip' "$at/z" | base64 -w 0 | cmp - packed
	grep -qi '^Content-Encoding: gzip' head
	[ "$(curl -s --max-time 20 -D head "$at/z")" = 'data: {"a":1}' ]
	lacks -i '^Content-Encoding' head
	for accepts in 'gzip;q=0' '*;q=0.000, gzip ; q=0' 'xgzip, gzipx'; do
		[ "$(curl -s --max-time 20 -H "Accept-Encoding: $accepts" "$at/z")" = 'data: {"a":1}' ]
	done
	for accepts in 'br;q=0, GZIP ;q=0.5' '*' 'gzip, *;q=0'; do
		curl -s --max-time 20 -H "Accept-Encoding: $accepts" "$at/z" | base64 -w 0 | cmp - packed
	done
	halt
	is 0 '' '*8 served*'
}

@test "what was cut or reset is cut or reset again" {
	tape tape.yaml "$(answer '{\"n\":1}' 'data: 1\n\nda' ',"end":"cut"')" "$(answer '{\"n\":2}' 'data: 2\n\nda' ',"end":"reset"')"
	serve tape.yaml
	try ask '{"n":1}'
	[ "$status" = 18 ]
	[ "$(cat stdout)" = $'data: 1\n\nda' ]
	try ask '{"n":2}'
	[ "$status" = 56 ]
	[ "$(cat stdout)" = $'data: 2\n\nda' ]
	halt
	is 0 '' '*2 served*'
}

# ---- where it is cut

@test "--cut: writes end where it says, also inside of a character or of a CRLF" {
	need python3
	simple
	serve --repeat --cut event tape.yaml
	[ "$(chunks '{}')" = '15 20 28' ]
	halt
	serve --repeat --cut line tape.yaml
	[ "$(chunks '{}')" = '14 1 18 2 13 1 13 1' ]
	halt
	serve --repeat --cut byte tape.yaml
	[ "$(chunks '{}')" = "$(printf '1 %.0s' $(seq 63) | sed 's/ $//')" ]
	halt
	serve --repeat --cut 24 tape.yaml
	[ "$(chunks '{}')" = '24 24 15' ]
	halt
	serve --repeat --cut random:7 tape.yaml
	chunks '{}' >first
	[ "$(chunks '{}')" = "$(cat first)" ]
	[ "$(wc -w <first)" -gt 1 ]
	halt
	serve --repeat --cut random:8 tape.yaml
	[ "$(chunks '{}')" != "$(cat first)" ]
	[ "$(ask '{}')" = "${TEXT%$'\n\n'}" ]
	halt
}

@test "as recorded: at -x 1 the pieces are those that arrived, at once it is one" {
	need python3
	simple ',"arrivals":[[0.001,3],[0.002,20],[0.003,40]]'
	serve --repeat -x 1 tape.yaml
	[ "$(chunks '{}')" = '3 20 40' ]
	halt
	serve --repeat tape.yaml
	[ "$(chunks '{}')" = 63 ]
	halt
	serve --repeat --rate 1000 tape.yaml
	[ "$(chunks '{}' | wc -w)" = 3 ]
	halt
}

# ---- when it comes

# first_line FILE: waits until it has a line.
comes() {
	local line
	exec {pipe}< <(exec curl -sN --max-time 60 -H 'Content-Type: application/json' -d "$1" "$at/v1/chat/completions" 3>&-)
	pids+=($!)
	read -r -t 20 -u "$pipe" line
	printf '%s\n' "$line"
}

@test "recorded times are kept at -x 1, pressed together at -x 1000000, and gone at -x 0" {
	simple ',"arrivals":[[0.001,15],[5000,48]]'
	serve --repeat -x 1 tape.yaml
	comes '{}' >first
	[ "$(cat first)" = 'data: {"a":1}' ]
	read -r -t 20 -u "$pipe" line # the empty one
	! read -r -t 0.3 -u "$pipe" line
	halt
	for speed in 1000000 0; do
		serve -x $speed tape.yaml
		[ "$(ask '{}')" = "${TEXT%$'\n\n'}" ]
		halt
		is 0 '' '*1 served*'
	done
}

@test "without arrivals: the duration before the headers, then --rate events a second" {
	simple
	sed -i 's/^    duration: .*/    duration: 5000s/' tape.yaml
	serve -x 1 tape.yaml
	! ask '{}' --max-time 0.3 >stdout
	halt
	serve -x 1000000 --rate 0.001 tape.yaml
	comes '{}' >first
	[ "$(cat first)" = 'data: {"a":1}' ]
	read -r -t 20 -u "$pipe" line
	! read -r -t 0.3 -u "$pipe" line
	halt
}

@test "HAR waits its wait and spreads over its receive" {
	need jq
	cassette-pack -f har -o tape.har < <(answer '{}' 'data: 1\n\ndata: 2\n\n')
	jq '.log.entries[0].timings = {"send":0,"wait":1,"receive":5000000}' tape.har >slow.har
	serve -x 1 slow.har
	! ask '{}' --max-time 0.3 >stdout
	halt
	serve -x 1000000 slow.har
	[ "$(ask '{}')" = $'data: 1\n\ndata: 2' ]
	halt
	is 0 '' '*1 served*'
}

# ---- accidents

@test "--fault status: an error with Retry-After, once, then the answer" {
	need jq
	simple
	serve --fault status:429:7 tape.yaml
	ask '{}' -D head -w '%{stderr}%{http_code}' >stdout 2>code
	[ "$(cat code)" = 429 ]
	tr -d '\r' <./head | grep -q '^Retry-After: 7$'
	jq -e '.error.type == "rate_limit_error" and .error.code == 429 and .error.status == "RESOURCE_EXHAUSTED"' stdout
	[ "$(ask '{}')" = "${TEXT%$'\n\n'}" ]
	halt
	is 0 '' 'cassette-serve: 1 served, 0 unmatched, 0 unused'
}

@test "--fault cut and reset: so many bytes, then FIN or RST; a retry succeeds" {
	simple
	for fault in cut:17 reset:17 cut:0 reset:0 cut:1000 reset:1000; do
		serve --fault $fault tape.yaml
		try ask '{}'
		case $fault in cut:0) want=52 ;; cut*) want=18 ;; *) want=56 ;; esac
		[ "$status" = $want ]
		n=${fault#*:}
		[ "$(wc -c <stdout)" = "$((n > 63 ? 63 : n))" ]
		[ "$(ask '{}')" = "${TEXT%$'\n\n'}" ]
		halt
		is 0 '' 'cassette-serve: 1 served, 0 unmatched, 0 unused'
	done
}

@test "--fault stall: silence in the middle; who waits has had his answer, who leaves may ask again" {
	simple
	serve --fault stall:14:0.05 tape.yaml
	[ "$(ask '{}')" = "${TEXT%$'\n\n'}" ]
	halt
	is 0 '' 'cassette-serve: 1 served, 0 unmatched, 0 unused'
	serve --fault stall:14:5000 tape.yaml
	! ask '{}' --max-time 0.5 >stdout
	[ "$(wc -c <stdout)" = 14 ]
	[ "$(ask '{}')" = "${TEXT%$'\n\n'}" ]
	halt
	is 0 '' 'cassette-serve: 1 served, 0 unmatched, 0 unused'
}

@test "--fault garbage: noise in the middle, the same for the same seed" {
	simple
	for seed in 1 1 2; do
		serve --seed $seed --fault garbage:15 tape.yaml
		ask '{}' >got.$seed
		[ "$(wc -c <got.$seed)" = $((63 + 64)) ]
		head -c 15 got.$seed | cmp - <(printf 'data: {"a":1}\n\n')
		tail -c 48 got.$seed | cmp - <(printf %s "$TEXT" | tail -c 48)
		[ "$seed" = 2 ] || [ ! -e kept ] || cmp kept got.1
		[ "$seed" = 2 ] || cp got.1 kept
		[ "$(ask '{}')" = "${TEXT%$'\n\n'}" ]
		halt
		is 0 '' 'cassette-serve: 1 served, 0 unmatched, 0 unused'
	done
	! cmp -s got.1 got.2
}

@test "--fault @ID strikes one, @P% by the seed, several in their order" {
	tape tape.yaml "$(answer '{\"n\":0}' 'data: 0\n\n')" "$(answer '{\"n\":1}' 'data: 1\n\n')"
	serve --fault status:500@1 --fault status:503 tape.yaml
	[ "$(ask '{"n":0}' -o /dev/null -w '%{http_code}')" = 503 ]
	[ "$(ask '{"n":0}' -o /dev/null -w '%{http_code}')" = 200 ]
	[ "$(ask '{"n":1}' -o /dev/null -w '%{http_code}')" = 500 ]
	[ "$(ask '{"n":1}' -o /dev/null -w '%{http_code}')" = 503 ]
	[ "$(ask '{"n":1}' -o /dev/null -w '%{http_code}')" = 200 ]
	halt
	is 0 '' '*2 served*'
	tape many.yaml "$(answer '{}' 'data: 0\n\n')" "$(answer '{}' 'data: 0\n\n')" "$(answer '{}' 'data: 0\n\n')" \
		"$(answer '{}' 'data: 0\n\n')" "$(answer '{}' 'data: 0\n\n')" "$(answer '{}' 'data: 0\n\n')"
	for run in 1 2; do
		serve --seed 3 --fault status:500@50% many.yaml
		for _ in 1 2 3 4 5 6; do
			ask '{}' -o /dev/null -w '%{http_code} '
		done >codes.$run
		halt
	done
	cmp codes.1 codes.2
	grep -q 500 codes.1
	grep -q 200 codes.1
	serve --fault status:500@0% tape.yaml
	[ "$(ask '{"n":0}')" = 'data: 0' ]
	halt
	is 0 '' '*1 served*'
}

# ---- the command

@test "-- COMMAND: its standard input, output and status; addresses, keys and no proxy in its environment" {
	simple
	unset OPENAI_API_KEY ANTHROPIC_API_KEY
	try_sh 'echo in | NO_PROXY=example.com GEMINI_API_KEY=mine cassette-serve tape.yaml -- sh -c "cat; echo \$OPENAI_BASE_URL; echo \$ANTHROPIC_BASE_URL \$NO_PROXY \$no_proxy; echo \$OPENAI_API_KEY \$GEMINI_API_KEY; exit 7"'
	[ "$status" = 7 ]
	sed -E 's/:[0-9]+/:PORT/' stdout >got
	printf '%s\n' in http://127.0.0.1:PORT/v1 'http://127.0.0.1:PORT example.com,127.0.0.1 127.0.0.1' 'none mine' | diff - got
	[ "$(cat stderr)" = 'cassette-serve: 0 served, 0 unmatched, 1 unused' ]
}

@test "-- COMMAND: bases are what is recorded less what a client adds" {
	path() { sed -E 's|^http://127.0.0.1:[0-9]+||'; }
	base() {
		tape tape.yaml "$(answer '{}' 'data: 1\n\n' | sed "s|https://api.example.com/v1/chat/completions|$1|")"
		cassette-serve tape.yaml -- printenv "$2" 2>said | path
	}
	[ "$(base https://openrouter.ai/api/v1/chat/completions OPENAI_BASE_URL)" = /api/v1 ]
	[ "$(base https://openrouter.ai/api/v1/chat/completions OPENROUTER_BASE_URL)" = /api/v1 ]
	[ "$(base https://api.openai.com/v1/responses OPENAI_BASE_URL)" = /v1 ]
	[ "$(base https://api.groq.com/openai/v1/chat/completions GROQ_BASE_URL)" = '' ]
	[ "$(base https://api.groq.com/openai/v1/chat/completions OPENAI_BASE_URL)" = /openai/v1 ]
	[ "$(base https://api.anthropic.com/v1/messages ANTHROPIC_BASE_URL)" = '' ]
	[ "$(base https://gw.example.com/claude/v1/messages ANTHROPIC_BASE_URL)" = /claude ]
	[ "$(base 'https://g.example.com/v1beta/models/x:streamGenerateContent?alt=sse' GOOGLE_GEMINI_BASE_URL)" = '' ]
	[ "$(base 'https://g.example.com/p/v1beta/models/x:generateContent' GOOGLE_GEMINI_BASE_URL)" = /p ]
	[ "$(base http://localhost:11434/api/chat OLLAMA_HOST)" = '' ]
	[ "$(base https://b.example.com/model/a.b-c%3A0/converse-stream AWS_ENDPOINT_URL_BEDROCK_RUNTIME)" = '' ]
	[ "$(base https://x.example.com/other OPENAI_BASE_URL)" = /v1 ]
}

@test "-- COMMAND: an interaction that lies under another base is told" {
	tape tape.yaml "$(answer '{}' 'data: 1\n\n')" "$(answer '{}' 'data: 1\n\n' | sed 's|/v1/|/api/v9/|')"
	try cassette-serve tape.yaml -- true
	is 0 '' "cassette-serve: tape.yaml: interaction 1 lies under '/api/v9', which OPENAI_BASE_URL='/v1' does not reach
cassette-serve: *2 unused"
}

@test "-- COMMAND: not found, not executable, killed; an unmatched request makes a 0 a 1" {
	simple
	try cassette-serve tape.yaml -- ./nothing
	[ "$status" = 127 ]
	echo >plain
	try cassette-serve tape.yaml -- ./plain
	[ "$status" = 126 ]
	# shellcheck disable=SC2016 # the command's shell
	try cassette-serve tape.yaml -- sh -c 'kill -9 $$'
	[ "$status" = 137 ]
	# shellcheck disable=SC2016
	try cassette-serve tape.yaml -- sh -c 'curl -s -d "{\"a\":1}" $OPENAI_BASE_URL/chat/completions >/dev/null'
	[ "$status" = 1 ]
	# shellcheck disable=SC2016
	try cassette-serve --all-used tape.yaml -- sh -c 'curl -s -d {} $OPENAI_BASE_URL/chat/completions; exit 0'
	is 0 "${TEXT%$'\n'}"
}

@test "-- COMMAND: signals are passed on, and it is waited for" {
	simple
	mkfifo ready
	cat >child.sh <<-'END'
		trap 'echo term; exit 5' TERM
		echo up >ready
		while :; do sleep 0.05; done
	END
	cassette-serve tape.yaml -- bash child.sh >stdout 2>stderr 3>&- &
	served=$!
	pids+=("$served")
	read -r <ready
	kill -TERM "$served"
	status=0
	wait "$served" || status=$?
	[ "$status" = 5 ]
	[ "$(cat stdout)" = term ]
}

# posted URL: a record of a POST without a body.
posted() {
	printf '{"request":{"method":"POST","url":"%s"},"response":{"status":200,"body":"yes"}}' "$1"
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
			tape c.yaml "$(posted "https://example.com/deep/down$tail")"
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
	tape c.yaml "$(posted https://example.com/)"
	try cassette-serve c.yaml -- env
	sed -n 's/=http:.*//p' stdout | sort -u >found
	{
		sse-post -p list | tr -s ' ' '\n' | grep -E '^[A-Z_]+_(BASE_URL|HOST|ENDPOINT)$'
		sed -n '/^The same as one of these are/,/^\.Pp/s/^\.Ev \([A-Z_]*\).*/\1/p' "$TOP_SRC/man/cassette-serve.1"
	} | sort -u >known
	[ "$(wc -l <known)" -gt 20 ]
	diff known found
}

# ---- hostile clients

@test "what is no HTTP, headers and bodies without end, clients that leave: the server lives on" {
	simple
	serve -M 100k --repeat tape.yaml
	raw 'rubbish\r\n\r\n' >answer
	leave '\000\001\002\r\n\r\n'
	leave 'POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nshort'
	raw "GET /$(head -c 7000000 /dev/zero | tr '\0' x) HTTP/1.1\r\nHost: a\r\n\r\n" >answer
	grep -qE '^HTTP/1.1 4(14|31|00)' answer
	raw "GET / HTTP/1.1\r\nHost: a\r\nX: $(printf 'x%.0s' $(seq 70000))\r\n\r\n" >answer
	grep -qE '^HTTP/1.1 4(31|13|00)' answer
	raw 'POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n' >answer
	grep -q '^HTTP/1.1 413' answer
	grep -q request_too_large answer
	head -c 3000000 /dev/zero | curl -s --max-time 20 -H 'Expect:' -H 'Transfer-Encoding: chunked' --data-binary @- "$at/endless" >answer
	grep -q request_too_large answer
	raw 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n' >answer
	raw 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n' >answer
	[ "$(ask '{}')" = "${TEXT%$'\n\n'}" ]
	halt
	[ "$status" = 3 ]
	[ "$(grep -c 'more than 102400 bytes (--max-size)' stderr)" = 2 ]
}

@test "a client that leaves in the middle is let go" {
	tape tape.yaml "$(answer '{}' 'data: 1\n\ndata: 2\n\n' ',"arrivals":[[0,9],[9000,9]]')"
	serve --repeat -x 1 tape.yaml
	for _ in 1 2 3 4 5; do
		! ask '{}' --max-time 0.2 >stdout
		[ "$(cat stdout)" = 'data: 1' ]
	done
	until [ "$(find "/proc/$served/fd" -lname 'socket:*' | wc -l)" -le 5 ]; do
		sleep 0.02
	done
	halt
	is 0 '' '*5 served*'
}

@test "500 clients at once, some of them slow" {
	simple
	serve --repeat --cut 7 tape.yaml
	mkdir got
	for k in 1 2; do
		for i in $(seq 250); do
			printf 'url="%s/v1/chat/completions"\nmax-time=60\ndata={}\noutput=got/%s.%s\nsilent\n' "$at" $k "$i"
			[ $((i % 10)) -ne 0 ] || echo 'limit-rate=60'
			echo next
		done | sed '$d' >list.$k
	done
	curl --no-progress-meter -Z --parallel-max 250 -K list.1 3>&- &
	curl --no-progress-meter -Z --parallel-max 250 -K list.2
	wait $!
	printf %s "$TEXT" >want
	for f in got/*; do
		cmp "$f" want
	done
	[ "$(find got -type f | wc -l)" = 500 ]
	awk '/VmHWM/ { exit !($2 < 200000) }' "/proc/$served/status" || [ -n "$SANITIZED" ]
	halt
	is 0 '' '*500 served*'
}

@test "a request that comes in the moment of the end: it is dropped, and the end is clean" {
	tape tape.yaml "$(answer '{}' 'data: 1\n\n' ',"arrivals":[[9000,9]]')"
	serve -x 1 tape.yaml
	kill -STOP "$served"
	leave 'POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}' stay
	kill -TERM "$served"
	kill -CONT "$served"
	status=0
	wait "$served" || status=$?
	exec {socket}>&-
	[ "$status" = 0 ]
	lacks -i fatal said
}

@test "more clients than there are descriptors: they wait, and the next are served" {
	need python3
	simple
	exec {out}< <(ulimit -n 20 && exec cassette-serve --repeat -x 1 tape.yaml 3>&- 2>said)
	served=$!
	pids+=("$served")
	read -r -t 20 -u "$out" at
	python3 - "${at##*:}" "$served" <<'END'
import os, signal, socket, sys
kept = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for n in range(40)]
kept[0].sendall(b"GET /none HTTP/1.1\r\nHost: a\r\n\r\n")
assert kept[0].recv(12) == b"HTTP/1.1 404"
os.kill(int(sys.argv[2]), signal.SIGSTOP)  # so that it sees all of them leave in one look
for one in kept:
    one.close()
os.kill(int(sys.argv[2]), signal.SIGCONT)
END
	[ "$(ask '{}')" = "${TEXT%$'\n\n'}" ]
	[ "$(ask '{}')" = "${TEXT%$'\n\n'}" ]
	halt
	is 1 '' '*2 served, 1 unmatched, 0 unused'
}

# ---- wrong use

@test "where it listens" {
	simple
	serve -B 0 tape.yaml
	[[ $at =~ ^http://127\.0\.0\.1: ]]
	port=${at##*:}
	try cassette-serve -B "$port" tape.yaml
	is 4 '' "cassette-serve: cannot listen on $port: *"
	try cassette-serve -B "127.0.0.1:x" tape.yaml
	is 2 '' "cassette-serve: '127.0.0.1:x' is no HOST:PORT"
	try cassette-serve -B "127.0.0.1:70000" tape.yaml
	[ "$status" = 2 ]
	halt
	serve -B localhost:0 tape.yaml
	[ "$(ask '{}')" = "${TEXT%$'\n\n'}" ]
	halt
}

@test "used wrongly: one line and 2; a cassette that is not there or is none: before anything is served" {
	simple
	for wrong in '' '-o x.yaml tape.yaml' '--mode record tape.yaml' '--mode record -u http://127.0.0.1:1 tape.yaml' '--cut 0 tape.yaml' \
		'--cut words tape.yaml' '--fault cut tape.yaml' '--fault cut:x tape.yaml' '--fault status:99 tape.yaml' '--fault stall:1 tape.yaml' \
		'--fault cut:1@x tape.yaml' '--fault cut:1@200% tape.yaml' '--fault fire:1 tape.yaml' '--match nothing tape.yaml' '-x -1 tape.yaml' \
		'- tape.yaml' '-u ftp://h tape.yaml' '-u http://h.example.com/v1' '-u https://user:pass@h.example.com/'; do
		# shellcheck disable=SC2086 # words
		try timeout 10 cassette-serve $wrong
		[ "$status" = 2 ] || {
			echo "$wrong: $status"
			cat stderr
			return 1
		}
		[ ! -s stdout ]
		lacks pass@ stderr
	done
	try cassette-serve nothing.yaml
	is 4 '' 'cassette-serve: nothing.yaml: No such file or directory'
	echo 'a: [1' >bad.yaml
	try cassette-serve tape.yaml bad.yaml
	[ "$status" = 3 ]
	[[ $(cat stderr) == 'cassette-serve: bad.yaml:'* ]]
}
