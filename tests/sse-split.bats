# SPDX-License-Identifier: MIT
# What sse-split does besides splitting, which the golden pairs of tests/frame hold.
load lib

PIECES=$TOP_BUILD/tests/pieces

event() { # NUMBER...
	printf 'data: {"n":%s}\n\n' "$@"
}

@test "each file begins anew: framing, numbers, ids, byte order mark" {
	printf 'id: 7\ndata: 1\n\ndata: oops\n\n' >a
	printf '\357\273\277{"n":2}\n{"n":"to be con' >b
	printf '\357\273\277data: 3\n\n' >c
	try sse-split -e a b c
	is 3 '{"event":"message","id":"7","data":1,"source":{"file":"a"}}
{"event":"message","id":"7","data":"oops","source":{"file":"a"}}

{"event":"message","data":{"n":2},"source":{"file":"b"}}
{"event":"message","data":"{\"n\":\"to be con","source":{"file":"b"}}

{"event":"message","data":3,"source":{"file":"c"}}' 'sse-split: a: event 2 at byte 15: not JSON: value expected, at byte 0 of its data
sse-split: b: event 2 at byte 11: cut: input ended inside it'
}

@test "a file without an event is told, the others are split" {
	: >empty
	event 1 >good
	try sse-split empty good missing good
	is 4 '{"n":1}

{"n":1}' 'sse-split: empty: empty
sse-split: missing: No such file or directory'
}

@test "one empty line between two streams, with the first event of the second" {
	: >empty
	event 1 >one
	printf 'event: ping\n\ndata: 2\n\n' >two
	try sse-split empty one empty empty two empty
	is 3 '{"n":1}

2' 'sse-split: empty: empty*'
	try sse-split -e one two
	is 0 '{"event":"message","data":{"n":1},"source":{"file":"one"}}

{"event":"ping","data":"","source":{"file":"two"}}
{"event":"message","data":2,"source":{"file":"two"}}'
	try sse-split -r -q '.n? // .' one two
	is 0 $'1\n2'
	try sse-split -q 'objects' two one two one
	is 0 '{"n":1}

{"n":1}'
}

@test "-e: a source names the operand, if there are several" {
	event 1 >one
	event 2 >'a "b"'
	try sse-split -e one
	is 0 '{"event":"message","data":{"n":1}}'
	try sse-split -e < <(event 3)
	is 0 '{"event":"message","data":{"n":3}}'
	try sse-split -e 'a "b"' - one < <(event 3)
	is 0 '{"event":"message","data":{"n":2},"source":{"file":"a \"b\""}}

{"event":"message","data":{"n":3},"source":{"file":"-"}}

{"event":"message","data":{"n":1},"source":{"file":"one"}}'
	try sse-split one 'a "b"'
	is 0 '{"n":1}

{"n":2}'
}

@test "the empty line is not printed before the next stream begins" {
	mkfifo to from
	sse-split <to >from 2>stderr &
	exec 5>to 6<from
	printf 'data: 1\n\ndata: [DONE]\n\n: still here\n\n' >&5
	IFS= read -r -t 20 -u 6 line
	[ "$line" = 1 ]
	printf 'data: 2\n\n' >&5
	IFS= read -r -t 20 -u 6 line
	[ "$line" = '' ]
	IFS= read -r -t 20 -u 6 line
	[ "$line" = 2 ]
	printf 'data: [DONE]\n\n' >&5
	exec 5>&-
	wait $!
	[ -z "$(cat <&6)" ]
	[ ! -s stderr ]
}

@test "a fault that ends one file does not end the next" {
	{ event 1 && event 22222222222; } >long
	try sse-split -M 16 long - < <(event 3)
	is 3 '{"n":1}

{"n":3}' 'sse-split: long: event 2 at byte 15: event is larger than 16 bytes (--max-size); nothing after it was read'
}

@test "-M 0 is no ceiling, and 64M the default" {
	{ printf 'data: "' && head -c 70000000 /dev/zero | tr '\0' x && printf '"\n\n'; } >big
	try sse-split big
	is 3 '' 'sse-split: big: event 1 at byte 0: event is larger than 67108864 bytes (--max-size); nothing after it was read'
	try sse-split -M 0 big
	[ "$status" = 0 ] && [ ! -s stderr ] && [ "$(wc -c <stdout)" -eq 70000003 ]
}

