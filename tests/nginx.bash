# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154 # port is that of net.bash, status of lib.bash
# For the .bats files that put nginx or a proxy in front of a server (`load lib`, `load net`, `load nginx`).

setup_file() {
	command -v openssl >/dev/null || return 0
	cd "$BATS_FILE_TMPDIR" || return 1
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
		-addext 'subjectAltName=DNS:localhost,DNS:api.test,IP:127.0.0.1' -keyout key.pem -out cert.pem 2>/dev/null
}

# free_port: one that was free a moment ago.
free_port() {
	local out pid
	exec {out}< <(exec "$TOP_BUILD/tests/proxy" 1 3>&-)
	pid=$!
	read -r -t 20 -u "$out" tls
	kill "$pid"
	wait "$pid" 2>/dev/null || true
	exec {out}<&-
}

# Starts nginx in front of the server's $port; $https is its address. It says when it is ready.
front() {
	local line err certs=$BATS_FILE_TMPDIR
	PATH=$PATH:/usr/sbin:/sbin
	need nginx openssl
	for _ in 1 2 3 4 5; do
		free_port
		cat >nginx.conf <<-EOF
			daemon off;
			pid $PWD/nginx.pid;
			error_log stderr notice;
			worker_processes 1;
			events { worker_connections 64; }
			http {
				access_log off;
				client_body_temp_path $PWD/t1;
				proxy_temp_path $PWD/t2;
				fastcgi_temp_path $PWD/t3;
				uwsgi_temp_path $PWD/t4;
				scgi_temp_path $PWD/t5;
				ssl_certificate $certs/cert.pem;
				ssl_certificate_key $certs/key.pem;
				ssl_client_certificate $certs/cert.pem;
				ssl_verify_client ${1:-off};
				proxy_http_version 1.1;
				proxy_set_header Connection "";
				proxy_next_upstream off;
				server {
					listen 127.0.0.1:$tls ssl http2;
					listen unix:$PWD/socket;
					location / { proxy_pass http://127.0.0.1:$port; proxy_buffering off; }
					location /buffered { proxy_pass http://127.0.0.1:$port; proxy_buffering on; }
					location /gzip {
						proxy_pass http://127.0.0.1:$port;
						proxy_buffering off;
						gzip on;
						gzip_min_length 0;
						gzip_proxied any;
						gzip_types text/event-stream;
					}
				}
			}
		EOF
		exec {err}< <(exec nginx -e stderr -p "$PWD" -c "$PWD/nginx.conf" 2>&1 3>&-)
		pids+=($!)
		while read -r -t 20 -u "$err" line; do
			case $line in
			*'start worker process '*)
				# shellcheck disable=SC2034 # for the tests
				https=https://localhost:$tls
				return 0
				;;
			esac
		done
	done
	echo "nginx does not start"
	return 1
}

ca() {
	try sse-post --cacert "$BATS_FILE_TMPDIR/cert.pem" "$@"
}

# proxied: starts the CONNECT proxy in front of nginx; $proxy is its address.
proxied() {
	exec {hops}< <(exec "$TOP_BUILD/tests/proxy" "$@" 3>&-)
	pids+=($!)
	read -r -t 20 -u "$hops" proxy
	proxy=http://127.0.0.1:$proxy
}
