#!/usr/bin/env bash
# Real OpenID Providers that other people wrote, on loopback, and oidcheck against each of them.
#
#   tests/live/run.sh [WORKDIR]                 default: target/live
#   ONLY='oidc-provider glewlwyd' …/run.sh      a choice of providers
#   OIDCHECK=path …/run.sh                      another binary; default: target/release or target/debug, the newer one
#   AUTHELIA_URL=… AUTHENTIK_URL=… KEYCLOAK_URL=… DEX_URL=… HYDRA_URL=…    issuers of providers that somebody else started
#   LIVE_APT=1 …/run.sh                         lets it install glewlwyd as a Debian package (root)
#
# Everything is installed into WORKDIR by the ordinary package clients, every server is bound to 127.0.0.1, every wait
# is bounded, and what was started is killed at the end. Per provider × profile one line is printed; the whole reports
# and a recording of each provider stay in WORKDIR/reports. A provider that cannot be had here is skipped, and the line
# says why. The exit code is 1 when oidcheck finds an error for the profile `generic` in a provider that should have
# none, or dies, or a line about a registration is WRONG; else 0.
#
# A registration is examined too (probing.sh): as it should be, with a wrong secret, with a slash too many, as a client that
# nobody knows, and with a login by forms where a provider has them.
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
WORK=${1:-$ROOT/target/live}
mkdir -p "$WORK/reports" && WORK=$(cd "$WORK" && pwd)
APPS='incus netbird proxmox virtuozzo xen-orchestra'
CALLBACK=http://127.0.0.1:9999/cb    # registered with every provider; nothing listens there
PIDS=() SKIPPED=() BAD=0

die() { echo "run.sh: $*" >&2; exit 2; }
for tool in curl jq openssl; do command -v $tool >/dev/null || die "needs $tool"; done
if [ -z "${OIDCHECK:-}" ]; then
  OIDCHECK=$(ls -t "$ROOT"/target/{release,debug}/oidcheck 2>/dev/null | head -1)
  [ -n "$OIDCHECK" ] || die "build oidcheck first (cargo build)"
fi

OIDCHECK=$(realpath -e "$OIDCHECK") || die "there is no such binary"

stop() {
  local pid
  for pid in "${PIDS[@]:-}"; do [ -n "$pid" ] && kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
  PIDS=()
}
trap stop EXIT
trap 'exit 130' INT TERM

skip() { printf '%-22s %-6s %s\n' "$1" "-" "skipped: $2"; SKIPPED+=("$1"); return 1; }

