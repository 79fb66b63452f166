#!/bin/bash
# From a fresh checkout to a running server with demo clinics, in one command.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  cat <<'EOF'
Usage: deploy/quickstart.sh [--data DIR] [--listen HOST:PORT] [--no-start]

Installs what is missing, builds clinicd, and runs a development server with demo clinics and its
own private PostgreSQL. Ctrl-C stops it; the data stays and the next run goes on with it.

  --data DIR          where the data lives (default: $HOME/.local/share/clinicd-dev)
  --listen HOST:PORT  where it answers gRPC with TLS (default: 127.0.0.1:8443)
  --no-start          stop after the build
  --help              print this
EOF
}

main() {
  local data='' listen=127.0.0.1:8443 start=yes
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) usage && exit 0 ;;
      --no-start) start=no && shift ;;
      --data | --listen)
        [ -n "${2:-}" ] || die "$1 needs a value" "" "see deploy/quickstart.sh --help"
        if [ "$1" = --data ]; then data=$2; else listen=$2; fi
        shift 2
        ;;
      *) die "unknown argument '$1'" "" "see deploy/quickstart.sh --help" ;;
    esac
  done
  [[ $listen =~ ^.+:[0-9]+$ ]] ||
    die "--listen '$listen' is not HOST:PORT" "" "for example --listen 127.0.0.1:8443"
  if [ -z "$data" ]; then
    [ -n "${HOME:-}" ] || die "no place for the data" "HOME is not set" "name one with --data DIR"
    data=$HOME/.local/share/clinicd-dev
  fi

  "$root/deploy/setup.sh" build run
  say "building clinicd (some minutes the first time)"
  configure release -DCLINICD_BUILD_TESTS=OFF ||
    die "CMake cannot configure the build" "see its messages above" \
      "if a package is named there, install it; else delete build/release and run this again"
  build release clinicd clinicctl ||
    die "the build failed" "see the compiler's messages above" \
      "if the compiler was killed, free memory and run this again"
  local program=$root/build/release/clinicd
  say "built $program"
  if [ "$start" = no ]; then
    say "start it with: $program dev --data $data --listen $listen"
    exit 0
  fi
  mkdir -p "$data" || die "cannot make $data" "see the message above" "name another with --data DIR"
  say "starting the development server; Ctrl-C stops it, the data stays in $data"
  exec "$program" dev --data "$data" --listen "$listen"
}

main "$@"
