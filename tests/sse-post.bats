#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sse-post against a server that does what a script says (tests/httpd.c). TLS, HTTP/2 and proxies
# are in sse-post-tls.bats.
# shellcheck disable=SC2154 # url, port and seen are those of net.bash

load lib
load net

@test "the body goes out byte for byte, with its headers" {
	server $'reply\nlength 3\nbody ok\\n' -l req
	printf '{ "model" : "m",\n\t"n":1.10 , "messages":[] }\n' >body
	try sse-post "$url" body
	is 0 ok
	sees 'request POST /v1/chat/completions'
	sed '1,/^\r$/d' req.1 | cmp - body
	grep -q '^Content-Type: application/json' req.1
	grep -q '^Accept: text/event-stream, application/json' req.1
	grep -q "^Content-Length: $(wc -c <body)" req.1
	lacks -i '^expect:\|^authorization:\|^accept-encoding:.*gzip' req.1
}

@test "a large body goes out whole, from standard input" {
	server $'reply\nlength 3\nbody ok\\n' -l req
	{ printf '{"text":"'; head -c 3000000 /dev/zero | tr '\0' x; printf '"}'; } >body
	try sse-post "$url" - <body
	is 0 ok
	sed '1,/^\r$/d' req.1 | cmp - body
}

@test "what is no JSON is not sent, unless --any says so" {
	server $'reply\nlength 3\nbody ok\\n' -l req
	printf '{"a":1,\n"b"}' >body
	try sse-post "$url" body
	is 2 '' 'sse-post: body: no JSON at byte 11, line 2: *; --any sends it as it is'
	try sse-post "$url" <body
	is 2 '' 'sse-post: standard input: no JSON at *'
	try sse-post "$url" /dev/null
	is 2 '' 'sse-post: /dev/null: the body is empty'
	try sse-post -M 5 "$url" body
	is 2 '' 'sse-post: body: the body is larger than --max-size*'
	try sse-post "$url" nowhere
	is 4 '' 'sse-post: nowhere: No such file or directory'
	[ ! -e req.1 ]
	try sse-post --any "$url" body
	is 0 ok
	sed '1,/^\r$/d' req.1 | cmp - body
}

@test "--stream splices text and leaves all else" {
	local in want
	while IFS='>' read -r in want; do
		try sse-post --stream --dry-run http://localhost/v1/chat/completions <<<"$in"
		tail -n 1 stdout >got
		[ "$(cat got)" = "$want" ] || { echo "$in -> $(cat got), not $want"; return 1; }
	done <<-'EOF'
		{}>{"stream":true,"stream_options":{"include_usage":true}}
		{ }>{"stream":true,"stream_options":{"include_usage":true} }
		{"a": 1.10}>{"stream":true,"stream_options":{"include_usage":true},"a": 1.10}
		{"stream":false, "a":1}>{"stream_options":{"include_usage":true},"stream":true, "a":1}
		{"stream":true,"stream_options":{"include_usage":true}}>{"stream":true,"stream_options":{"include_usage":true}}
		{"stream_options":{"x":1}}>{"stream":true,"stream_options":{"include_usage":true,"x":1}}
		{"stream_options":{},"stream":null}>{"stream_options":{"include_usage":true},"stream":true}
		{"stream":0,"stream_options":{"include_usage":false,"x":1}}>{"stream":true,"stream_options":{"include_usage":true,"x":1}}
		{"stream_options":null}>{"stream":true,"stream_options":{"include_usage":true}}
	EOF
	try sse-post --stream --dry-run http://localhost/v1/responses <<<'{"a":1}'
	[ "$(tail -n 1 stdout)" = '{"stream":true,"a":1}' ]
	try sse-post --stream http://localhost/ <<<'[]'
	is 2 '' 'sse-post: the body is no JSON object, --stream has nowhere to go'
	try sse-post --stream --any http://localhost/ <<<'nonsense'
	is 2 '' 'sse-post: the body is no JSON object, --stream has nowhere to go'
}

@test "-H adds, replaces, removes; @FILE keeps secrets out of argv" {
	server $'reply\nlength 3\nbody ok\\n' -l req
	printf 'Authorization: Bearer sekrit\r\n\nX-Two:  2 \n' >headers
	try sse-post -H 'X-One: 1' -H @headers -H 'accept: a/b' -H 'User-Agent:' -H 'X-Empty;' "$url" body
	is 0 ok
	tr -d '\r' <req.1 | sed '/^$/,$d' | sort >got
	diff - got <<-EOF
		Accept-Encoding: identity
		Authorization: Bearer sekrit
		Content-Length: 27
		Content-Type: application/json
		Host: 127.0.0.1:$port
		POST /v1/chat/completions HTTP/1.1
		X-Empty:
		X-One: 1
		X-Two: 2
		accept: a/b
	EOF
}

