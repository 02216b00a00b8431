#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The tools of bench/ work, on next to nothing: the streams that are measured are those of the
# recordings, every line of the table has its numbers, a ratio that is not met is told. What the
# numbers are is not asked here: that is `make bench`.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

need jq
bench=$TOP_SRC/bench
tools=$TOP_BUILD/bench
PATH=$tools:$PATH

# same NAME FILE: is what standard input says.
same() {
	cat >"$SCRATCH/expected"
	quiet "$1" diff "$SCRATCH/expected" "$2"
}

# Every key of every chunk, with its way from the root. A tool's arguments are its own.
keys() {
	jq -rR 'fromjson? | objects | [paths | map(if type == "number" then 0 else . end) | join(".")] | unique[]' |
		grep -v 'functionCall\.args\.' | sort -u
}

# What no recording here has, though the API sends it: a summary again whole, when it ends.
unrecorded='(item|response\.output\.0)\.summary\.0(\.text|\.type)?'

recorded() {
	cat "$TOP_SRC/tests/delta/$1"/*.in
	cassette-extract -b response "$TOP_SRC/examples/florence.yaml" | sse-split
}

# true_to KIND FORMAT: nothing in it that no recording has; merged without a word.
true_to() {
	local kind=$1 made=$SCRATCH/$1
	generate "$kind" 50000 <"$SCRATCH/stream" >"$made.sse" && sse-split "$made.sse" >"$made.jsonl" && delta-merge "$made.jsonl" >"$made.merged" || return
	recorded "$2" | keys >"$made.recorded"
	keys <"$made.jsonl" | comm -23 - "$made.recorded" | grep -vxE "$unrecorded"
	[ "$(jq -rc '.id // .responseId' "$made.merged" | sort -u | wc -l)" = "$(wc -l <"$made.merged")" ] || echo "ids are not of their own"
	generate "$kind" 10000 <"$SCRATCH/stream" >"$made.less"
	head -c "$(wc -c <"$made.less")" "$made.sse" | cmp - "$made.less"
}

cassette-extract -b response "$TOP_SRC/examples/florence.yaml" >"$SCRATCH/stream"
for kind in chat responses anthropic gemini; do
	case $kind in
	chat | responses) format=openai-$kind ;;
	*) format=$kind ;;
	esac
	quiet "generate $kind is true to the recordings" true_to $kind $format
	quiet "generate $kind-agent likewise" true_to $kind-agent $format
done

quiet 'a recording is repeated under other ids' true_to recorded openai-chat
nothing_else() {
	sse-split "$SCRATCH/stream" | keys | diff - <(keys <"$SCRATCH/recorded.jsonl")
}
quiet 'and nothing of it is lost' nothing_else

calls_and_thinks() {
	delta-merge -n "$SCRATCH"/{chat,responses,anthropic,gemini}-agent.jsonl |
		jq -r '.format + (if .tool_calls != [] then " calls" else empty end, if .reasoning != "" then " thinks" else empty end)' | sort -u
}
calls_and_thinks >"$SCRATCH/agents"
same 'the agents call tools and think' "$SCRATCH/agents" < <(printf '%s\n' {anthropic,gemini,openai-chat,openai-responses}\ {calls,thinks})

a_cassette() {
	local records
	generate cassette 50000 >"$SCRATCH/cassette.yaml" && records=$(cassette-extract "$SCRATCH/cassette.yaml" | wc -l) && [ "$records" -gt 0 ] || return
	cassette-extract -b response "$SCRATCH/cassette.yaml" | sse-split | delta-merge >"$SCRATCH/cassette.merged" || return
	[ "$(wc -l <"$SCRATCH/cassette.merged")" = "$records" ]
}
quiet 'generate cassette is one' a_cassette

# ---- latency

numbers_of_cat() {
	latency 20 100 'sse-split | delta-merge -t' | grep -vxE '[0-9]+\.[0-9] [0-9]+\.[0-9] [0-9]+\.[0-9]'
	[ "${PIPESTATUS[0]}" = 0 ]
}
quiet 'latency finds each event in what a pipe prints' numbers_of_cat

# says STATUS WORDS COMMAND...
says() {
	local expected=$1 words=$2 status=0
	shift 2
	"$@" >"$SCRATCH/said" 2>&1 || status=$?
	[ "$status" = "$expected" ] || echo "status $status"
	grep -q -- "$words" "$SCRATCH/said" || cat "$SCRATCH/said"
}
quiet 'latency tells of an event that did not come' says 3 'event 0 of 220 did not come' latency 20 100 'exit 0'
quiet 'latency tells of an event that came twice' says 3 'event 1 of 220 did not come' latency 20 100 "sed -u 's/#.*;/&&/'"
quiet 'latency used wrongly' says 2 usage latency 0 100 cat

# ---- the judgement

judged() {
	(
		cd "$SCRATCH" || exit
		# shellcheck source=bench/table.bash
		. "$bench/table.bash"
		table_begin 'A note'
		line A 'B, of one kind' 1 2 s 0.5
		line A 'B, of another' 1.1 2 s 0.5
		line A D 9 2 s -
		line 'A | A' E 1 2 us 0.5
		line A C 1 2 us 0.5 broken
		markdown=no line A F 2048 2048 KiB 1
		line A F 2048 2048 KiB 1
		no_line A C 'not installed'
		table_end '{"program":"A"}'
	)
}
judged >"$SCRATCH/judged"
sed -n 's/^A.* [a-zA-Z][a-zA-Z]*  *\([0-9]\)/\1/p' "$SCRATCH/judged" >"$SCRATCH/verdicts"
same 'only what is beyond the ratio is missed' "$SCRATCH/verdicts" <<END
0.500     0.5
0.550     0.5 missed
4.500       -
0.500     0.5
0.500     0.5, broken
1.000       1
1.000       1
END
# + 0: jq 1.7 keeps the spelling of numbers, older ones do not.
jq -c '[.missed, .failed, [.rows[] | if .ratio then .ratio + 0 else .why end], .growth]' "$SCRATCH/results.json" >"$SCRATCH/verdicts"
same 'the JSON says the same' "$SCRATCH/verdicts" <<END
[1,1,[0.5,0.55,4.5,0.5,0.5,1,1,"not installed"],[{"program":"A"}]]
END
same 'and so does the Markdown, of what was asked' "$SCRATCH/results.md" <<END
A note.

| this suite | beside | ours | theirs | ratio | wanted |
|---|---|--:|--:|--:|--:|
| A | B | 1 s to 1.1 s | 2 s | 0.500 to 0.550 | 0.5 |
| A \| A | E | 1 us | 2 us | 0.500 | 0.5 |
| A | F | 2.0 MiB | 2.0 MiB | 1.000 | 1 |
END

# ---- all of it

quiet 'bench/run does what it can' bash -c 'bash "$1/run" -s -o "$2" "$3" >"$2.table" 2>"$2.err" || { cat "$2.table" "$2.err"; exit 1; }' - \
	"$bench" "$SCRATCH/run" "$TOP_BUILD"
grep -vE '^this suite|^[0-9]+ missed$|not installed$|  +[-0-9.]+ (ms|s|us|KiB) +[-0-9.]+ (ms|s|us|KiB) +[-0-9.]+ +(-|[0-9.]+( missed)?)$' \
	"$SCRATCH/run.table" >"$SCRATCH/odd"
quiet 'each line has its numbers, or is not installed' cat "$SCRATCH/odd"
quiet 'the programs of the suite said nothing' cat "$SCRATCH/run/ours.log"

# Each of these is beside something, whether it is installed or not.
while IFS= read -r peer; do
	cut -c 36-73 "$SCRATCH/run.table" | grep -qxF "$(printf '%-38s' "$peer")" || echo "$peer has no line"
done >"$SCRATCH/forgotten" <<'END'
cat
grep ^data
sed
awk
eventsource-parser
libjq, parsing
simdjson parse_many
simdjson parse_many, chat
JSON.parse and +=
jq .id
Python json
openai SDK
Anthropic SDK
libyaml events
js-yaml
npm yaml
PyYAML, C loader
jq -n 1
p50 of stdbuf -oL sed
p50 of sed | jq --unbuffered
p50 of eventsource-parser, JSON.parse
p99 of cat | cat
time of a MB at 0.1 MB
memory at 0.1 MB
ceiling of memory
END
quiet 'no peer is forgotten' cat "$SCRATCH/forgotten"

as_json() {
	[ "$(jq '.rows | length' "$SCRATCH/run/results.json")" = "$(grep -cvE '^this suite|^[0-9]+ missed$' "$SCRATCH/run.table")" ]
	jq -e '.growth | length == 12' "$SCRATCH/run/results.json" >/dev/null
}
quiet 'the JSON has every line' as_json
if have gnuplot; then
	quiet 'growth is drawn' grep -q '</svg>' "$SCRATCH/run/growth.svg"
else
	ok 'growth is drawn # SKIP gnuplot is not installed'
fi

# ---- setup: with stand-ins for what installs, and for what is there

mkdir -p "$SCRATCH/bin" "$SCRATCH/fresh"
for tool in sh cat cmp cp dirname id mkdir sed tail; do
	ln -s "$(command -v $tool)" "$SCRATCH/bin/$tool"
done
# stand_in TOOL LINE...: a script of that name.
stand_in() {
	local tool=$SCRATCH/bin/$1
	shift
	printf '%s\n' '#!/bin/sh' "$@" >"$tool"
	chmod +x "$tool"
}
installed="echo \"\$0 \$*\" | sed 's,.*/bin/,,' >>'$SCRATCH/installed'"
for tool in c++ gnuplot node python3 stdbuf; do
	stand_in $tool true
done
stand_in apt-get "$installed"
stand_in npm "$installed"
stand_in sudo 'exec "$@"'
stand_in env 'shift' 'exec "$@"'
env -i PATH="$SCRATCH/bin" "$(command -v sh)" "$bench/setup" "$SCRATCH/fresh" >"$SCRATCH/setup" 2>&1
same 'setup installs what is missing, and nothing else' "$SCRATCH/installed" <<END
apt-get update -q
apt-get install -q -y --no-install-recommends gawk
apt-get install -q -y --no-install-recommends jq
npm install --no-audit --no-fund
END
mkdir -p "$SCRATCH/fresh/bench/node_modules"
: >"$SCRATCH/installed"
stand_in gawk true
stand_in jq true
env -i PATH="$SCRATCH/bin" "$(command -v sh)" "$bench/setup" "$SCRATCH/fresh" >"$SCRATCH/setup" 2>&1
quiet 'setup run again installs nothing' cat "$SCRATCH/installed" "$SCRATCH/setup"
tap_end
