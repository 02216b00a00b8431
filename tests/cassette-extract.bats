# SPDX-License-Identifier: MIT
# What cassette-extract does besides reading formats, which the golden pairs of tests/cassette hold.
load lib

setup() {
	lib_setup
	florence=$TOP_SRC/examples/florence.yaml
}

# interaction URL BODY [HEADERS]: one of a vcrpy cassette, in flow style; BODY is a YAML scalar.
interaction() {
	printf -- "- request: {body: null, headers: {}, method: GET, uri: '%s'}\n" "$1"
	printf "  response: {body: {string: %s}, headers: {%s}, status: {code: 200, message: OK}}\n" "$2" "${3-}"
}

# exactly STATUS BYTES [STDERR]: as `is`, but BYTES, as printf spells them, are all of standard output.
exactly() {
	# shellcheck disable=SC2059
	printf "$2" | cmp - stdout || {
		show
		return 1
	}
	: >stdout
	is "$1" '' "${3-}"
}

# cassette BODY...: a cassette of responses.
cassette() {
	echo 'interactions:'
	for body; do
		interaction http://example.com/ "$body"
	done
}

@test "the conversation in the examples: two lines, and bodies byte for byte" {
	try cassette-extract "$florence"
	is 0 "$(cat stdout)"
	[ "$(jq -c '[.id, .request.method, .response.status, .duration]' stdout | tr '\n' ' ')" = \
		'[0,"POST",200,0.904924959] [1,"POST",200,2.0409005] ' ]
	try cassette-extract -b request -i 1 "$florence"
	[ "$(wc -c <stdout)" -eq 794 ]
	try cassette-extract -b response "$florence"
	[ "$status" = 0 ]
	[ "$(tail -c 14 stdout | od -An -c | tr -d ' \n')" = 'data:[DONE]\n\n' ]
}

@test "the pipe: what was recorded becomes messages again" {
	try_sh "cassette-extract -b response '$florence' | sse-split | delta-merge -n"
	[ "$(jq -c '[.finish, (.tool_calls | length)]' stdout | tr '\n' ' ')" = '["tool_calls",1] ["stop",0] ' ]
}

@test "standard input, by name and without one" {
	cassette-extract "$florence" | jq -c 'del(.file)' >whole
	for dash in '' -; do
		# shellcheck disable=SC2086
		try cassette-extract $dash <"$florence"
		is 0 "$(cat whole)"
	done
}

@test "each interaction of a named file names it, and ids begin anew" {
	cassette one two >a.yaml
	cassette three >b.yaml
	try cassette-extract a.yaml b.yaml
	[ "$(jq -r '"\(.file) \(.id) \(.response.body)"' stdout | tr '\n' ' ')" = 'a.yaml 0 one a.yaml 1 two b.yaml 0 three ' ]
	try cassette-extract a.yaml
	[ "$(jq -r '.file' stdout | tr '\n' ' ')" = 'a.yaml a.yaml ' ]
	try cassette-extract - b.yaml <a.yaml
	[ "$(jq -r '.file' stdout | tr '\n' ' ')" = 'null null b.yaml ' ]
	[ "$(jq -c 'keys_unsorted[:3]' stdout | tail -n 1)" = '["id","file","request"]' ]
}

@test "a file that is not there does not stop the others" {
	cassette one >a.yaml
	try cassette-extract -b response none.yaml a.yaml
	exactly 4 one "cassette-extract: none.yaml: No such file or directory"
}

# misplaced WHAT TEXT: an input of another program's, as printf spells it, is named and the program with it
misplaced() {
	# shellcheck disable=SC2059
	printf "$2" >x
	for input in x -; do
		try cassette-extract $input <x
		is 3 '' "cassette-extract: @(x|standard input)?(:[0-9]*): not a cassette: $1"
	done
}

