#!/bin/sh
# Checks whether a locked dependency has a known vulnerability (pip-audit). If the database can't be
# reached, it says so and passes, since being offline is no fault of the source. A package that was
# not checked is never reported as clean.
set -eu
venv=$1
lock=${2:-requirements.lock}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! "$venv/bin/python" -c 'import pip_audit' 2>/dev/null; then
  echo "audit: skipped, pip-audit is not installed"
  exit 0
fi
set +e
timeout 90 "$venv/bin/pip-audit" --progress-spinner off --disable-pip --require-hashes \
  --format json --output "$work/out" -r "$lock" 2>"$work/err"
status=$?
set -e
if [ -s "$work/out" ]; then
  exec "$venv/bin/python" - "$work/out" <<'EOF'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    found = json.load(file)["dependencies"]
bad = [(one["name"], one["version"], each["id"]) for one in found for each in one.get("vulns", [])]
unknown = [one["name"] for one in found if "skip_reason" in one]
for name, version, advisory in bad:
    print(f"audit: {name} {version} has {advisory}")
if unknown:
    print(f"audit: {len(unknown)} of {len(found)} could not be examined, {unknown[0]} for one")
elif not bad:
    print(f"audit: no known vulnerabilities in {len(found)} packages")
sys.exit(1 if bad else 0)
EOF
elif [ "$status" -eq 124 ] ||
  grep -qiE 'connect|timed? ?out|resol|unreachable|retries' "$work/err"; then
  echo "audit: skipped, the vulnerability database can't be reached"
else # an unreadable lock file, say
  cat "$work/err"
  exit 1
fi
