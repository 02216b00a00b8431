#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sse-split beside what people use instead: `make bench`. The input is an ordinary chat stream of MB
# megabytes; each command reads it as a file and writes to a pipe. What is counted is the processor
# time of the command, the median of RUNS. cat is what reading and writing cost; grep and sed check
# nothing, eventsource-parser (npm; with its node_modules in NODE_PATH or the current folder) no
# JSON; sse-split checks every chunk.

: "${TOP_BUILD:=$(cd "$(dirname "$0")/.." && pwd)/build}"
: "${MB:=200}" "${RUNS:=5}" "${AWK:=awk}"
PATH=$TOP_BUILD:$PATH
LC_ALL=C
export PATH LC_ALL
folder=$(mktemp -d "${TMPDIR:-/tmp}/sseutils-bench.XXXXXX")
trap 'rm -rf "$folder"' EXIT
input=$folder/stream

"$AWK" -v bytes=$((MB * 1000000)) 'BEGIN {
	n = split("the of and to in a is that for it with as was on be at by not this are from or have an they one had word", word, " ")
	head = "data: {\"id\":\"chatcmpl-A1b2C3d4E5f6G7h8I9j0\",\"object\":\"chat.completion.chunk\",\"created\":1700000000," \
		"\"model\":\"model-1\",\"system_fingerprint\":\"fp_0123456789\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" "
	tail = "\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n"
	for (size = 0; size < bytes; size += length(line)) {
		line = head word[++i % n + 1] tail
		printf "%s", line
	}
	printf "data: [DONE]\n\n"
}' >"$input"

cat >"$folder/parser.mjs" <<'END'
import { createRequire } from 'node:module';
import fs from 'node:fs';
const { createParser } = createRequire((process.env.NODE_PATH ?? process.cwd()) + '/')('eventsource-parser');
let out = [];
const parser = createParser({ onEvent: (event) => { if (event.data !== '[DONE]') out.push(event.data); } });
for await (const text of fs.createReadStream(process.argv[2], { encoding: 'utf8', highWaterMark: 131072 })) {
	parser.feed(text);
	if (out.length) fs.writeSync(1, out.join('\n') + '\n');
	out = [];
}
END

# cost COMMAND...: the median of its processor time, in milliseconds.
cost() {
	local i TIMEFORMAT='%U %S'
	for ((i = 0; i < RUNS; i++)); do
		{ time "$@" "$input" >&3; } 2>&1
	done | "$AWK" '{ print ($1 + $2) * 1000 }' | sort -n | sed -n "$((RUNS / 2 + 1))p"
}

show() {
	local name=$1 ms
	shift
	ms=$(cost "$@")
	[ "$name" != sed ] || sed_ms=$ms
	"$AWK" -v name="$name" -v ms="$ms" -v mb="$MB" -v sed="$sed_ms" 'BEGIN {
		if (!ms)
			ms = 1
		printf "%-20s %6.0f ms %6.0f MB/s %8.2f of sed\n", name, ms, mb * 1000 / ms, ms / sed
	}'
}

exec 3> >(cat >/dev/null) # a pipe: some commands do less when they write to /dev/null
sed_ms=1
show sed sed -n 's/^data: //p'
show cat cat
show grep grep '^data'
if (cd "${NODE_PATH:-.}" && node -e 'require("eventsource-parser")') >/dev/null 2>&1; then
	show eventsource-parser node "$folder/parser.mjs"
fi
show sse-split sse-split
show 'sse-split -e' sse-split -e
