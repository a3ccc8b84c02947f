#!/usr/bin/env bash
# The action's step: inputs come as ORCHESTRATOR_CI_*, are looked at, and become the words of 'orchestrator ci'.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
wrong() {
  echo "orchestrator action: $1" >&2
  [ -z "${GITHUB_OUTPUT:-}" ] || echo "exit-code=2" >>"$GITHUB_OUTPUT"
  exit 2
}
words=()
# A value that begins with '-' would be read as an option, and one with a line break is none that any input takes.
add() { # input, option, value
  [ -n "$3" ] || return 0
  case $3 in
    -* | *$'\n'* | *$'\r'*) wrong "the input '$1' begins with '-' or has a line break in it." ;;
  esac
  words+=("$2" "$3")
}
switch() { # input, option, value
  case $3 in
    true) words+=("$2") ;;
    false | '') ;;
    *) wrong "the input '$1' is neither true nor false." ;;
  esac
}
case ${ORCHESTRATOR_CI_TYPE:=fix} in
  fix | documentation) ;;
  *) wrong "the input 'type' is neither fix nor documentation." ;;
esac
add base --base "${ORCHESTRATOR_CI_BASE:-}"
add policy --policy "${ORCHESTRATOR_CI_POLICY:-}"
add type --type "$ORCHESTRATOR_CI_TYPE"
add requester --requester "${ORCHESTRATOR_CI_REQUESTER:-}"
add repository --repo "${ORCHESTRATOR_CI_REPOSITORY:-}"
add sarif --sarif "${ORCHESTRATOR_CI_SARIF:-}"
while IFS= read -r place; do
  add artifacts --artifacts "${place%$'\r'}"
done <<<"${ORCHESTRATOR_CI_ARTIFACTS:-}"
switch strict --strict "${ORCHESTRATOR_CI_STRICT:-}"
switch allow-marked --allow-marked "${ORCHESTRATOR_CI_ALLOW_MARKED:-}"
[ -z "${ORCHESTRATOR_CI_PROGRAM:-}" ] || export ORCHESTRATOR=$ORCHESTRATOR_CI_PROGRAM
code=0
bash "$here/../ci/orchestrator-ci.sh" "${words[@]}" --annotations github || code=$?
[ -z "${GITHUB_OUTPUT:-}" ] || echo "exit-code=$code" >>"$GITHUB_OUTPUT"
exit "$code"
