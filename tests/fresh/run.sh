#!/bin/bash
# Tries the two commands of the README, each alone in a fresh clone on an empty Debian 12.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../deploy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/lib.sh"

usage() {
  cat <<'EOF'
Usage: tests/fresh/run.sh [--work DIR] [--keep] [TRIAL...]

Makes a minimal Debian 12 with debootstrap (no compiler, no CMake, no PostgreSQL, no Node.js), clones
the last commit of this checkout into it, and runs a TRIAL there as root. Needs root, debootstrap and
git (deploy/setup.sh fresh), the network, and 8 GB in DIR.

  setup        deploy/setup.sh build run test: all installations, no build
  quickstart   deploy/quickstart.sh --no-start
  tests        tests/run.sh

Without a TRIAL: quickstart tests. Each gets a system and a clone of its own.

  --work DIR   where to work (default: a new directory in /var/tmp, removed at the end); a DIR that is
               given keeps base.tar, the minimal system, for the next time
  --keep       also keep the systems after their trials, as DIR/<trial>
  --help       print this
EOF
}

# The host's Debian archives, one "SITE RELEASE COMPONENT" a line. Whatever mirror this machine uses,
# the trial uses; the tree names none.
archives() {
  # shellcheck disable=SC2016 # apt fills these in.
  apt-get indextargets 'Created-By: Packages' --format '$(ORIGIN) $(SITE) $(RELEASE) $(COMPONENT)' |
    sed -n 's/^Debian //p' | grep ' bookworm' | sort -u
}

make_base() {
  local base=$1 tree=$2 mirror
  mirror=$(archives | awk '$2 == "bookworm" {print $1; exit}')
  [ -n "$mirror" ] ||
    die "no mirror to take Debian 12 from" "apt on this machine knows none" "run apt-get update"
  say "making a minimal Debian 12"
  debootstrap --variant=minbase bookworm "$tree" "$mirror" >"$base.log" ||
    die "debootstrap failed" "see $base.log" "often the network; run this again"
  tar -C "$tree" --one-file-system -cf "$base.part" .
  mv "$base.part" "$base"
  rm -rf --one-file-system "$tree"
}

# The trial reaches the package archives the way this machine does.
lend_network() {
  local tree=$1
  archives | sed 's/^/deb /' >"$tree/etc/apt/sources.list"
  apt-config dump Acquire | grep -E '^Acquire::(https?|Check-|Languages)' >"$tree/etc/apt/apt.conf.d/90host" ||
    true
  cp -L /etc/resolv.conf /etc/hosts "$tree/etc/"
  if [ -e "$HOME/.npmrc" ]; then
    install -m 600 "$HOME/.npmrc" "$tree/root/.npmrc"
  fi
  if [ -e "${NODE_EXTRA_CA_CERTS:-}" ]; then
    install -m 644 "$NODE_EXTRA_CA_CERTS" "$tree/etc/node-ca.pem"
  fi
}

# inside TREE COMMAND...: runs as root of TREE, in namespaces of its own, so that mounts and processes
# are gone when it ends, however it ends. Nothing of the caller's environment but its proxies goes in.
inside() {
  local tree=$1 name settings=()
  shift
  for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    [ -z "${!name:-}" ] || settings+=("$name=${!name}")
  done
  [ ! -e "$tree/etc/node-ca.pem" ] || settings+=(NODE_EXTRA_CA_CERTS=/etc/node-ca.pem)
  # shellcheck disable=SC2016 # Expanded by the inner shell.
  unshare --mount --pid --fork --kill-child --mount-proc="$tree/proc" bash -c '
    mount -t tmpfs -o mode=1777 tmpfs "$0/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$0/dev/pts"
    exec chroot "$0" "$@"' "$tree" \
    env -i HOME=/root CI=true TERM=dumb "${settings[@]}" \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" </dev/null
}

# trial NAME WORK KEEP COMMAND...
trial() {
  local name=$1 work=$2 keep=$3 tree=$2/$1 status=0 began=$SECONDS
  shift 3
  [ ! -e "$tree" ] || rm -rf --one-file-system "$tree"
  mkdir "$tree"
  tar -C "$tree" -xf "$work/base.tar"
  lend_network "$tree"
  git clone --quiet --no-hardlinks "$root" "$tree/root/clinicd"
  say "== $name: $*"
  inside "$tree" bash -c 'cd /root/clinicd && "$@"' bash "$@" || status=$?
  [ "$keep" = yes ] || rm -rf --one-file-system "$tree"
  say "== $name: exit status $status after $(((SECONDS - began) / 60)) min $(((SECONDS - began) % 60)) s"
  return "$status"
}

main() {
  local work='' keep=no trials=() name failed=0
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) usage && exit 0 ;;
      --keep) keep=yes && shift ;;
      --work)
        [ -n "${2:-}" ] || die "--work needs a directory" "" "see tests/fresh/run.sh --help"
        mkdir -p "$2" && work=$(cd "$2" && pwd)
        shift 2
        ;;
      setup | quickstart | tests) trials+=("$1") && shift ;;
      *) die "unknown argument '$1'" "" "see tests/fresh/run.sh --help" ;;
    esac
  done
  [ "${#trials[@]}" -gt 0 ] || trials=(quickstart tests)
  [ "$(id -u)" = 0 ] || die "cannot make a Debian system" "it needs root" "run this as root"
  for name in debootstrap git; do
    command -v "$name" >/dev/null || die "$name is missing" "" "run deploy/setup.sh fresh"
  done
  if [ -z "$work" ]; then
    work=$(mktemp -d /var/tmp/clinicd-fresh.XXXXXX)
    # shellcheck disable=SC2064 # The directory of now.
    [ "$keep" = yes ] || trap "rm -rf --one-file-system '$work'" EXIT
  fi

  [ -e "$work/base.tar" ] || make_base "$work/base.tar" "$work/base"
  for name in "${trials[@]}"; do
    case $name in
      setup) trial "$name" "$work" "$keep" deploy/setup.sh build run test || failed=1 ;;
      quickstart) trial "$name" "$work" "$keep" deploy/quickstart.sh --no-start || failed=1 ;;
      tests) trial "$name" "$work" "$keep" tests/run.sh || failed=1 ;;
    esac
  done
  [ "$failed" = 0 ]
}

main "$@"
