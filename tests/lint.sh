#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `make lint`: shellcheck on every script, mandoc on every page, cppcheck on the code. A tool that is
# not there is skipped, in CI it fails.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

cd "$TOP_SRC" || exit 1

# with TOOL NAME COMMAND...: quiet, if TOOL is there.
with() {
	local tool=$1
	shift
	if have "$tool"; then
		quiet "$@"
	elif [ "${CI:-}" = true ]; then
		not_ok "$1: $tool is not installed" </dev/null
	else
		ok "$1 # SKIP $tool is not installed"
	fi
}

scripts() {
	local file
	for file in quickstart bootstrap .ci/run tests/run-bats tests/*.sh tests/*.bash tests/*.bats tests/corpus/*.sh \
		$(find examples bench -type f 2>/dev/null | sort); do
		case $file in
		*.sh | *.bash | *.bats) echo "$file" ;;
		*) head -n 1 "$file" | grep -qE '^#!.*\b(sh|bash)$' && echo "$file" ;;
		esac
	done
}

for file in $(scripts); do
	[ -e "$file" ] || continue
	# A .bats file is bash with a few words more: each test is a subshell.
	case $file in
	*.bats) with shellcheck "shellcheck $file" shellcheck -x -s bats -e SC2314,SC2315,SC2030,SC2031 "$file" ;;
	*) with shellcheck "shellcheck $file" shellcheck -x "$file" ;;
	esac
done
for page in man/*; do
	with mandoc "mandoc $page" mandoc -T lint -W warning "$page"
done

# What cppcheck cannot see through is said beside it.
code() {
	cppcheck --std=c11 --enable=warning,performance,portability --inline-suppr --quiet --error-exitcode=1 -j 2 \
		--suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches --suppress=checkersReport \
		-DPACKAGE_NAME='"sseutils"' -DPACKAGE_VERSION='"0"' -D__SSE2__=1 \
		-Isrc "$@" src
}
with cppcheck 'cppcheck src' code
tap_end