@test "a secret in the arguments is refused, unless insisted" {
	local name
	for name in Authorization x-api-key api-key X-Goog-Api-Key Proxy-Authorization Cookie xi-api-key X-Portkey-Api-Key; do
		try sse-post -H "$name: sekrit" http://localhost/ body
		is 2 '' "sse-post: header '$name' in the arguments can be seen by all users of this machine; use -k, or -H @FILE, or insist with --insecure-argv"
	done
	for name in 'http://u:sekrit@localhost/' 'https://localhost/?alt=sse&key=sekrit' 'https://localhost/?api_key=sekrit'; do
		try sse-post "$name" body
		is 2 '' 'sse-post: the URL holds a secret *'
	done
	try sse-post --proxy http://u:sekrit@localhost http://localhost/ body
	is 2 '' 'sse-post: --proxy holds a secret that all users of this machine can see; use HTTPS_PROXY, or insist with --insecure-argv; try*'
	try sse-post --dry-run --insecure-argv -H 'Authorization: Bearer sekrit' http://localhost/ body
	is 0 "$(printf '%s\n' 'POST http://localhost/' 'Authorization: REDACTED' 'Content-Type: application/json' \
		'Accept: text/event-stream, application/json' 'Accept-Encoding: identity' "User-Agent: sseutils/$(sse-post -V | sed 's/.* //')" '' "$CHAT")"
}

@test "header injection is refused" {
	try sse-post -H $'X-One: 1\r\nX-Two: 2' http://localhost/ body
	is 2 '' "sse-post: the value of header 'X-One' holds a control character"
	try sse-post -H 'X One: 1' http://localhost/ body
	is 2 '' "sse-post: a header's name is empty or holds what no name may"
	try sse-post -H 'X-One' http://localhost/ body
	is 2 '' "sse-post: a header is written 'Name: value'"
	try sse-post -H 'Content-Length: 1' http://localhost/ body
	is 2 '' "sse-post: header 'content-length' follows from the body and cannot be set"
	printf 'X-One: 1\0\n' >headers
	try sse-post -H @headers http://localhost/ body
	is 2 '' "sse-post: header file headers: the value of header 'X-One' holds a control character"
	try sse-post -H @nowhere http://localhost/ body
	is 2 '' "sse-post: header file nowhere: No such file or directory"
	printf 'a\001b' >key
	chmod 600 key
	try sse-post --key-file key http://localhost/ body
	is 2 '' "sse-post: the key in file key holds a control character"
}

@test "URLs that are none" {
	local url
	for url in http:// 'http://a b/' 'http://[::1/' 'http://x:99999/'; do
		try sse-post "$url" body
		is 2 '' 'sse-post: this is no URL that can be posted to'
	done
	try sse-post ftp://localhost/ body
	is 2 '' 'sse-post: a URL begins with http:// or https://; try*'
	try sse-post -p openai body body
	is 2 '' 'sse-post: there can be one FILE; try*'
	try sse-post http://localhost/ http://localhost/
	is 2 '' 'sse-post: there can be one URL; try*'
	try sse-post body
	is 2 '' 'sse-post: where to? a URL or -p PROVIDER is needed; try*'
}

# ---- providers and keys

@test "-p list and the page name the same providers" {
	sse-post -p list | sed '1d; s/ .*//' >list
	[ "$(wc -l <list)" -ge 30 ]
	sed -n '/^\.\\" providers/,/^\.\\" end/s/^\.It Cm //p' "$TOP_SRC/man/sse-post.1" | diff list -
	try sse-post -p nobody body
	is 2 '' "sse-post: provider 'nobody' is not known, -p list prints those that are; try*"
}

# shows PATTERN...: the dry run's first lines.
shows() {
	local want
	for want; do
		grep -qxF -- "$want" stdout || { echo "no line '$want' in"; cat stdout stderr; return 1; }
	done
}

@test "every provider's endpoint can be made, and its key goes into a header" {
	local name key base rest
	export GOOGLE_CLOUD_LOCATION=l GOOGLE_CLOUD_PROJECT=p AWS_REGION=r OPENAI_API_VERSION=v AZURE_OPENAI_ENDPOINT=https://a
	while read -r name key base rest; do
		[ "$name" = NAME ] && continue
		key=${key%%|*}
		(
			[ "$key" = - ] || export "$key=sekrit"
			sse-post -p "$name" --dry-run body >stdout
			head -n 1 stdout | grep -qE '^POST https?://[a-z0-9.:-]+/[A-Za-z0-9./:?=%-]+$'
			lacks 'sekrit\|{[A-Z]' stdout
			[ "$key" = - ] || grep -q REDACTED stdout
			# the base can be replaced
			export "$base=http://127.0.0.1:9/x/"
			sse-post -p "$name" --dry-run body | head -n 1 | grep -qE '^POST http://127.0.0.1:9/x/[a-z0-9]'
		) || { echo "$name"; cat stdout; return 1; }
	done < <(sse-post -p list)
}

