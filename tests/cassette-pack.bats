# SPDX-License-Identifier: MIT
# cassette-pack: formats, redaction, files replaced whole or not at all.
load lib

setup() {
	lib_setup
	florence=$TOP_SRC/examples/florence.yaml
	cassette-extract <"$florence" >florence.json
}

# record [URL [BODY [RESPONSE]]]: BODY and RESPONSE are JSON values.
record() {
	jq -nc --arg url "${1-https://api.example.com/v1}" --argjson body "${2-null}" --argjson response "${3-null}" '{request: {method: "POST", url: $url,
		headers: {"Content-Type": ["application/json"]}, body: $body}, response: {status: 200, headers: {}, body: $response}}'
}

formats='go-vcr go-vcr-1 vcrpy ruby-vcr har'

@test "what was extracted packs to the same, in its own format without being told" {
	try cassette-pack --no-redact florence.json
	[ "$status" = 0 ]
	cp stdout again.yaml
	try cassette-extract <again.yaml
	is 0 "$(cat florence.json)"
	head -n 4 again.yaml | cmp - <(printf -- '---\nversion: 2\ninteractions:\n- id: 0\n')
}

@test "every golden cassette: extract, pack, extract gives the same lines" {
	for input in "$TOP_SRC"/tests/cassette/*/*.in; do
		[ -e "${input%.in}.status" ] || [ -e "${input%.in}.args" ] && continue
		cassette-extract <"$input" >first 2>/dev/null
		[ -s first ] || continue
		try cassette-pack --no-redact first
		[ "$status" = 0 ] || show
		cp stdout packed
		cassette-extract <packed 2>/dev/null | diff first - || {
			echo "$input"
			return 1
		}
	done
}

@test "a body in a file of its own is still there" {
	cassette-extract <"$TOP_SRC/tests/cassette/ruby-vcr/r-disk.in" >records 2>/dev/null
	cassette-pack records >disk.yml
	grep -q "on_disk: '../files/x.png'" disk.yml
	grep -q "string: '../files/big.json'" disk.yml
	cassette-extract <disk.yml 2>/dev/null | cmp - records
}

@test "through every format and back: what HTTP says survives, and what is lost is told" {
	for format in $formats; do
		try cassette-pack --no-redact -f "$format" florence.json
		[ "$status" = 0 ]
		cp stdout "x.$format"
		cp stderr told
		cassette-extract <"x.$format" >back.json
		for key in .request.method .request.url .request.headers .request.body .response.status .response.reason \
			.response.headers .response.body; do
			diff <(jq -c "$key" florence.json) <(jq -c "$key" back.json)
		done
		case $format in
		go-vcr) want= ;;
		go-vcr-1) want='request protocol, response protocol, fields of another format' ;;
		vcrpy | ruby-vcr) want='request protocol, duration, fields of another format' ;;
		har) want='fields of another format' ;;
		esac
		[ "$(cat told)" = "${want:+cassette-pack: no place in this format for: $want (2 interactions)}" ]
	done
}

@test "no record at all is bad input, and empties no file" {
	echo old >a.yaml
	try cassette-pack -o a.yaml /dev/null
	is 3 '' $'cassette-pack: /dev/null: no record\ncassette-pack: a.yaml: left as it was'
	[ "$(cat a.yaml)" = old ]
	try cassette-pack </dev/null
	is 3 '' 'cassette-pack: standard input: no record'
}

@test "the format of the first record, else go-vcr" {
	record | jq -c '. + {vcrpy: {}}' >x
	try cassette-pack x
	[ "$(head -n 1 stdout)" = interactions: ]
	record >x
	try cassette-pack x
	[ "$(sed -n 2p stdout)" = 'version: 2' ]
	try cassette-pack -f tape x
	is 2 '' "cassette-pack: --format 'tape' is none of go-vcr, go-vcr-1, vcrpy, ruby-vcr, har; try 'cassette-pack --help'"
}

@test "go-vcr files have what its strict matcher compares" {
	record 'https://user@api.example.com:8443/v1?alt=sse&a=1' '"{\"a\":1}"' >x
	try cassette-pack --no-redact x
	grep -qx "    content_length: 7" stdout
	grep -qx "    host: 'api.example.com:8443'" stdout
	grep -qx "    proto: 'HTTP/1.1'" stdout
	[ "$(sed -n '/form:/,/headers:/p' stdout | tr -d ' \n')" = "form:a:-'1'alt:-'sse'headers:" ]
	record | jq -c '.request.headers = {"x-API-key2": ["1"], "accept": ["a"], "Accept": ["b"], "te st": ["c"]}' >x
	try cassette-pack --no-redact x
	cp stdout y
	[ "$(cassette-extract y | jq -c .request.headers)" = '{"X-Api-Key2":["1"],"Accept":["a","b"],"te st":["c"]}' ]
	jq -c '. + {"go-vcr": {}}' x >z
	try cassette-pack --no-redact z
	cp stdout y
	[ "$(cassette-extract y | jq -c .request.headers)" = '{"x-API-key2":["1"],"accept":["a"],"Accept":["b"],"te st":["c"]}' ]
}

@test "bodies take the style in which every reader gives them back" {
	style() { # BODY STYLE: JSON string, and how the YAML begins
		record https://api.example.com/ "$1" >x
		cassette-pack --no-redact x >y
		line=$(sed -n 's/^    body: //p' y)
		[[ $line == "$2"* ]] || {
			echo "$1 became $line"
			return 1
		}
		cassette-extract y | jq -e --argjson body "$1" '.request.body == $body' >/dev/null
	}
	style '"{}"' "'{}'"
	style '""' "''"
	style '"a\nb"' '|-'
	style '"data: x\n\n"' '|+'
	style '"\nx"' '|2-'
	style '" x\ny\n"' '|2'
	style '"a\tb"' '"a\tb"'
	style '"a\r\nb"' '"a\r\nb"'
	style '"x \ny"' '"x \ny"'
	style '"😀"' '"\U0001F600"'
	style '"é"' "'é'"
	style '"a\u2028b"' '"a\Lb"'
	style '"true"' "'true'"
	style '"123"' "'123'"
	style '"null"' "'null'"
	style '"---\n...\n"' '|'
}

@test "bytes that are no UTF-8: !!binary, base64_string, and base64 in HAR on both sides" {
	record | jq -c 'del(.request.body) | .request.body_base64 = "/wA=" | .response.body_base64 = "gA==" | del(.response.body)' >x
	for format in $formats; do
		cassette-pack -f "$format" x >"y.$format"
		[ "$(cassette-extract "y.$format" | jq -c '[.request.body_base64, .response.body_base64]')" = '["/wA=","gA=="]' ]
	done
	grep -q 'body: !!binary |' y.go-vcr
	grep -q 'base64_string: |' y.ruby-vcr
	grep -q '"encoding":"base64"' y.har
	grep -q '"_encoding":"base64"' y.har
}

@test "secrets are blanked by name unless asked otherwise, and counted" {
	jq -c '.request.headers.Authorization = ["Bearer sk-1"] | .request.headers["X-Api-Key"] = ["sk-2"]
		| .response.headers["Set-Cookie"] = ["a=sk-3", "b=sk-4"] | .request.url = "https://u:sk-5@api.example.com/?key=sk-6&q=1"' florence.json |
		head -n 1 >x
	for format in $formats; do
		cassette-pack -f "$format" x >y 2>told
		[ "$(grep -c sk- y)" -eq 0 ]
		grep -qx 'cassette-pack: redacted: 4 headers, 2 places in URLs' told
		cassette-extract y | grep -q 'https://REDACTED@api.example.com/?key=REDACTED&q=1'
	done
	cassette-pack --no-redact x >y
	[ "$(grep -o 'sk-[0-9]' y | sort -u | wc -l)" -eq 6 ]
}

@test "bodies that cannot be decoded are reported, of truncated ones what can be decoded is searched" {
	local body
	body=$(printf 'my-long-secret %s' {1..50} | gzip -c | head -c 60 | base64 -w 0)
	printf '{"id":0,"request":{"method":"GET","url":"http://a.example/"},"response":{"status":200,"headers":{"Content-Encoding":["%s"]},"body_base64":"%s"}}\n' gzip "$body" lzma "$body" >x
	MY_KEY=my-long-secret try cassette-pack --redact-env MY_KEY x
	[ "$status" = 0 ]
	grep -q 'redacted: [0-9]* places in bodies' stderr
	grep -q 'not looked into for secrets: bodies whose encoding cannot be undone (1)' stderr
	grep -q 'REDACTED 1REDACTED 2' stdout
}

@test "--redact-env blanks a value wherever it stands, also in compressed bodies" {
	# shellcheck disable=SC2030
	export MY_KEY='s3cr3t/"key'
	gz=$(printf 'data: s3cr3t/\\"key\n\n' | gzip -n | base64 -w 0)
	record "https://api.example.com/s3cr3t%2F%22key" '"[\"s3cr3t\\/\\\"key\"]"' |
		jq -c --arg gz "$gz" '.request.headers["X-Trace"] = ["s3cr3t/\"key"] | .response = {status: 200, headers:
			{"Content-Encoding": ["gzip"]}, body_base64: $gz}' >x
	for format in $formats; do
		try cassette-pack -f "$format" --redact-env MY_KEY x
		[ "$status" = 0 ]
		cp stdout y
		grep -q 'redacted: 1 header, 1 place in URLs, 2 places in bodies' stderr
		cassette-extract y >z
		[ "$(cat y z | grep -c s3cr3t)" -eq 0 ]
		[ "$(jq -c '[.request.url, .request.body, .response.body, .response.headers["Content-Encoding"]]' z)" = \
			'["https://api.example.com/REDACTED","[\"REDACTED\"]","data: REDACTED\n\n",null]' ]
	done
	try cassette-pack --redact-env NO_SUCH_VARIABLE x
	is 2 '' "cassette-pack: variable 'NO_SUCH_VARIABLE' of --redact-env is not set; try 'cassette-pack --help'"
	MY_KEY=abc try cassette-pack --redact-env MY_KEY x
	is 2 '' "cassette-pack: value of variable 'MY_KEY' is too short to be looked for; try 'cassette-pack --help'"
}

@test "lengths follow a body that was blanked" {
	# shellcheck disable=SC2031
	export MY_KEY=secret-value
	jq -nc '{request: {method: "POST", url: "http://e/", headers: {"Content-Length": ["12"]}, body: "secret-value"},
		response: {status: 200, headers: {"Content-Length": ["17"]}, body: "abcsecret-valuede", arrivals: [[0.1, 5], [0.2, 5], [0.3, 7]]}}' >x
	try cassette-pack --redact-env MY_KEY x
	cp stdout y
	grep -qx '    content_length: 8' y
	[ "$(cassette-extract y | jq -c '[.request.headers["Content-Length"][0], .response.headers["Content-Length"][0], .response.body, .response.arrivals]')" = \
		'["8","13","abcREDACTEDde",[[0.1,3],[0.2,0],[0.3,10]]]' ]
}

@test "edit in place: -o replaces the file that the records come from" {
	cp "$florence" a.yaml
	chmod 640 a.yaml
	try_sh "cassette-extract a.yaml | jq -c '.request.method = \"PUT\"' | cassette-pack -o a.yaml"
	is 0 ''
	[ "$(cassette-extract a.yaml | jq -r .request.method | tr '\n' ' ')" = 'PUT PUT ' ]
	[ "$(stat -c %a a.yaml)" = 640 ]
	[ "$(find . -name "*yaml*" | wc -l)" -eq 1 ]
}

@test "a record that is none: status 3, the file stays, nothing lies beside it" {
	echo old >a.yaml
	{ head -n 1 florence.json && echo '{"request":1}'; } >x
	try cassette-pack -o a.yaml x
	is 3 '' $'cassette-pack: x:2: request: is no object\ncassette-pack: a.yaml: left as it was'
	[ "$(cat a.yaml)" = old ]
	[ "$(find . -name "*yaml*" | wc -l)" -eq 1 ]
	try cassette-pack x
	[ "$status" = 3 ]
	cassette-extract <stdout | diff - <(head -n 1 florence.json)
}

@test "a folder that is not there, a disk that is full: status 4, and the file stays" {
	try cassette-pack -o none/a.yaml florence.json
	is 4 '' 'cassette-pack: none/a.yaml: No such file or directory'
	echo old >a.yaml
	try_sh 'trap "" XFSZ; ulimit -f 2; exec cassette-pack -o a.yaml florence.json'
	is 4 '' 'cassette-pack: a.yaml: File too large'
	[ "$(cat a.yaml)" = old ]
	[ "$(find . -name "*yaml*" | wc -l)" -eq 1 ]
}

@test "a symbolic link stays one" {
	echo old >real.yaml
	ln -s real.yaml a.yaml
	cassette-pack -o a.yaml florence.json
	[ -L a.yaml ]
	cassette-extract <real.yaml | diff - florence.json
}

@test "arrivals and the end survive every format; the libraries ignore the key" {
	jq -nc '{request: {method: "GET", url: "http://e/"}, response: {status: 200, body: "data: x\n\n", arrivals: [[0.000000001, 4], [1.5, 5]],
		end: "reset"}}' >x
	for format in $formats; do
		cassette-pack -f "$format" x >y
		[ "$(cassette-extract y | jq -c '[.response.arrivals, .response.end]')" = '[[[1e-09,4],[1.5,5]],"reset"]' ] ||
			cassette-extract y | grep -q '"arrivals":\[\[0.000000001,4\],\[1.5,5\]\],"end":"reset"'
	done
}

@test "what is no regular file is not replaced" {
	mkfifo pipe
	try_sh "cassette-extract '$TOP_SRC/examples/florence.yaml' | cassette-pack -o pipe"
	is 4 '' 'cassette-pack: pipe: no regular file, so it is not replaced'
	[ -p pipe ]
}

@test "a symbolic link to nothing stays one" {
	ln -s nowhere link
	try_sh "cassette-extract '$TOP_SRC/examples/florence.yaml' | cassette-pack -o link"
	is 4 '' 'cassette-pack: link: a symbolic link to nothing, so it is not replaced'
	[ -L link ]
}

@test "to keep secrets and to name one is a contradiction" {
	S=a-long-secret try cassette-pack --no-redact --redact-env S
	is 2 '' 'cassette-pack: --no-redact excludes --redact-env, --redact-header, --redact-json and --drop-header; *'
}

@test "lines that are no records: five are told, the others counted" {
	seq 1000 | sed 's/.*/x&/' >rubbish
	try cassette-pack rubbish
	is 3 '' "*rubbish:5: no JSON: value expected"$'\n'"cassette-pack: rubbish: 995 more: lines that are no records"
	[ "$(wc -l <stderr)" -eq 6 ]
}

