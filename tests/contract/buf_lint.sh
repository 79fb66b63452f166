#!/bin/bash
# Lints proto/ with buf, and compares it with the last release. Needs no network.
#
# buf.validate exists here as a compiled descriptor only, which buf cannot read among sources; so
# protoc compiles everything into one image, and buf judges the image.
#
#   tests/contract/buf_lint.sh             lint, and refuse breaking changes
#   tests/contract/buf_lint.sh --release   also make the present API the one to compare with
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../deploy/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../deploy/lib.sh"

protos=$root/third_party/protos
baseline=$root/proto/released/baseline.binpb
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# compile OUT [OPTION...]: all of proto/ and its imports as one descriptor set.
compile() {
  local out=$1 names files well_known
  shift
  # protoc finds its own google/protobuf by /proc, which a bare chroot lacks.
  well_known=$(pkg-config --variable=includedir protobuf)
  names=$(cd "$root/proto" && find clinicd -name '*.proto' | LC_ALL=C sort)
  mapfile -t files <<<"$names"
  protoc --descriptor_set_in="$protos/validate.binpb" -I"$root/proto" -I"$protos" \
    -I"$well_known" --include_imports "$@" -o "$out" "${files[@]}"
}

main() {
  local buf
  buf=$(compgen -G "$root/third_party/node_modules/@bufbuild/buf-linux-*/bin/buf" | head -n 1) ||
    die "buf is missing" "the npm packages are not installed" "run deploy/setup.sh build"
  compile "$work/image.binpb" --include_source_info
  "$buf" lint "$work/image.binpb" --config "$root/buf.yaml"
  if [ -e "$baseline" ]; then
    "$buf" breaking "$work/image.binpb" --against "$baseline" --config "$root/buf.yaml"
  fi
  if [ "${1:-}" = --release ]; then
    mkdir -p "$(dirname "$baseline")"
    compile "$baseline"
    say "wrote ${baseline#"$root"/}"
  fi
}

main "$@"
