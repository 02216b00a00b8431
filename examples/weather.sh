#!/bin/sh
# SPDX-License-Identifier: MIT
# An agent in shell: the model calls for the weather, the tool tells it, and on it goes until there is
# nothing more to run. The recorded conversation answers, each request only if it is the one that was
# recorded; or else whoever OPENROUTER_BASE_URL names:
#
#	OPENROUTER_BASE_URL=https://openrouter.ai/api/v1 OPENROUTER_API_KEY=... examples/weather.sh

tape=$(cd "$(dirname "$0")" && pwd)/florence.yaml
[ "${OPENROUTER_BASE_URL-}" ] || exec cassette-serve --all-used "$tape" -- sh "$0"
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT || exit

cassette-extract -b request -i 0 "$tape" >request
for turn in 1 2 3 4 5 6 7 8; do
	sse-post -p openrouter --stream request | sse-split | tee chunks | delta-merge -t || exit
	delta-merge chunks | tool-run -T weather='echo 40 C' request >next
	case $? in
	0) mv next request ;;
	1) exit 0 ;; # no tool call: the answer is complete
	*) exit 3 ;;
	esac
done
echo "weather.sh: no answer after $turn turns" >&2
exit 1
