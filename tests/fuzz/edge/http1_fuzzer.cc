// HTTP/1.1 requests: a head, and a body that means the same however it arrives.
#include <algorithm>
#include <optional>
#include <string>

#include "common/edge/h1_parser.h"
#include "tests/fuzz/edge/fuzz_input.h"

namespace clinicd::fuzz {
namespace {

constexpr std::size_t kLastChunkBytes = 5;

struct Meaning {
  int head_refusal = 0;
  edge::Headers headers;
  std::string target;
  int body_refusal = 0;
  std::string body;
  bool done = false;
  std::size_t used = 0;

  friend bool operator==(const Meaning&, const Meaning&) = default;
};

// Feeds the body as a connection does: what is left over comes again, with more behind it.
Meaning Read(const edge::EdgeLimits& limits, std::string_view head, std::string_view rest,
             std::size_t piece) {
  Meaning meaning;
  edge::H1Parser parser(limits, [&meaning](std::string_view part) { meaning.body.append(part); });
  meaning.head_refusal = parser.ReadHead(head);
  if (meaning.head_refusal != 0) return meaning;
  meaning.headers = parser.head().headers;
  meaning.target = parser.head().target;
  std::size_t offered = 0;
  while (!parser.done() && meaning.body_refusal == 0 && offered < rest.size()) {
    offered = std::min(rest.size(), offered + piece);
    std::size_t used = 1;
    while (used > 0 && !parser.done() && meaning.body_refusal == 0 && meaning.used < offered) {
      used =
          parser.ReadBody(rest.substr(meaning.used, offered - meaning.used), meaning.body_refusal);
      Require(used <= offered - meaning.used, "no more is used than was given");
      meaning.used += used;
    }
  }
  meaning.done = parser.done();
  return meaning;
}

}  // namespace
}  // namespace clinicd::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clinicd;
  fuzz::Input input(data, size);
  const std::size_t piece = input.Byte() + 1u;
  const std::string_view text = input.rest();
  const std::optional<std::size_t> head_size = edge::EndOfHead(text);
  if (!head_size) return 0;
  fuzz::Require(*head_size <= text.size(), "a head ends within what was given");
  const edge::EdgeLimits limits;
  const auto whole = fuzz::Read(limits, text.substr(0, *head_size), text.substr(*head_size),
                                std::max<std::size_t>(size, 1));
  for (const edge::Header& header : whole.headers) {
    const bool one_line =
        header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
    fuzz::Require(one_line && !header.name.empty(), "a header is one line");
  }
  const auto cut = fuzz::Read(limits, text.substr(0, *head_size), text.substr(*head_size), piece);
  // The few bytes at the end that no chunked body ends with wait for more.
  const std::size_t left = text.size() - *head_size - cut.used;
  if (left > 0 && left < fuzz::kLastChunkBytes && !cut.done) return 0;
  // A body that is refused in the end may have been handed over in part.
  const bool same = whole.body_refusal == 0 && cut.body_refusal == 0
                        ? whole.body == cut.body && whole.done == cut.done
                        : (whole.body_refusal != 0) == (cut.body_refusal != 0);
  fuzz::Require(same, "a body means the same however it arrives");
  return 0;
}
