# Sourced by run.sh: an examination of a client registration, without a login and with one, one line each.

# probe NAME WHAT WANTED ISSUER CLIENT SECRET URI OPTION…: the checks of the registration with an error are WANTED and no
# other; "?CHECK" is one that must stay inconclusive.
probe() {
  local name=$1 what=$2 wanted=$3 issuer=$4 client=$5 uri=$7 out found verdict check
  out=$WORK/reports/$name.probe.${what// /-}.json
  printf %s "$6" > "$WORK/probe.secret"; shift 7
  timeout 60 "$OIDCHECK" check "$issuer" --client-id "$client" --client-secret-file "$WORK/probe.secret" \
    --redirect-uri "$uri" --depth standard --color never --format json "$@" >"$out" 2>"$out.err"
  found=$(jq -r '[.runs[].outcomes[] | select(.check | test("^(client|redirect|authorize|token|token-response|id-token|access-token|userinfo)/"))
    | select([.findings[] | .severity] | index("error")) | .check] | join(" ")' "$out" 2>/dev/null) || found='no report'
  verdict=right
  for check in $wanted; do
    case $check in
      \?*) jq -e --arg c "${check#\?}" '[.runs[].outcomes[] | select(.check == $c) | .verdict] | index("inconclusive")' "$out" >/dev/null 2>&1 || verdict=WRONG
        wanted=${wanted//$check/} ;;
    esac
  done
  [ "$found" = "$(echo $wanted)" ] || verdict=WRONG
  [ $verdict = right ] || BAD=1
  printf '%-22s %-6s %s: %s (found: %s; rule: %s)\n' "$name" probe "$what" $verdict "${found:-nothing}" \
    "$(jq -r '[.runs[].outcomes[] | select(.check == "redirect/exact") | if .verdict == "pass" then .reason elif .verdict == "fail" then .findings[0].message else .verdict end] | first // "none"' "$out" 2>/dev/null)"
}

# probes NAME ISSUER CLIENT SECRET URI: a registration as it should be, and what people get wrong about it. What a
# provider does not tell before a login is given by SLASH_ and SECRET_ (default: the check that finds it).
probes() {
  local name=$1 issuer=$2 client=$3 secret=$4 uri=$5
  probe "$name" 'all right' '' "$issuer" "$client" "$secret" "$uri"
  probe "$name" 'a wrong secret' "${SECRET_-token/secret-accepted}" "$issuer" "$client" wrong "$uri"
  probe "$name" 'a slash too many' "${SLASH_-redirect/accepted}" "$issuer" "$client" "$secret" "$uri/"
  probe "$name" 'an unknown client' "${CLIENT_-client/known}" "$issuer" nobody "$secret" "$uri"
}

# keep FILE ISSUER CLIENT SECRET URI: a recording of an examination for three applications, as in fixtures/recordings.
keep() {
  printf %s "$4" > "$WORK/probe.secret"
  timeout 60 "$OIDCHECK" check "$2" --client-id "$3" --client-secret-file "$WORK/probe.secret" --redirect-uri "$5" \
    --depth standard --profile generic --profile proxmox --profile xen-orchestra --format json \
    --record "$WORK/reports/$1.har" >/dev/null 2>&1
}

# login NAME ISSUER CLIENT SECRET URI: the same with a login by its forms.
login() {
  OIDCHECK_USERNAME=alice OIDCHECK_PASSWORD=pw12345678 probe "$1" 'a login' "${LOGIN_-}" "$2" "$3" "$4" "$5" --login form
  jq -e '[.runs[].outcomes[] | select(.check == "id-token/signature") | .verdict] | index("pass")' \
    "$WORK/reports/$1.probe.a-login.json" >/dev/null || { BAD=1; echo "    nobody was logged in: $(head -c 300 "$WORK/reports/$1.probe.a-login.json.err")"; }
}

# no_login NAME ISSUER CLIENT SECRET URI: a login page that is a program and no form; the message says so, and where.
no_login() {
  local said
  printf %s "$4" > "$WORK/probe.secret"
  said=$(OIDCHECK_USERNAME=alice OIDCHECK_PASSWORD=pw12345678 timeout 60 "$OIDCHECK" check "$2" --client-id "$3" \
    --client-secret-file "$WORK/probe.secret" --redirect-uri "$5" --login form --format json 2>&1 >"$WORK/reports/$1.no-login.json" | head -c 600)
  case $said in *"${2%/api/*}"*) echo "$said" | sed "s/^/    /;1s/^    /$(printf '%-22s %-6s' "$1" login) /" ;; *) BAD=1; echo "$1 login WRONG: $said" ;; esac
}