@test "endpoints are templates" {
	export GEMINI_API_KEY=sekrit AWS_BEARER_TOKEN_BEDROCK=sekrit AZURE_OPENAI_API_KEY=sekrit GOOGLE_OAUTH_ACCESS_TOKEN=sekrit
	try sse-post -p gemini --model 'gemini-2.5 pro' --stream --dry-run body
	shows 'POST https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5%20pro:streamGenerateContent?alt=sse' \
		'x-goog-api-key: REDACTED' "$CHAT"
	try sse-post -p gemini --dry-run <<<'{"contents":[]}'
	is 2 '' 'sse-post: the endpoint of gemini needs a model: --model, or "model" in the body'
	try sse-post -p azure --dry-run body
	is 2 '' 'sse-post: the endpoint of azure needs the variable AZURE_OPENAI_ENDPOINT'
	export AZURE_OPENAI_ENDPOINT=https://x.openai.azure.com/
	try sse-post -p azure --dry-run body
	is 2 '' 'sse-post: the endpoint of azure needs the variable OPENAI_API_VERSION'
	OPENAI_API_VERSION=2024-10-21 try sse-post -p azure --model d/1 --dry-run body
	shows 'POST https://x.openai.azure.com/openai/deployments/d%2F1/chat/completions?api-version=2024-10-21' 'api-key: REDACTED'
	AWS_DEFAULT_REGION=eu-west-1 try sse-post -p bedrock --model us.anthropic.claude:0 --dry-run body
	shows 'POST https://bedrock-runtime.eu-west-1.amazonaws.com/model/us.anthropic.claude%3A0/converse-stream' \
		'Authorization: REDACTED' 'Accept: application/vnd.amazon.eventstream'
	try sse-post -p vertex --dry-run body
	is 2 '' 'sse-post: the endpoint of vertex needs the variable GOOGLE_CLOUD_LOCATION'
	export GOOGLE_CLOUD_PROJECT=p
	GOOGLE_CLOUD_LOCATION=europe-west4 try sse-post -p vertex --model g --dry-run body
	shows 'POST https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4/publishers/google/models/g:streamGenerateContent?alt=sse'
	GOOGLE_CLOUD_LOCATION=global try sse-post -p vertex-anthropic --model c --dry-run body
	shows 'POST https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/anthropic/models/c:streamRawPredict'
	try sse-post -p openai --model m --dry-run body
	is 2 '' 'sse-post: --model has no place in this endpoint, the body says it; try*'
	OPENAI_API_KEY=sekrit OPENAI_ORG_ID=org try sse-post -p openai-responses --dry-run body
	shows 'POST https://api.openai.com/v1/responses' 'OpenAI-Organization: org'
	lacks OpenAI-Project stdout
	MISTRAL_API_KEY=sekrit try sse-post -p mistral --stream --dry-run body
	shows '{"stream":true,"model":"m","messages":[]}'
}

@test "OLLAMA_HOST as Ollama takes it" {
	local host want
	while read -r host want; do
		OLLAMA_HOST=$host try sse-post -p ollama --dry-run body
		shows "POST $want/api/chat"
	done <<-'EOF'
		box http://box:11434
		box:80 http://box:80
		https://box https://box
		http://box:1/sub/ http://box:1/sub
	EOF
}

@test "keys come from a variable, a file, a command" {
	try sse-post -p anthropic --dry-run body
	is 2 '' 'sse-post: no key for anthropic: set ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN, or use -k, --key-file or --key-command'
	ANTHROPIC_AUTH_TOKEN=sekrit try sse-post -p anthropic --dry-run body
	shows 'Authorization: REDACTED' 'anthropic-version: 2023-06-01'
	MINE=sekrit try sse-post -p anthropic -k MINE --dry-run body
	shows 'x-api-key: REDACTED'
	try sse-post -k MINE http://localhost/ body
	is 2 '' 'sse-post: no key: the variable MINE is not set'
	MINE='' try sse-post -k MINE http://localhost/ body
	is 2 '' 'sse-post: the key in variable MINE is empty'
	local typed
	for typed in sk-sekrit0815 gsk_Sekrit0815; do # the key itself in place of the name
		try sse-post -k "$typed" http://localhost/ body
		is 2 '' 'sse-post: no key: the variable that -k names is not set; it takes a name, no key'
	done
	try sse-post --key-file nowhere http://localhost/ body
	is 2 '' 'sse-post: no key: nowhere: No such file or directory'
	try sse-post --key-command 'echo; exit 3' http://localhost/ body
	is 4 '' 'sse-post: --key-command failed with status 3'
	try sse-post --key-command 'kill -9 $$' http://localhost/ body
	is 4 '' 'sse-post: --key-command was ended by signal 9'
	try sse-post -k A --key-file B http://localhost/ body
	is 2 '' 'sse-post: only one of -k, --key-file and --key-command; try*'
	head -c 70000 /dev/zero | tr '\0' k >key
	chmod 600 key
	try sse-post --key-file key http://localhost/ body
	is 2 '' 'sse-post: the key in file key has more than 65536 bytes'
}

