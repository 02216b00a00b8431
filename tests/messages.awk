# SPDX-License-Identifier: MIT
# What C sources say. Prints, separated by tabs,
#
#	M  FILE:LINE  FORMAT     the format of a call that makes a message
#	L  FILE:LINE  LITERAL    every string literal
#
# Literals side by side are joined, escapes are taken back (line feeds and tabs become spaces), the
# PRI macros vanish. CALLS lists the functions that take a format, as NAME=POSITION.

BEGIN {
	n = split(CALLS, list, " ")
	for (i = 1; i <= n; i++) {
		split(list[i], pair, "=")
		position[pair[1]] = pair[2]
	}
}

FNR == 1 {
	finish()
	name = FILENAME
	sub(ROOT "/", "", name)
	depth = 0
	comment = 0
	previous = ""
}
{ scan($0) }
END { finish() }

function unescape(s) {
	gsub(/\\[nt]/, " ", s)
	gsub(/\\"/, "\"", s)
	gsub(/\\\\/, "\\", s)
	return s
}

# Ends the literal that was gathered: it is told, and kept as format of the call whose turn it is.
function finish() {
	if (!open_literal)
		return
	open_literal = 0
	print "L\t" name ":" at "\t" literal
	if (depth > 0 && wanted[depth] && argument[depth] == wanted[depth])
		print "M\t" name ":" at "\t" literal
	literal = ""
}

function scan(text,    word) {
	while (length(text) > 0) {
		if (comment) {
			comment = !match(text, /\*\//)
			RLENGTH = comment ? length(text) : RSTART + 1
		} else if (match(text, /^[ \t]+/) || match(text, /^\/\/.*/) || match(text, /^#[ \t]*define/) || match(text, /^#.*/)) {
			# white space, a comment, a directive
		} else if (match(text, /^\/\*/)) {
			comment = 1
		} else if (match(text, /^"([^"\\]|\\.)*"/)) {
			if (!open_literal)
				at = FNR
			open_literal = 1
			literal = literal unescape(substr(text, 2, RLENGTH - 2))
		} else if (match(text, /^'([^'\\]|\\.)*'/)) {
			finish()
			previous = ""
		} else if (match(text, /^[A-Za-z_][A-Za-z_0-9]*/)) {
			word = substr(text, 1, RLENGTH)
			if (word ~ /^PRI[dioux]/ && open_literal) {
				literal = literal "d"
			} else {
				finish()
				previous = word
			}
		} else {
			finish()
			RLENGTH = 1
			punctuation(substr(text, 1, 1))
		}
		text = substr(text, RLENGTH + 1)
	}
}

function punctuation(c) {
	if (c == "(") {
		depth++
		argument[depth] = 1
		wanted[depth] = (previous in position) ? position[previous] : 0
	} else if (c == ")") {
		if (depth > 0)
			depth--
	} else if (c == "," && depth > 0) {
		argument[depth]++
	} else if (c == ";") {
		depth = 0
	}
	previous = ""
}