@test "who is ended by a signal leaves nothing beside the file" {
	cp "$florence" kept.yaml
	mkfifo fifo
	exec 7<>fifo
	cassette-pack -o kept.yaml <fifo 7>&- &
	for _ in $(seq 30); do cat florence.json; done >&7
	until compgen -G '.kept.yaml.*' || [ "$SECONDS" -gt 20 ]; do :; done >/dev/null
	compgen -G '.kept.yaml.*'
	kill $!
	status=0
	wait $! || status=$?
	exec 7>&-
	[ "$status" = 143 ]
	[ -z "$(compgen -G '.kept.yaml.*')" ]
	cmp kept.yaml "$florence"
}

@test "what the format cannot read back is not written" {
	for bad in '"status":1' '"status":200},"har":{"request":{"headers":{}}' '"status":200},"har":{"startedDateTime":1,"response":1'; do
		record=$(printf '{"request":{"method":"GET","url":"https://h/"},"response":{%s}}' "$bad")
		try cassette-pack -f har <<<"$record"
		[ "$status" = 3 ]
		[ "$(jq -c .log.entries stdout)" = '[]' ]
		printf '%s\n' '{"request":{"method":"GET","url":"https://h/0"},"response":{"status":200}}' "$record" \
			'{"request":{"method":"GET","url":"https://h/1"},"response":{"status":200}}' >records
		for format in har vcrpy ruby-vcr go-vcr; do
			try cassette-pack -f $format records
			cassette-extract <stdout >back || return 1
			[ "$(jq -r .request.url back | tr '\n' ' ' | grep -o 'h/[01]' | tr '\n' ' ')" = 'h/0 h/1 ' ]
		done
	done
}