@test "the key travels as it is, less one line end; the body is not the command's" {
	server $'reply\nlength 3\nbody ok\\n\nreply\nlength 3\nbody ok\\n' -l req
	try sse-post --key-command 'cat; echo "from command"' "$url" body <<<'not the key'
	is 0 ok
	grep -q $'^Authorization: Bearer from command\r$' req.1
	sed '1,/^\r$/d' req.1 | cmp - body
	printf 'from file\r\n' >key
	chmod 640 key
	try sse-post --key-file key "$url" body
	is 0 ok 'sse-post: key: others than you may read this key'
	grep -q $'^Authorization: Bearer from file\r$' req.2
}

@test "a header that carries a key makes the provider's unnecessary" {
	printf 'authorization: Bearer other\n' >headers
	try sse-post -p openai -H @headers --dry-run body
	shows 'authorization: REDACTED'
	[ "$(grep -ci '^authorization' stdout)" = 1 ]
}

@test "a key does not go over plain http to another machine" {
	export OPENAI_API_KEY=sekrit
	OPENAI_BASE_URL=http://example.com/v1 try sse-post -p openai body
	is 2 '' 'sse-post: a key would go over plain http to example.com; insist with --allow-http'
	OPENAI_BASE_URL=http://example.com/v1 try sse-post -p openai --allow-http --dry-run body
	is 0
	local host
	for host in http://u:sekrit@example.com/ http://sekrit@example.com/ 'http://example.com/?a=b&api_key=sekrit'; do
		try sse-post --dry-run --insecure-argv "$host" body
		is 2 '' 'sse-post: a key would go over plain http to example.com; insist with --allow-http'
		try sse-post --dry-run --insecure-argv --allow-http "$host" body
		is 0
	done
	OPENAI_BASE_URL=http://u:sekrit@example.com/v1 try sse-post -p openai -H authorization: --dry-run body
	is 2 '' 'sse-post: a key would go over plain http to *'
	for host in 127.0.0.1:1 127.9.9.9 localhost '[::1]:1'; do
		OPENAI_BASE_URL=http://$host/v1 try sse-post -p openai --dry-run body
		is 0
	done
	for host in 127.0.0.1.example.com localhost.example.com 0.0.0.0 '[::2]'; do
		OPENAI_BASE_URL=http://$host/v1 try sse-post -p openai --dry-run body
		is 2 '' 'sse-post: a key would go over plain http to *'
	done
	OPENAI_BASE_URL='http://127.0.0.1\@example.com/v1' try sse-post -p openai --dry-run body
	is 2 '' 'sse-post: *'
}

# ---- the answer

@test "pieces reach standard output one for one" {
	mkfifo go
	server $'reply\nchunked\nbody data: 1\\n\\n\ngo\nbody data: 2\ngo\nbody \\n\\ndata: \\xc3\ngo\nbody \\xa4\\n\\n' -g go
	exec {from}< <(sse-post "$url" body 3>&-)
	pids+=($!)
	exec {go}<>go
	# A read that gets one piece, and the next only after it was asked for, proves each was written at once.
	local want
	for want in $'data: 1\n\n' 'data: 2' $'\n\ndata: \xc3'; do
		dd bs=64k count=1 <&"$from" 2>/dev/null >got
		printf '%s' "$want" | cmp - got
		printf x >&"$go"
	done
	dd bs=64k count=1 <&"$from" 2>/dev/null >got
	printf '\xa4\n\n' | cmp - got
	wait $!
}

@test "-D and --include" {
	server $'reply\nstatus 200 Fine\nheader X-Request-Id: r1\nlength 3\nbody ok\\n\nreply\nstatus 200 Fine\nlength 3\nbody ok\\n'
	try sse-post -D head "$url" body
	is 0 ok
	printf 'HTTP/1.1 200 Fine\r\nX-Request-Id: r1\r\nContent-Length: 3\r\n\r\n' | cmp - head
	try sse-post --include "$url" body
	is 0 "$(printf 'HTTP/1.1 200 Fine\r\nContent-Length: 3\r\n\r\nok')"
	try sse-post -D no/such/place "$url" body
	is 4 '' 'sse-post: no/such/place: No such file or directory'
}

