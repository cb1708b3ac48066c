#!/usr/bin/env bash
# What one check costs, beside curl fetching the same two documents in one run over one connection.
#
#   tests/live/figures.sh ISSUER CA_FILE [RUNS]        of the release build; OIDCHECK=path for another one
#
# What judging alone costs: cargo run --release --example judging -- RECORDING.har
#
# Prints the mean wall time of each over RUNS (50) runs that take turns, their ratio, the peak memory of one check and
# the size of the binary.
set -euo pipefail
ISSUER=$1 CA=$2 RUNS=${3:-50}
OIDCHECK=${OIDCHECK:-$(cd "$(dirname "$0")/../.." && pwd)/target/release/oidcheck}
META=${ISSUER%/}/.well-known/openid-configuration
JWKS=$(curl -sf --cacert "$CA" "$META" | jq -r .jwks_uri)
now() { date +%s%N; }
ours=0 theirs=0
for _ in $(seq "$RUNS"); do
  a=$(now); "$OIDCHECK" check "$ISSUER" --ca-file "$CA" >/dev/null || true
  b=$(now); curl -s --cacert "$CA" "$META" "$JWKS" -o /dev/null -o /dev/null
  c=$(now); ours=$((ours + b - a)) theirs=$((theirs + c - b))
done
awk -v o=$ours -v t=$theirs -v n="$RUNS" 'BEGIN { printf "oidcheck %.1f ms, curl %.1f ms, ratio %.2f (means of %d runs)\n", o/n/1e6, t/n/1e6, o/t, n }'
# /usr/bin/time is not everywhere; the kernel's own peak, as Python reports it for a child, is.
python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print("peak memory %.1f MiB" % (resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024))' "$OIDCHECK" check "$ISSUER" --ca-file "$CA"
printf 'binary %.1f MiB\n' "$(stat -c %s "$OIDCHECK" | awk '{ print $1 / 1048576 }')"