@test "-f takes sse, json and aws" {
	for framing in sse json aws; do
		try sse-split -f "$framing" "$TOP_SRC/tests/frame/$framing/"[a-e]*.in
		[ -s stdout ] || return 1
	done
	try sse-split -f xml
	is 2 '' "sse-split: --format 'xml' is none of aws, json, sse; try 'sse-split --help'"
}

@test "-a: t is seconds with six decimals, never falling, for -e and without" {
	event 1 2 3 >in
	for option in -a '-a -e' '-e --arrival'; do
		# shellcheck disable=SC2086
		try sse-split $option in
		[ "$status" = 0 ] || return 1
		[ "$(grep -cE '^\{"t":[0-9]+\.[0-9]{6},"event":"message","data":\{"n":[123]\}\}$' stdout)" = 3 ] || return 1
		jq -es 'map(.t) | . == sort and .[0] >= 0' stdout || return 1
	done
}

@test "-a: t is when the last byte of the event was read, not the first" {
	mkfifo to from
	sse-split -a <to >from 2>stderr &
	exec 5>to 6<from
	printf 'data: {"n":1}\n\ndata: {"n":' >&5
	read -r -t 20 -u 6 first
	printf '2}\n\n' >&5
	read -r -t 20 -u 6 second
	exec 5>&-
	wait $!
	jq -en --argjson a "$first" --argjson b "$second" '$a.t < $b.t and $b.data.n == 2'
	[ ! -s stderr ]
}

@test "-q: the program is compiled once, its error is jq's own, and nothing was read" {
	event 1 >in
	{
		try sse-split -q '.n |'
		rest=$(cat)
	} <in
	is 2 '' 'sse-split: --filter: jq: error: syntax error, unexpected *at <top-level>, line 1: .n |'
	[ "$rest" = 'data: {"n":1}' ]
	try sse-split -q 'nonsense(.n)' in
	is 2 '' 'sse-split: --filter: jq: error: nonsense/1 is not defined at <top-level>, line 1: nonsense(.n)'
}

@test "-q: several results, none, and results before an error" {
	event 1 2 3 >in
	try sse-split -q '.n, if .n == 2 then error({code: .n}) else empty end' in
	is 3 '1
2
3' 'sse-split: in: event 2 at byte 15: jq: (not a string): {"code":2}'
}

@test "-q: halt ends quietly, halt_error with its words" {
	event 1 2 3 >in
	try sse-split -q '.n, if .n == 2 then halt else empty end' in in
	is 0 '1
2'
	try sse-split -q '.n, if .n == 2 then "enough" | halt_error else empty end' in in
	is 3 '1
2' 'sse-split: in: event 2 at byte 15: jq: enough'
}

@test "-q: import and input do no harm" {
	event 1 >in
	try sse-split -q 'import "no-such-module" as m; .' in
	is 2 '' 'sse-split: --filter: jq: error: module not found: no-such-module*'
	try sse-split -q 'input' in
	is 3 '' 'sse-split: in: event 1 at byte 0: jq: break'
}

@test "-q: debug shows on standard error what jq would, behind the output before it" {
	event 1 2 >in
	try_sh "sse-split -q '.n, debug' in 2>&1"
	is 0 '1
["DEBUG:",{"n":1}]
{"n":1}
2
["DEBUG:",{"n":2}]
{"n":2}'
	try sse-split -q 'debug | empty' in
	is 0 '' '\["DEBUG:",{"n":1}\]
\["DEBUG:",{"n":2}\]'
}

@test "-q: a chunk too deep for jq is reported, its payload is not" {
	printf 'data: %s"secret"%s\n\n' "$(printf '[%.0s' {1..300})" "$(printf ']%.0s' {1..300})" >in
	try sse-split -q . in
	is 3 '' 'sse-split: in: event 1 at byte 0: jq: Exceeds depth limit for parsing*'
	! grep -q secret stderr
}

@test "-r: strings raw, other results as JSON; without -q it is wrong use" {
	printf 'data: {"s":"a\\nb \\u00e9\\u0000","n":1.0}\n\n' >in
	try sse-split -r -q '.s, .n, [.s]' in
	printf 'a\nb \303\251\0\n1.0\n["a\\nb \303\251\\u0000"]\n' >with_literals
	sed 's/^1\.0$/1/' with_literals >without
	cmp with_literals stdout || cmp without stdout # jq before 1.7 has no number literals
	try sse-split -r in
	is 2 '' "sse-split: -r is for the results of -q; try 'sse-split --help'"
}

