#!/bin/sh
# SPDX-License-Identifier: MIT
# An agent in shell, on a recorded conversation: the model calls for the weather, the tool tells it,
# and the request that goes on is the one that was recorded, or the cassette would not answer it.
# Without -C and --mode it would be the provider who answers.

tape=$(cd "$(dirname "$0")" && pwd)/florence.yaml
cd "$(mktemp -d)" && trap 'rm -rf "$PWD"' EXIT || exit

cassette-extract -b request -i 0 "$tape" >next
status=0
while [ "$status" = 0 ]; do
	mv next request
	sse-post -p openrouter -C "$tape" --mode replay request | sse-split | tee chunks | delta-merge -t || exit
	delta-merge chunks | tool-run -T weather='echo 40 C' request >next || status=$?
done
exit $((status > 1 ? status : 0)) # 1: there is nothing more to run
