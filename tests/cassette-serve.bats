#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# cassette-serve: any client against a recording.
load lib

@test "a COMMAND must follow --, and a factor is a number" {
	try cassette-serve c.yaml --
	is 2 '' "cassette-serve: which command? behind -- there is none; try 'cassette-serve --help'"
	try cassette-serve -x fast c.yaml
	is 2 '' "cassette-serve: --speed 'fast' is no number such as 10 or 0.5; try 'cassette-serve --help'"
}
