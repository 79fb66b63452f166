// CBOR and the leaves made of it: one value has one form, however it arrives.
#include <algorithm>
#include <optional>
#include <string>

#include "common/cbor/reader.h"
#include "common/cbor/sequence.h"
#include "common/cbor/writer.h"
#include "services/audit/proof/leaf.h"
#include "tests/fuzz/edge/fuzz_input.h"

namespace clinicd::fuzz {
namespace {

// Writes what the reader reads; false at its end.
bool CopyItem(cbor::Reader& reader, std::string_view rest, cbor::Writer& writer) {
  if (reader.TakeNull()) {
    writer.Null();
    return true;
  }
  if (rest.empty()) return false;
  switch (static_cast<std::uint8_t>(rest.front()) >> 5) {
    case 0:
    case 1:
      if (const auto value = reader.Int()) writer.Int(*value);
      break;
    case 2:
      if (const auto bytes = reader.Bytes()) writer.Bytes(*bytes);
      break;
    case 3:
      if (const auto text = reader.Text()) writer.Text(*text);
      break;
    default:
      if (const auto count = reader.Array()) writer.Array(*count);
  }
  return reader.fault() == cbor::Reader::Fault::kNone;
}

void CheckItem(std::string_view bytes) {
  cbor::Reader whole(bytes);
  const std::optional<std::string_view> item = whole.Any();
  if (!item) return;
  cbor::Reader reader(*item);
  cbor::Writer writer;
  while (CopyItem(reader, item->substr(reader.offset()), writer)) {
  }
  Require(reader.fault() == cbor::Reader::Fault::kNone, "what is skipped can be read");
  Require(writer.bytes() == *item, "an item has one form");
}

void CheckLeaf(std::string_view bytes) {
  const auto leaf = audit::DecodeLeaf(bytes);
  Require(leaf.ok() == audit::OutlineLeaf(bytes).ok(), "an outline is of a leaf");
  if (leaf.ok()) Require(audit::EncodeLeaf(*leaf) == bytes, "a leaf has one form");
  if (const auto head = audit::DecodeClinicHead(bytes); head.ok()) {
    Require(audit::EncodeClinicHead(*head) == bytes, "a head has one form");
  }
}

// What the items of a sequence come to, cut into pieces of `piece` bytes.
std::string Items(std::string_view bytes, std::size_t piece) {
  cbor::SequenceReader items(
      [bytes, piece](std::span<char> space) mutable -> absl::StatusOr<std::size_t> {
        const std::size_t count = std::min({piece, space.size(), bytes.size()});
        std::copy_n(bytes.begin(), count, space.begin());
        bytes.remove_prefix(count);
        return count;
      },
      1000);
  std::string told;
  while (true) {
    const auto item = items.Next();
    if (!item.ok()) return told + "error " + std::to_string(static_cast<int>(item.status().code()));
    if (!*item) return told;
    told += std::to_string((*item)->size()) + " ";
  }
}

}  // namespace
}  // namespace clinicd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  clinicd::fuzz::Input input(data, size);
  const std::size_t piece = 1U + input.Byte();
  clinicd::fuzz::CheckItem(input.rest());
  clinicd::fuzz::CheckLeaf(input.rest());
  clinicd::fuzz::Require(
      clinicd::fuzz::Items(input.rest(), piece) == clinicd::fuzz::Items(input.rest(), 100'000),
      "a sequence is the same however it is cut");
  return 0;
}
