#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A fresh machine: ./quickstart and ./quickstart check in a minimal Debian, as a user with sudo.
#
#	tests/fresh.sh RELEASE [MIRROR]    bookworm, trixie, sid, ...; as root, with debootstrap
#
#	FRESH_CACHE=DIR    keep the bare system in DIR/RELEASE.tar, and begin with it if it is there
#	FRESH_CA=FILE      certificates that npm trusts besides its own
#	FRESH_CHECK=NAMES  run only these tests (TESTS of make check)
#	FRESH_KEEP=1       leave the folder, print its name
#
# The system gets a clone of what is committed here and nothing else. It shares this machine's network; its
# mounts and processes are in namespaces of their own, so nothing of them is left however the script ends.

set -eu
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	echo "usage: tests/fresh.sh RELEASE [MIRROR]" >&2
	exit 2
fi
release=$1
mirror=${2-}
source=$(cd "$(dirname "$0")/.." && pwd)

fail() {
	echo "fresh.sh: $*" >&2
	exit 4
}

# bare ROOT: the system as debootstrap makes it.
bare() {
	local cached=${FRESH_CACHE:+$FRESH_CACHE/$release.tar}
	if [ -n "$cached" ] && [ -e "$cached" ]; then
		tar -C "$1" -xf "$cached"
		return
	fi
	debootstrap --variant=minbase --include=sudo,ca-certificates "$release" "$1" ${mirror:+"$mirror"} >"$1.log" 2>&1 || {
		tail -n 20 "$1.log" >&2
		fail "debootstrap failed"
	}
	[ -z "$cached" ] || tar -C "$1" -cf "$cached" .
}

# user ROOT: somebody with sudo, and the clone in the home directory.
user() {
	chroot "$1" useradd -m -d /srv/user -s /bin/bash user
	echo 'user ALL=(ALL) NOPASSWD: ALL' >"$1/etc/sudoers.d/user"
	cp /etc/resolv.conf /etc/hosts "$1/etc/"
	[ -z "${FRESH_CA-}" ] || cp "$FRESH_CA" "$1/etc/fresh-ca.pem"
	[ -z "$(git -C "$source" status --porcelain)" ] || echo "fresh.sh: what is not committed is not tested" >&2
	git clone -q --no-local "$source" "$1/srv/user/sseutils"
	chroot "$1" chown -R user: /srv/user
}

# devices ROOT: /proc and a /dev of a few devices; they end with the namespace.
devices() {
	local name
	mount -t proc proc "$1/proc"
	mount -t tmpfs -o mode=755 dev "$1/dev"
	for name in null zero full random urandom tty; do
		: >"$1/dev/$name"
		mount --bind "/dev/$name" "$1/dev/$name"
	done
	mkdir -m 755 "$1/dev/pts"
	mkdir -m 1777 "$1/dev/shm"
	mount -t devpts -o newinstance,ptmxmode=666 devpts "$1/dev/pts"
	ln -s pts/ptmx "$1/dev/ptmx"
	ln -s /proc/self/fd "$1/dev/fd"
	for name in 0:stdin 1:stdout 2:stderr; do
		ln -s "/proc/self/fd/${name%:*}" "$1/dev/${name#*:}"
	done
}

# commands: what is typed into the fresh machine.
commands() {
	[ -z "${FRESH_CA-}" ] || echo 'export NODE_EXTRA_CA_CERTS=/etc/fresh-ca.pem'
	[ -z "${CI-}" ] || echo 'export CI=true'
	echo 'cd sseutils || exit'
	echo 'echo "==> ./quickstart"; ./quickstart || exit'
	echo "echo '==> ./quickstart check'; ./quickstart check ${FRESH_CHECK:+TESTS='$FRESH_CHECK'}"
}

# inside ROOT: runs in the namespaces.
inside() {
	devices "$1"
	commands | chroot "$1" su - user
}

if [ "${FRESH_INSIDE-}" ]; then
	inside "$FRESH_INSIDE"
	exit
fi
[ "$(id -u)" = 0 ] || fail "needs root, for debootstrap and chroot"
command -v debootstrap >/dev/null || fail "needs debootstrap"
folder=$(mktemp -d "${TMPDIR:-/var/tmp}/sseutils-fresh.XXXXXX")
root=$folder/$release
# The mounts are gone with their namespace; --one-file-system is for the day they are not.
clean() {
	if [ -n "${FRESH_KEEP-}" ]; then
		echo "fresh.sh: $root" >&2
	else
		rm -rf --one-file-system "$folder"
	fi
}
trap clean EXIT
trap 'exit 4' INT TERM HUP
mkdir -m 755 "$root"
chmod 755 "$folder"
bare "$root"
user "$root"
echo "==> a fresh $release"
FRESH_INSIDE=$root unshare --mount --pid --fork --kill-child bash "$0" "$release"
