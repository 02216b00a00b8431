#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every golden input, by brute force (tests/cuts.c): cut at every byte, and read in pieces of every
# small size. That is some thousand runs for each, so they share CUT_RUNS; once the inputs have more
# bytes than that, the cuts are spread evenly. CUT_RUNS=0 leaves none out.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# An instrumented program takes twenty times as long to start.
: "${CUT_RUNS:=$([ -n "$SANITIZED" ] && echo 3000 || echo 30000)}"

# What is run on which inputs: folder, what holds for the output besides, the command.
plan='
frame     -l  sse-split
delta     -0  delta-merge
delta     -t  delta-merge -t
cassette  -0  cassette-extract -
'

# each_input FUNCTION: FUNCTION INPUT HOW COMMAND... for all that is planned and built.
each_input() {
	local kind how command input
	while read -r kind how command; do
		case " $PROGRAMS " in *" ${command%% *} "*) ;; *) continue ;; esac
		for input in "$TOP_SRC/tests/$kind"/*/*.in; do
			# shellcheck disable=SC2086 # the command is words
			[ ! -e "$input" ] || "$1" "$input" "$how" $command
		done
	done <<<"$plan"
}

count() {
	inputs=$((inputs + 1))
}

try() {
	local input=$1 how=$2 base args=() flags=(-p)
	shift 2
	base=${input%.in}
	[ ! -e "$base.args" ] || eval "args=($(cat "$base.args"))"
	# A refusal is printed behind the text, whichever came first: half of both is no beginning of the whole.
	[ "$how" != -t ] || ! grep -q '"text":"[^"].*"refusal":"' "$base.normalize" 2>/dev/null || how=-0
	[ "$how" = -0 ] || flags+=("$how")
	[ "$CUT_RUNS" = 0 ] || flags+=(-n $((CUT_RUNS / inputs + 1)))
	cd "$(dirname "$input")" || exit 1
	quiet "${base#"$TOP_SRC"/tests/}: $*" "$TOP_BUILD/tests/cuts" "${flags[@]}" "$input" "$@" ${args[@]+"${args[@]}"}
}

inputs=0
each_input count
each_input try
tap_end
