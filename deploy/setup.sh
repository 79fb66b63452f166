#!/bin/bash
# Installs what clinicd needs and is missing, as listed in third_party/manifest.json.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

manifest=$root/third_party/manifest.json
kinds=(build run test lint fresh bench)

usage() {
  cat <<EOF
Usage: deploy/setup.sh [--list] [KIND...]

Installs the Debian packages and the locked npm packages that third_party/manifest.json lists for
each KIND: ${kinds[*]}. Without a KIND: build run. Does nothing when all is there.

  --list   print the Debian packages of the KINDs, one a line, and install nothing
  --help   print this
EOF
}

# node_serves: whether a Node.js that is new enough, and npm, are on PATH already.
node_serves() {
  local major
  command -v npm >/dev/null || return 1
  major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null) || return 1
  [ "$major" -ge 18 ]
}

# packages KIND...: the Debian packages of these kinds. Reads lines, not JSON: a bare machine has
# sed and awk only. tests/contract/manifest.sh holds the file to one dependency a line.
packages() {
  local kind
  for kind in "$@"; do
    grep "\"for\": \"$kind\"" "$manifest" | while IFS= read -r line; do
      case $line in
        *'"unless": "node >= 18 with npm"'*) ! node_serves || continue ;;
      esac
      sed -n 's/.*"apt": \[\([^]]*\)\].*/\1/p' <<<"$line" | tr -d '" ' | tr ',' '\n'
    done
  done
}

missing() {
  local package
  packages "$@" | while IFS= read -r package; do
    dpkg-query -W -f='${db:Status-Abbrev}\n' "$package" 2>/dev/null | grep -q '^.i' ||
      echo "$package"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif [ -t 0 ]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

# Debian makes and starts a cluster of its own when it installs PostgreSQL, unless told before.
# clinicd runs its own cluster; an administrator's file is left as it is.
forbid_debian_cluster() {
  local file=/etc/postgresql-common/createcluster.conf
  [ ! -e "$file" ] || return 0
  as_root mkdir -p "$(dirname "$file")"
  echo "create_main_cluster = off" | as_root tee "$file" >/dev/null
}

install_packages() {
  local names wanted
  names=$(missing "$@")
  [ -n "$names" ] || return 0
  mapfile -t wanted <<<"$names"
  say "installing ${#wanted[@]} Debian packages: ${wanted[*]}"
  command -v apt-get >/dev/null ||
    die "cannot install packages" "there is no apt-get: this is not a Debian system" \
      "use Debian 12, or install what 'deploy/setup.sh --list $*' names"
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    die "cannot install packages" "you are not root and there is no sudo" \
      "run as root: apt-get install --no-install-recommends ${wanted[*]}"
  if [[ " ${wanted[*]} " == *" postgresql-15 "* ]]; then
    forbid_debian_cluster
  fi
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
  as_root "${apt[@]}" update ||
    die "apt-get update failed" "see its messages above; often no network, or a wrong clock" \
      "make 'apt-get update' work, then run this again"
  as_root "${apt[@]}" install -y --no-install-recommends "${wanted[@]}" ||
    die "apt-get install failed" "see its messages above" \
      "make 'apt-get install ${wanted[*]}' work, then run this again"
}

stamp_of() { cat "$@" | sha256sum | cut -d ' ' -f 1; }

# up_to_date STAMPFILE FILE...: whether STAMPFILE was written for these very contents.
up_to_date() {
  local file=$1
  shift
  [ -e "$file" ] && [ "$(cat "$file")" = "$(stamp_of "$@")" ]
}

install_npm_packages() {
  local inputs=(package.json package-lock.json .npmrc) stamp=node_modules/.clinicd-stamp
  up_to_date "$stamp" "${inputs[@]}" && return 0
  say "fetching the npm packages of third_party/package-lock.json"
  npm ci --loglevel=error </dev/null ||
    die "npm ci failed in third_party" "see its messages above; often no network" \
      "make 'cd third_party && npm ci' work, then run this again"
  # Optional for npm, because only one of the two suits the processor; npm passes over its failure.
  compgen -G "node_modules/@bufbuild/buf-linux-*/bin/buf" >/dev/null ||
    die "npm left out buf" "there is none for the processor $(uname -m), or its download failed" \
      "use an x86-64 or 64-bit ARM machine; if it is one, run this again"
  stamp_of "${inputs[@]}" >"$stamp"
}

take_protos() {
  local inputs=(package-lock.json take_protos.mjs) stamp=protos/.stamp
  up_to_date "$stamp" "${inputs[@]}" && return 0
  say "taking the common protos into third_party/protos"
  node take_protos.mjs ||
    die "take_protos.mjs failed" "the npm packages are damaged or not the locked ones" \
      "delete third_party/node_modules and run this again"
  stamp_of "${inputs[@]}" >"$stamp"
}

main() {
  local wanted=() list=no argument
  for argument in "$@"; do
    case $argument in
      --help | -h) usage && exit 0 ;;
      --list) list=yes ;;
      *)
        [[ " ${kinds[*]} " == *" $argument "* ]] ||
          die "unknown argument '$argument'" "" "one of: ${kinds[*]} --list --help"
        wanted+=("$argument")
        ;;
    esac
  done
  [ "${#wanted[@]}" -gt 0 ] || wanted=(build run)
  if [ "$list" = yes ]; then
    packages "${wanted[@]}"
    exit 0
  fi

  # Two runs at once would take each other's half-made node_modules.
  exec 9<"$root/third_party"
  flock 9
  install_packages "${wanted[@]}"
  if [[ " ${wanted[*]} " == *" build "* ]]; then
    cd "$root/third_party"
    install_npm_packages
    take_protos
  fi
  if [[ " ${wanted[*]} " == *" bench "* ]]; then
    "$root/tests/bench/peers/setup.sh"
  fi
}

main "$@"