# A port that nothing listens on, below the range from which outgoing connections take theirs.
port() {
  local p
  for _ in $(seq 50); do
    p=$((20000 + RANDOM % 10000))
    (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null || { echo $p; return; }
  done
}

# start NAME COMMAND…: in the background, with its output in a log.
start() {
  local log=$WORK/$1.log; shift
  "$@" >"$log" 2>&1 &
  PIDS+=($!)
}

# await URL: until it answers 200, or 30 s.
await() {
  local end=$((SECONDS + 30))
  until [ "$(curl -s -o /dev/null -m 5 --cacert "$WORK/tls/ca.pem" -w '%{http_code}' "$1")" = 200 ]; do
    [ $SECONDS -lt $end ] || return 1
    sleep .1
  done
}

# A CA that nobody knows, and a certificate of it for localhost and 127.0.0.1.
tls() {
  mkdir -p "$WORK/tls"; cd "$WORK/tls" || return
  [ -s ca.pem ] && openssl x509 -checkend 604800 -noout -in ca.pem >/dev/null && return
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 90 \
    -subj '/CN=Lab CA' -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key -out leaf.csr -subj '/CN=localhost' 2>/dev/null
  printf 'subjectAltName=DNS:localhost,DNS:idp.lab.test,IP:127.0.0.1\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' > leaf.ext
  openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 80 -out leaf.crt -extfile leaf.ext 2>/dev/null
  cat leaf.crt ca.pem > leaf.chain.pem
}

# with_tls BACKPORT: a TLS front; prints its port.
front() { start "tls-$1" node "$HERE/tlsproxy.mjs" "$2" "$WORK/tls/leaf.key" "$WORK/tls/leaf.chain.pem" "$1"; }

# errors NAME REPORT: the errors for a client by the book, of which a healthy provider has none. The development keys of
# oidc-provider are the same on every machine, with their private halves in its source: that error is true.
errors() {
  local found
  found=$(jq -r '.runs[].outcomes[] | select(.severity == "error") | .check as $c | .findings[]? | "    \($c): \(.message)"' "$2")
  echo "$found"
  [ "$1" = oidc-provider ] && found=$(grep -v '^ *jwks/known-keys:' <<<"$found")
  [ -z "$found" ] || BAD=1
}

# check NAME SCHEME ISSUER: all profiles against one provider, one line each.
check() {
  local name=$1 scheme=$2 issuer=$3 profile out exit line
  if ! await "${issuer%/}/.well-known/openid-configuration"; then
    skip "$name/$scheme" "no metadata at ${issuer%/}/.well-known/openid-configuration within 30 s; see $WORK/*.log"
    return
  fi
  local ca=(); [ "$scheme" = tls ] && ca=(--ca-file "$WORK/tls/ca.pem")
  for profile in generic $APPS 'library:*'; do
    out=$WORK/reports/$name.$scheme.${profile//[:*]/-}
    timeout 60 "$OIDCHECK" check "$issuer" --profile "$profile" ${ca[@]+"${ca[@]}"} --color never \
      -o json="$out.json" -o human="$out.txt" $([ "$profile" = 'library:*' ] && echo --record "$WORK/reports/$name.$scheme.har") >/dev/null 2>"$out.err"
    exit=$?
    line=$(jq -r '[.runs[].outcomes[]] as $o
      | [$o[].findings[]?] as $f
      | def n($e): [$f[] | select(.effect == $e)] | length;
        "login-fails \(n("login-fails"))  unsafe \(n("unsafe"))  degraded \(n("degraded"))  untidy \(n("untidy"))  pass \([$o[]|select(.verdict=="pass")]|length)  n/a \([$o[]|select(.verdict=="not-applicable")]|length)  cannot tell \([$o[]|select(.verdict=="inconclusive")]|length)"' "$out.json" 2>/dev/null)
    printf '%-22s %-6s %-14s exit %-3s %s\n' "$name" "$scheme" "$profile" "$exit" "${line:-no report: $(head -c 300 "$out.err")}"
    case $exit in 0 | 1 | 3) ;; *) BAD=1 ;; esac
    [ "$profile" = generic ] && [ "$exit" = 1 ] && errors "$name" "$out.json"
  done
}

# mistake WHAT CHECK ISSUER OPTION…: oidcheck finds it, by that check and no other.
mistake() {
  local what=$1 wanted=$2 found exit; shift 2
  # Its development keys are a true error whatever else is asked.
  found=$(timeout 60 "$OIDCHECK" check "$@" --format json 2>/dev/null | jq -r '[.runs[].outcomes[] | select(.check != "jwks/known-keys") | select([.findings[] | .severity] | index("error")) | .check] | join(" ")')
  [ "$found" = "$wanted" ] && exit=right || { exit=WRONG BAD=1; }
  printf '%-22s %-6s %s: %s (found: %s)\n' oidc-provider mistake "$what" "$exit" "${found:-nothing}"
}

# What people get wrong, and what becomes of it when the remedy is followed to the letter.
mistakes() {
  local dir=$WORK/oidc-provider back tls remedy ca=(--ca-file "$WORK/tls/ca.pem")
  back=$(port) tls=$(port)
  start oidc-provider env PORT="$back" ISSUER="https://localhost:$tls" PROXY=1 node "$dir/oidc-provider.mjs"
  front "$back" "$tls"
  await "https://localhost:$tls/.well-known/openid-configuration" || { skip mistakes "no metadata"; return; }
  mistake 'a final slash typed' discovery/issuer-exact "https://localhost:$tls/" "${ca[@]}"
  remedy=$(timeout 60 "$OIDCHECK" check "https://localhost:$tls/" "${ca[@]}" --format json 2>/dev/null |
    jq -r '.runs[].outcomes[] | select(.check == "discovery/issuer-exact") | .findings[].remedy' | grep -o 'https://[^ ,]*')
  mistake 'and the remedy' '' "$remedy" "${ca[@]}"
  mistake 'a private authority' tls/certificate-trusted "https://localhost:$tls"
  mistake 'and the remedy' '' "https://localhost:$tls" "${ca[@]}"
  mistake 'the login page typed' discovery/reachable "https://localhost:$tls/auth" "${ca[@]}"
  remedy=$(timeout 60 "$OIDCHECK" check "https://localhost:$tls/auth" "${ca[@]}" --format json 2>/dev/null |
    jq -r '.runs[].outcomes[] | select(.check == "discovery/reachable") | .findings[].remedy' | sed 's/^Enter \([^ ]*\) .*/\1/')
  mistake 'and the remedy' '' "$remedy" "${ca[@]}"
  stop
  start oidc-provider env PORT="$back" ISSUER="https://auth.example.test" PROXY=1 node "$dir/oidc-provider.mjs"
  front "$back" "$tls"
  await "https://localhost:$tls/.well-known/openid-configuration" || return
  mistake 'ISSUER of another host' discovery/issuer-exact "https://localhost:$tls" "${ca[@]}"
  stop
  start oidc-provider env PORT="$back" ISSUER="https://localhost:$tls" node "$dir/oidc-provider.mjs"
  front "$back" "$tls"
  await "https://localhost:$tls/.well-known/openid-configuration" || return
  mistake 'a proxy that is not trusted' 'discovery/https-endpoints jwks/reachable' "https://localhost:$tls" "${ca[@]}"
}

. "$HERE/probing.sh"

wanted() { [ -z "${ONLY:-}" ] || [[ " $ONLY " == *" $1 "* ]]; }

# npm PACKAGE DIR
npm_install() {
  command -v node >/dev/null && command -v npm >/dev/null || { echo "needs node and npm"; return 1; }
  mkdir -p "$2" && cd "$2" || return
  [ -d node_modules ] || { npm init -y >/dev/null && timeout 300 npm i --no-audit --no-fund --loglevel=error "${@:3}" "$1" >npm.log 2>&1; } || { rm -rf node_modules; echo "npm cannot install $1"; return 1; }
}

# pip DIR PACKAGE…
pip_install() {
  local dir=$1 python; shift
  for python in python3.13 python3.12 python3; do $python -c 'import venv' 2>/dev/null && break; done || { echo "needs python3 with venv"; return 1; }
  [ -x "$dir/venv/bin/pip" ] || $python -m venv "$dir/venv" || { echo "no venv"; return 1; }
  timeout 300 "$dir/venv/bin/pip" install -q --disable-pip-version-check "$@" >"$dir/pip.log" 2>&1 || { echo "pip cannot install $*"; return 1; }
}

oidc_provider() {
  local why dir=$WORK/oidc-provider back tls
  why=$(npm_install oidc-provider@9.13.3 "$dir") || { skip oidc-provider "$why"; return; }
  cp "$HERE/oidc-provider.mjs" "$dir/"
  back=$(port)
  start oidc-provider env PORT="$back" ISSUER="http://127.0.0.1:$back" node "$dir/oidc-provider.mjs"
  check oidc-provider http "http://127.0.0.1:$back"
  probes oidc-provider "http://127.0.0.1:$back" web s3cret-web "$CALLBACK"
  faults oidc-provider "http://127.0.0.1:$back"
  keep oidc-provider.slash "http://127.0.0.1:$back" web s3cret-web "$CALLBACK/"
  login oidc-provider "http://127.0.0.1:$back" web s3cret-web "$CALLBACK"; stop
  back=$(port) tls=$(port)
  start oidc-provider env PORT="$back" ISSUER="https://localhost:$tls" PROXY=1 node "$dir/oidc-provider.mjs"
  front "$back" "$tls"
  check oidc-provider tls "https://localhost:$tls"; stop
  mistakes
}

oauth2_mock_server() {
  local why dir=$WORK/oauth2-mock-server p
  why=$(npm_install oauth2-mock-server@9.3.0 "$dir") || { skip oauth2-mock-server "$why"; return; }
  p=$(port)
  start oauth2-mock-server node "$dir/node_modules/.bin/oauth2-mock-server" -a 127.0.0.1 -p "$p"
  check oauth2-mock-server http "http://localhost:$p"
  # It gives tokens to everybody for anything.
  LOGIN_='redirect/foreign-host-refused token/error-format' login oauth2-mock-server "http://localhost:$p" web s3cret-web "$CALLBACK"; stop
  p=$(port)
  start oauth2-mock-server node "$dir/node_modules/.bin/oauth2-mock-server" -a 127.0.0.1 -p "$p" -c "$WORK/tls/leaf.chain.pem" -k "$WORK/tls/leaf.key"
  check oauth2-mock-server tls "https://localhost:$p"
}

oidc_provider_mock() {
  local why dir=$WORK/oidc-provider-mock p client
  mkdir -p "$dir"
  why=$(pip_install "$dir" oidc-provider-mock) || { skip oidc-provider-mock "$why"; return; }
  p=$(port)
  start oidc-provider-mock "$dir/venv/bin/oidc-provider-mock" -p "$p"
  check oidc-provider-mock http "http://127.0.0.1:$p"
  login oidc-provider-mock "http://127.0.0.1:$p" web s3cret-web "$CALLBACK"; stop
  p=$(port)
  start oidc-provider-mock "$dir/venv/bin/oidc-provider-mock" -p "$p" -r true
  await "http://127.0.0.1:$p/.well-known/openid-configuration" || { skip oidc-provider-mock/strict "no metadata"; return; }
  client=$(curl -s "http://127.0.0.1:$p/oauth2/clients" -H 'content-type: application/json' -d "{\"redirect_uris\":[\"$CALLBACK\"],\"token_endpoint_auth_method\":\"client_secret_basic\"}")
  set -- "http://127.0.0.1:$p" "$(jq -r .client_id <<<"$client")" "$(jq -r .client_secret <<<"$client")" "$CALLBACK"
  probes oidc-provider-mock "$@"
  login oidc-provider-mock "$@"
}

django_oauth_toolkit() {
  local why dir=$WORK/django p tls
  mkdir -p "$dir"
  why=$(pip_install "$dir" django-oauth-toolkit==3.4.1 django==5.2.19) || { skip django-oauth-toolkit "$why"; return; }
  WORK=$dir "$dir/venv/bin/python" "$HERE/oauth_toolkit.py" migrate -v0 >"$dir/migrate.log" 2>&1 || { skip django-oauth-toolkit "migrate failed: $dir/migrate.log"; return; }
  local manage=("$dir/venv/bin/python" "$HERE/oauth_toolkit.py")
  WORK=$dir DJANGO_SUPERUSER_PASSWORD=pw12345678 "${manage[@]}" createsuperuser --noinput --username alice --email alice@example.test >/dev/null 2>&1
  WORK=$dir "${manage[@]}" createapplication --client-id web --client-secret s3cret-web --redirect-uris "$CALLBACK" --algorithm RS256 confidential authorization-code >/dev/null 2>&1
  p=$(port) tls=$(port)
  start django env WORK="$dir" "$dir/venv/bin/python" "$HERE/oauth_toolkit.py" runserver --noreload "127.0.0.1:$p"
  front "$p" "$tls"
  check django-oauth-toolkit http "http://127.0.0.1:$p/o"
  # It asks for a login before it looks at the request, and fails over a good one with prompt=none.
  SLASH_='?redirect/accepted' CLIENT_='token/secret-accepted ?client/known' probes django-oauth-toolkit "http://127.0.0.1:$p/o" web s3cret-web "$CALLBACK"
  keep django-oauth-toolkit.registration "http://127.0.0.1:$p/o" web s3cret-web "$CALLBACK"
  login django-oauth-toolkit "http://127.0.0.1:$p/o" web s3cret-web "$CALLBACK"
  check django-oauth-toolkit tls "https://localhost:$tls/o"
}

glewlwyd_() {
  local dir=$WORK/glewlwyd p tls sql=/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3
  if ! command -v glewlwyd >/dev/null && [ -n "${LIVE_APT:-}" ]; then
    DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y --no-install-recommends dbconfig-sqlite3 glewlwyd sqlite3 >"$WORK/apt.log" 2>&1
  fi
  command -v glewlwyd >/dev/null && command -v sqlite3 >/dev/null || { skip glewlwyd "not installed (Debian: apt-get install dbconfig-sqlite3 glewlwyd sqlite3, or LIVE_APT=1)"; return; }
  local scheme issuer
  for scheme in http tls; do
    rm -rf "$dir"; mkdir -p "$dir"; cd "$dir" || return
    p=$(port) tls=$(port)
    if [ $scheme = tls ]; then issuer=https://localhost:$tls; else issuer=http://localhost:$p; fi
    sqlite3 glew.db < $sql
    sed -e 's#log_mode="file"#log_mode="console"#' -e "s/^# static_files_path/static_files_path/" -e "s#external_url=.*#external_url=\"$issuer/\"#" -e "s#^port=.*#port=$p#" \
      -e 's/^#bind_address=.*/bind_address="127.0.0.1"/' -e 's#@include.*#database={type="sqlite3" path="glew.db"};#' /etc/glewlwyd/glewlwyd.conf > g.conf
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out k.pem 2>/dev/null; openssl pkey -in k.pem -pubout -out k.pub
    start glewlwyd glewlwyd -c g.conf
    for _ in $(seq 50); do curl -s -o /dev/null "http://127.0.0.1:$p/" && break; sleep .1; done
    sh "$HERE/glewlwyd-seed.sh" "http://127.0.0.1:$p" "$issuer/api/oidc" || { skip glewlwyd/$scheme "cannot be seeded; see $WORK/glewlwyd.log"; stop; continue; }
    [ $scheme = tls ] && front "$p" "$tls"
    check glewlwyd $scheme "$issuer/api/oidc"
    # It says 403 to everything that it does not like, as a bot wall would.
    if [ $scheme = http ]; then
      SLASH_='?redirect/accepted' CLIENT_='?client/known' probes glewlwyd "$issuer/api/oidc" web s3cret-web "$CALLBACK"
      no_login glewlwyd "$issuer/api/oidc" web s3cret-web "$CALLBACK"
      keep glewlwyd.registration "$issuer/api/oidc" web s3cret-web "$CALLBACK"
    fi
    stop
  done
}

zitadel_oidc() {
  local dir=$WORK/zitadel back tls wrap
  command -v go >/dev/null || { skip zitadel-oidc "needs Go"; return; }
  mkdir -p "$dir"; cp "$HERE"/zitadel/* "$dir/"; cd "$dir" || return
  [ -x op ] || GOFLAGS=-mod=mod timeout 600 go build -o op . >build.log 2>&1 || { skip zitadel-oidc "go build failed: $dir/build.log"; return; }
  for wrap in '' 1; do
    back=$(port) tls=$(port)
    # The example allows plain http for its own issuer only.
    start zitadel env PORT="$back" WRAP=$wrap USERS=users.json ISSUER="http://localhost:$back/" ./op
    check "zitadel-oidc${wrap:+-server}" http "http://localhost:$back/"
    # It looks at the code before the secret.
    if [ -z "$wrap" ]; then SECRET_='?token/secret-accepted' probes zitadel-oidc "http://localhost:$back/" web s3cret-web "$CALLBACK"; fi
    login "zitadel-oidc${wrap:+-server}" "http://localhost:$back/" web s3cret-web "$CALLBACK"; stop
    back=$(port)
    start zitadel env PORT="$back" WRAP=$wrap USERS=users.json ISSUER="https://localhost:$tls/" ./op
    front "$back" "$tls"
    check "zitadel-oidc${wrap:+-server}" tls "https://localhost:$tls/"; stop
  done
}

tls
for provider in oidc-provider oauth2-mock-server oidc-provider-mock django-oauth-toolkit glewlwyd zitadel-oidc; do
  wanted $provider || continue
  case $provider in glewlwyd) glewlwyd_ ;; *) "${provider//-/_}" ;; esac
  stop
done
# Providers that no package registry has, or that take minutes to build: only when somebody else runs one.
for provider in authelia authentik dex hydra keycloak; do
  wanted $provider || continue
  url=$(tr a-z A-Z <<<$provider)_URL
  [ -n "${!url:-}" ] || { skip $provider "no \$$url given"; continue; }
  check $provider given "${!url}"
  [ $provider != keycloak ] || { keycloak_rules "${!url}"; faults keycloak "${!url}"; }
done
faults_found
exit $BAD
