// The header filter, judged by gRPC: what passes must not end the process.
#include <grpc/grpc.h>
#include <grpc/slice.h>

#include <algorithm>
#include <optional>
#include <string>

#include "common/edge/header_filter.h"
#include "tests/fuzz/edge/fuzz_input.h"

namespace clinicd::fuzz {
namespace {

bool IsBinary(std::string_view name) { return name.ends_with("-bin"); }

void RequireLegal(const std::string& name, const std::string& value) {
  const grpc_slice key = grpc_slice_from_copied_buffer(name.data(), name.size());
  const grpc_slice text = grpc_slice_from_copied_buffer(value.data(), value.size());
  Require(grpc_header_key_is_legal(key) != 0, "gRPC takes the key");
  Require(IsBinary(name) || grpc_header_nonbin_value_is_legal(text) != 0, "gRPC takes the value");
  grpc_slice_unref(key);
  grpc_slice_unref(text);
}

// Lines of "name:value", as they are.
edge::Headers HeadersOf(std::string_view text) {
  edge::Headers headers;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t colon = line.find(':', 1);
    headers.push_back({std::string(line.substr(0, colon)),
                       std::string(colon == std::string_view::npos ? "" : line.substr(colon + 1))});
  }
  return headers;
}

void CheckRequest(const edge::Headers& headers) {
  // The names of the first headers are allowed, as a configuration might.
  std::vector<std::string> allowed;
  for (std::size_t i = 0; i < std::min<std::size_t>(headers.size(), 2); ++i) {
    allowed.push_back(headers[i].name);
  }
  const std::optional<edge::Headers> metadata = edge::HeaderFilter(allowed).ToMetadata(headers);
  if (!metadata) return;
  std::size_t total = 0;
  for (const edge::Header& entry : *metadata) {
    RequireLegal(entry.name, entry.value);
    Require(!edge::IsReservedName(entry.name), "a reserved name does not pass");
    total += entry.name.size() + entry.value.size();
  }
  Require(total <= edge::kMetadataBytesMax, "metadata is within the limit");
}

void CheckAnswer(const edge::Headers& metadata) {
  for (const edge::Header& entry : metadata) {
    const std::optional<edge::Header> header = edge::ToHeader(entry.name, entry.value);
    if (!header) continue;
    const std::string line = header->name + header->value;
    Require(std::ranges::all_of(line, [](char c) { return c >= 0x20 && c <= 0x7e; }),
            "a header cannot end its line");
    Require(!edge::IsReservedName(header->name), "an answer cannot speak for the protocol");
  }
}

}  // namespace
}  // namespace clinicd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const clinicd::fuzz::Input input(data, size);
  const clinicd::edge::Headers headers = clinicd::fuzz::HeadersOf(input.rest());
  clinicd::fuzz::CheckRequest(headers);
  clinicd::fuzz::CheckAnswer(headers);
  clinicd::fuzz::RequireLegal("x-clinicd-agent", clinicd::edge::PrintableAscii(input.rest(), 512));
  return 0;
}
