#!/bin/sh
# Prints a Python that is new enough: $PYTHON, or the newest of the usual names.
set -eu
enough='import sys; sys.exit(sys.version_info < (3, 11, 3))'
for name in ${PYTHON:-} python3.14 python3.13 python3.12 python3.11 python3 python; do
  if path=$(command -v "$name" 2>/dev/null) && "$path" -c "$enough" 2>/dev/null; then
    echo "$path"
    exit 0
  fi
done
echo "Python 3.11.3 or newer is needed; name it: make PYTHON=/path/to/python3.11 …" >&2
exit 1
