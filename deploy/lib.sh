# Shared by the scripts of this tree; sourced, never run. Sets root to the top of the checkout.
# No script that runs on a user's machine may use <(...): a bare chroot has no /proc, so no /dev/fd.
# shellcheck shell=bash
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s: %s\n' "$(basename "$0")" "$*"; }

# die WHAT CAUSE FIX: every failure names the thing, why it happened and the way out.
die() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  [ -z "${2:-}" ] || printf '  cause:   %s\n' "$2" >&2
  [ -z "${3:-}" ] || printf '  way out: %s\n' "$3" >&2
  exit 1
}

# The number of compilers that fit: one for each core, but each may need 1.5 GB with gRPC's headers.
build_jobs() {
  local cores memory_kb fit
  cores=$(nproc)
  memory_kb=$(awk '/^MemAvailable:/ {print $2}' /proc/meminfo 2>/dev/null || true)
  fit=$((${memory_kb:-4000000} / 1500000))
  [ "$fit" -lt "$cores" ] || fit=$cores
  [ "$fit" -gt 0 ] || fit=1
  echo "$fit"
}

# configure PRESET [CMAKE ARGUMENT...]: prepares build/PRESET.
configure() {
  local launcher=()
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    # Without these it takes nothing that uses precompiled headers.
    export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros,include_file_mtime,include_file_ctime}
  fi
  (cd "$root" && cmake --preset "$1" "${launcher[@]}" "${@:2}")
}

# build PRESET TARGET...: builds what was configured.
build() {
  local preset=$1
  shift
  cmake --build "$root/build/$preset" --parallel "$(build_jobs)" --target "$@"
}
