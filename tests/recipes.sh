#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs every recipe of README.md, of the pages and of examples/ that uses the network, taken from there, against a
# local server: once with success, and once under each of these conditions. The programs of a recipe are replaced by
# wrappers that cause the condition, so its text stays as it is.
#
#	down     no server is there
#	nokey    no variable holds a key
#	option   an option of sse-post is wrong
#	error    the provider answers with status 400
#	cut      the connection ends inside the body
#	nomatch  no recorded request matches
#
# A recipe that fails reports it: with its exit status, or at least its output is not that of success. One that is
# not in the list below fails the test.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"
case " $PROGRAMS " in
*' cassette-serve '*) ;;
*)
	echo "1..0 # SKIP cassette-serve is not built"
	exit 0
	;;
esac
if [ -n "$SANITIZED" ]; then
	echo "1..0 # SKIP the text of recipes is tested; what sanitizers find in the programs, other tests find"
	exit 0
fi
need jq python3 node npm curl make

unset MAKEFLAGS MFLAGS MAKELEVEL
for name in $(env | sed -n 's/^\([A-Za-z0-9_]*\(_KEY\|_TOKEN\|_BASE_URL\|_HOST\|_proxy\|_PROXY\)\)=.*/\1/p'); do
	unset "$name"
done
# Plain http to this machine takes no proxy. Everything else gets nowhere.
export HTTPS_PROXY=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1
conditions='down nokey option error cut nomatch'
recipes=$SCRATCH/recipes
bin=$SCRATCH/bin
path=$PATH
tape=$TOP_SRC/examples/florence.yaml

# ---- the recipes

# Code in a README is indented by four columns; further ones belong to it.
extract_readme() {
	"$AWK" -v OUT="$1" '
		/^    / {
			if (!open)
				file = sprintf("%s/%04d.recipe", OUT, NR)
			open = 1
			sub(/^    (\$ )?/, "")
			print >file
			next
		}
		{ open = 0 }' "$TOP_SRC/README.md"
}

extract() {
	local page
	mkdir -p "$recipes/README.md"
	extract_readme "$recipes/README.md"
	for page in "$TOP_SRC"/man/*.[1-8]; do
		mkdir "$recipes/${page##*/}"
		"$AWK" -v RECIPES=1 -v OUT="$recipes/${page##*/}" -f "$TOP_SRC/tests/man-examples.awk" "$page"
	done
}

