#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sse-post and what stands between it and a provider: nginx for TLS, HTTP/2, compression, buffering
# and Unix sockets, and a CONNECT proxy. Certificates are made here; nothing leaves the machine.
# shellcheck disable=SC2154 # url, port and seen are those of net.bash

load lib
load net
load nginx

@test "TLS: verified, by HTTP/2 or 1.1" {
	need jq
	server $'reply\nlength 3\nbody ok\\n\nreply\nlength 3\nbody ok\\n\nreply\nlength 3\nbody ok\\n\nreply\nlength 3\nbody ok\\n\nreply\nlength 3\nbody ok\\n\nreply\nlength 3\nbody ok\\n\nreply\nlength 3\nbody ok\\n\nreply\nlength 3\nbody ok\\n\nreply\nlength 3\nbody ok\\n' -l req
	front
	ca --report report "$https/v1" body
	is 0 ok
	ca --report report --http1.1 "$https/v1" body
	is 0 ok
	jq -es '.[0].http == "2" and .[0].tls > .[0].connect and .[1].http == "1.1"' report
	sed '1,/^\r$/d' req.1 | cmp - body
	SSL_CERT_FILE=$BATS_FILE_TMPDIR/cert.pem try sse-post "$https/v1" body
	is 0 ok
	CURL_CA_BUNDLE=$BATS_FILE_TMPDIR/cert.pem SSL_CERT_FILE=/nowhere try sse-post "$https/v1" body
	is 0 ok
	[ ! -e req.5 ]
	try sse-post "$https/v1" body
	is 4 '' "sse-post: $https/v1: SSL certificate problem: *"
	ca --resolve "other.test:$tls:127.0.0.1" "https://other.test:$tls/v1" body
	is 4 '' "sse-post: https://other.test:$tls/v1: SSL: *"
	ca --resolve "api.test:$tls:127.0.0.1" "https://api.test:$tls/v1" body
	is 0 ok
	need openssl
	mkdir ours none
	cp "$BATS_FILE_TMPDIR/cert.pem" ours/
	openssl rehash ours
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=other -keyout other.key -out other.pem 2>/dev/null
	SSL_CERT_DIR=$PWD/ours try sse-post --retry 0 "$https/v1" body
	is 0 ok
	CURL_CA_BUNDLE='' SSL_CERT_FILE='' SSL_CERT_DIR=$PWD/ours try sse-post "$https/v1" body
	is 0 ok
	# what is trusted is trusted alone: neither what ranks below it nor the system's
	SSL_CERT_DIR=$PWD/ours try sse-post --cacert other.pem "$https/v1" body
	is 4 '' "sse-post: $https/v1: SSL certificate problem: *"
	CURL_CA_BUNDLE=other.pem SSL_CERT_DIR=$PWD/ours try sse-post "$https/v1" body
	is 4 '' "sse-post: $https/v1: SSL certificate problem: *"
	ca -v "$https/v1" body
	grep -q 'CApath: none' stderr
	SSL_CERT_DIR=$PWD/ours try sse-post -v "$https/v1" body
	grep -q 'CAfile: none' stderr
	ca --cacert nowhere "$https/v1" body
	is 4 '' "sse-post: $https/v1: *nowhere*"
}

@test "the key is in no trace of HTTP/2" {
	server $'reply\nstatus 400 No\nlength 3\nbody ok\\n' -l req
	front
	export MINE=sekrit-0815
	ca -v -k MINE --report report -D head "$https/v1?x=sekrit" body
	[ "$status" = 1 ]
	grep -q sekrit-0815 req.1
	grep -qi '^sse-post: > authorization: REDACTED' stderr
	lacks sekrit-0815 stderr stdout report head
	lacks 'h2h3 \[\|\[HTTP/2\] \[' stderr
}

@test "a client certificate" {
	server $'reply\nlength 3\nbody ok\\n'
	front on
	ca "$https/v1" body
	[ "$status" = 1 ]
	grep -q '400' stderr
	ca --cert "$BATS_FILE_TMPDIR/cert.pem" --cert-key "$BATS_FILE_TMPDIR/key.pem" "$https/v1" body
	is 0 ok
}

@test "a Unix socket is local: a key may travel over http" {
	server $'reply\nlength 3\nbody ok\\n' -l req
	front
	MINE=sekrit try sse-post -k MINE --unix-socket socket http://any.test/v1 body
	is 0 ok
	grep -q $'^Authorization: Bearer sekrit\r$' req.1
}