@test "a payload is never shown in a message" {
	printf 'data: secret\n\ndata: {"secret":\n\n<secret>\n[secret\n' >in
	try sse-split in
	[ "$status" = 3 ] && [ -s stderr ] && ! grep -q secret stderr
}

@test "one event at a time: each is out before the next is sent, CR at a read's end too" {
	mkfifo to from
	sse-split -t <to >from 2>stderr &
	exec 5>to 6<from
	for end in '\n\n' '\r\r' '\r\n\r\n' '\n\r' '\r\n\r'; do
		# shellcheck disable=SC2059
		printf "data: one$end" >&5
		IFS= read -r -t 20 -u 6 line
		[ "$line" = '"one"' ]
	done
	exec 5>&-
	wait $!
	[ ! -s stderr ]
}

@test "JSON texts and elements are out as soon as they are whole" {
	mkfifo to from
	sse-split <to >from 2>stderr &
	exec 5>to 6<from
	printf '{"n":1}' >&5
	IFS= read -r -t 20 -u 6 line
	[ "$line" = '{"n":1}' ]
	printf '[{"n":2}' >&5
	IFS= read -r -t 20 -u 6 line
	[ "$line" = '{"n":2}' ]
	printf ',\n{\n "n":3\n}' >&5
	IFS= read -r -t 20 -u 6 line
	[ "$line" = '{"n":3}' ]
	printf ']' >&5
	exec 5>&-
	wait $!
	[ ! -s stderr ]
}

@test "frames are out as soon as they are whole" {
	mkfifo to from
	sse-split <to >from 2>stderr &
	exec 5>to 6<from
	cat "$TOP_SRC/tests/frame/aws/invoke.in" >&5
	for _ in 1 2 3; do
		IFS= read -r -t 20 -u 6 line
	done
	[ "$line" = '{"type":"message_stop"}' ]
	exec 5>&-
	wait $!
	[ ! -s stderr ]
}

@test "a line of 5 MiB, whole and in packets" {
	{ printf 'data: "' && head -c 5242880 /dev/zero | tr '\0' x && printf '"\n\n'; } >in
	sed -n 's/^data: //p' in >expected
	try sse-split in
	is 0 "$(cat expected)"
	try "$PIECES" in -- sse-split
	is 0 "$(cat expected)"
}

@test "a line of 300 KiB, one byte to a read" {
	{ printf 'data: "' && head -c 307200 /dev/zero | tr '\0' x && printf '"\n\n'; } >sse
	sed -n 's/^data: //p' sse >json
	for in in sse json; do
		try "$PIECES" -b 1 "$in" -- sse-split -f "$in"
		is 0 "$(cat json)"
	done
}

@test "an event of many lines, in random pieces" {
	"$AWK" 'BEGIN { print "data: ["; for (i = 0; i < 20000; i++) print "data: " i ","; print "data: 0]\n" }' >in
	try sse-split in
	[ "$status" = 0 ] && [ "$(wc -l <stdout)" -eq 1 ]
	jq -e 'length == 20001' stdout
	cp stdout expected
	try "$PIECES" -s 7 in -- sse-split
	is 0 "$(cat expected)"
}

@test "memory does not grow with the stream" {
	[ -z "$SANITIZED" ] || skip "sanitizers need all the address space there is"
	event 1 2 3 4 5 6 7 8 9 >few
	for _ in {1..2000}; do cat few; done >copies
	# 27 MB of events, and as much without an end of line, through 48 MiB of addresses, libraries included.
	try bash -c 'ulimit -v 49152; for _ in {1..100}; do cat copies; done | sse-split | wc -l'
	is 0 1800000
	try bash -c 'ulimit -v 49152; for _ in {1..100}; do printf :; tr "\n" " " <copies; done | sse-split'
	is 3 '' 'sse-split: standard input: no event in it'
}

@test "the commas of a JSON array are minded, once for each, and no element is lost" {
	local a
	for a in '[1,2,,,3]' '[1,2,3,]' '[1 2,3]' '[,1,2,3]'; do
		printf '%s' "$a" >in
		try sse-split in
		is 3 $'1\n2\n3' 'sse-split: in: event * at byte *: a comma of the JSON array is missing, or is one too many'
	done
	printf '[1,\n2\n,3] [] [\n]\n' >in
	try sse-split in
	is 0 $'1\n2\n3'
}

# record ID BODY [MEMBER...]: an interaction record, its body as it is between the quotes of a string.
record() {
	printf '{"id":%s,"request":{"method":"POST","url":"http://localhost/"},"response":{"status":200,"body":"%s"%s}}\n' \
		"$1" "$2" "${3:+,$3}"
}

