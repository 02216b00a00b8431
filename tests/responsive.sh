#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Live use: what one event says is there before the next is sent. Each filter alone and the pipes
# of them; tests/live/PROGRAM.1 is written, its output awaited while the writer holds its end, then
# PROGRAM.2. Nothing sleeps; the time limit only ends a test that has failed.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

LIMIT=20

# live NAME FIRST SECOND PIPE: PIPE, fed the file FIRST, gives a byte before it is fed SECOND, and
# more after; it ends with status 0.
live() {
	local name=$1 first=$2 second=$3 pid status=0 got more
	shift 3
	rm -f "$SCRATCH/to" "$SCRATCH/from"
	mkfifo "$SCRATCH/to" "$SCRATCH/from"
	timeout "$LIMIT" bash -c 'set -o pipefail; '"$*" <"$SCRATCH/to" >"$SCRATCH/from" 2>"$SCRATCH/err" &
	pid=$!
	exec 5>"$SCRATCH/to" 6<"$SCRATCH/from"
	cat "$first" >&5
	# One byte that comes is enough: an unfinished line (text as it arrives) is life too.
	IFS= read -r -N 1 -t "$LIMIT" -u 6 got || got=
	[ -z "$got" ] || printf '%s' "$got" >"$SCRATCH/before"
	cat "$second" >&5
	exec 5>&-
	more=$(cat <&6)
	exec 6<&-
	wait "$pid" || status=$?
	{
		[ -n "$got" ] || echo "nothing came before the second input"
		[ -n "$more" ] || echo "nothing came after it"
		[ "$status" = 0 ] || echo "status $status"
		cat "$SCRATCH/err"
	} >"$SCRATCH/why"
	if [ -s "$SCRATCH/why" ]; then
		not_ok "$name" <"$SCRATCH/why"
	else
		ok "$name"
	fi
}

all_built() {
	local program
	for program; do
		case " $PROGRAMS " in *" $program "*) ;; *) return 1 ;; esac
	done
}

need timeout mkfifo
cd "$TOP_SRC/tests/live" || exit 1
for program in $PROGRAMS; do
	[ "$(row "$program" 3)" = filter ] || continue
	live "$program" "$program.1" "$program.2" "$program $(row "$program" 4)"
done
if all_built sse-split delta-merge; then
	live 'sse-split | delta-merge -t' sse-split.1 sse-split.2 'sse-split | delta-merge -t'
fi
if all_built sse-split; then
	live 'sse-split | sse-split -f json' sse-split.1 sse-split.2 'sse-split | sse-split -f json'
fi
tap_end
