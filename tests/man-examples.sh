#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the EXAMPLES of every page and compares what they print, standard error included. The
# commands of one block share a shell, so that `echo $?` can follow. They run in a folder that looks
# like the source root but may be written to.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# An example that calls make is none of the make that runs this.
unset MAKEFLAGS MFLAGS MAKELEVEL

stage() {
	mkdir -p "$SCRATCH/root"
	ln -s "$TOP_SRC"/* "$SCRATCH/root"
	cd "$SCRATCH/root" || exit 1
}

# run_block BLOCK: all its commands, in one shell.
run_block() {
	# shellcheck disable=SC2016
	timeout 60 sh -c '
		status=0
		for command in "$0".*.cmd; do
			text=$(cat "$command")
			got=${command%.cmd}.got
			(exit "$status")
			eval "$text" </dev/null >"$got" 2>&1
			status=$?
		done' "$1"
}

# A block that needs what is not there is skipped.
lacks_tool() {
	local tool
	[ "${CI:-}" != true ] || return 1
	for tool in jq curl; do
		have "$tool" || ! grep -qw "$tool" "$1".*.cmd || return 0
	done
	return 1
}

judge_block() {
	local page=$1 command base line
	if lacks_tool "$2"; then
		ok "$page: $(head -n 1 "$2.001.cmd") # SKIP a tool is not installed"
		return
	fi
	run_block "$2"
	for command in "$2".*.cmd; do
		base=${command%.cmd}
		line="$page: $(head -n 1 "$command")"
		[ -e "$base.out" ] || : >"$base.out"
		[ -e "$base.got" ] || : >"$base.got"
		if cmp -s "$base.out" "$base.got"; then
			ok "$line"
		else
			diff -u "$base.out" "$base.got" | sed '1,2d' >"$SCRATCH/why"
			not_ok "$line" <"$SCRATCH/why"
		fi
	done
}

# A page of a program that was not built has nothing to run.
is_built() {
	case $1 in
	*.1) case " $PROGRAMS " in *" ${1%.1} "*) ;; *) return 1 ;; esac ;;
	esac
}

stage
for file in "$TOP_SRC"/man/*.[1-8]; do
	page=$(basename "$file")
	is_built "$page" || continue
	mkdir -p "$SCRATCH/$page"
	"$AWK" -v OUT="$SCRATCH/$page" -f "$TOP_SRC/tests/man-examples.awk" "$file"
	blocks=$(cd "$SCRATCH/$page" && printf '%s\n' *.001.cmd)
	case $page in
	*.1) [ "$blocks" != '*.001.cmd' ] || not_ok "$page has an example that runs" </dev/null ;;
	esac
	for block in $blocks; do
		[ -e "$SCRATCH/$page/$block" ] || continue
		judge_block "$page" "$SCRATCH/$page/${block%.001.cmd}"
	done
done
tap_end