@test "records: each body is out before the next record is sent" {
	mkfifo to from
	sse-split -e <to >from 2>stderr &
	exec 5>to 6<from
	record 0 'data: 1\n\n' >&5
	IFS= read -r -t 20 -u 6 line
	[ "$line" = '{"event":"message","data":1,"source":{"id":0}}' ]
	record 1 '{}' >&5
	IFS= read -r -t 20 -u 6 line
	[ "$line" = '' ]
	IFS= read -r -t 20 -u 6 line
	[ "$line" = '{"event":"message","data":{},"source":{"id":1}}' ]
	exec 5>&-
	wait $!
	[ ! -s stderr ]
}

@test "records: the summary counts all files, and says whether anything was split" {
	record 0 '<html>' >page
	record 0 'data: 1\n\n' >one
	: >empty
	try sse-split page one page empty
	is 3 1 'sse-split: empty: empty
sse-split: recorded bodies without an event were skipped: 2 of 3'
	try sse-split page one
	is 0 1 'sse-split: recorded bodies without an event were skipped: 1 of 2'
	try sse-split page page
	is 3 '' 'sse-split: recorded bodies without an event were skipped: 2 of 2'
	event 1 >raw
	try sse-split page raw
	is 0 '{"n":1}' 'sse-split: recorded bodies without an event were skipped: 1 of 1'
}

# timed CODING LIBRARY BASE64 PIECE...: when the events of a compressed body can be decoded, whose pieces
# have so many bytes and come after 1, 2, 3... seconds.
timed() {
	local coding=$1 library=$2 body=$3 arrivals='' k=0 n
	shift 3
	if ! grep -q "define HAVE_$library 1" "$TOP_BUILD/config.h"; then
		[ "${CI:-}" != true ] || return 1
		return 0
	fi
	for n; do
		k=$((k + 1))
		arrivals+="${arrivals:+,}[$k,$n]"
	done
	printf '{"request":{"method":"GET","url":"u"},"response":{"status":200,"headers":{"Content-Encoding":["%s"]},"body_base64":"%s","arrivals":[%s]}}\n' \
		"$coding" "$body" "$arrivals" >in
	try sse-split -a -q '"\(.t) \(.data)"' -r in
	is 0 "$want"
}

@test "-a with records: br and zstd" {
	# Blocks that are stored, "data: N\n\n" each, behind a header of three bytes; zstd's frame begins with six.
	local br=gAAQZGF0YTogMQoKQAAIZGF0YTogMgoKQAAIZGF0YTogMwoKAw==
	local zstd=KLUv/QBYSAAAZGF0YTogMQoKSAAAZGF0YTogMgoKSQAAZGF0YTogMwoK
	want=$'1 1\n2 2\n3 3'
	timed br BROTLI "$br" 12 12 13
	timed zstd ZSTD "$zstd" 18 12 12
	want=$'2 1\n3 2\n5 3'
	timed br BROTLI "$br" 11 1 13 5 7
	timed zstd ZSTD "$zstd" 17 1 13 5 6
}

@test "a pipe over 6000 records gives 6000 messages" {
	for i in {1..6000}; do
		record "$i" 'data: {\"id\":\"c'"$i"'\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n'
	done >in
	try_sh 'sse-split in | delta-merge | wc -l'
	is 0 6000
}

@test "records: memory does not grow with their number" {
	[ -z "$SANITIZED" ] || skip "sanitizers need all the address space there is"
	record 0 "$(printf 'data: 1\\n\\n%.0s' {1..5000})" >one
	try bash -c 'ulimit -v 65536; for _ in {1..1000}; do cat one; done | sse-split | wc -l'
	is 0 $((1000 * 5000 + 999))
}

@test "-r: control characters are blanked on a terminal, and nowhere else" {
	need script
	printf 'data: {"s":"a\\u001b[2Jb\\r\\t\\u009bc\\nd"}\n\n' >in
	script -qec 'sse-split -r -q .s in' /dev/null </dev/null >terminal
	printf 'a [2Jb \t  c\r\nd\r\n' | cmp - terminal
	try sse-split -r -q .s in
	printf 'a\033[2Jb\r\t\302\233c\nd\n' | cmp - stdout
	script -qec 'sse-split -q .s in' /dev/null </dev/null >terminal
	printf '"a\\u001b[2Jb\\r\\t\302\233c\\nd"\r\n' | cmp - terminal
}
