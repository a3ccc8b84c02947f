#!/usr/bin/env bash
# Greets whoever is named; the world when nobody is.
set -euo pipefail
printf 'Hello, %s!\n' "${1:-world}"
