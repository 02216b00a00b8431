#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every golden input, by brute force (tests/cuts.c): cut at every byte, and read in pieces of every
# small size. CUTS is how many places of an input beyond 2 KiB are tried.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# An instrumented program takes twenty times as long to start.
: "${CUTS:=$([ -n "$SANITIZED" ] && echo 25 || echo 300)}"
every=()
[ -z "$SANITIZED" ] || every=(-e 256)

# Where each program reads its cases, and what holds for its output besides.
try_cases() {
	local kind=$1 program=$2 folder input base name args
	shift 2
	case " $PROGRAMS " in *" $program "*) ;; *) return ;; esac
	for input in "$TOP_SRC/tests/$kind"/*/*.in; do
		[ -e "$input" ] || continue
		folder=$(dirname "$input")
		base=${input%.in}
		name=$kind/$(basename "$folder")/$(basename "$base")
		args=()
		[ ! -e "$base.args" ] || eval "args=($(cat "$base.args"))"
		cd "$folder" || exit 1
		quiet "$name: $program${*:+ $*}" "$TOP_BUILD/tests/cuts" -n "$CUTS" ${every[@]+"${every[@]}"} "${how[@]}" \
			"$input" "$program" "$@" ${args[@]+"${args[@]}"}
	done
}

how=(-l -p)
try_cases frame sse-split
how=(-p)
try_cases delta delta-merge
how=(-t)
try_cases delta delta-merge -t
how=(-p)
try_cases cassette cassette-extract -
tap_end
