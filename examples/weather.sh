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

cassette-extract -b request -i 0 "$tape" >next
status=0
while [ "$status" = 0 ]; do
	mv next request
	sse-post -p openrouter request | sse-split | tee chunks | delta-merge -t || exit
	delta-merge chunks | tool-run -T weather='echo 40 C' request >next || status=$?
done
exit $((status > 1 ? status : 0)) # 1: there is nothing more to run
