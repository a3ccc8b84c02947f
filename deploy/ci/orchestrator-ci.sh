#!/usr/bin/env bash
# Judges the change that the current checkout stands at: 'orchestrator ci' with the given words, for any CI system.
#
#   deploy/ci/orchestrator-ci.sh [--base REF] [--strict] ...        (docs/ci.md; exit codes: 0, 1, 2, 3, 4)
#
# The program is ORCHESTRATOR (its full path), else 'orchestrator' on the PATH, else one that is built from these sources
# (needs the .NET SDK of global.json).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
program=${ORCHESTRATOR:-orchestrator}
if ! command -v -- "$program" >/dev/null 2>&1; then
  if [ -n "${ORCHESTRATOR:-}" ]; then
    echo "orchestrator-ci: ORCHESTRATOR names no program." >&2
    exit 2
  fi
  if [ ! -f "$root/Orchestrator.sln" ] || ! command -v dotnet >/dev/null 2>&1; then
    echo "orchestrator-ci: there is no 'orchestrator' on the PATH, and nothing to build one from. Install a release, or name it in ORCHESTRATOR." >&2
    exit 2
  fi
  export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
  # What a build says is no part of the answer.
  (
    cd "$root"
    dotnet build silo -c Release -v q -p:RestoreLockedMode=true
    dotnet build client/cli -c Release -v q -p:RestoreLockedMode=true
  ) >&2 || {
    echo "orchestrator-ci: the program did not build." >&2
    exit 2
  }
  program=$root/artifacts/bin/Orchestrator.Cli/release/orchestrator
fi
exec "$program" ci "$@"
