#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The messages of the code and the DIAGNOSTICS of the pages are the same. A message is the format of
# a call that makes one; what stands between its conversions must stand in an item of some page, and
# what stands between the dots of an item must stand in the code.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

sources=$(find "$TOP_SRC/src" -name '*.[ch]' | sort)

# Who makes messages: functions that the compiler checks as printf's kin, but for those that write
# data, and functions that take what is wrong as words.
makers() {
	# shellcheck disable=SC2086
	cat $sources | tr '\n\t' '  ' |
		grep -oE '[a-z_0-9]+\([^();]*\) *__attribute__\(\(format\(printf, [0-9]+' |
		sed 's/^\([a-z_0-9]*\)(.*, \([0-9]*\)$/\1=\2/' | grep -vE '^(buf_.*|.*_printf)='
	# shellcheck disable=SC2086
	cat $sources | tr '\n\t' '  ' | grep -oE '[a-z_0-9]+\([^();]*const char \*(error|why|fault)\b' |
		"$AWK" -F '(' '{ print $1 "=" gsub(/,/, ",") + 1 }'
}

# An item's macros and quotes go, what is said stays.
items() {
	local page
	for page in "$TOP_SRC"/man/*.[1-8]; do
		sed -n '/^\.Sh DIAGNOSTICS/,/^\.Sh [^D]/s/^\.It //p' "$page" |
			sed 's/\\&//g; s/\\(aq/'\''/g; s/\\(dq/"/g; s/\\-/-/g; s/\\e/\\/g; s/^\(Li\|Sy\|Ql\|No\) //; s/^"\(.*\)"$/\1/; s/""/"/g' |
			sed "s|^|$(basename "$page")	|"
	done
}

# fragments FIELD: the lines with that field cut at the dots, one piece a line, pieces without a
# word left out.
fragments() {
	"$AWK" -F '\t' -v field="$1" '{
		text = $field
		gsub(/%%/, "\001", text)
		gsub(/%[-+ #0]*[0-9*]*(\.[0-9*]*)?(hh|h|ll|l|z|j|t)?[a-zA-Z]/, "\n", text)
		gsub(/\.\.\./, "\n", text)
		gsub(/\001/, "%", text)
		n = split(text, piece, "\n")
		for (i = 1; i <= n; i++) {
			gsub(/^[- ,:;()\047"]+|[- ,:;()\047"]+$/, "", piece[i])
			if (piece[i] ~ /[A-Za-z][A-Za-z]/)
				print $1 "\t" $2 "\t" piece[i]
		}
	}'
}

# absent TEXT: the fragments (third field) that do not stand in the file TEXT, neither whole nor,
# since the code may put a reason behind a colon, on both sides of one.
absent() {
	"$AWK" -F '\t' -v heap="$1" 'BEGIN { while ((getline line <heap) > 0) all = all line "\n" }
		function stands(text) {
			return index(all, text) || (match(text, /: /) && stands(substr(text, 1, RSTART - 1)) &&
				stands(substr(text, RSTART + 2)))
		}
		!stands($3) { print $1 ": " $3 }'
}

# shellcheck disable=SC2086
"$AWK" -v CALLS="$(makers | sort -u | tr '\n' ' ')" -v ROOT="$TOP_SRC/src" -f "$TOP_SRC/tests/messages.awk" $sources \
	>"$SCRATCH/said"
items >"$SCRATCH/items"
cut -f 2 "$SCRATCH/items" >"$SCRATCH/item-texts"
grep '^L' "$SCRATCH/said" | cut -f 3 >"$SCRATCH/literals"

undocumented() {
	grep '^M' "$SCRATCH/said" | cut -f 2,3 | "$AWK" -F '\t' '{ print $1 "\t\t" $2 }' | fragments 3 | absent "$SCRATCH/item-texts"
}

unsaid() {
	"$AWK" -F '\t' '{ print $1 "\t\t" $2 }' "$SCRATCH/items" | fragments 3 | absent "$SCRATCH/literals"
}

# "Lower case, no full stop": the first word may be a name that is not.
manner() {
	grep '^M' "$SCRATCH/said" | cut -f 2,3 | grep -E '	[A-Z][a-z]|[.]$|\\n' | grep -vE '\.\.\.$'
	true
}

quiet 'there are messages to look at' test "$(grep -c '^M' "$SCRATCH/said")" -gt 10
quiet 'every message stands in the DIAGNOSTICS of a page' undocumented
quiet 'every item of DIAGNOSTICS stands in the code' unsaid
quiet 'messages begin in lower case and have no full stop' manner
tap_end