# rule NAME ISSUER CLIENT URI WANTED: the rule by which redirect URIs are compared, as the report says it, or nothing
# where the report leaves it open.
rule() {
  local out=$WORK/reports/$1.rule.$3.json told verdict=right
  timeout 60 "$OIDCHECK" check "$2" --client-id "$3" --redirect-uri "$4" --depth standard --color never --format json >"$out" 2>"$out.err"
  if ! jq -e '[.runs[].outcomes[] | select(.check == "client/known") | .verdict] | index("pass")' "$out" >/dev/null 2>&1; then
    printf '%-22s %-6s %s: skipped, this client is not there\n' "$1" rule "$3"; return
  fi
  told=$(jq -r '[.runs[].outcomes[] | select(.check == "redirect/foreign-host-refused" or .check == "redirect/exact")
    | (.findings[]?.message, select(.verdict == "pass" and .check == "redirect/exact").reason)] | join("; ")' "$out")
  [ -z "$told" ] || [[ $told == *"$5"* ]] || { verdict=WRONG; BAD=1; }
  printf '%-22s %-6s %s: %s (%s)\n' "$1" rule "$3" $verdict "${told:-left open}"
}

# The registrations of a Keycloak realm that has keycloak-realm.json.
keycloak_rules() {
  rule keycloak "$1" web http://127.0.0.1:9999/cb 'exact, after'
  rule keycloak "$1" wild http://127.0.0.1:9999/cb 'any path of the host'
  rule keycloak "$1" exact2 https://app.lab.test/cb 'exact, after'
  rule keycloak "$1" appstar https://app.lab.test/cb 'any path of the host'
  rule keycloak "$1" prefix https://app.lab.test/cb 'a prefix that ends inside the host'
  rule keycloak "$1" star https://app.lab.test/cb 'any redirect URI'
}

# fault NAME WHAT CHECK PROFILE ISSUER CLIENT SECRET URI OPTION…: what people get wrong at one of the two sides is found
# by CHECK with one run and no login. An empty SECRET is a public client. What is found is counted in FOUND_OF.
declare -A FOUND_OF=()
fault() {
  local name=$1 what=$2 check=$3 profile=$4 issuer=$5 client=$6 uri=$8 out message secret=()
  out=$WORK/reports/$name.fault.${what// /-}.json
  [ -z "$7" ] || { printf %s "$7" > "$WORK/probe.secret"; secret=(--client-secret-file "$WORK/probe.secret"); }
  shift 8
  timeout 60 "$OIDCHECK" check "$issuer" --profile "$profile" --app-url http://127.0.0.1:9999 --client-id "$client" ${secret[@]+"${secret[@]}"} \
    --redirect-uri "$uri" --color never --format json "$@" >"$out" 2>"$out.err"
  message=$(jq -r --arg c "$check" '[.runs[].outcomes[] | select(.check == $c) | .findings[] | select(.severity != "notice") | "\(.severity): \(.message)"] | first // empty' "$out" 2>/dev/null)
  [ -z "$message" ] || FOUND_OF[$what]="${FOUND_OF[$what]:-} $name"
  printf '%-22s %-6s %s: %s\n' "$name" fault "$what" "${message:-not found}"
}

# faults NAME ISSUER: all of them, at a provider that has the clients of oidc-provider.mjs.
faults() {
  local name=$1 issuer=$2 cb=$CALLBACK
  fault "$name" 'wrong secret' token/secret-accepted generic "$issuer" web wrong "$cb"
  fault "$name" 'wrong method' token/secret-accepted proxmox "$issuer" jwt s3cret-jwt-0123456789abcdef0123456789 "$cb"
  fault "$name" 'hashed secret' token/secret-itself generic "$issuer" web '$pbkdf2-sha512$310000$c8p78n7pUMln0jzvd4aK4Q$JNRBzwAo0ek5qKn50cFzzvE9RXV88h1wJn5KGiHrD0YKtZaR/nCb2CJPOsKaPK0hjf.9yHxzQGZziziccp6Yng' "$cb"
  fault "$name" 'unregistered redirect' redirect/accepted generic "$issuer" web s3cret-web http://127.0.0.1:9999/elsewhere
  fault "$name" 'missing slash' redirect/accepted generic "$issuer" web s3cret-web "$cb/"
  fault "$name" 'missing port' redirect/accepted generic "$issuer" noport s3cret-noport https://app.lab.test:8006/cb
  fault "$name" 'disabled device grant' endpoints/device-flow incus "$issuer" spa '' "$cb"
  fault "$name" 'missing scope' authorize/scopes xen-orchestra "$issuer" few s3cret-few "$cb" --set scope='openid profile nosuch'
  fault "$name" 'PKCE required' authorize/pkce xen-orchestra "$issuer" strictpkce s3cret-strict "$cb"
}

# Each fault of this list has to be found at two providers.
faults_found() {
  local what found
  for what in "${!FOUND_OF[@]}"; do
    found=$(wc -w <<<"${FOUND_OF[$what]}")
    printf '%-22s %-6s found at%s\n' "$what" fault "${FOUND_OF[$what]}"
    [ "$found" -ge 2 ] || echo "    only at $found"
  done
}
