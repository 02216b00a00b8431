#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tests/run-bats: a .bats file that cannot start gives its reason in a line that automake shows.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
need bats

# bails NAME PATTERN: run-bats on $SCRATCH/case.bats fails, and its last line of TAP is the reason.
bails() {
	local status=0 last
	bash "$TOP_SRC/tests/run-bats" "$SCRATCH/case.bats" >"$SCRATCH/tap" 2>"$SCRATCH/errors" || status=$?
	last=$(tail -n 1 "$SCRATCH/tap")
	# shellcheck disable=SC2053 # a pattern is meant
	if [ "$status" != 0 ] && [[ $last == $2 ]]; then
		ok "$1"
	else
		{
			echo "status $status"
			cat "$SCRATCH/tap" "$SCRATCH/errors"
		} >"$SCRATCH/why"
		not_ok "$1" <"$SCRATCH/why"
	fi
}

# runs NAME STATUS: the same for a file whose tests run.
runs() {
	local status=0
	bash "$TOP_SRC/tests/run-bats" "$SCRATCH/case.bats" >"$SCRATCH/tap" 2>"$SCRATCH/errors" || status=$?
	if [ "$status" = "$2" ] && ! grep -q '^Bail out' "$SCRATCH/tap"; then
		ok "$1"
	else
		not_ok "$1" <"$SCRATCH/tap"
	fi
}

printf 'load no-such-file\n@test "a" {\n\ttrue\n}\n' >"$SCRATCH/case.bats"
bails 'a file that loads a missing one' 'Bail out! *no-such-file*'
printf '@test "a" {\n\tif true\n}\n' >"$SCRATCH/case.bats"
bails 'a file with a syntax error' 'Bail out! *syntax error*'
printf 'setup_file() {\n\techo no server\n\tfalse\n}\n@test "a" {\n\ttrue\n}\n' >"$SCRATCH/case.bats"
bails 'a file whose setup fails' 'Bail out! *no server*'
printf '@test "a" {\n\ttrue\n}\n' >"$SCRATCH/case.bats"
runs 'a file whose tests pass' 0
printf '@test "a" {\n\tfalse\n}\n' >"$SCRATCH/case.bats"
runs 'a file whose first test fails' 1
printf '@test "a" {\n\tskip\n}\n' >"$SCRATCH/case.bats"
runs 'a file whose tests are skipped' 0

# What bats does where there is no ps: a plan, no test, and the reason on standard error, once for each test.
mkdir "$SCRATCH/bin"
printf '#!/bin/sh\necho 1..2\necho "Error: neither pkill nor ps" >&2\necho "Error: neither pkill nor ps" >&2\nexit 1\n' >"$SCRATCH/bin/bats"
chmod +x "$SCRATCH/bin/bats"
PATH=$SCRATCH/bin:$PATH
bails 'bats that cannot run any test' 'Bail out! Error: neither pkill nor ps'
printf '#!/bin/sh\nexit 3\n' >"$SCRATCH/bin/bats"
bails 'bats that fails without a reason' 'Bail out! bats printed no test and no reason'
tap_end
