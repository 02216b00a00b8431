# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Time and memory against the size of the input, sourced by bench/run: measured, judged and drawn.
#
# Time is the processor's, user and system, since a large input may have to come from a disk. A
# program's start is what it takes for one message; what it takes beyond that must be in proportion to
# the input, and memory must not depend on it. growth.tsv keeps the points: program, size asked for,
# bytes, seconds, KiB.

growth_time=1.25   # most that a megabyte may cost at the end of the line, beside its foot
growth_memory=1.25 # most memory at the end, beside the foot: the longest message may come late

# grow PROGRAM SIZE INPUT: a point.
grow() {
	local i turns=3
	[ "$2" -gt 20000000 ] || turns=$growth_turns
	for ((i = 0; i < turns; i++)); do
		measure "$3" sh -c "exec $1" 2>>ours.log
	done >growth.times
	[ -z "$(statuses growth.times)" ] || fault "$1" "$(megabytes "$2")"
	printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$(wc -c <"$3")" "$(median 2 growth.times)" "$(median 3 growth.times)" >>growth.tsv
}

# grow_all SIZE: every program. An input is there for as long as it is needed; SIZE 1 is one message.
grow_all() {
	generate chat "$1" >growth.sse
	grow 'sse-split' "$1" growth.sse
	sse-split growth.sse >growth.jsonl
	rm -f growth.sse
	grow 'delta-merge' "$1" growth.jsonl
	grow 'delta-merge -t' "$1" growth.jsonl
	rm -f growth.jsonl
	generate cassette "$1" >growth.yaml
	grow 'cassette-extract' "$1" growth.yaml
	rm -f growth.yaml
}

# point PROGRAM SIZE COLUMN
point() {
	awk -F '\t' -v p="$1" -v s="$2" -v c="$3" '$1 == p && $2 == s { print $c }' growth.tsv
}

# per_megabyte PROGRAM SIZE: microseconds, without the start.
per_megabyte() {
	awk -F '\t' -v p="$1" -v s="$2" '$1 == p && $2 == 1 { t0 = $4; s0 = $3 }
		$1 == p && $2 == s { printf("%.1f", ($4 - t0) / ($3 - s0) * 1e12) }' growth.tsv
}

# judge PROGRAM CEILING_KIB: the last size, beside the foot of time, the foot of memory, and the ceiling.
judge() {
	local most=${grown[-1]} name kib
	name="$1 at $(megabytes "$most")"
	kib=$(point "$1" "$most" 5)
	markdown=no line "$name" "time of a MB at $(megabytes "$growth_foot")" "$(per_megabyte "$1" "$most")" \
		"$(per_megabyte "$1" "$growth_foot")" us "$growth_time"
	markdown=no line "$name" "memory at $(megabytes "${grown[1]}")" "$kib" "$(point "$1" "${grown[1]}" 5)" KiB "$growth_memory"
	line "$name" 'ceiling of memory' "$kib" "$2" KiB 1
}

points() {
	awk -F '\t' '{ printf("%s{\"program\":\"%s\",\"bytes\":%s,\"seconds\":%s,\"kib\":%s}", NR > 1 ? "," : "", $1, $3, $4, $5) }' growth.tsv
}

draw() {
	gnuplot - <<-'END' 2>>peers.log
		set terminal svg size 1200,400 noenhanced font 'sans,12'
		set output 'growth.svg'
		set datafile separator "\t" missing NaN
		filters = "'sse-split' 'delta-merge' 'delta-merge -t'"
		set multiplot layout 1,3
		set grid
		set xlabel 'input, MB'
		set xrange [0:]
		set yrange [0:]
		set key bottom right
		set ylabel 'processor seconds'
		plot for [p in filters] 'growth.tsv' using ($3/1e6):(strcol(1) eq p ? $4 : NaN) with linespoints title p
		plot 'growth.tsv' using ($3/1e6):(strcol(1) eq 'cassette-extract' ? $4 : NaN) with linespoints lt 4 title 'cassette-extract'
		set ylabel 'resident, MiB'
		set logscale x
		set xrange [0.02:2000]
		set offsets 0, 0, 1, 0
		plot for [p in filters.' cassette-extract'] 'growth.tsv' using ($3/1e6):(strcol(1) eq p ? $5/1024 : NaN) with linespoints title p
		unset multiplot
	END
}

# growth FOOT TURNS SIZE...: SIZE is 1 first, the largest last; those are left out for which there is no
# room. FOOT is the size beside whose time that of the last is judged; TURNS those of a small size.
growth() {
	local size room
	growth_foot=$1
	growth_turns=$2
	shift 2
	grown=()
	: >growth.tsv
	for size; do
		room=$(df -Pk . | awk 'NR == 2 { printf("%.0f", $4 * 1024) }')
		[ $((size * 3)) -lt "$room" ] || break
		grown+=("$size")
		grow_all "$size"
	done
	[ ${#grown[@]} -eq $# ] || no_line 'growth' "$(megabytes "$size")" 'no room for such files'
	[ ${#grown[@]} -gt 2 ] || return
	judge 'sse-split' 8192
	judge 'delta-merge' 8192
	judge 'delta-merge -t' 8192
	judge 'cassette-extract' 32768
	if is_there gnuplot && draw; then
		echo "growth is drawn in $PWD/growth.svg" >&2
	else
		no_line 'growth, drawn' gnuplot 'not installed'
	fi
}