# find_recipe PAGE TEXT: $recipe is the one of the page that contains the text.
find_recipe() {
	recipe=$(grep -lF -- "$2" "$recipes/$1"/*.recipe "$recipes/$1"/*.session 2>/dev/null)
	[ -f "$recipe" ] || {
		echo "recipes of $1 with '$2': ${recipe:-none}" >"$SCRATCH/why"
		not_ok "$1: one recipe has '$2'" <"$SCRATCH/why"
		return 1
	}
	: >"$recipe.used"
}

# ---- the conditions

# wrap PROGRAM: a wrapper in $bin that reads $CONDITION. Inside, $real is the program.
wrap() {
	{
		printf '#!/usr/bin/env bash\nreal=%q\n' "$TOP_BUILD/$1"
		cat
		# shellcheck disable=SC2016
		printf 'exec "$real" "$@"\n'
	} >"$bin/$1"
	chmod +x "$bin/$1"
}

wrappers() {
	mkdir "$bin"
	wrap sse-post <<'END'
case $CONDITION in
nomatch)
	# The recording in which nothing matches, in the place of that of -C.
	words=()
	before=
	for word; do
		if [ "$before" = -C ] && [ -f "$word" ]; then
			words+=("$OTHER")
		else
			words+=("$word")
		fi
		before=$word
	done
	set -- "${words[@]}"
	;;
down)
	# A replay needs no network, and the URL is part of what must match.
	case " $* " in
	*' --mode replay '*) ;;
	*)
		set -- --retry 0 "$@"
		export {OPENROUTER,OPENAI,MISTRAL,ANTHROPIC}_BASE_URL=http://127.0.0.1:1/v1
		;;
	esac
	;;
nokey)
	unset {OPENROUTER,OPENAI,ANTHROPIC}_API_KEY
	;;
option)
	set -- --no-such-option "$@"
	;;
esac
END
	# The words up to `--` that are files are cassettes.
	wrap cassette-serve <<'END'
case $CONDITION in
error) set -- --fault status:400 "$@" ;;
cut) set -- --fault cut:700 "$@" ;;
nomatch)
	words=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		if [ -f "$1" ]; then
			other=${1%.yaml}.other.yaml
			[ -f "$other" ] || other=$OTHER
			cp "$other" nomatch.yaml # with -o it is written to
			words+=(nomatch.yaml)
		else
			words+=("$1")
		fi
		shift
	done
	set -- "${words[@]}" "$@"
	;;
esac
words=()
for word; do
	words+=("${word/127.0.0.1:8080/127.0.0.1:0}")
done
set -- "${words[@]}"
END
	# A password manager that has no key under the condition.
	printf '#!/bin/sh\n[ "$CONDITION" != nokey ] && echo key\n' >"$bin/pass"
	chmod +x "$bin/pass"
}

# rewrite JQ-PROGRAM CASSETTE: the recording with other records.
rewrite() {
	cassette-extract "$2" | jq -c "$1" | cassette-pack --no-redact
}

tapes() {
	local name
	cassette-extract -b request -i 1 "$tape" >"$SCRATCH/request.json"
	cp "$tape" "$SCRATCH/openrouter.yaml"
	rewrite '.request.url = "https://api.mistral.ai/v1/chat/completions"' "$tape" >"$SCRATCH/mistral.yaml"
	rewrite '.request.url = "https://api.anthropic.com/v1/messages"' "$tape" >"$SCRATCH/anthropic.yaml"
	for name in openrouter mistral anthropic; do
		rewrite '.request.body |= sub("Florence"; "Siena")' "$SCRATCH/$name.yaml" >"$SCRATCH/$name.other.yaml"
	done
	rewrite '.response.body = "data: {\"error\":{\"message\":\"overloaded\",\"code\":503}}\n\n"' "$tape" >"$SCRATCH/error.yaml"
	rewrite 'select(.id == 0)' "$tape" >"$SCRATCH/calls.yaml"
	OTHER=$SCRATCH/openrouter.other.yaml
	export OTHER
}

# stage: a new folder that looks like the source root, with requests, and becomes the current one.
stage() {
	local place
	place=$(mktemp -d "$SCRATCH/root.XXXXXX")
	cd "$place" || exit 1
	ln -s "$TOP_SRC"/* .
	cp "$SCRATCH/request.json" .
}

# ---- judging

# runs CONDITION COMMAND...: $status, and the files out and err of the current folder.
runs() {
	status=0
	CONDITION=$1 PATH=$bin:$PATH timeout 60 "${@:2}" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null || status=$?
}

# result NAME TEST...: ok if the command TEST is true.
result() {
	local name=$1
	shift
	if "$@"; then
		ok "$name"
	else
		{
			echo "status $status; not true: $*"
			head -n 10 "$SCRATCH/out"
			head -n 20 "$SCRATCH/err"
		} >"$SCRATCH/why"
		not_ok "$name" <"$SCRATCH/why"
	fi
}

# succeeds HOW: without a condition. A session may be about a failure.
succeeds() {
	cp "$SCRATCH/out" "$SCRATCH/good"
	[ "$status" = 0 ] || { [ "$1" = differs ] && [ "$status" -lt 124 ]; }
}
# A status of its own, not that of a signal or of timeout.
fails() {
	[ "$status" -ge 1 ] && [ "$status" -le 4 ]
}
differs() {
	[ "$status" -lt 124 ] && ! cmp -s "$SCRATCH/good" "$SCRATCH/out"
}
same() {
	[ "$status" -lt 124 ] && cmp -s "$SCRATCH/good" "$SCRATCH/out"
}
prints() {
	grep -qF -- "$1" "$SCRATCH/out" "$SCRATCH/err"
}

# recipe_runs HOW UNCHANGED PAGE TEXT [TAPE [PREPARE]]: the recipe under all conditions. HOW is what it does if one
# holds: `fails` or `differs`. UNCHANGED are the conditions that do not concern it. With a TAPE it is the command of a
# cassette-serve. PREPARE is a function that makes the files that the recipe expects.
recipe_runs() {
	local how=$1 unchanged=$2 page=$3 text=$4 command
	find_recipe "$page" "$text" || return 0
	command=(sh "$recipe")
	[ -z "${5-}" ] || command=(cassette-serve "$SCRATCH/$5" -- "${command[@]}")
	runs_under "$how" "$unchanged" "$page: $text" "${6:-true}" "${command[@]}"
}

# runs_under HOW UNCHANGED NAME PREPARE COMMAND...
runs_under() {
	local how=$1 unchanged=$2 name=$3 prepare=$4 condition
	shift 4
	for condition in success $conditions; do
		stage
		"$prepare"
		runs "$condition" "$@"
		PATH=$path
		unset OPENROUTER_API_KEY
		case " $unchanged " in
		*" $condition "*) result "$name, $condition" same ;;
		*)
			if [ "$condition" = success ]; then
				result "$name" succeeds "$how"
			else
				result "$name, $condition" "$how"
			fi
			;;
		esac
	done
}
# gives STATUS TEXT: the status, and TEXT is printed.
gives() {
	[ "$status" = "$1" ] && prints "$2"
}

# ---- what each recipe needs

# In the shell that the recipe is pasted into, which goes on afterwards.
pasted() {
	find_recipe README.md "$1" || return 0
	{
		cat "$recipe"
		echo 'echo the shell goes on'
	} >"$SCRATCH/pasted"
	runs_under "$2" "$3" "README.md: $1" true ${4:+cassette-serve "$SCRATCH/$4" --} bash "$SCRATCH/pasted"
}
goes_on_without_answer() {
	[ "$status" -le 1 ] && ! prints 40°C && prints 'the shell goes on' && prints 'sse-post: '
}

two_requests() {
	cp request.json small.json
	cassette-extract -b request -i 0 "$tape" >large.json
}

# Somebody's test suite: it asks for both recorded answers. make, go and npm run it, and the recordings are where the
# recipes look for them.
test_suite() {
	rm -f tests Makefile
	mkdir tests test testdata testdata/fixtures
	printf '#!/bin/sh\nset -e\nfor i in 0 1; do\n\tcassette-extract -b request -i $i %q |\n\t\tsse-post -p openrouter | sse-split | delta-merge >/dev/null\ndone\necho passed\n' "$tape" >run-tests
	printf '#!/bin/sh\nexec ./run-tests\n' >go
	chmod +x run-tests go
	PATH=$PWD:$PATH
	export OPENROUTER_API_KEY=none
	printf '.PHONY: test\ntest:\n\t@./run-tests\n' >Makefile
	cat >test/ask.test.mjs <<'END'
import { execFileSync } from "node:child_process";
import { test } from "node:test";
test("both answers", () => { execFileSync("./run-tests"); });
END
	for file in tape.yaml tests/tape.yaml test/tape.yaml testdata/fixtures/chat.yaml; do
		cp "$tape" "$file"
	done
}
makefile() {
	test_suite
	cp "$recipe" Makefile
}
package_json() {
	test_suite
	{
		echo '{'
		cat "$recipe"
		echo '}'
	} >package.json
}

# conftest.py with a stand-in for pytest: the fixture of a test named ask, around the test suite.
conftest() {
	test_suite
	mkdir tapes
	rewrite '.request.url = "https://api.openai.com/v1/chat/completions"' "$tape" >tapes/ask.yaml
	rewrite '.request.url = "https://api.openai.com/v1/chat/completions" | .request.body |= sub("Florence"; "Siena")' "$tape" >tapes/ask.other.yaml
	sed -i 's/openrouter/openai/' run-tests
	cp "$recipe" conftest.py
	echo 'def fixture(function): return function' >pytest.py
	cat >use.py <<'END'
import os, subprocess, sys
import conftest
class request:
    class node:
        name = "ask"
class monkeypatch:
    setenv = staticmethod(os.environ.__setitem__)
fixture = conftest.provider(request, monkeypatch)
next(fixture)
try:
    subprocess.run(["./run-tests"], check=True)
finally:
    next(fixture, None)
END
}

# A server in the background, and one request to it.
plain_server() {
	cp "$tape" a.yaml
	cp "$tape" b.yaml
	cp "$SCRATCH/openrouter.other.yaml" a.other.yaml
	cp "$SCRATCH/openrouter.other.yaml" b.other.yaml
	mkfifo address
	{
		# A simple command, so that $! is the server and not a shell around it.
		printf '%s >address &\n' "$(cat "$recipe")"
		# shellcheck disable=SC2016 # for the script
		printf 'read -r at <address\nsse-post "$at/api/v1/chat/completions" request.json | sse-split | delta-merge -t\nstatus=$?\nkill $!\nexit $status\n'
	} >plain.sh
}

# The script of sseutils(7) tells the causes apart, whatever shell runs it.
causes() {
	local shell
	find_recipe sseutils.7 'ask.sh' || return 0
	stage
	sed '$d' "$recipe" >make-script
	sh make-script
	for shell in sh bash; do
		cause "$shell" success openrouter.yaml 0 '40°C'
		cause "$shell" down openrouter.yaml 1 'ask.sh: the network failed'
		cause "$shell" nokey openrouter.yaml 1 'ask.sh: the key is missing'
		cause "$shell" option openrouter.yaml 1 'an option is wrong'
		cause "$shell" error openrouter.yaml 1 "ask.sh: the provider's error, status 400"
		cause "$shell" success error.yaml 1 "ask.sh: the provider's error, inside the stream"
		cause "$shell" cut openrouter.yaml 1 'ask.sh: the answer is truncated'
		cause "$shell" nomatch openrouter.yaml 1 "ask.sh: the provider's error, status 404"
		cause "$shell" nomatch openrouter.yaml 1 'ask.sh: no recorded request matches' -C "$tape" --mode replay
	done
}
cause() {
	local shell=$1 condition=$2 served=$3 want=$4 text=$5
	shift 5
	runs "$condition" cassette-serve "$SCRATCH/$served" -- "$shell" ask.sh "$@" request.json
	result "sseutils.7: ask.sh in $shell, $condition: $text" gives "$want" "$text"
}

# agent NAME COMMAND...: an agent whose model never stops to call tools ends after eight requests.
agent_ends() {
	local name=$1
	shift
	runs success cassette-serve -v --match method,path --repeat "$SCRATCH/calls.yaml" -- "$@"
	result "$name ends after 8 turns" gives 1 'no answer after 8 turns'
	result "$name asks 8 times" [ "$(grep -c 'POST .*: interaction 0 of' "$SCRATCH/err")" = 8 ]
}
endless_agents() {
	stage
	agent_ends examples/weather.sh sh examples/weather.sh
	find_recipe tool-run.1 agent.sh || return 0
	sed '/^cassette-serve/,$d' "$recipe" >make-script
	sh make-script
	agent_ends 'tool-run.1: agent.sh' sh agent.sh
}

extract
wrappers
tapes

pasted 'cassette-extract -b response' same "$conditions"
pasted 'while mv next request' goes_on_without_answer '' openrouter.yaml

recipe_runs differs '' sseutils.7 '>message'"'" '' # a session with a server of its own
recipe_runs fails '' sseutils.7 'delta-merge -w >message' openrouter.yaml
causes
recipe_runs differs 'down error cut nomatch' sseutils.7 'ask.bash'
recipe_runs differs 'down nokey error cut' sseutils.7 'weather.txt'
recipe_runs differs '' sseutils.7 'sh examples/weather.sh'

recipe_runs fails '' sse-post.1 '-p openrouter --stream request.json' openrouter.yaml
recipe_runs differs '' sse-post.1 'tee raw.sse' anthropic.yaml
recipe_runs fails '' sse-post.1 'pass show mistral' mistral.yaml
recipe_runs differs 'error cut nomatch' sse-post.1 'sk-0815'
recipe_runs differs 'down nokey error cut nomatch' sse-post.1 'AWS_BEARER_TOKEN'
recipe_runs differs 'down nokey error cut' sse-post.1 '--mode replay'
recipe_runs differs "$conditions" sse-post.1 '"gpt-5",}'

recipe_runs differs '' tool-run.1 agent.sh
recipe_runs fails '' sse-stat.1 'for model in' openrouter.yaml two_requests

recipe_runs differs '' cassette-serve.1 'sh examples/weather.sh'
recipe_runs differs "$conditions" cassette-serve.1 'echo $OPENROUTER_BASE_URL'
recipe_runs differs "$conditions" cassette-serve.1 'curl -sf'
recipe_runs differs '' cassette-serve.1 'status:429:0'
recipe_runs differs 'cut' cassette-serve.1 'wc -c <answer'
recipe_runs differs '' cassette-serve.1 record.sh
recipe_runs fails '' cassette-serve.1 'make test' '' test_suite

find_recipe cassette-serve.1 '-B 127.0.0.1:8080' &&
	runs_under fails 'down nokey' 'cassette-serve.1: -B 127.0.0.1:8080' plain_server bash plain.sh
find_recipe cassette-serve.1 'RECORD_FROM =' &&
	runs_under fails '' 'cassette-serve.1: make check' makefile make check
recipe_runs fails '' cassette-serve.1 'go test' '' test_suite
find_recipe cassette-serve.1 '"scripts"' &&
	runs_under fails '' 'cassette-serve.1: npm test' package_json npm test
find_recipe cassette-serve.1 'def provider' &&
	runs_under fails '' 'cassette-serve.1: conftest.py' conftest python3 use.py

endless_agents
runs_under fails '' 'examples/weather.sh' true cassette-serve "$SCRATCH/openrouter.yaml" -- sh "$TOP_SRC/examples/weather.sh"
runs_under fails '' 'examples/Makefile: %.txt' true cassette-serve "$SCRATCH/openrouter.yaml" -- make -s -f examples/Makefile request.txt
runs_under fails '' 'examples/Makefile: %.events' true cassette-serve "$SCRATCH/openrouter.yaml" -- make -s -f examples/Makefile request.events

# Sessions without network are run by tests/man-examples.sh; quickstart by whoever builds this.
unused() {
	local file
	for file in "$recipes"/*/*.recipe "$recipes"/*/*.session; do
		if [ ! -e "$file" ] || [ -e "$file.used" ]; then
			continue
		fi
		case $file in
		*.session) grep -qE 'sse-post|cassette-serve|examples/[a-zA-Z]*(\.sh|file)' "$file" || continue ;;
		esac
		grep -q quickstart "$file" || echo "${file#"$recipes"/}: $(head -n 1 "$file")"
	done
}
quiet 'every recipe is run' unused
tap_end
