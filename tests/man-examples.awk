# SPDX-License-Identifier: MIT
# Extracts the literal blocks of an mdoc page.
#
# A block that begins with `$ ` is a session, in any section. Writes OUT/BLOCK.COMMAND.cmd and .out for each of its
# commands: `$ ` begins a command, `> ` continues it, other lines are its output.
# With RECIPES=1 it writes instead an OUT/LINE.session for each session (its commands, without their output), and an
# OUT/LINE.recipe for each other literal block and .Dl line of EXAMPLES; LINE is where it begins.

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
	if (RECIPES) {
		if (suffix == "out")
			return
		file = sprintf("%s/%04d.%s", OUT, start, session ? "session" : "recipe")
	} else {
		if (!session)
			return
		file = sprintf("%s/%03d.%03d.%s", OUT, block, command, suffix)
	}
	print line >file
}

/^\.Sh / {
	examples = $2 == "EXAMPLES"
	next
}
examples && /^\.Dl / {
	start = NR
	session = 0
	put("cmd", plain(substr($0, 5)))
	next
}
/^\.Bd .*-literal/ {
	literal = 1
	start = 0
	next
}
/^\.Ed/ {
	literal = 0
	next
}
literal && !start {
	start = NR
	session = substr($0, 1, 2) == "$ "
	if (session)
		block++
	else if (!examples)
		literal = 0
	command = 0
}
literal && !session {
	put("cmd", plain($0))
	next
}
literal {
	line = plain($0)
	if (substr(line, 1, 2) == "$ ") {
		command++
		printed = 0
		put("cmd", substr(line, 3))
	} else if (!printed && substr(line, 1, 2) == "> ") {
		put("cmd", substr(line, 3))
	} else {
		printed = 1
		put("out", line)
	}
}
