#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Cassettes that others recorded: each is read, and packed again in its own format it gives the same
# lines; PyYAML sees the same bodies in it, and every reader that is there in what we make of all of
# them (tests/peers.sh). CORPUS is their folder; those of formats that are refused are refused by name.

: "${TOP_SRC:=$(cd "$(dirname "$0")/../.." && pwd)}"
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"

need_corpus cassettes
python=
for candidate in python3 /usr/bin/python3; do
	[ -z "$python" ] && "$candidate" -c 'import yaml' 2>/dev/null && python=$candidate
done

# Other files lie among them: those that know no request, and pydantic-ai's WebSocket cassettes.
find "$CORPUS/cassettes" -type f -size +0 -exec grep -lwE 'request|kind' {} + | sort >"$SCRATCH/all"

opens() {
	local file status
	while read -r file; do
		status=0
		cassette-extract "$file" >"$SCRATCH/first" 2>"$SCRATCH/err" || status=$?
		if [ "$status" = 0 ]; then
			echo "$file" >>"$SCRATCH/good"
			continue
		fi
		grep -qE 'a (WebSocket|gRPC) cassette of pydantic-ai, which cannot be read$' "$SCRATCH/err" ||
			echo "$file: status $status: $(head -n 1 "$SCRATCH/err")"
	done <"$SCRATCH/all"
}

comes_back() {
	local file
	while read -r file; do
		cassette-extract <"$file" >"$SCRATCH/first"
		cassette-pack --no-redact "$SCRATCH/first" >"$SCRATCH/packed"
		cassette-extract <"$SCRATCH/packed" | cmp -s - "$SCRATCH/first" || echo "$file"
	done <"$SCRATCH/good"
}

# Files in JSON have .json for a name; PyYAML would stumble over their surrogates.
as_pyyaml() {
	tr '\n' '\0' <"$SCRATCH/good" | xargs -0 "$python" "$TOP_SRC/tests/peers/pyyaml.py" >"$SCRATCH/theirs"
	tr '\n' '\0' <"$SCRATCH/good" | xargs -0 cassette-extract | "$python" "$TOP_SRC/tests/peers/records.py" >"$SCRATCH/ours"
	diff "$SCRATCH/theirs" "$SCRATCH/ours" | head -n 20
}

quiet 'every cassette opens, or is refused by name' opens
quiet 'there are many' test "$(wc -l <"$SCRATCH/good")" -gt 100
quiet 'extract, pack, extract gives the same lines' comes_back
[ -z "$python" ] || quiet 'bodies are those that PyYAML sees' as_pyyaml
quiet 'and others see the same in what we make of them' env PEERS_FROM="$CORPUS/cassettes" sh -c \
	'bash "$1" >"$2" || grep -A 20 "^not ok" "$2"' - "$TOP_SRC/tests/peers.sh" "$SCRATCH/peers"
tap_end
