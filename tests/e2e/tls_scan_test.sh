#!/usr/bin/env bash
# tls_scan_test.sh SOURCE_DIR FEDNODE_DIR: sslscan finds no weak protocol, suite or option at a running node.
set -euo pipefail
bin=$2
for part in certificates nodes; do
  # shellcheck source=/dev/null
  source "$1/tools/lib/$part.sh"
done
fail() {
  echo "$*" >&2
  exit 1
}

work=$(mktemp -d)
finish() {
  end_node bravo.test TERM
  rm -rf "$work"
}
trap finish EXIT
make_authority "$work"
make_certificate "$work" bravo.test
port[alpha.test]=1
port[bravo.test]=$(free_port)
start_node bravo.test alpha.test

scan=$(sslscan --no-colour --no-check-certificate --sni-name=bravo.test "127.0.0.1:${port[bravo.test]}")
echo "$scan"
want() {
  grep -qE "$1" <<< "$scan" || fail "want in the scan: $1"
}
for protocol in SSLv2 SSLv3 TLSv1.0 TLSv1.1; do want "^$protocol +disabled"; done
for protocol in TLSv1.2 TLSv1.3; do want "^$protocol +enabled"; done
want "renegotiation not supported"
want "TLSv1.2 not vulnerable to heartbleed"
want "TLSv1.3 not vulnerable to heartbleed"

# Debian's sslscan cannot ask for compression.
openssl s_client -connect "127.0.0.1:${port[bravo.test]}" -tls1_2 -comp < /dev/null 2> /dev/null | grep -q '^Compression: NONE' ||
  fail "want no compression"

# Every suite: authenticated encryption and a key of its own for each connection.
suites=$(grep -E '^(Preferred|Accepted) ' <<< "$scan")
[ "$(wc -l <<< "$suites")" -ge 4 ] || fail "want four suites and more"
strong='ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)|TLS_(AES_(128|256)_GCM_SHA(256|384)|CHACHA20_POLY1305_SHA256)'
weak=$(grep -vE " ($strong) " <<< "$suites" || true)
[ -z "$weak" ] || fail "weak suites: $weak"
