#include <catch2/catch.hpp>
#include <limits>

#include "absl/strings/escaping.h"
#include "common/base/text.h"
#include "common/cbor/reader.h"
#include "common/cbor/sequence.h"
#include "common/cbor/writer.h"

namespace clinicd::cbor {
namespace {

using Fault = Reader::Fault;

std::string Hex(std::string_view digits) { return absl::HexStringToBytes(ToAbsl(digits)); }

std::string IntAsHex(std::int64_t value) {
  Writer writer;
  writer.Int(value);
  return absl::BytesToHexString(writer.bytes());
}

Fault FaultOf(std::string_view hex) {
  const std::string bytes = Hex(hex);
  Reader reader(bytes);
  return reader.Any() && !reader.at_end() ? Fault::kUnexpected : reader.fault();
}

TEST_CASE("Integers are written as in the examples of RFC 8949, and read again", "[cbor][unit]") {
  const auto [value, hex] = GENERATE(table<std::int64_t, std::string>({
      {0, "00"},
      {23, "17"},
      {24, "1818"},
      {100, "1864"},
      {255, "18ff"},
      {256, "190100"},
      {1000, "1903e8"},
      {65'535, "19ffff"},
      {65'536, "1a00010000"},
      {4'294'967'295, "1affffffff"},
      {4'294'967'296, "1b0000000100000000"},
      {1'000'000'000'000, "1b000000e8d4a51000"},
      {std::numeric_limits<std::int64_t>::max(), "1b7fffffffffffffff"},
      {-1, "20"},
      {-24, "37"},
      {-25, "3818"},
      {-1000, "3903e7"},
      {std::numeric_limits<std::int64_t>::min(), "3b7fffffffffffffff"},
  }));
  CAPTURE(value);
  CHECK(IntAsHex(value) == hex);
  const std::string bytes = Hex(hex);
  Reader reader(bytes);
  CHECK(reader.Int() == value);
  CHECK(reader.at_end());
}

TEST_CASE("Strings, arrays and null are written as in RFC 8949, and read again", "[cbor][unit]") {
  Writer writer;
  writer.Array(4);
  writer.Text("\xc3\xbc");
  writer.Bytes(std::string_view("\x01\x00", 2));
  writer.Null();
  writer.Array(0);
  CHECK(absl::BytesToHexString(writer.bytes()) == "8462c3bc420100f680");

  Reader reader(writer.bytes());
  CHECK(reader.Array() == 4U);
  CHECK_FALSE(reader.TakeNull());
  CHECK(reader.Text() == "\xc3\xbc");
  CHECK(reader.Bytes() == std::string_view("\x01\x00", 2));
  CHECK(reader.TakeNull());
  CHECK(reader.Array() == 0U);
  CHECK(reader.at_end());
}

TEST_CASE("What is not deterministic, or not known, is refused", "[cbor][unit]") {
  const std::string hex =
      GENERATE(as<std::string>{}, "1800", "1817",  // could be one byte
               "1900ff", "1a0000ffff", "1b00000000ffffffff",
               "1b8000000000000000",                                      // beyond 63 bits
               "3b8000000000000000", "1c", "1f", "5f", "7f", "9f", "ff",  // reserved, indefinite
               "a0", "c074", "f4", "f5", "f7", "f818", "f90000", "fa00000000", "61ff", "62c080",
               "63eda080", "64f4908080", "61c3",  // no UTF-8
               "5817", "7800", "9800",
               "818181818181818181810a");  // too deep
  CAPTURE(hex);
  CHECK(FaultOf(hex) == Fault::kMalformed);
}

TEST_CASE("What is cut off is told from what is wrong", "[cbor][unit]") {
  const std::string hex =
      GENERATE(as<std::string>{}, "", "18", "19ff", "1bffffffffffffff", "41", "62c3", "82", "8201",
               "5bffffffffffffffff", "9bffffffffffffffff");
  CAPTURE(hex);
  CHECK(FaultOf(hex) == Fault::kTruncated);
}

TEST_CASE("Once something was not as asked, nothing is read any more", "[cbor][unit]") {
  const std::string bytes = Hex("f60041006161");
  Reader reader(bytes);
  CHECK_FALSE(reader.Text());
  CHECK(reader.fault() == Fault::kUnexpected);
  CHECK_FALSE(reader.TakeNull());
  CHECK_FALSE(reader.Uint());
  CHECK_FALSE(reader.at_end());
}

// Gives `bytes` in pieces.
ByteSource InPieces(std::string bytes, std::size_t piece) {
  return [bytes = std::move(bytes), piece,
          at = std::size_t{0}](std::span<char> space) mutable -> absl::StatusOr<std::size_t> {
    const std::size_t count = std::min({piece, space.size(), bytes.size() - at});
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), count, space.begin());
    at += count;
    return count;
  };
}

TEST_CASE("A sequence is the same however it is cut", "[cbor][unit]") {
  const std::size_t piece = GENERATE(1U, 2U, 7U, 1000U);
  SequenceReader sequence(InPieces(Hex("00820102f64361626318ff"), piece), 100);
  std::vector<std::string> items;
  while (true) {
    const auto item = sequence.Next();
    REQUIRE(item.ok());
    if (!*item) break;
    items.push_back(absl::BytesToHexString(ToAbsl(**item)));
  }
  CHECK(items == std::vector<std::string>{"00", "820102", "f6", "43616263", "18ff"});
  CHECK(sequence.offset() == 11);
}

TEST_CASE("A sequence that ends or goes wrong inside an item says which", "[cbor][unit]") {
  SequenceReader cut(InPieces(Hex("008201"), 1), 100);
  CHECK(cut.Next().ok());
  CHECK(cut.Next().status().code() == absl::StatusCode::kOutOfRange);

  SequenceReader wrong(InPieces(Hex("00ff"), 1), 100);
  CHECK(wrong.Next().ok());
  CHECK(wrong.Next().status().code() == absl::StatusCode::kInvalidArgument);

  SequenceReader large(InPieces(Hex("5864") + std::string(100, 'x'), 1000), 101);
  CHECK(large.Next().status().code() == absl::StatusCode::kInvalidArgument);

  SequenceReader endless(InPieces(Hex("5bffffffffffffffff") + std::string(1000, 'x'), 1000), 100);
  CHECK(endless.Next().status().code() == absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace clinicd::cbor