@test "an event stream is named, whatever precedes its first data" {
	shopt -s extglob
	for before in '' 'event: a\n' 'id: 1\n' 'retry: 5\n' ': comment\n\n' '\r\n' '\357\273\277' ' \n'; do
		misplaced 'an event stream; use sse-split' "${before}data: {\"choices\":[]}\n\n"
	done
	misplaced 'an event stream; use sse-split' 'data:1'
	misplaced 'an event stream; use sse-split' "$(printf ': OPENROUTER PROCESSING\\n\\n%.0s' {1..2000})data: 1\\n"
	# nothing decides
	for undecided in 'event: a\n' 'data:\n  pairs: []\n' 'id: 0\nx: y\n' 'data:   \n' 'datum: 1\n'; do
		# shellcheck disable=SC2059
		printf "$undecided" >x
		try cassette-extract x
		[ "$status" = 3 ]
		! grep -q 'event stream' stderr
	done
}

@test "records, chunks, messages and requests are named" {
	shopt -s extglob
	local chunks='chunks of a provider; use delta-merge' request='a request to a provider; use sse-post'
	misplaced 'event records; use delta-merge' '{"event":"message","data":{"choices":[]}}\n'
	misplaced 'event records; use delta-merge' '{"t":0.1,"event":"message","data":"[DONE]"}'
	misplaced 'interaction records; use sse-split or cassette-pack' \
		'{"id":0,"request":{"method":"GET","url":"http://h/"},"response":{"status":200}}\n{}'
	misplaced 'messages, as delta-merge -n prints them' '{"format":"openai-chat","index":0,"text":"","complete":true}'
	for chunk in '{"choices":[]}' '{"candidates":[]}' '{"usageMetadata":{}}' '{"type":"response.created"}' '{"type":"message_start"}' \
		'{"type":"content_block_delta"}' '{"type":"ping"}' '{"type":"error"}' '{"type":"tool-call-delta"}' \
		'{"type":"citation-start"}' '{"object":"response"}' '{"model":"m","done":false}' '[{"candidates":[]}]'; do
		misplaced "$chunks" "$chunk\\n$chunk\\n"
	done
	misplaced "$request" '{"model":"m","messages":[]}'
	misplaced "$request" '{"contents":[]}'
	misplaced "$request" '{"model":"m","input":"hi"}'
	misplaced 'HTML or XML' '<!DOCTYPE html>'
	misplaced 'binary data' '\211PNG\r\n\032\n\000\000\000'
	misplaced 'Amazon frames; use sse-split' '\0\0\0\020\0\0\0\0\005\302\110\353\175\230\310\377'
}

@test "what only resembles them is not named so" {
	for text in '{"event":"x"}' '{"data":1}' '{"format":"x","index":0}' '{"choices":{}}' '{"candidates":1}' '{"done":true}' '{"model":"m"}' \
		'{"input":1}' '{"messages":"x"}' '{"contents":{}}' '{"type":1}' '{"object":"list"}' '[]' '[1]' '{"usageMetadata":1}' \
		'{"request":{"method":"GET","url":"/path"},"response":{"status":200}}' \
		'{"request":{"method":"GET","url":"http://h/"},"response":{"status":"200"}}' \
		'{"request":{"method":1,"url":"http://h/"},"response":{"status":200}}'; do
		printf '%s' "$text" >x
		try cassette-extract x
		! grep -qE 'use |delta-merge' stderr || {
			show
			return 1
		}
	done
}

@test "who writes an input of another kind is not killed" {
	try_sh "{ yes 'data: 1' | head -n 100000; echo \$? >left; } | cassette-extract; cat left"
	is 0 0 'cassette-extract: standard input: not a cassette: an event stream; use sse-split'
	try_sh "set -o pipefail; yes 'data: 1' | head -n 100000 | cassette-extract"
	is 3 '' 'cassette-extract: standard input: not a cassette: an event stream; use sse-split'
}

@test "UTF-16 is YAML, not binary data" {
	cassette text | iconv -t UTF-16 >x.yaml
	try cassette-extract -b response x.yaml
	exactly 0 text
}

