#!/usr/bin/env bash
# What oidcheck says about logging in to Incus, and what a real Incus then does.
#
#   tests/live/incus.sh [WORKDIR] [VARIANT…]    default: target/live/incus, all variants of incus/variants.mjs
#   OIDCHECK=path …/incus.sh                    another binary; default: target/release or target/debug, the newer one
#   INCUSD=path INCUS=path …/incus.sh           a daemon and a client that are already there
#
# The daemon and its client are the distribution's own packages, unpacked into WORKDIR and not installed; the provider
# is oidc-provider from npm, with faults that are set at run time (incus/op.mjs). The daemon runs with
# mounts of its own, so it leaves nothing behind. Everything is bound to 127.0.0.1 and killed at the end. For
# every variant × part (web, cli) one line says what oidcheck said before the login and after one, and whether Incus
# trusted the person. The exit code is 1 when the two disagree, 0 when they agree or when it cannot run here (the line
# says why), and 2 when it broke.
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
WORK=${1:-$ROOT/target/live/incus}; shift
mkdir -p "$WORK" && WORK=$(cd "$WORK" && pwd)
PIDS=()

skip() { echo "incus: skipped: $*"; exit 0; }
die() { echo "incus.sh: $*" >&2; exit 2; }
for tool in curl node npm openssl unshare; do command -v $tool >/dev/null || skip "needs $tool"; done
if [ -z "${OIDCHECK:-}" ]; then
  OIDCHECK=$(ls -t "$ROOT"/target/{release,debug}/oidcheck 2>/dev/null | head -1)
  [ -n "$OIDCHECK" ] || die "build oidcheck first (cargo build)"
fi

stop() {
  local pid
  # The daemon takes its time to go when it is asked to.
  for pid in "${PIDS[@]:-}"; do [ -n "$pid" ] && kill -9 "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
}
trap stop EXIT
trap 'exit 130' INT TERM

