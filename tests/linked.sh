#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each program links what its row in tests/programs says, and nothing else.

# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

linked() {
	if have readelf; then
		readelf -d "$TOP_BUILD/$1" | sed -n 's/.*(NEEDED).*\[lib\([^]]*\)\.so.*/\1/p'
	else
		otool -L "$TOP_BUILD/$1" | sed -n '2,$s|.*/lib\([^ .]*\)\..*|\1|p'
	fi
}

# What comes with the compiler and the system, whoever asks for it.
system='c m gcc_s asan ubsan dl pthread rt System System.B'

# libyaml-0.so is yaml, libcurl-gnutls.so curl.
plain() {
	sed 's/-.*//' | grep -vxF "$(tr ' ' '\n' <<<"$system")" | sort -u
}

judge() {
	local allowed lib needed
	allowed=$(row "$1" 2)
	needed=$(linked "$1" | plain)
	for lib in $needed; do
		case " $allowed " in *" $lib "* | *" $lib? "*) ;; *) echo "linked with $lib, which its row does not name" ;; esac
	done
	for lib in $allowed; do
		case $lib in *\?) continue ;; esac
		grep -qxF -e "$lib" <<<"$needed" || echo "not linked with $lib, which its row names"
	done
}

have readelf || have otool || need readelf
for program in $PROGRAMS; do
	quiet "$program links only what it uses" judge "$program"
done
tap_end