@test "--check prints the places of secrets, never the secrets, and writes nothing" {
	record 'https://u:pa55@api.example.com/v1?key=abcdef-123456' '"{\"password\":\"hunter2\"}"' |
		jq -c '.id = 7 | .request.headers.Authorization = ["Bearer abcdef-123456"] | .response = {status: 200, headers: {"X-Echo": ["abcdef-123456"]}, body: "is abcdef-123456"}' >records
	cassette-pack --no-redact records >tape.yaml
	for file in records tape.yaml; do
		id=7
		[ "$file" = records ] || id=0
		try cassette-pack --check "$file"
		[ "$status" = 1 ]
		[ ! -s stderr ]
		diff - stdout <<-END
			$file: interaction $id: request URL
			$file: interaction $id: request URL, parameter key
			$file: interaction $id: request header Authorization
			$file: interaction $id: request body .password
			$file: interaction $id: response header X-Echo
			$file: interaction $id: response body, byte 3
		END
	done
	cassette-pack records 2>/dev/null >safe.yaml
	try cassette-pack --check safe.yaml safe.yaml
	is 0 '' ''
	try cassette-pack --check - <tape.yaml
	[ "$status" = 1 ]
	grep -q '^standard input: interaction 0: request URL, parameter key$' stdout
	: >empty
	try cassette-pack --check empty
	is 3 '' 'cassette-pack: empty:*'
	printf 'rubbish\n' >rubbish
	try cassette-pack --check rubbish safe.yaml
	[ "$status" = 3 ]
	for option in '-f har' '-o x' --no-redact; do
		# shellcheck disable=SC2086
		try cassette-pack --check $option safe.yaml
		is 2 '' 'cassette-pack: --check writes nothing: it excludes --format, --output and --no-redact; *'
	done
}