@test "--report appends a line of JSON" {
	need jq
	server $'reply\nstatus 503 Busy\nlength 0\nreply\nheader X-Request-Id: r1\nheader X-RateLimit-Remaining-Requests: 59\nchunked\nbody : hello\\n\\n\nbody data: {}\\n\\n\nreply\nstatus 401 No\nlength 0'
	try sse-post --report report "$url" body
	is 0 $': hello\n\ndata: {}\n' 'sse-post: *503 Busy; retry 1 of 2 in 0.? s'
	try sse-post --report report "$url?x=1" body
	is 1 '' 'sse-post: *401 No'
	[ "$(wc -l <report)" = 2 ]
	jq -es --arg url "$url" '.[0] | .url == $url and .status == 200 and .http == "1.1" and .end == "whole" and .request_id == "r1" and
		.retries == 1 and .bytes == 19 and .rate_limits == {"x-ratelimit-remaining-requests": "59"} and
		.headers > 0 and (has("connect") | not) and .first_byte >= .headers and .first_event >= .first_byte and
		.total >= .first_event and .elapsed > .total and (has("error") or has("tls") | not)' report
	jq -es --arg url "$url" '.[1] | .url == $url and .status == 401 and .connect > 0 and .headers >= .connect and .retries == 0 and (has("first_event") | not)' report
	rm report
	server $'reply\nstatus 400 No\nlength 10\nbody data: {}\\n\\n'
	try sse-post --report report "$url" body
	jq -e '.first_byte > 0 and (has("first_event") | not)' report # of an error, held back, it is not known
	try sse-post --report no/such/place "$url" body
	is 4 '' 'sse-post: no/such/place: No such file or directory'
}

@test "-v traces, and the key is nowhere" {
	server $'reply\nstatus 401 No\nheader Set-Cookie: sess=abc\nheader X-Echo: Bearer sekrit-0815\nlength 3\nbody ok\\n' -l req
	export MINE=sekrit-0815
	try sse-post -v -k MINE --report report -D head "$url" body
	[ "$status" = 1 ]
	grep -q "^sse-post: > POST /v1/chat/completions HTTP/1.1" stderr
	grep -q "^sse-post: > Authorization: REDACTED" stderr
	grep -q "^sse-post: < HTTP/1.1 401 No" stderr
	grep -q "^sse-post: < Set-Cookie: REDACTED" stderr
	grep -q "^sse-post: < X-Echo: Bearer REDACTED" stderr
	grep -q sekrit-0815 req.1
	lacks sekrit-0815 stderr stdout report
	lacks '"messages"' stderr
}

@test "-v: secrets of URLs, the request's and the proxy's, are nowhere" {
	server $'reply\nheader Location: https://u:sekrit@example.com/?token=sekrit\nlength 3\nbody ok\\n\nreply\nstatus 403 No\nlength 3\nbody ok\\n\nreply\nlength 3\nbody ok\\n' -l req
	try sse-post -v --insecure-argv "http://u:sekrit@${url#http://}?alt=sse&key=sekrit-too" body
	[ "$status" = 0 ]
	grep -q '^POST /v1/chat/completions?alt=sse&key=sekrit-too ' req.1
	grep -qx 'sse-post: > POST /v1/chat/completions?alt=sse&key=REDACTED HTTP/1.1' stderr
	grep -qx 'sse-post: < Location: https://REDACTED@example.com/?token=REDACTED' stderr
	lacks sekrit stderr
	https_proxy=http://proxy-user:sekrit@${url#http://} try sse-post -v --retry 0 https://example.invalid/ body
	grep -q '^Proxy-Authorization: Basic ' req.2
	grep -q "^sse-post: \* .*http://REDACTED@127.0.0.1" stderr
	lacks 'sekrit\|proxy-user' stderr
	try sse-post -v --insecure-argv "http://sekrit-user@${url#http://}" body
	grep -q '^Authorization: Basic ' req.3
	lacks sekrit stderr
}

# ---- statuses

@test "the body of an error goes to standard output, status 1" {
	server $'reply\nstatus 401 Unauthorized\nheader x-request-id: req_1\nlength 54\nbody {"error":{"type":"invalid_key","message":"sekrit..."}}\n'
	try sse-post "$url" body
	is 1 '{"error":{"type":"invalid_key","message":"sekrit..."}}' "sse-post: $url: 401 Unauthorized, invalid_key, request id req_1" ||
		[ "$(cat stdout)" = '{"error":{"type":"invalid_key","message":"sekrit..."}}' ]
	[ "$status" = 1 ]
	[ "$(cat stderr)" = "sse-post: $url: 401 Unauthorized, invalid_key, request id req_1" ]
}

