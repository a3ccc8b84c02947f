#!/usr/bin/env bash
# The program's tests; they need nothing but bash.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0
expect() { # what it must say, arguments
  local wanted=$1 said
  shift
  said=$(bash src/greet.sh "$@")
  if [ "$said" != "$wanted" ]; then
    echo "FAILED greet.sh $*: '$said' instead of '$wanted'"
    failed=1
  fi
}
expect 'Hello, world!'
expect 'Hello, Ann!' Ann
expect 'Hello, -n!' -n
[ "$failed" -eq 0 ] && echo "All tests hold."
exit "$failed"
