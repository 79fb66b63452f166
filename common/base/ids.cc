#include "common/base/ids.h"

#include <span>

namespace clinicd {
namespace {

void PutTime(absl::Time time, Uuid::Bytes& bytes) {
  const std::int64_t nanos = absl::ToUnixNanos(time);
  const auto millis = static_cast<std::uint64_t>(nanos / 1'000'000);
  const auto fraction = static_cast<std::uint64_t>(nanos % 1'000'000) * 4096 / 1'000'000;
  for (std::size_t i = 0; i < 6; ++i) {
    bytes[i] = static_cast<std::uint8_t>(millis >> (8 * (5 - i)));
  }
  bytes[6] = static_cast<std::uint8_t>(0x70 | (fraction >> 8));
  bytes[7] = static_cast<std::uint8_t>(fraction & 0xff);
}

}  // namespace

Uuid IdSource::NewUuid() const {
  Uuid::Bytes bytes{};
  random_.Fill(std::span(bytes).subspan(8));
  PutTime(clock_.Now(), bytes);
  bytes[8] = static_cast<std::uint8_t>(0x80 | (bytes[8] & 0x3f));
  return Uuid(bytes);
}

Uuid FirstUuidAt(absl::Time time) {
  Uuid::Bytes bytes{};
  PutTime(time, bytes);
  bytes[8] = 0x80;
  return Uuid(bytes);
}

}  // namespace clinicd