@test "an error body larger than what is held back still arrives whole" {
	server $'reply\nstatus 500 Oops\nchunked\nfill 3000000\nbody end\\n'
	try sse-post "$url" body
	[ "$status" = 1 ]
	[ "$(wc -c <stdout)" = 3000004 ]
	[ "$(tail -c 4 stdout)" = end ]
	[ "$(cat stderr)" = "sse-post: $url: 500 Oops" ]
}

@test "an unknown Content-Encoding passes through, known ones are decoded whatever follows them" {
	need gzip
	printf 'data: 1\n\ndata: 2\n\n' >plain
	gzip -nc plain >plain.gz
	head -c 25 plain.gz >short
	# shellcheck disable=SC2238
	(cat plain.gz; echo garbage) >more
	printf '\x9f\0raw' >raw
	reply() {
		printf 'reply\nheader Content-Encoding: %s\nlength %s\nfile %s\n' "$1" "$(wc -c <"$2")" "$2"
	}
	server "$(reply utf-8 plain; reply 'gzip, aws-chunked' raw; reply 'identity' plain; reply gzip more; reply gzip plain; reply gzip short)"
	for want in plain raw plain plain plain; do
		try sse-post --include "$url" body
		[ "$status" = 0 ]
		[ ! -s stderr ]
		grep -q '^Content-Encoding: ' stdout
		sed '1,/^\r$/d' stdout | cmp - $want
	done
	try sse-post "$url" body
	[ "$status" = 3 ]
	[ "$(cat stderr)" = "sse-post: $url: the response broke off after $(wc -c <stdout) bytes: the compressed text ends too early" ]
	head -c "$(wc -c <stdout)" plain | cmp - stdout
}

@test "redirects are not followed" {
	server $'reply\nstatus 302 Found\nheader Location: /elsewhere\nlength 0'
	try sse-post "$url" body
	is 1 '' "sse-post: $url: 302 Found; it leads to /elsewhere, where sse-post does not follow"
}

@test "a response that breaks off is 3, and is never asked for again" {
	server $'reply\nchunked\nbody data: 1\\n\\n\ncut\nreply\nlength 100\nbody data: 1\\n\\n\ncut\nreply\nchunked\nbody data: 1\\n\\n\nreset\n'
	local i
	for i in 1 2 3; do
		try sse-post "$url" body
		[ "$status" = 3 ]
		grep -q "^sse-post: $url: the response broke off after [0-9]* bytes: " stderr
		[ "$i" = 3 ] || printf 'data: 1\n\n' | cmp - stdout
	done
}

@test "no connection is 4" {
	server $'reply\nlength 0'
	try sse-post "$url" body
	is 0 ''
	try sse-post --retry 0 "$url" body
	is 4 '' "sse-post: $url: failed to connect to 127.0.0.1 port $port *"
}

@test "standard output that cannot be written is known before anything is sent" {
	server $'reply\nlength 2\nbody ok' -l req
	status=0
	sse-post "$url" body >&- 2>stderr || status=$?
	: >stdout
	is 4 '' 'sse-post: standard output: Bad file descriptor'
	[ ! -e req.1 ]
	status=0
	sse-post "$url" body >/dev/full 2>stderr || status=$?
	is 4 '' 'sse-post: standard output: No space left on device'
}

# ---- retries

@test "busy servers are asked again, as they wish" {
	server $'reply\nstatus 429 Slow\nheader retry-after-ms: 20\nlength 0\nreply\nstatus 529 Overloaded\nheader Retry-After: 0.03\nlength 0\nreply\nstatus 500 Oops\nlength 0\nreply\nlength 3\nbody ok\\n'
	try sse-post --retry 3 "$url" body
	is 0 ok "sse-post: $url: 429 Slow; retry 1 of 3 in 0.0 s
sse-post: $url: 529 Overloaded; retry 2 of 3 in 0.0 s
sse-post: $url: 500 Oops; retry 3 of 3 in [12].? s"
}

