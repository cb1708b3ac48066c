#!/usr/bin/env bash
# What `oidcheck setup` prints is pasted into a real provider, and `oidcheck check` finds nothing wrong with it.
#
#   tests/live/setup.sh KEYCLOAK [APP…]        for example http://127.0.0.1:8080/realms/lab, started with the user admin,
#                                              password admin, in the realm master; default: the five applications
#   OIDCHECK=path …/setup.sh                   another binary; default: target/release/oidcheck
#
# For each application the client is imported as printed, with the secret filled in, and examined with it; then a login
# is made as alice, who is created when she is not there. The clients are taken away again. The exit code is 1 when anything is
# found that counts.
set -euo pipefail
ISSUER=${1%/} BASE=${1%%/realms/*} REALM=${1##*/realms/}; shift
OIDCHECK=${OIDCHECK:-$(cd "$(dirname "$0")/../.." && pwd)/target/release/oidcheck}
APPS=("$@"); [ ${#APPS[@]} -gt 0 ] || APPS=(xen-orchestra proxmox virtuozzo incus netbird keystone)
WORK=$(mktemp -d); trap 'rm -rf "$WORK"' EXIT
BAD=0
admin() {
  curl -sf -m 30 -d client_id=admin-cli -d username=admin -d password=admin -d grant_type=password \
    "$BASE/realms/master/protocol/openid-connect/token" | jq -r .access_token
}
curl -s -m 30 -o /dev/null -H "Authorization: Bearer $(admin)" -H 'Content-Type: application/json' "$BASE/admin/realms/$REALM/users" \
  -d '{"username":"alice","enabled":true,"email":"alice@example.test","emailVerified":true,"firstName":"Alice","lastName":"Lab","credentials":[{"type":"password","value":"pw12345678"}]}'
for app in "${APPS[@]}"; do
  url=https://$app.lab.test
  [ "$app" = proxmox ] && url=$url:8006
  "$OIDCHECK" setup --profile "$app" --provider keycloak --app-url "$url" --issuer "$ISSUER" --format json > "$WORK/setup.json"
  secret=$(jq -r '.secret.value // empty' "$WORK/setup.json")
  clients=()
  while IFS= read -r block; do
    printf %s "$block" | jq --arg s "$secret" 'if .secret then .secret = $s else . end' > "$WORK/client.json"
    at=$(curl -s -m 30 -o "$WORK/answer" -D - -H "Authorization: Bearer $(admin)" -H 'Content-Type: application/json' \
      --data-binary @"$WORK/client.json" "$BASE/admin/realms/$REALM/clients" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
    [ -n "$at" ] || { echo "$app: Keycloak does not take the client: $(head -c 300 "$WORK/answer")"; BAD=1; continue; }
    clients+=("$at")
  done < <(jq -c '.provider_side[] | select(.language == "json") | .text | fromjson' "$WORK/setup.json")
  id=$(jq -r .client_id "$WORK/setup.json")
  args=(--profile "$app" --client-id "$id")
  [ -z "$secret" ] || { printf %s "$secret" > "$WORK/secret"; args+=(--client-secret-file "$WORK/secret"); }
  # The application itself is not there, so its redirect URIs come from the profile and nobody asks it.
  redirects=$(jq -r '[.provider_side[] | select(.language == "json") | .text | fromjson | .redirectUris[]] | first' "$WORK/setup.json")
  for way in registration login; do
    more=(); [ $way = login ] && more=(--login form)
    OIDCHECK_USERNAME=alice OIDCHECK_PASSWORD=pw12345678 timeout 90 "$OIDCHECK" check "$ISSUER" "${args[@]}" --redirect-uri "$redirects" \
      ${more[@]+"${more[@]}"} --inconclusive ok --format json > "$WORK/report.json" 2> "$WORK/err" || true
    found=$(jq -r '.runs[].outcomes[] | .check as $c | .findings[] | select(.severity == "error") | "    \($c): \(.message)"' "$WORK/report.json" 2>/dev/null || head -c 400 "$WORK/err")
    open=$(jq -r '[.runs[].outcomes[] | select(.verdict == "inconclusive") | .check] | join(" ")' "$WORK/report.json" 2>/dev/null)
    printf '%-14s %-13s %s%s\n' "$app" "$way" "$([ -z "$found" ] && echo 'nothing against it' || echo "$(jq -r .decision.because "$WORK/report.json" 2>/dev/null)")" "${open:+ (open: $open)}"
    [ -z "$found" ] || { echo "$found"; BAD=1; }
    [ $way != login ] || [ "$(jq -r '.runs[0].tier' "$WORK/report.json" 2>/dev/null)" = login ] || { echo "    nobody was logged in: $(head -c 300 "$WORK/err")"; BAD=1; }
  done
  for at in ${clients[@]+"${clients[@]}"}; do curl -s -m 30 -X DELETE -H "Authorization: Bearer $(admin)" "$at"; done
done
exit $BAD
