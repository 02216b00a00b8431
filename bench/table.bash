# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# The table of bench/run, sourced: each line of it printed, and kept as JSON; and, short, as Markdown.

missed=0
failed=0

# table_begin NOTE: what was measured, in a sentence without quotes.
table_begin() {
	printf '%-34s %-38s %10s %10s %7s %7s\n' 'this suite' 'beside' 'ours' 'theirs' ratio wanted
	printf '{"what":"%s","version":"%s","cpu":"%s","rows":[' "$1" "$(sse-split --version | head -n 1)" \
		"$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)" >results.json
	separator=''
	note=$1
	: >results.tsv
}

# table_end POINTS: the measured points behind the lines of growth end the JSON.
table_end() {
	printf '\n],"growth":[%s],"missed":%d,"failed":%d}\n' "$1" "$missed" "$failed" >>results.json
	as_markdown >results.md
}

# A line of each peer of which something was asked. A label's comma is before the name of one stream of
# several: those are one line, from the least to the most of them.
as_markdown() {
	printf '%s.\n\n| this suite | beside | ours | theirs | ratio | wanted |\n|---|---|--:|--:|--:|--:|\n' "$note"
	awk -F '\t' '
		function shown(v, unit) {
			if (unit == "s")
				return v < 1 ? sprintf("%.3g ms", v * 1e3) : sprintf("%.3g s", v)
			return unit == "KiB" ? sprintf("%.1f MiB", v / 1024) : sprintf("%.3g %s", v, unit)
		}
		function range(low, high) {
			return low == high ? low : low " to " high
		}
		function least(a, k, v) {
			if (!(k in a) || v + 0 < a[k] + 0)
				a[k] = v
		}
		function most(a, k, v) {
			if (!(k in a) || v + 0 > a[k] + 0)
				a[k] = v
		}
		{
			sub(/,.*/, "", $2)
			k = $1 FS $2
			if (!(k in unit))
				order[++n] = k
			unit[k] = $3
			wanted[k] = $7
			least(a, k, $4); most(A, k, $4)
			least(b, k, $5); most(B, k, $5)
			least(r, k, $6); most(R, k, $6)
		}
		END {
			for (i = 1; i <= n; i++) {
				k = order[i]
				split(k, name, FS)
				gsub(/\|/, "\\|", name[1])
				gsub(/\|/, "\\|", name[2])
				printf("| %s | %s | %s | %s | %s | %s |\n", name[1], name[2],
					range(shown(a[k], unit[k]), shown(A[k], unit[k])),
					range(shown(b[k], unit[k]), shown(B[k], unit[k])), range(r[k], R[k]), wanted[k])
			}
		}' results.tsv
}

ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN { printf("%.3f", (b > 0) ? a / b : 0) }'
}

# beyond OURS THEIRS WANTED: is more than was asked for. `-` as WANTED is "only to be seen".
beyond() {
	[ "$3" != - ] && awk -v a="$1" -v b="$2" -v w="$3" 'BEGIN { exit !(a > b * w) }'
}

# shown VALUE UNIT: for people. Less than a tenth of a second is told in milliseconds.
shown() {
	case $2 in
	s) awk -v v="$1" 'BEGIN { if (v < 0.1) printf("%.2f ms", v * 1e3); else printf("%.3f s", v) }' ;;
	*) printf '%s %s' "$1" "$2" ;;
	esac
}

# line NAME BESIDE OURS THEIRS UNIT WANTED [FAULT [JSON]]: one line, judged. FAULT is one of ours; JSON
# further members of the object. With markdown=no it is not in the short table, and never with a FAULT.
line() {
	local ratio verdict='' more=${8:-}
	ratio=$(ratio "$3" "$4")
	if beyond "$3" "$4" "$6"; then
		verdict=' missed'
		missed=$((missed + 1))
	fi
	if [ -n "${7:-}" ]; then
		verdict="$verdict, $7"
		failed=$((failed + 1))
	fi
	printf '%-34s %-38s %10s %10s %7s %7s%s\n' "$1" "$2" "$(shown "$3" "$5")" "$(shown "$4" "$5")" "$ratio" "$6" "$verdict"
	printf '%s\n{"ours":"%s","beside":"%s","unit":"%s","our_value":%s,"their_value":%s,"ratio":%s,"wanted":%s%s}' \
		"$separator" "$1" "$2" "$5" "$3" "$4" "$ratio" "${6/#-/null}" "${more:+,$more}" >>results.json
	separator=,
	[ "$6" = - ] || [ "${markdown:-}" = no ] || [ -n "${7:-}" ] ||
		printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$5" "$3" "$4" "$ratio" "$6" >>results.tsv
}

# no_line NAME BESIDE WHY: a line without numbers.
no_line() {
	printf '%-34s %-38s %s\n' "$1" "$2" "$3"
	printf '%s\n{"ours":"%s","beside":"%s","why":"%s"}' "$separator" "$1" "$2" "$3" >>results.json
	separator=,
}

# fault NAME BESIDE: a program of the suite did not do its work.
fault() {
	no_line "$1" "$2" 'failed: see ours.log'
	failed=$((failed + 1))
}
