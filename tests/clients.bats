#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# cassette-serve as real clients meet it: SDKs of npm, curl, node's fetch, Python's urllib. None of them is
# told where the server is but by its environment. `./quickstart check` installs what npm has.

load lib
load net

WEATHER='{"text":"","calls":[["weather","{\"location\": \"Florence,Italy\"}"]],"end":"tool_calls"}'
HOT="The current temperature in Florence, Italy is 40°C. That's quite hot! You might want to take precautions \
if you're planning to spend time outdoors."
TIDE='High tide in Tönning is in 3 h 20 min 🌊.'
FLORENCE=$TOP_SRC/examples/florence.yaml
SDKS='openai responses anthropic gemini'

# The clients here, beside what npm installed, where their imports look for it.
modules() {
	need node
	if [ ! -d "$CLIENTS/node_modules/openai" ]; then
		[ "${CI:-}" != true ] || {
			echo "there is no $CLIENTS/node_modules, which ./quickstart check makes"
			return 1
		}
		skip 'the npm packages of tests/clients are not installed'
	fi
	ln -s "$CLIENTS/node_modules" node_modules
	cp "$TOP_SRC"/tests/clients/*.mjs .
}

# The two requests of florence.yaml.
requests() {
	cassette-extract -b request -i 0 "$FLORENCE" >first
	cassette-extract -b request -i 1 "$FLORENCE" >second
}

# An SDK each: $recording, the $client, and what it tells of both turns.
openai() {
	requests
	recording=$FLORENCE
	client=(node openai.mjs create first second)
	told=("$WEATHER" "{\"text\":\"$HOT\",\"calls\":[],\"end\":\"stop\"}")
}
responses() {
	recording=$TOP_SRC/tests/clients/responses.yaml
	client=(node responses.mjs)
	told=('{"args":"{\"port\":\"Tönning\"}","call":["tide","{\"port\":\"Tönning\"}"]}' "{\"text\":\"$TIDE\",\"end\":\"completed\"}")
}
anthropic() {
	recording=$TOP_SRC/tests/clients/anthropic.yaml
	client=(node anthropic.mjs)
	told=('{"text":"I look it up – one moment.","calls":[["tide",{"port":"Tönning"}]],"end":"tool_use"}'
		"{\"text\":\"$TIDE\",\"calls\":[],\"end\":\"end_turn\"}")
}
gemini() {
	recording=$TOP_SRC/tests/clients/gemini.yaml
	client=(node gemini.mjs)
	told=('{"text":"I look it up – one moment.","calls":[{"name":"tide","args":{"port":"Tönning"}}],"end":"STOP"}'
		"{\"text\":\"$TIDE\",\"calls\":[],\"end\":\"STOP\"}")
}

lines() {
	printf '%s\n' "$@"
}

# serve [OPTION...] CASSETTE... -- COMMAND...
serve() {
	echo "cassette-serve $*"
	try timeout 60 cassette-serve "$@"
}

# florence LAST: florence.yaml in five pieces a turn, the last of which comes LAST seconds after the request.
florence() {
	cassette-extract "$FLORENCE" | jq -c --argjson last "$1" '(.response.body | utf8bytelength / 5 | floor) as $n
		| .duration = 0.02 | .response.arrivals = [[0.05, $n], [0.1, $n], [0.15, $n], [0.2, $n],
			[$last, (.response.body | utf8bytelength) - 4 * $n]]' | cassette-pack
}

# post: curl posts the file `first` to where florence.yaml was recorded.
# shellcheck disable=SC2016 # the command's shell sees the variable
post='exec curl -sS -N --data-binary @first -H "Content-Type: application/json" "$OPENROUTER_BASE_URL/chat/completions"'

# ---- SDKs

@test "openai streams both turns of florence.yaml" {
	modules
	openai
	serve --all-used "$recording" -- "${client[@]}"
	is 0 "$(lines "${told[@]}")"
}

@test "the others stream theirs, one server for all of them at once" {
	local sdk recordings=() want=()
	modules
	for sdk in responses anthropic gemini; do
		"$sdk"
		recordings+=("$recording")
		want+=("${told[@]}")
	done
	serve --all-used "${recordings[@]}" -- sh -c 'for c in responses anthropic gemini; do node $c.mjs >$c & done; wait; cat responses anthropic gemini'
	is 0 "$(lines "${want[@]}")"
}

@test "each SDK reads what is cut after every byte" {
	local sdk
	modules
	for sdk in $SDKS; do
		"$sdk"
		serve --cut byte "$recording" -- "${client[@]}"
		is 0 "$(lines "${told[@]}")"
	done
}

@test "each SDK reads what is cut anywhere" {
	local sdk
	modules
	for sdk in $SDKS; do
		"$sdk"
		serve --cut random:7 "$recording" -- "${client[@]}"
		is 0 "$(lines "${told[@]}")"
	done
}

@test "each SDK reads what comes as it was recorded" {
	local sdk
	need jq
	modules
	florence 0.25 >florence.yaml
	for sdk in $SDKS; do
		"$sdk"
		[ "$recording" != "$FLORENCE" ] || recording=florence.yaml
		serve -x 1 "$recording" -- "${client[@]}"
		is 0 "$(lines "${told[@]}")"
	done
}

# Both helpers put a content of null into the second request, which was recorded without.
@test "openai: its stream helper sees the same" {
	modules
	openai
	serve "$recording" -- node openai.mjs stream first
	is 0 "${told[0]}" '*1 served, 0 unmatched, 1 unused'
	serve --all-used --match method,path "$recording" -- node openai.mjs stream first second
	is 0 "$(lines "${told[@]}")"
}

@test "openai: an upload that was recorded is replayed, another one is not" {
	modules
	printf 'RIFF\0\1\2WAVE' >a.wav
	printf 'RIFF\0\1\3WAVE' >b.wav
	record='{"request":{"method":"POST","url":"https://api.openai.com/v1/audio/transcriptions","headers":{"Content-Type":["multipart/form-data; boundary=x"]},"body":"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: application/octet-stream\r\n\r\nRIFF\u0000\u0001\u0002WAVE\r\n--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n--x--\r\n"},"response":{"status":200,"headers":{"Content-Type":["application/json"]},"body":"{\"text\":\"hello\"}"}}'
	cassette-pack -o tape.yaml <<<"$record"
	serve tape.yaml -- node upload.mjs a.wav
	is 0 hello
	serve tape.yaml -- node upload.mjs b.wav
	[ "$status" = 1 ]
	grep -q '^404 .*differs in part file$' stdout
}

@test "openai: its tool runner has a conversation, though it sends content: null, which was not recorded" {
	modules
	openai
	serve --all-used "$recording" -- node openai.mjs tools first
	is 0 "{\"text\":\"$HOT\",\"calls\":[{\"location\":\"Florence,Italy\"}]}"
}

# ---- accidents

@test "the SDKs try again after 429, 500, 529 and a connection that ends before there is an answer" {
	local sdk code=500
	modules
	for sdk in openai responses anthropic; do
		"$sdk"
		[ "$sdk" != anthropic ] || code=529
		serve --fault status:429:0@0 --fault reset:0@0 --fault cut:0@1 --fault status:$code:0@1 "$recording" -- "${client[@]}"
		is 0 "$(lines "${told[@]}")"
	done
}

@test "gemini tries again after 429 and 500; a connection that ends is an error" {
	local broken='{"error":"TypeError","message":"fetch failed"}'
	modules
	gemini
	serve --fault status:429:0@0 --fault status:500:0@1 "$recording" -- "${client[@]}"
	is 0 "$(lines "${told[@]}")"
	serve --fault reset:0@0 --fault cut:0@1 "$recording" -- "${client[@]}"
	is 0 "$(lines "$broken" "${told[0]}" "$broken" "${told[1]}")"
}

# An answer that has begun is not asked for again by any of them, and never taken for a whole one.
@test "an answer that breaks off is an error in each SDK; asked again it is whole" {
	local sdk
	modules
	for sdk in $SDKS; do
		"$sdk"
		serve --fault reset:300@0 --fault cut:200@1 "$recording" -- "${client[@]}"
		[ "$(grep -c '^{"error":.*"message":"terminated"}$' stdout)" = 2 ]
		sed -i '/^{"error":/d' stdout
		is 0 "$(lines "${told[@]}")"
	done
}

@test "what was not recorded is a not-found error with the reason, and the status is 1" {
	local sdk
	need jq
	modules
	for sdk in $SDKS; do
		"$sdk"
		cassette-extract "$recording" | jq -c '.request.body |= sub("hat|hen"; "hy")' | cassette-pack >other.yaml
		serve other.yaml -- "${client[@]}"
		[ "$status" = 1 ]
		grep -q '"status":404,"message":.*no recorded request matches POST /.*; nearest is interaction 0 of other.yaml, which differs in ' stdout
		if [ "$sdk" = gemini ]; then
			grep -q '"error":"ApiError"' stdout
		else
			grep -q '"error":"NotFoundError"' stdout
		fi
		grep -q '^cassette-serve: POST /.*: no recorded request matches; nearest is interaction 0 of other.yaml' stderr
	done
}

# ---- others

@test "curl gets the recorded bytes, however they are cut" {
	local cut
	need curl
	requests
	cassette-extract -b response -i 0 "$FLORENCE" >want
	for cut in event line byte 3 random:7; do
		serve --cut "$cut" "$FLORENCE" -- sh -c "$post"
		[ "$status" = 0 ]
		cmp stdout want
	done
}

# 1 CRLF x CRLF for each byte, and 0 CRLF CRLF behind them.
@test "each piece is a chunk of its own" {
	need curl
	requests
	serve --cut byte "$FLORENCE" -- sh -c "$post --raw"
	[ "$status" = 0 ]
	[ "$(wc -c <stdout)" = $((6 * $(cassette-extract -b response -i 0 "$FLORENCE" | wc -c) + 5)) ]
}

@test "what was recorded in pieces is read in pieces" {
	need curl jq
	modules
	requests
	florence 1.5 >florence.yaml
	cassette-extract -b response -i 0 "$FLORENCE" >want
	serve -x 1 --repeat florence.yaml -- sh -c "($post --trace trace -o got) & node events.mjs OPENROUTER_BASE_URL /chat/completions first; status=\$?; wait; exit \$status"
	[ "$status" = 0 ]
	cmp got want
	[ "$(grep -c '^<= Recv data' trace)" -ge 2 ]
	[ "$(sed -n 's/^reads: //p' stderr)" -ge 2 ]
}

@test "eventsource-parser and sse-split see the same events, however they are cut" {
	local option
	modules
	requests
	cassette-extract -b response -i 0 "$FLORENCE" | sse-split >want
	echo '[DONE]' >>want
	for option in --cut=event --cut=byte --cut=random:7; do
		serve "$option" "$FLORENCE" -- node events.mjs OPENROUTER_BASE_URL /chat/completions first
		[ "$status" = 0 ]
		cmp stdout want
	done
	serve --fault cut:300 "$FLORENCE" -- node events.mjs OPENROUTER_BASE_URL /chat/completions first
	[ "$status" = 1 ]
}

@test "curl sees the accidents for what they are" {
	local row
	need curl
	requests
	# fault, curl's status: nothing came, it was reset, it is incomplete, it took too long
	for row in 'cut:0 52' 'reset:0 56' 'reset:300 56' 'cut:300 18' 'stall:300:60 28'; do
		serve --fault "${row% *}" "$FLORENCE" -- sh -c "$post --max-time 2 -o got"
		[ "$status" = "${row#* }" ]
		grep -qx 'cassette-serve: 0 served, 0 unmatched, 2 unused' stderr
	done
}

@test "a proxy of the environment is passed by" {
	need curl
	requests
	export http_proxy=http://127.0.0.1:1 HTTP_PROXY=http://127.0.0.1:1 all_proxy=http://127.0.0.1:1
	cassette-extract -b response -i 0 "$FLORENCE" >want
	serve "$FLORENCE" -- sh -c "$post"
	[ "$status" = 0 ]
	cmp stdout want
	serve "$FLORENCE" -- sh -c "unset no_proxy NO_PROXY; $post"
	[ "$status" = 7 ]
}

@test "Python's urllib passes it by too" {
	local fetch="exec python3 $TOP_SRC/tests/clients/urlopen.py OPENROUTER_BASE_URL /chat/completions first"
	need python3
	requests
	export http_proxy=http://127.0.0.1:1 HTTP_PROXY=http://127.0.0.1:1 no_proxy=example.com NO_PROXY=example.com
	cassette-extract -b response -i 0 "$FLORENCE" >want
	serve --cut byte "$FLORENCE" -- sh -c "$fetch"
	[ "$status" = 0 ]
	cmp stdout want
	serve "$FLORENCE" -- sh -c "unset no_proxy NO_PROXY; $fetch"
	[ "$status" = 1 ]
	grep -q 'Connection refused' stderr
}

@test "an unmatched request is status 1, unless the client has one of its own" {
	need curl
	requests
	echo '{}' >first
	serve "$FLORENCE" -- sh -c "$post"
	[ "$status" = 1 ]
	grep -q '"type":"not_found_error"' stdout
	serve "$FLORENCE" -- sh -c "($post); exit 7"
	[ "$status" = 7 ]
}
