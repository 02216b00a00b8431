#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Do others see in our cassettes what we meant? Awkward bodies, and every golden cassette, are packed
# in every format; each reader that is installed shows the bodies by hash. PEERS_FROM is a folder of
# further cassettes (tests/corpus/streams.sh gives one).

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

for program in cassette-extract cassette-pack; do
	case " $PROGRAMS " in *" $program "*) ;; *) echo "1..0 # SKIP $program is not built" && exit 0 ;; esac
done
peers=$TOP_SRC/tests/peers

# The python that has PyYAML, if any: a python of its own often comes first in PATH.
python=
for candidate in python3 /usr/bin/python3; do
	[ -z "$python" ] && "$candidate" -c 'import yaml' 2>/dev/null && python=$candidate
done
if [ -z "$python" ]; then
	[ "${CI:-}" != true ] || { not_ok 'python3 has PyYAML' </dev/null && tap_end; }
	echo '1..0 # SKIP there is no python3 with PyYAML'
	exit 0
fi

# Bodies that some reader or emitter of YAML is known to get wrong.
awkward() {
	jq -nc '
		["", " ", "\n", "\n\n", "\n\nx", "\n  x\n", "x\n", "x\n\n\n", "x", " x", "x ", "x \ny", "\tx\ny", "a\tb", "a\r\nb\r\n\r\n", "\r", "a\rb",
		"true", "no", "null", "~", "123", "1.50", "0x1F", "1:30", "2024-01-02", ".inf", "=", "<<", "- a", "? a", "a: b", "#", "a #b", "---", "...",
		"---\n...\n", "%TAG", "&a", "*a", "!x", "|", ">", "@", "`", "\"", "\u0027", "\u0027\u0027", "\\", "\\n", "{}", "[]", "{\"a\": \"it\u0027s\"}", "é",
		"日本語", "😀", "😀\n😀\n", "a\u2028b", "\u2029", "\u0085", "\u00a0", "\ufeff", "\ufeffx", "\u0000", "a\u0000b", "\u001b[31m", "\u007f", "\u009f",
		"\ufffd", "\uffff", "data: {\"a\":1}\n\ndata: [DONE]\n\n", "  - pretty\n    - json\n", "{\n  \"a\": [\n    1\n  ]\n}\n", ("x" * 5000),
		("word " * 300), (("y" * 900 + "\n") * 3), ("{\"k\":\"" + ("v" * 2000) + "\"}")][]
		| {request: {method: "POST", url: "https://api.example.com/v1", headers: {"Content-Type": ["application/json"]}, body: .},
			response: {status: 200, reason: "OK", headers: {"X": [.]}, body: .}},
		{request: {method: "GET", url: "https://api.example.com/", headers: {}, body: null}, response: {status: 204, headers: {}, body: null}},
		({"/w==": 0, "AAEC/4A=": 0, "7aCA": 0, "wIA=": 0, "4pg=": 0} | keys[]
		| {request: {method: "POST", url: "https://api.example.com/", headers: {}, body_base64: .}, response: {status: 200, headers: {}, body_base64: .}})'
}

gather() {
	local input
	awkward
	for input in "$TOP_SRC"/tests/cassette/*/*.in; do
		[ -e "${input%.in}.args" ] || cassette-extract "$input" 2>/dev/null
	done
	[ -z "${PEERS_FROM:-}" ] || find "$PEERS_FROM" -type f -exec grep -lw request {} + | sort | while read -r input; do
		cassette-extract "$input" 2>/dev/null
	done
}

# sees FORMAT COMMAND...: COMMAND shows of the cassette what the records show. That it also answers
# is known because the records are many.
sees() {
	local format=$1
	shift
	"$@" "packed.$format" | cut -d ' ' -f 2- | diff "want" - | head -n 20
}

# reads NAME COMMAND...: is this reader here? In CI each must be.
reads() {
	local name=$1
	shift
	"$@" >/dev/null 2>&1 && return
	[ "${CI:-}" != true ] || not_ok "$name is installed" </dev/null
	return 1
}

need jq
cd "$SCRATCH" || exit 1
gather >records
[ "$(wc -l <records)" -gt 100 ] || not_ok 'there are records' </dev/null
jq -c 'del(.file) | .id = input_line_number - 1' records | "$python" "$peers/records.py" x | cut -d ' ' -f 2- >want
for format in go-vcr go-vcr-1 vcrpy ruby-vcr har; do
	cassette-pack --no-redact -f "$format" records >"packed.$format" 2>/dev/null || not_ok "$format: everything packs" </dev/null
	cassette-extract "packed.$format" 2>err | "$python" "$peers/records.py" "packed.$format" >shown
	cut -d ' ' -f 2- shown >"want.$format"
	quiet "$format: we read what we wrote" diff "want.$format" want
done
quiet 'har: as JSON, with all that HAR 1.2 demands' sees har "$python" "$peers/har.py"
for format in go-vcr go-vcr-1 vcrpy ruby-vcr; do
	quiet "$format: as PyYAML sees it" sees "$format" "$python" "$peers/pyyaml.py"
	! reads psych ruby -e 'require "psych"' || quiet "$format: as psych sees it" sees "$format" ruby "$peers/psych.rb"
	for package in yaml js-yaml; do
		export NODE_PATH=$CLIENTS/node_modules:/usr/share/nodejs${NODE_PATH:+:$NODE_PATH}
		if reads "npm's $package" node -e "require('$package')"; then
			quiet "$format: as npm's $package sees it" sees "$format" node "$peers/yaml.mjs" "$package"
		fi
	done
done
tap_end