@test "a compressed cassette of any make, and of any size below the ceiling" {
	for make in go-vcr ruby-vcr har; do
		cassette-extract "$florence" | cassette-pack -f $make --no-redact >x 2>/dev/null
		gzip -c x >x.gz
		try cassette-extract <x.gz
		is 0 "$(cassette-extract <x)"
	done
	try cassette-extract -M 20k x.gz
	[ "$status" = 0 ]
	try cassette-extract -M 5k x.gz
	is 3 '' 'cassette-extract: x.gz: compressed file that holds more than --max-size'
	try cassette-extract -M 1k x.gz
	is 3 '' 'cassette-extract: x.gz: compressed file of more than 1024 bytes (--max-size)'
}

@test "-i takes ids and ranges; one that is not there is a no" {
	cassette a b c d e >x.yaml
	try cassette-extract -b response -i 0,2-3 x.yaml
	exactly 0 'a\nc\nd'
	try cassette-extract -b response -i 3- x.yaml
	exactly 0 'd\ne'
	try cassette-extract -b response -i 1,9 x.yaml
	exactly 1 b 'cassette-extract: no interaction 9'
	try cassette-extract -i 2-1 x.yaml
	is 2 '' "cassette-extract: --id '2-1' is no list such as 0,2-4; try 'cassette-extract --help'"
}

@test "-S selects by a jq program on the record" {
	cassette a b c >x.yaml
	try cassette-extract -b response -S '.response.body != "b"' x.yaml
	exactly 0 'a\nc'
	try cassette-extract -b response -S '.id | if . > 0 then . else empty end' x.yaml
	exactly 0 'b\nc'
	try cassette-extract -S '.nothing' x.yaml
	is 1 '' 'cassette-extract: no interaction was selected'
	try cassette-extract -S '.[' x.yaml
	is 2 '' 'cassette-extract: --select: *'
	try cassette-extract -S '.id.x' x.yaml
	is 3 '' 'cassette-extract: x.yaml:2: jq: Cannot index number*'
}

@test "-S that halts selects nothing more" {
	cassette a b c >x.yaml
	try cassette-extract -b response -S 'if .id == 1 then halt else true end' x.yaml
	exactly 0 a
}

@test "-l is a table for people, aligned, with a column of files when there are several" {
	cassette '"\e[31mred"' >x.yaml
	interaction 'http://example.com/a/long/path' "$(printf '%02000d' 0)" 'Content-Type: ["text/plain; charset=utf-8"]' >>x.yaml
	try cassette-extract -l x.yaml
	is 0 "\
ID  METHOD  URL                             STATUS  TYPE        BYTES  DURATION
 0  GET     http://example.com/                200  -               8         -
 1  GET     http://example.com/a/long/path     200  text/plain   2.0k         -"
	try cassette-extract -l x.yaml x.yaml
	[ "$(head -n 1 stdout | cut -c 1-8)" = 'FILE    ' ]
	try cassette-extract -l -b request x.yaml
	is 2 '' "cassette-extract: --list and --body exclude each other; try 'cassette-extract --help'"
}