@test "what is retried and what is not" {
	local name status_line headers body want
	while IFS='|' read -r status_line headers body want; do
		server "$(printf 'reply\nstatus %s\n%blength %d\nbody %s\nreply\nlength 2\nbody ok' "$status_line" \
			"${headers:+header $headers\\n}" ${#body} "$body")"
		try sse-post --retry 1 "$url" body
		case $want in
		again) [ "$status" = 0 ] && [ "$(cat stdout)" = ok ] && grep -q 'retry 1 of 1' stderr ;;
		*) [ "$status" = 1 ] && [ "$(cat stdout)" = "$body" ] &&
			[[ $(cat stderr) == "sse-post: $url: $status_line"*"$want" ]] ;;
		esac || { echo "$status_line|$headers|$body|$want"; show; return 1; }
	done <<-'EOF'
		408 A|retry-after: 0||again
		409 A|retry-after: 0||again
		425 A|||
		400 A|||
		400 A|x-should-retry: true\nheader retry-after: 0||again
		503 A|x-should-retry: false||
		429 A|retry-after: 121||; the server asks for a longer wait than --retry-cap
		429 A|retry-after: Wed, 21 Oct 2065 07:28:00 GMT||; the server asks for a longer wait than --retry-cap
		429 A|retry-after: Wed, 21 Oct 2015 07:28:00 GMT||again
		429 A|retry-after: 0|{"error":{"type":"rate_limit_error"}}|again
		429 A|retry-after: 0|{"error":{"code":"insufficient_quota"}}|, insufficient_quota; a budget is used up, trying again is useless
		429 A|retry-after: 0|[{"error":{"status":"RESOURCE_EXHAUSTED","details":[{"violations":[{"quotaId":"RequestsPerDay"}]}]}}]|; a budget is used up, trying again is useless
		429 A||[{"error":{"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"0.01s"}]}}]|again
		429 A||{"error":{"details":[{"retryDelay":"3600s"}]}}|; the server asks for a longer wait than --retry-cap
		402 A|x-should-retry: true||; a budget is used up, trying again is useless
	EOF
}

@test "the network failing before the first byte is tried again" {
	server $'reply\nreset\nreply\ncut\nreply\nchunked\nhead\ncut\nreply\nlength 3\nbody ok\\n'
	try sse-post --retry 3 "$url" body
	[ "$status" = 0 ]
	[ "$(cat stdout)" = ok ]
	[ "$(wc -l <stderr)" = 3 ]
	sees 'request POST /v1/chat/completions' 'request POST /v1/chat/completions' 'request POST /v1/chat/completions' \
		'request POST /v1/chat/completions'
}

@test "a connection that ends inside the headers is tried again" {
	server $'reply\nraw HTTP/1.1 200 OK\\r\\nContent-Ty\ncut\nreply\nraw HTTP/1.1 200 OK\\r\\n\ncut\nreply\nlength 3\nbody ok\\n'
	try sse-post --retry 2 "$url" body
	[ "$status" = 0 ]
	[ "$(cat stdout)" = ok ]
	[ "$(grep -c "the connection ended inside the response's headers" stderr)" = 2 ]
}

@test "--retry 0 asks once" {
	server $'reply\nstatus 503 Busy\nlength 5\nbody busy\\n\nreply\nlength 0'
	try sse-post --retry 0 "$url" body
	is 1 busy "sse-post: $url: 503 Busy"
}

# ---- clocks

@test "a silent server: first byte, idle, and all in all" {
	server $'reply\ngone\nreply\nchunked\nbody data: 1\\n\\n\ngone\nreply\nchunked\nbody data: 1\\n\\n\ngone\nreply\nchunked\nhead\ngone'
	try sse-post --first-byte-timeout 0.2 --retry 0 "$url" body
	is 4 '' "sse-post: $url: no answer within 0.2 s"
	sees 'request POST /v1/chat/completions' gone
	try sse-post --idle-timeout 0.2 "$url" body
	is 4 $'data: 1\n' "sse-post: $url: no byte came for 0.2 s"
	sees 'request POST /v1/chat/completions' gone
	try sse-post --max-time 0.2 "$url" body
	is 4 $'data: 1\n' "sse-post: $url: not done within the time allowed"
	sees 'request POST /v1/chat/completions' gone
	try sse-post --idle-timeout 0.1 --first-byte-timeout 0.3 --retry 0 "$url" body
	is 4 '' "sse-post: $url: no answer within 0.3 s"
}

@test "a server that does not take the body, and one that answers before it has it" {
	server $'reply\nstatus 413 Too Large\nlength 4\nbody no!\\n' -e
	{ printf '"'; head -c 40000000 /dev/zero | tr '\0' x; printf '"'; } >large
	try sse-post "$url" large
	is 1 'no!' "sse-post: $url: 413 Too Large"
	server $'reply\ndeaf' -e
	try sse-post --idle-timeout 0.3 --retry 0 "$url" large
	is 4 '' "sse-post: $url: the server took no byte for 0.3 s"
}

@test "a handshake that never ends is a connection that never came" {
	server $'reply\nlength 0'
	try sse-post --connect-timeout 0.2 --retry 0 "https://127.0.0.1:$port/" body
	is 4 '' "sse-post: https://127.0.0.1:$port/: no connection within 0.2 s"
}

@test "a wait that would pass --max-time is not begun" {
	server $'reply\nstatus 503 Busy\nheader retry-after: 60\nlength 0\n'
	try sse-post --max-time 20 "$url" body
	is 1 '' "sse-post: $url: 503 Busy; the wait would pass --max-time"
}

@test "the idle clock stands still while the reader does not read" {
	# The only wait here that is not for an event: that nothing happens, for longer than the clock allows.
	mkfifo go
	server $'reply\nchunked\nfill 1000000\ngo\nbody end\\n' -g go
	sse-post --idle-timeout 1 "$url" body 2>stderr | {
		sleep 1.5
		head -c 1000000
		printf x >go
		cat
	} >stdout
	status=${PIPESTATUS[0]}
	[ "$status" = 0 ]
	[ "$(wc -c <stdout)" = 1000004 ]
	[ ! -s stderr ]
}

# ---- the reader, and the user

@test "a reader who leaves ends the connection, at once even when nothing comes" {
	server $'reply\nchunked\nbody data: 1\\n\\n\ngone'
	set +e
	sse-post "$url" body 2>stderr | head -n 1 >stdout
	status=${PIPESTATUS[0]}
	set -e
	is 141 'data: 1'
	sees 'request POST /v1/chat/completions' gone
}

@test "a reader who leaves while the answer flows" {
	server $'reply\nchunked\nfill 9000000\n'
	set +e
	sse-post "$url" body 2>stderr | head -c 1 >stdout
	status=${PIPESTATUS[0]}
	set -e
	[ "$status" = 141 ]
	[ ! -s stderr ]
}

@test "a signal: what came is there, the report too, and the shell sees the signal" {
	need jq
	local sig
	for sig in INT:130 TERM:143 HUP:129; do
		server $'reply\nchunked\nbody data: 1\\n\\n\ngone'
		mkfifo pipe
		env --default-signal=INT,TERM,HUP sse-post --report report "$url" body >pipe 2>stderr 3>&- &
		pid=$!
		exec {from}<pipe
		read -r line <&"$from"
		[ "$line" = 'data: 1' ]
		kill -"${sig%:*}" $pid
		status=0
		wait $pid || status=$?
		[ "$status" = "${sig#*:}" ]
		[ ! -s stderr ]
		jq -e '.end == "signal" and .bytes == 9 and .total > 0 and .elapsed >= .total' report
		sees 'request POST /v1/chat/completions' gone
		rm pipe report
		exec {from}<&-
	done
}

@test "a signal ends the wait before a retry" {
	server $'reply\nstatus 503 Busy\nheader retry-after: 100\nlength 5\nbody busy\\n'
	mkfifo err
	sse-post "$url" body 2>err >stdout 3>&- &
	pid=$!
	exec {from}<err
	read -r line <&"$from"
	[[ $line == *'retry 1 of 2 in 100.0 s' ]]
	kill $pid
	status=0
	wait $pid || status=$?
	[ "$status" = 143 ]
	[ "$(cat stdout)" = busy ]
}

# unread ARGUMENT...: a signal meets sse-post in a write to a reader who does not read on.
unread() {
	mkfifo pipe
	sse-post --report report "$@" >pipe 2>stderr 3>&- &
	pid=$!
	exec {from}<pipe
	dd bs=1 count=1 <&"$from" 2>/dev/null >/dev/null
	until [ "$(sed 's/.*) \(.\).*/\1/' /proc/$pid/stat)" = S ]; do :; done
	kill $pid
	timeout 20 tail --pid=$pid -f /dev/null || kill -9 $pid
	status=0
	wait $pid || status=$?
	[ "$status" = 143 ]
	exec {from}<&-
	rm pipe
}

@test "a signal ends a write to a reader who does not read, and the report is written" {
	need jq
	server $'reply\nchunked\nfill 9000000\n'
	unread "$url" body
	jq -es '.[0].end == "signal" and .[0].status == 200 and .[0].total > 0' report
	[ "$(wc -l <report)" = 1 ]
}

@test "the same in a replay; what is recorded is whole" {
	need jq
	server $'reply\nlength 500000\nfill 500000\n'
	sse-post -C c.yaml "$url" body >/dev/null
	unread -C c.yaml "$url" body
	jq -es '.[0].end == "signal" and .[0].cassette == "replayed"' report
}

@test "no core file" {
	server $'reply\nchunked\nbody data: 1\\n\\n\ngone'
	mkfifo pipe
	sse-post "$url" body >pipe 3>&- &
	pid=$!
	exec {from}<pipe
	read -r line <&"$from"
	grep -q '^Max core file size  *0  *0' /proc/$pid/limits
	kill $pid
	wait $pid || true
}
