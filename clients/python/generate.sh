#!/bin/bash
# Generates the Python modules of the API, and of the common protos it uses, into a directory.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
common=$root/third_party/protos

if [ $# -ne 1 ] || [ "$1" = --help ]; then
  echo "Usage: clients/python/generate.sh DIRECTORY" >&2
  exit 2
fi
if [ ! -f "$common/validate.binpb" ]; then
  echo "third_party/protos is missing; run deploy/setup.sh build first." >&2
  exit 1
fi

# Beside the directory, so that moving it there is one step and nobody sees half of it.
mkdir -p "$(dirname "$1")"
out=$(mktemp -d "$1.XXXXXX")
trap 'rm -rf "$out"' EXIT

google=(google/rpc/code google/rpc/status google/rpc/error_details google/type/date)
protoc --proto_path="$common" --python_out="$out" "${google[@]/%/.proto}"
protoc --descriptor_set_in="$common/validate.binpb" --python_out="$out" buf/validate/validate.proto
protoc --proto_path="$common" --include_imports --descriptor_set_out="$out/google.binpb" \
  "${google[@]/%/.proto}" google/protobuf/{descriptor,field_mask,struct,timestamp}.proto

mapfile -t protos < <(cd "$root/proto" && find clinicd -name '*.proto' | sort)
mapfile -t services < <(printf '%s\n' "${protos[@]}" | grep '_service\.proto$')
generate() {
  protoc --descriptor_set_in="$common/validate.binpb:$out/google.binpb" \
    --proto_path="$root/proto" "$@"
}
generate --python_out="$out" "${protos[@]}"
generate --plugin=protoc-gen-grpc="$(command -v grpc_python_plugin)" --grpc_out="$out" "${services[@]}"
rm "$out/google.binpb"
chmod 755 "$out"

rm -rf "$1"
mv "$out" "$1"
trap - EXIT