@test "--redact-header, --redact-json and --drop-header" {
	record 'https://api.example.com/' '"{\"user\":\"me\",\"tags\":[{\"id\":1},{\"id\":2}]}"' |
		jq -c '.request.headers["X-Tenant"] = ["acme"] | .request.headers.Date = ["today"] |
			.response = {status: 200, body: "data: {\"user\":\"me\"}\n\n"}' >x
	try cassette-pack --redact-header x-tenant --drop-header date --redact-json .user --redact-json '.tags[].id' x
	[ "$status" = 0 ]
	[ "$(cat stderr)" = 'cassette-pack: redacted: 2 headers, 4 places in bodies' ]
	cassette-extract stdout >y
	[ "$(jq -r '.request.headers["X-Tenant"][0], .request.headers.Date' y)" = $'REDACTED\nnull' ]
	[ "$(jq -c '.request.body | fromjson' y)" = '{"user":"REDACTED","tags":[{"id":"REDACTED"},{"id":"REDACTED"}]}' ]
	[ "$(jq -r '.response.body' y)" = 'data: {"user":"REDACTED"}' ]
	try cassette-pack --check --redact-json .user x
	[ "$status" = 1 ]
	grep -q 'request body .user$' stdout
	try cassette-pack --redact-json user x
	is 2 '' "cassette-pack: invalid path 'user' *"
	try cassette-pack --drop-header '' x
	is 2 '' 'cassette-pack: missing name of a header; *'
}

@test "a body that is too large when it is decompressed is left out, and reported" {
	bomb=$(head -c 100000 /dev/zero | gzip | gzip | base64 -w 0)
	printf '{"id":0,"request":{"method":"POST","url":"http://a.example/","headers":{"Content-Encoding":["gzip, gzip"]},"body_base64":"%s"},"response":{"status":200,"headers":{"Content-Encoding":["gzip, gzip"]},"body_base64":"%s"}}\n' "$bomb" "$bomb" >x
	try cassette-pack -M 50k x
	[ "$status" = 3 ]
	[ "$(cat stderr)" = 'cassette-pack: x:1: request and response body of more than 51200 bytes when decoded (--max-size)' ]
	cassette-extract stdout >y
	[ "$(jq -c '[.request.body, .response.body, .response.headers]' y)" = '[null,null,{}]' ]
	try cassette-pack --max-size 100k x
	[ "$status" = 0 ]
	[ "$(cassette-extract -b response stdout | wc -c)" = 100000 ]
	printf '' >z
	try cassette-pack -M 50k -o z x
	[ "$status" = 3 ]
	[ ! -s z ]
	try cassette-pack --check -M 50k x
	[ "$status" = 3 ]
}
