# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The table of bench/run, sourced: each line of it printed, kept as JSON and, where it was asked for
# something, in results.md.

missed=0
failed=0

# table_begin NOTE: what was measured, in a sentence without quotes.
table_begin() {
	printf '%-34s %-38s %10s %10s %7s %7s\n' 'this suite' 'beside' 'ours' 'theirs' ratio wanted
	printf '{"what":"%s","version":"%s","cpu":"%s","rows":[' "$1" \
		"$(sse-split --version | head -n 1)" "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)" >results.json
	printf '%s\n\n| this suite | beside | ours | theirs | ratio | wanted |\n|---|---|--:|--:|--:|--:|\n' "$1" >results.md
	separator=''
}

# table_end POINTS: the measured points behind the lines of growth, and the end of the JSON.
table_end() {
	printf '\n],"growth":[%s],"missed":%d,"failed":%d}\n' "$1" "$missed" "$failed" >>results.json
}

ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf("%.3f", (b > 0) ? a / b : 0) }'
}

# beyond RATIO WANTED: is more than was asked for. `-` as WANTED is "only to be seen".
beyond() {
	[ "$2" != - ] && awk -v r="$1" -v w="$2" 'BEGIN { exit !(r > w) }'
}

# shown VALUE UNIT: for people. Seconds of a few thousandths are milliseconds.
shown() {
	case $2 in
	s) awk -v v="$1" 'BEGIN { if (v < 0.1) printf("%.2f ms", v * 1e3); else printf("%.3f s", v) }' ;;
	us) awk -v v="$1" 'BEGIN { printf("%.1f us", v) }' ;;
	*) printf '%s %s' "$1" "$2" ;;
	esac
}

# line NAME BESIDE OURS THEIRS UNIT WANTED [NOTE [JSON]]: one line, judged. NOTE is a fault of ours;
# JSON further members of the object.
line() {
	local ratio ours theirs verdict='' more=${8:-}
	ratio=$(ratio "$3" "$4")
	ours=$(shown "$3" "$5")
	theirs=$(shown "$4" "$5")
	if beyond "$ratio" "$6"; then
		verdict=' missed'
		missed=$((missed + 1))
	fi
	if [ -n "${7:-}" ]; then
		verdict="$verdict, $7"
		failed=$((failed + 1))
	fi
	printf '%-34s %-38s %10s %10s %7s %7s%s\n' "$1" "$2" "$ours" "$theirs" "$ratio" "$6" "$verdict"
	printf '%s\n{"ours":"%s","beside":"%s","unit":"%s","our_value":%s,"their_value":%s,"ratio":%s,"wanted":%s%s}' \
		"$separator" "$1" "$2" "$5" "$3" "$4" "$ratio" "${6/#-/null}" "${more:+,$more}" >>results.json
	separator=,
	[ "$6" = - ] || printf '| %s | %s | %s | %s | %s | %s%s |\n' "${1//|/\\|}" "${2//|/\\|}" "$ours" "$theirs" \
		"$ratio" "$6" "$verdict" >>results.md
}

# no_line NAME BESIDE WHY: a line without numbers.
no_line() {
	printf '%-34s %-38s %s\n' "$1" "$2" "$3"
	printf '%s\n{"ours":"%s","beside":"%s","why":"%s"}' "$separator" "$1" "$2" "$3" >>results.json
	separator=,
}