@test "-l aligns what is wide, and fits into a terminal" {
	local name url=http://example.com/a/very/long/path/to/something
	need_utf8
	for name in p 日本; do
		echo 'interactions:' >"$name.yaml"
		interaction "$url" x 'Content-Type: [text/plain]' >>"$name.yaml"
	done
	LC_ALL=C.UTF-8 try cassette-extract -l p.yaml 日本.yaml
	is 0 "\
FILE       ID  METHOD  URL                                               STATUS  TYPE        BYTES  DURATION
p.yaml      0  GET     $url     200  text/plain      1         -
日本.yaml   0  GET     $url     200  text/plain      1         -"
	LC_ALL=C.UTF-8 on_terminal 80 'cassette-extract -l p.yaml 日本.yaml'
	diff - screen <<-'.'
		FILE       ID  METHOD  URL                   STATUS  TYPE        BYTES  DURATION
		p.yaml      0  GET     http://exa…something     200  text/plain      1         -
		日本.yaml   0  GET     http://exa…something     200  text/plain      1         -
	.
	on_terminal 80 'cassette-extract -l p.yaml'
	[ "$(awk '{ print length }' screen | sort -u)" = 80 ]
	on_terminal 20 'cassette-extract -l p.yaml 日本.yaml'
	diff - screen <<-'.'
		FILE     ID  METHOD  URL       STATUS  TYPE      BYTES  DURATION
		p.yaml    0  GET     htt...ng     200  tex...in      1         -
		日本.yaml   0  GET     htt...ng     200  tex...in      1         -
	.
}

@test "the table shows no control characters" {
	interaction '"http://e/"' x | sed 's|.http://e/"|"http://e/\\e[31m\\x9b\\n"|; 1i interactions:' | tr -d "'" >x.yaml
	try cassette-extract -l x.yaml
	[ "$status" = 0 ]
	tr -d '\n' <stdout >flat
	[ "$(grep -c '[[:cntrl:]]' flat)" -eq 0 ]
	[ "$(grep -c "$(printf '\302\233')" flat)" -eq 0 ]
}

# joined WANTED BODY...: the bodies of one cassette, as printf and YAML spell them
joined() {
	local want=$1
	shift
	cassette "$@" >x.yaml
	try cassette-extract -b response x.yaml
	exactly 0 "$want"
}

@test "between two bodies: the line feeds that end a line and an event, and nothing else" {
	joined 'one\ntwo' one two
	joined 'one\ntwo\n' '"one\n"' '"two\n"'
	joined 'data: 1\n\ndata: 2' '"data: 1"' '"data: 2"'
	joined 'data: 1\n\ndata: 2' '"data: 1\n"' '"data: 2"'
	joined 'data: 1\n\ndata: 2' '"data: 1\n\n"' '"data: 2"'
	joined 'data: 1\r\n\r\ndata: 2' '"data: 1\r\n\r\n"' '"data: 2"'
	joined 'data: 1\r\n\ndata: 2' '"data: 1\r\n"' '"data: 2"'
	joined 'one\ntwo' one '""' two
}

@test "a binary body joins no other: it is left out, and told once" {
	left_out() { # STATUS STDOUT COUNT BODY...
		local want=$1 out=$2 count=$3
		shift 3
		cassette "$@" >x.yaml
		try cassette-extract -b response x.yaml
		exactly "$want" "$out" "cassette-extract: x.yaml:[0-9]*: binary body left out ($count in all); select one interaction to write it"
	}
	left_out 0 two 1 '!!binary /w==' two
	left_out 0 one 1 one '!!binary /w=='
	left_out 0 'one\ntwo' 2 one '!!binary iVBORw0KGgpb/w==' two '"a\0b"'
	left_out 3 '' 2 '!!binary /w==' '!!binary /w=='
	left_out 3 '' 1 '""' '!!binary /w=='
	try cassette-extract -b response -i 1 x.yaml
	exactly 0 '\377'
	joined '\377' '!!binary /w=='
	cassette '!!binary /w==' >y.yaml
	try cassette-extract -b response y.yaml x.yaml
	exactly 3 '' 'cassette-extract: y.yaml:2: binary body left out (2 in all); select one interaction to write it'
}

@test "text that is damaged, or in another encoding, is text" {
	joined 'data: caf\303\n\ndata: 2' '!!binary ZGF0YTogY2Fmww==' '"data: 2"'
	joined 'x\360\237\230\ntwo' '!!binary ePCfmA==' two
	joined 'data: \377\000\n\ndata: 2' '!!binary ZGF0YTog/wA=' '"data: 2"'
	echo 'interactions:' >x.yaml
	# shellcheck disable=SC2129
	interaction http://example.com/ '!!binary Y2Fm6SE=' 'Content-Type: [text/plain; charset=latin1]' >>x.yaml
	interaction http://example.com/ two >>x.yaml
	interaction http://example.com/ '!!binary 6QE=' 'Content-Type: [text/plain]' >>x.yaml
	try cassette-extract -b response x.yaml
	exactly 0 'caf\351!\ntwo' '*:6: binary body left out (1 in all)*'
}