# A port that nothing listens on, below the range from which outgoing connections take theirs.
port() {
  local p
  for _ in $(seq 50); do
    p=$((${PORTS_FROM:-20000} + RANDOM % ${PORTS:-10000}))
    (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null || { echo $p; return; }
  done
}

# unpack PACKAGE…: with what they need and is not installed, into WORK/root, by apt with lists of its own. The release's
# backports are looked at as well, which is where Debian 12 has them.
unpack() {
  local apt=$WORK/apt release site list
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo "no incusd, and no apt-get to get it with"; return 1; }
  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  site=$(apt-get indextargets --no-release-info --format '$(REPO_URI) $(RELEASE)' 'Identifier: Packages' | awk -v r="$release" '$2 == r { print $1; exit }')
  [ -n "$site" ] || { echo "apt knows no repository of the release \"$release\""; return 1; }
  mkdir -p "$apt"/{lists,cache/archives}/partial "$WORK/root"
  for list in "$release" "$release-backports"; do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $list main"
  done >"$apt/sources.list"
  cat >"$apt/apt.conf" <<CONF
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$apt/lists";
Dir::Cache "$apt/cache";
APT::Sandbox::User "$(id -un)";
CONF
  export APT_CONFIG=$apt/apt.conf
  timeout 300 apt-get update >"$apt/log" 2>&1
  list=$(apt-get install --simulate --no-install-recommends "$@" 2>>"$apt/log" | awk '$1 == "Inst" && $3 !~ /^\[/ { print $2 }')
  [ -n "$list" ] || { echo "the repositories of $release have no $*"; return 1; }
  (cd "$apt/cache" && timeout 300 apt-get download $list >>"$apt/log" 2>&1) || { echo "apt-get download failed, see $apt/log"; return 1; }
  for list in "$apt"/cache/*.deb; do dpkg-deb -x "$list" "$WORK/root" || return 1; done
  unset APT_CONFIG
}

# authority NAME: a CA, and a certificate of it for localhost.
authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1-ca.key" -out "$1-ca.pem" -days 30 -subj "/CN=$1 CA" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj /CN=localhost 2>/dev/null
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$1-ca.pem" -CAkey "$1-ca.key" -CAcreateserial -days 20 -out "$1.crt" -extfile "$1.ext" 2>/dev/null
}

# ---- Incus
LIBRARIES=
if [ -z "${INCUSD:-}" ]; then
  for INCUSD in "$WORK/root/usr/libexec/incus/incusd" /usr/libexec/incus/incusd /opt/incus/bin/incusd "$(command -v incusd)" ''; do [ -x "$INCUSD" ] && break; done
  if [ -z "$INCUSD" ]; then
    why=$(unpack incus-base incus-client) || skip "$why"
    INCUSD=$WORK/root/usr/libexec/incus/incusd
    [ -x "$INCUSD" ] || skip "the packages have no incusd"
  fi
fi
case $INCUSD in "$WORK"/*)
  LIBRARIES=$(dirname "$(find "$WORK/root" -name 'libcowsql.so*' | head -1)")
  PATH=$WORK/root/usr/bin:$WORK/root/usr/sbin:$WORK/root/sbin:$PATH ;;
esac
INCUS=${INCUS:-$(command -v incus)}
[ -x "$INCUS" ] || skip "there is no client (incus) beside $INCUSD"
VERSION=$(LD_LIBRARY_PATH=$LIBRARIES "$INCUSD" --version 2>/dev/null) || skip "$INCUSD does not run here"

# ---- the provider
mkdir -p "$WORK/op" && cd "$WORK/op" || die "no $WORK/op"
[ -d node_modules/oidc-provider ] || { npm init -y >/dev/null && timeout 300 npm i --no-audit --no-fund --loglevel=error oidc-provider@9.13.3 >npm.log 2>&1; } || skip "npm cannot install oidc-provider, see $WORK/op/npm.log"
mkdir -p "$WORK/tls" && cd "$WORK/tls" && authority good && authority stranger
export NODE_EXTRA_CA_CERTS=$WORK/tls/good-ca.pem
P_OP=$(port) P_STRANGER=$(port) P_INCUS=$(port)
cp "$HERE/incus/op.mjs" "$WORK/op/"
PORT=$P_OP UNTRUSTED_PORT=$P_STRANGER TLS_KEY=good.key TLS_CERT=good.crt UNTRUSTED_KEY=stranger.key UNTRUSTED_CERT=stranger.crt \
  CLIENTS="[{\"client_id\":\"incus\",\"token_endpoint_auth_method\":\"none\",\"redirect_uris\":[\"https://localhost:$P_INCUS/oidc/callback\"],\"response_types\":[\"code\"],\"grant_types\":[\"authorization_code\",\"refresh_token\",\"urn:ietf:params:oauth:grant-type:device_code\"]}]" \
  node "$WORK/op/op.mjs" >"$WORK/op.log" 2>&1 &
PIDS+=($!)

# ---- the daemon. It asks a server on the internet for the names of instance types when it starts; a proxy that is not
# there keeps that here. Loopback never goes through a proxy.
export SSL_CERT_FILE=$WORK/tls/good-ca.pem INCUS_DIR=$WORK/state
incus_api() { curl -s -m 20 --unix-socket "$WORK/state/unix.socket" "$@" | grep -q '"status_code":200'; }
rm -rf "$WORK/state" && mkdir -p -m 711 "$WORK/state"
cp "$WORK/tls/good.crt" "$WORK/state/server.crt"; cp "$WORK/tls/good.key" "$WORK/state/server.key"
# Mounts of its own for root; somebody else needs a user namespace, in which 6.0.4 was seen not to listen.
[ "$(id -u)" = 0 ] && apart=(--mount) || apart=(--user --map-root-user --mount)
LD_LIBRARY_PATH=$LIBRARIES HTTPS_PROXY=http://127.0.0.1:9 HTTP_PROXY=http://127.0.0.1:9 \
  unshare "${apart[@]}" "$INCUSD" --group root >"$WORK/incusd.log" 2>&1 &
PIDS+=($!)
for _ in $(seq 300); do
  incus_api http://incus/1.0 && break
  kill -0 "${PIDS[1]}" 2>/dev/null || break
  sleep .1
done
incus_api -X PATCH http://incus/1.0 -d "{\"config\":{\"core.https_address\":\"127.0.0.1:$P_INCUS\"}}" ||
  skip "incusd $VERSION does not start here: $(grep -E 'level=fatal|^Error' "$WORK/incusd.log" | tail -1)"
sleep 1
curl -s -o /dev/null -m 5 --cacert "$SSL_CERT_FILE" "https://localhost:$P_INCUS/1.0" || skip "incusd $VERSION starts and does not listen (unshare ${apart[*]})"
for _ in $(seq 100); do curl -s -o /dev/null -m 5 --cacert "$SSL_CERT_FILE" "https://localhost:$P_OP/jwks" && break; sleep .1; done
curl -s -o /dev/null -m 5 --cacert "$SSL_CERT_FILE" "https://localhost:$P_OP/jwks" || skip "oidc-provider does not start, see $WORK/op.log"

cd "$WORK" && OIDCHECK=$(realpath "$OIDCHECK") INCUS=$INCUS VERSION=$VERSION OP=https://localhost:$P_OP STRANGER=https://localhost:$P_STRANGER \
  APP=https://localhost:$P_INCUS WORK=$WORK node "$HERE/incus/compare.mjs" "$@"
