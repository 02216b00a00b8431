# SPDX-License-Identifier: MIT
# Takes the EXAMPLES of an mdoc page apart. Writes OUT/BLOCK.COMMAND.cmd and .out for each command
# of each literal block that begins with `$ `: `$ ` begins a command, `> ` goes on with it, other
# lines are its output.

function plain(s) {
	gsub(/\\&/, "", s)
	gsub(/\\\(aq/, "'", s)
	gsub(/\\\(dq/, "\"", s)
	gsub(/\\\(ga/, "`", s)
	gsub(/\\\(ti/, "~", s)
	gsub(/\\\(ha/, "^", s)
	gsub(/\\\(bu/, "*", s)
	gsub(/\\-/, "-", s)
	gsub(/\\e/, "\\", s)
	return s
}

function put(suffix, line) {
	file = sprintf("%s/%03d.%03d.%s", OUT, block, command, suffix)
	print line >file
}

/^\.Sh / {
	examples = $2 == "EXAMPLES"
	next
}
examples && /^\.Bd .*-literal/ {
	literal = 1
	first = 1
	next
}
/^\.Ed/ {
	literal = 0
	next
}
literal && first {
	first = 0
	if (substr($0, 1, 2) != "$ ") {
		literal = 0
		next
	}
	block++
	command = 0
}
literal {
	line = plain($0)
	if (substr(line, 1, 2) == "$ ") {
		command++
		said = 0
		put("cmd", substr(line, 3))
	} else if (!said && substr(line, 1, 2) == "> ") {
		put("cmd", substr(line, 3))
	} else {
		said = 1
		put("out", line)
	}
}