@test "Amazon frames are told by their checksum, and written one behind the other" {
	frame() { # BODY: an empty frame of 16 bytes, its checksum right
		printf '\0\0\0\020\0\0\0\0\005\302\110\353\175\230\310\377'
	}
	frames=$(frame | base64)
	cassette "!!binary $frames" "!!binary $frames" 'text' "!!binary $frames" 'last' >x.yaml
	try cassette-extract -b response x.yaml
	{ frame; frame; printf 'text\n'; frame; printf last; } | cmp - stdout
	[ "$status" = 0 ] && [ ! -s stderr ]
	cassette "!!binary $(frame | tr '\020' '\021' | base64)" text >x.yaml
	try cassette-extract -b response x.yaml
	exactly 0 text '*binary body left out (1 in all)*'
	cassette "!!binary $(frame | head -c 11 | base64)" text >x.yaml
	try cassette-extract -b response x.yaml
	exactly 0 text '*binary body left out (1 in all)*'
}

# decodes CODING LIBRARY BASE64 BODY
decodes() {
	printf 'interactions:\n' >x.yaml
	interaction http://example.com/ "!!binary $3" "Content-Encoding: [$1]" >>x.yaml
	try cassette-extract -b response x.yaml
	if grep -q "define HAVE_$2 1" "$TOP_BUILD/config.h"; then
		exactly 0 "$4"
	else
		is 3 '' '*cannot be decoded here'
	fi
}

@test "br and zstd are decoded where the library was found, and said otherwise" {
	# brotli of "data: br\n\n", made by hand: one uncompressed metablock
	decodes br BROTLI jwSAZGF0YTogYnIKCgM= 'data: br\n\n'
	decodes zstd ZSTD KLUv/SAKUQAAZGF0YTogenMKCg== 'data: zs\n\n'
	# two frames
	decodes zstd ZSTD KLUv/SAKUQAAZGF0YTogenMKCii1L/0gClEAAGRhdGE6IHpzCgo= 'data: zs\n\ndata: zs\n\n'
	printf 'interactions:\n' >x.yaml
	interaction http://example.com/ "'data: x'" 'Content-Encoding: [zstd]' >>x.yaml
	try cassette-extract -b response x.yaml
	exactly 0 'data: x'
}

@test "zstd that breaks off or grows beyond the ceiling" {
	if ! grep -q 'define HAVE_ZSTD 1' "$TOP_BUILD/config.h"; then
		[ "${CI:-}" != true ] || return 1
		skip "without libzstd"
	fi
	printf 'interactions:\n' >x.yaml
	interaction http://example.com/ "!!binary KLUv/SAKUQAAZGF0YTogeg==" 'Content-Encoding: [zstd]' >>x.yaml
	try cassette-extract -b response x.yaml
	[ "$status" = 3 ]
	[ "$(cat stdout)" = 'data: z' ]
	[ "$(cat stderr)" = 'cassette-extract: x.yaml:2: body ends too early for its encoding zstd' ]
	# a million spaces
	printf 'interactions:\n' >x.yaml
	interaction http://example.com/ "!!binary KLUv/YBIQEIPAFQAABAgIAEA+/85wAICABAgAgAQIAIAECACABAgAgAQIAIAECADEgog" 'Content-Encoding: [zstd]' >>x.yaml
	try cassette-extract -M 900k -b response x.yaml
	is 3 '' '*body of more than 921600 bytes when decoded (--max-size)'
}

