#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The modes of delta-merge agree over streams that others recorded: -t and -c with -n, as tests/test_modes.c compares
# them over the golden inputs. CORPUS is their folder.

: "${TOP_SRC:=$(cd "$(dirname "$0")/../.." && pwd)}"
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
need_corpus streams
export CORPUS
agree() {
	"$TOP_BUILD/tests/test_modes" >"$SCRATCH/log" 2>&1 || cat "$SCRATCH/log"
}
quiet 'the modes agree over the recorded streams' agree
tap_end