@test "compressed bodies are decoded, whoever compressed them" {
	need gzip
	printf 'data: 1\n\ndata: 2\n\n' >plain
	gzip -c plain >plain.gz
	server $'reply\nheader Content-Type: text/event-stream\nchunked\nfile plain\nreply\nheader Content-Encoding: gzip\nchunked\nfile plain.gz'
	front
	ca --include -H 'Accept-Encoding: gzip' "$https/gzip" body
	[ "$status" = 0 ]
	grep -qi '^content-encoding: gzip' stdout
	tail -n 4 stdout | cmp - plain
	try sse-post "$url" body
	[ "$status" = 0 ]
	cmp stdout plain
}

@test "a proxy that buffers changes the pieces, not the bytes" {
	server $'reply\nchunked\nfill 300000\nfill 5\nbody end\\n'
	front
	ca "$https/buffered" body
	[ "$status" = 0 ]
	[ "$(wc -c <stdout)" = 300009 ]
}

@test "pieces come one for one through TLS and HTTP/2, compressed or not" {
	local path
	for path in v1 gzip; do
		rm -f go
		mkfifo go
		server $'reply\nheader Content-Type: text/event-stream\nchunked\nbody data: 1\\n\\n\ngo\nbody data: 2\\n\\n\ngo\nbody data: 3\\n\\n' -g go
		front
		exec {from}< <(sse-post -H 'Accept-Encoding: gzip' --cacert "$BATS_FILE_TMPDIR/cert.pem" "$https/$path" body 3>&-)
		post=$!
		exec {go}<>go
		for i in 1 2 3; do
			read -r -t 20 -u "$from" line
			[ "$line" = "data: $i" ]
			read -r -t 20 -u "$from" line
			[ "$line" = "" ]
			printf x >&"$go"
		done
		wait $post
		teardown
	done
}

@test "an HTTP/2 stream that breaks off is 3" {
	server $'reply\nchunked\nbody data: 1\\n\\n\nreset'
	front
	ca "$https/v1" body
	is 3 $'data: 1\n' "sse-post: $https/v1: the response broke off after 9 bytes: *"
}

@test "an HTTP/2 server that says nothing is late" {
	server $'reply\ngone\nreply\nchunked\nbody data: 1\\n\\n\ngone'
	front
	ca --first-byte-timeout 0.3 --retry 0 "$https/v1" body
	is 4 '' "sse-post: $https/v1: no answer within 0.3 s"
	sees 'request POST /v1' gone
	ca --idle-timeout 0.3 "$https/v1" body
	is 4 $'data: 1\n' "sse-post: $https/v1: no byte came for 0.3 s"
}

@test "nginx without its server is a 502, and tried again" {
	server $'reply\nlength 0'
	front
	exec {seen}<&-
	kill "${pids[0]}"
	ca --retry 1 "$https/v1" body
	[ "$status" = 1 ]
	[ "$(grep -c '502' stderr)" = 2 ]
	[[ $(head -n 1 stderr) == "sse-post: $https/v1: 502; retry 1 of 1 in 0."?" s" ]]
	[ "$(tail -n 1 stderr)" = "sse-post: $https/v1: 502, 2 attempts" ]
}

@test "a proxy: from the environment or by --proxy, and past it" {
	server $'reply\nlength 3\nbody ok\\n\nreply\nlength 3\nbody ok\\n\nreply\nlength 3\nbody ok\\n\nreply\nlength 3\nbody ok\\n'
	front
	proxied "$tls"
	https_proxy=$proxy ca https://api.test/v1 body
	is 0 ok
	read -r -t 20 -u "$hops" line
	[ "$line" = $'CONNECT api.test:443 HTTP/1.1' ]
	ca --include --proxy "$proxy" https://api.test:444/v1 body
	[ "$status" = 0 ]
	[ "$(tail -n 1 stdout)" = ok ]
	lacks -i 'connection established' stdout
	read -r -t 20 -u "$hops" line
	[ "$line" = $'CONNECT api.test:444 HTTP/1.1' ]
	# not for this machine, not for what NO_PROXY names
	http_proxy=http://127.0.0.1:1 try sse-post "$url" body
	is 0 ok
	HTTPS_PROXY=http://127.0.0.1:1 NO_PROXY=api.test ca --resolve "api.test:$tls:127.0.0.1" "https://api.test:$tls/v1" body
	is 0 ok
}

@test "a proxy that refuses" {
	need openssl
	proxied -r '403 Forbidden' 1
	https_proxy=$proxy try sse-post --retry 0 https://api.test/v1 body
	is 4 '' "sse-post: https://api.test/v1: *403*"
}

@test "a proxy that refuses the tunnel is asked once, one that is busy again" {
	local code retries
	while read -r code retries; do
		proxied -r "$code Whatever" 1
		https_proxy=$proxy ca --report report --retry 1 https://api.test/v1 body
		[ "$status" = 4 ]
		grep -q "$code" stderr
		[ "$(grep -c 'retry 1 of 1' stderr)" = "$retries" ]
	done <<-END
		407 0
		403 0
		400 0
		429 1
		502 1
		503 1
	END
}
