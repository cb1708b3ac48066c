#!/usr/bin/env bash
# Applications (stand-ins on their own libraries) against a provider with one fault at a time: does oidcheck say what they do?
#
#   tests/live/apps/run.sh [APP…] [-- FAULT…]      default: every application that can be built here
#   OIDCHECK=path WORK=dir PORTS=42300 …/run.sh    another binary, another directory, other ports (six in a row)
#
# Needs node, npm, go and cargo for the stand-ins, and openssl. Everything is built in WORK by the ordinary package
# clients and listens on 127.0.0.1. The name idp.lab.test has to be 127.0.0.1: root gets that in a mount namespace of its
# own, so that the machine's hosts file stays as it is.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$HERE/../../.." && pwd)
export WORK=${WORK:-$ROOT/target/live/apps} OIDCHECK=${OIDCHECK:-$ROOT/target/debug/oidcheck}
PORTS=${PORTS:-24500}
export OP_PORT=$PORTS APP_PORT=$((PORTS + 4))

if ! getent hosts idp.lab.test >/dev/null; then
  [ "$(id -u)" = 0 ] && [ -z "${INSIDE:-}" ] || { echo "run.sh: idp.lab.test has to be 127.0.0.1 in /etc/hosts" >&2; exit 2; }
  mkdir -p "$WORK"
  { cat /etc/hosts; echo '127.0.0.1 idp.lab.test'; } > "$WORK/hosts"
  INSIDE=1 exec unshare --mount sh -c 'mount --bind "$WORK/hosts" /etc/hosts && exec "$0" "$@"' "$0" "$@"
fi

APPS=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do APPS+=("$1"); shift; done
if [ ${#APPS[@]} = 0 ]; then
  APPS=(xen-orchestra xen-orchestra-email netbird netbird-audience proxmox proxmox-username proxmox-no-userinfo proxmox-audiences)
  [ -e /usr/lib/apache2/modules/mod_auth_openidc.so ] && APPS+=(mod-auth-openidc keystone)
fi
[ -x "$OIDCHECK" ] || { echo "run.sh: build oidcheck first (cargo build)" >&2; exit 2; }

build() {
  case $1 in
    xen-orchestra*)
      mkdir -p "$WORK/xen-orchestra"; cp "$HERE/xen-orchestra/host.mjs" "$WORK/xen-orchestra/"; cd "$WORK/xen-orchestra"
      [ -d node_modules/passport-openidconnect ] || { npm init -y >/dev/null; npm i --no-audit --no-fund passport-openidconnect@0.1.2 passport@0.6 express@4 express-session@1 cookie-parser@1 connect-flash@0.1; } ;;
    proxmox*) cargo build -q --manifest-path "$HERE/proxmox/Cargo.toml" --target-dir "$WORK/proxmox" ;;
    mod-auth-openidc) # Debian: apt-get install --no-install-recommends apache2 libapache2-mod-auth-openidc
      command -v apache2 >/dev/null; cp "$HERE/mod-auth-openidc/httpd.conf" "$WORK/" ;;
    keystone) # as above, and python3 with venv
      command -v apache2 >/dev/null; cp "$HERE/mod-auth-openidc/httpd.conf" "$WORK/"
      mkdir -p "$WORK/keystone/data"; cp "$HERE"/keystone/* "$WORK/keystone/"; cd "$WORK/keystone"
      [ -x v/bin/keystone-manage ] || { python3 -m venv v; ./v/bin/pip install -q keystone==30.0.0; } ;;
    netbird*) mkdir -p "$WORK/netbird"; cp "$HERE"/netbird/* "$WORK/netbird/"; cd "$WORK/netbird"; go mod tidy 2>/dev/null; go build -o api . ;;
  esac
}
for app in "${APPS[@]}"; do (build "$app" >&2); done

# The secret is that of faulty-op/op.mjs.
sed -n "s/^export const CLIENT = .*secret: '\(.*\)' };$/\1/p" "$HERE/../faulty-op/op.mjs" | tr -d '\n' > "$WORK/secret"
[ -s "$WORK/secret" ]
at=http://127.0.0.1:$APP_PORT
rm -f "$WORK/op.log"
REDIRECT_URIS="$at/signin/oidc/callback http://localhost:53000 https://127.0.0.1:$APP_PORT https://localhost:$APP_PORT/api/v2/login/idp/" \
  node "$HERE/../faulty-op/op.mjs" "$WORK/op" "$OP_PORT" > "$WORK/op.log" 2>&1 &
OP=$!
trap 'kill $OP 2>/dev/null; wait $OP 2>/dev/null' EXIT
for _ in $(seq 100); do grep -qs ready "$WORK/op.log" && break; kill -0 $OP; sleep .1; done
export NODE_EXTRA_CA_CERTS=$WORK/op/ca.pem SSL_CERT_FILE=$WORK/op/ca.pem
node "$HERE/compare.mjs" "${APPS[@]}" "$@"
