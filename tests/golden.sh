#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Golden pairs, found by glob: a case is added by adding its files (HACKING.md, Tests).
#
#	tests/frame/FORMAT/CASE.in     sse-split <CASE.in
#	tests/delta/FORMAT/CASE.in     delta-merge <CASE.in, in each mode of which there is a file
#	tests/cassette/FORMAT/CASE.in  cassette-extract CASE.in
#
# CASE.out is standard output, CASE.err standard error (nothing when there is no such file),
# CASE.status the exit status (0), CASE.args further arguments, one line of shell words. A delta
# case has CASE.out, CASE.normalize, CASE.message, CASE.text and CASE.calls, at least one, and may
# have CASE.MODE.err and CASE.MODE.status for one of them.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

suffixes='in out err status args'
modes='out normalize message text calls'

# expectation BASE MODE WHAT: CASE.MODE.WHAT, else CASE.WHAT.
expectation() {
	if [ -e "$1.$2.$3" ]; then
		echo "$1.$2.$3"
	else
		echo "$1.$3"
	fi
}

# run_case NAME WANTED ERR STATUS COMMAND...: in the folder of the case, standard input its CASE.in.
run_case() {
	local name=$1 wanted=$2 err=$3 status_file=$4 status=0 want=0
	shift 4
	[ ! -e "$status_file" ] || read -r want <"$status_file"
	[ -e "$err" ] || err=/dev/null
	"$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || status=$?
	if [ "$status" = "$want" ] && cmp -s "$wanted" "$SCRATCH/out" && cmp -s "$err" "$SCRATCH/err"; then
		ok "$name"
		return
	fi
	{
		[ "$status" = "$want" ] || echo "status $status, not $want"
		diff -u "$wanted" "$SCRATCH/out" | cut -c 1-600
		diff -u "$err" "$SCRATCH/err" | cut -c 1-600
	} >"$SCRATCH/why" 2>&1
	not_ok "$name" <"$SCRATCH/why"
}

arguments() {
	args=()
	[ ! -e "$1.args" ] || eval "args=($(cat "$1.args"))"
}

frame_case() {
	run_case "$1" "$base.out" "$base.err" "$base.status" sse-split ${args[@]+"${args[@]}"} <"$base.in"
}

cassette_case() {
	run_case "$1" "$base.out" "$base.err" "$base.status" cassette-extract ${args[@]+"${args[@]}"} "$base.in"
}

delta_case() {
	local mode option found=no
	for mode in $modes; do
		[ -e "$base.$mode" ] || continue
		found=yes
		option=()
		[ "$mode" = out ] || option=("--$mode")
		run_case "$1 $mode" "$base.$mode" "$(expectation "$base" "$mode" err)" \
			"$(expectation "$base" "$mode" status)" \
			delta-merge ${option[@]+"${option[@]}"} ${args[@]+"${args[@]}"} <"$base.in"
	done
	[ "$found" = yes ] || not_ok "$1: no expectation" </dev/null
}

# A file that belongs to no case would be an expectation that nothing looks at.
strays() {
	local kind=$1 file base suffix
	for file in *; do
		base=${file%%.*}
		suffix=${file#*.}
		[ -e "$base.in" ] && case " $suffixes " in *" $suffix "*) continue ;; esac
		if [ -e "$base.in" ] && [ "$kind" = delta ]; then
			case " $modes " in *" ${suffix%%.*} "*) continue ;; esac
		fi
		echo "$file"
	done
}

for kind in frame delta cassette; do
	case $kind in
	frame) program=sse-split ;;
	delta) program=delta-merge ;;
	cassette) program=cassette-extract ;;
	esac
	case " $PROGRAMS " in *" $program "*) ;; *) continue ;; esac
	for folder in "$TOP_SRC/tests/$kind"/*/; do
		[ -d "$folder" ] || continue
		cd "$folder" || exit 1
		format=$(basename "$folder")
		quiet "$kind/$format: every file belongs to a case" strays "$kind"
		for input in *.in; do
			[ -e "$input" ] || continue
			base=${input%.in}
			arguments "$base"
			"${kind}_case" "$kind/$format/$base"
		done
	done
done
tap_end