@test "the ceiling counts to the byte, in scalars and in interactions" {
	cassette "$(printf '%01000d' 0)" >x.yaml
	for size in 1k 0; do
		try cassette-extract -M $size -b response x.yaml
		[ "$status" = "$([ $size = 0 ] && echo 0 || echo 3)" ]
	done
	exactly 0 "$(printf '%01000d' 0)"
	try cassette-extract -M 1k x.yaml
	is 3 '' 'cassette-extract: x.yaml:*: interactions\[0]: interaction of more than 1024 bytes (--max-size)'
	try cassette-extract -M 1200 -b response x.yaml
	exactly 0 "$(printf '%01000d' 0)"
}

# What the address space of the program is held to; an instrumented one needs all there is.
limit() {
	[ -n "$SANITIZED" ] || echo "ulimit -v $1;"
}

@test "a scalar without end stops at the ceiling, and memory stays small" {
	[ -z "$SANITIZED" ] || skip "sanitizers reserve memory of their own"
	{
		cassette whole
		printf -- "- request: {body: '"
		yes xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx | head -c 20000000
	} >x.yaml
	try_sh "$(limit 200000) exec cassette-extract -M 1M -b response x.yaml"
	exactly 3 whole 'cassette-extract: x.yaml:*: interactions\[1]: interaction of more than 1048576 bytes (--max-size)'
}

@test "ten thousand levels, in flow and in blocks, stop at 512" {
	for c in '[' '{a: ' '- '; do
		{
			printf 'interactions:\n- id: 0\n  request:\n    '
			yes -- "$c" | head -n 10000 | tr -d '\n'
		} >x.yaml
		try cassette-extract x.yaml
		is 3 '' 'cassette-extract: x.yaml:*: interactions\[0]: nested too deeply'
	done
	printf '{"interactions":[%s' "$(printf '[%.0s' {1..10000})" >x.json
	try cassette-extract x.json
	is 3 '' 'cassette-extract: x.json:*nested too deeply'
}

@test "a hundred thousand interactions: memory does not grow with the file" {
	[ -z "$SANITIZED" ] || skip "sanitizers reserve memory of their own"
	{
		echo 'interactions:'
		item=$(interaction http://example.com/ "$(printf '%0500d' 0)")
		yes -- "$item" | head -n 100000
	} >x.yaml
	try_sh "$(limit 100000) exec cassette-extract x.yaml | wc -l"
	is 0 50000
}

@test "a JSON cassette larger than the ceiling is refused, one below it is read" {
	cassette-extract "$florence" | cassette-pack --no-redact -f har >x.har
	try cassette-extract -M 1k x.har
	is 3 '' 'cassette-extract: x.har: JSON text of more than 1024 bytes (--max-size)'
	try cassette-extract -b request -i 1 x.har
	[ "$(wc -c <stdout)" -eq 794 ]
}

@test "a truncated cassette: whole interactions are written, then the fault" {
	head -c 6000 "$florence" >x.yaml
	try cassette-extract x.yaml
	[ "$status" = 3 ]
	[ "$(jq .id stdout)" = 0 ]
	[[ $(cat stderr) == 'cassette-extract: x.yaml:'*': interactions[1].'* ]]
}

@test "thousands of anchors, and of merged keys, take a time that grows as they do" {
	rest='print "interactions: []"'
	grows 'print "x:"; for (i = 0; i < n; i++) print "- &a" i " x"; for (i = 0; i < n; i++) print "- *a0"; '"$rest" cassette-extract
	grows 'print "x: &m"; for (i = 0; i < n; i++) print "  k" i ": v"; print "y:\n  <<: *m"; '"$rest" cassette-extract
	grows 'print "x:"; for (i = 0; i < n; i++) print "- &m" i " {k" i ": v}"; printf "y:\n  <<: [*m0"; for (i = 1; i < n; i++) printf ", *m%d", i; print "]"; '"$rest" cassette-extract
}
