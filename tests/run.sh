#!/bin/bash
# Installs what is missing, builds, and runs the tests. The last line counts them.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../deploy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../deploy/lib.sh"

passed=0 failed=0 skipped=0

usage() {
  cat <<'EOF'
Usage: tests/run.sh [--preset NAME] [--label LABEL] [--long]

Without options: every test of the release build, the contract scripts, and the unit tests again
under AddressSanitizer and UndefinedBehaviorSanitizer. Ends with "N passed, N failed, N skipped".

  --preset NAME   only this build: release, dev (ASan, UBSan), tsan, or coverage, which also reports
                  what the tests ran
  --label LABEL   only tests of this kind: unit, integration, isolation, contract, property, fault,
                  conformance
  --long          also the hours-long variants (sets CLINICD_LONG_TESTS=1)
  --help          print this
EOF
}

# count_suite RESULTS: adds what ctest wrote there; a suite without tests is one failure.
count_suite() {
  local head tests failures not_run
  head=$(tr '\n\t' '  ' <"$1" 2>/dev/null | grep -o '<testsuite [^>]*>' || true)
  number() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$head"; }
  tests=$(number tests)
  if [ "${tests:-0}" = 0 ]; then
    say "no test ran" >&2
    failed=$((failed + 1))
    return
  fi
  failures=$(number failures)
  not_run=$(($(number skipped) + $(number disabled)))
  passed=$((passed + tests - failures - not_run))
  failed=$((failed + failures))
  skipped=$((skipped + not_run))
}

# Unit tests need nothing but themselves; other tests also start the server and the scripts.
targets_for() {
  if [ "$2" = unit ]; then
    ctest --test-dir "$root/build/$1" --show-only --label-regex '^unit$' |
      sed -n -e '/ (Disabled)$/d' -e 's/^ *Test *#[0-9]*: //p'
  else
    echo all
  fi
}

# run_suite PRESET LABEL: an empty LABEL runs all.
run_suite() {
  local preset=$1 label=$2 results=$root/build/$1/results.xml names targets select=()
  say "== $preset build${label:+, $label tests}"
  rm -f "$results"
  if ! configure "$preset" -DCLINICD_BUILD_TESTS=ON || ! names=$(targets_for "$preset" "$label") ||
    ! mapfile -t targets <<<"$names" || ! build "$preset" "${targets[@]}"; then
    say "the $preset build failed" >&2
    failed=$((failed + 1))
    return
  fi
  [ -z "$label" ] || select=(--label-regex "^$label\$")
  # One more than cores, because tests also wait for servers and disks. Its exit status says no
  # more than the results do.
  ctest --test-dir "$root/build/$preset" --parallel "$(($(nproc) + 1))" --output-on-failure --no-tests=error \
    --output-junit "$results" "${select[@]}" </dev/null || true
  count_suite "$results"
}

# Which lines of the product ran, in all and by file.
report_coverage() {
  local reports=$root/build/coverage/report
  say "== coverage"
  mkdir -p "$reports"
  gcovr --root "$root" --object-directory "$root/build/coverage" -j "$(build_jobs)" \
    --filter "$root/(common|db|services|clients)/" --exclude-throw-branches \
    --txt "$reports/coverage.txt" --xml "$reports/coverage.xml" --print-summary \
    "$root/build/coverage"
  say "by file: $reports/coverage.txt"
}

run_contract_scripts() {
  local script status
  say "== contract scripts"
  for script in "$root"/tests/contract/*.sh; do
    status=0
    "$script" </dev/null || status=$?
    case $status in
      0) passed=$((passed + 1)) && say "passed: $(basename "$script")" ;;
      77) skipped=$((skipped + 1)) && say "skipped: $(basename "$script")" ;;
      *) failed=$((failed + 1)) && say "FAILED: $(basename "$script")" ;;
    esac
  done
}

main() {
  local preset='' label=''
  while [ $# -gt 0 ]; do
    case $1 in
      --help | -h) usage && exit 0 ;;
      --long) export CLINICD_LONG_TESTS=1 && shift ;;
      --preset | --label)
        [ -n "${2:-}" ] || die "$1 needs a value" "" "see tests/run.sh --help"
        if [ "$1" = --preset ]; then preset=$2; else label=$2; fi
        shift 2
        ;;
      *) die "unknown argument '$1'" "" "see tests/run.sh --help" ;;
    esac
  done
  case $preset in
    '' | release | dev | tsan | coverage) ;;
    *) die "unknown preset '$preset'" "" "one of: release dev tsan coverage" ;;
  esac

  local groups=(build run test)
  [ "$preset" != coverage ] || groups+=(lint)
  "$root/deploy/setup.sh" "${groups[@]}"
  run_suite "${preset:-release}" "$label"
  [ "$preset" != coverage ] || report_coverage
  if [ -z "$label" ] || [ "$label" = contract ]; then
    run_contract_scripts
  fi
  if [ -z "$preset$label" ] && [ -r /proc/self/maps ]; then
    run_suite dev unit
  elif [ -z "$preset$label" ]; then
    say "skipped: unit tests under sanitizers, which need /proc (mount -t proc proc /proc)"
    skipped=$((skipped + 1))
  fi

  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ]
}

main "$@"
