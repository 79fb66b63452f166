// Epochs of a log. A log that lost what it had signed, and goes on all the same, does so under
// another name, so that nobody who remembers takes the one for the other: "<name>" at first, then
// "<name>#1", "<name>#2" and so on. The keys keep their name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace clinicd::merkle {

inline constexpr std::uint32_t kEpochMax = 999'999;

// What checkpoints of the epoch are called.
std::string OriginOf(std::string_view log, std::uint32_t epoch);

// Which epoch of `log` has this origin; nullopt if it is another log's, or not written as
// OriginOf() writes it.
std::optional<std::uint32_t> EpochOf(std::string_view log, std::string_view origin);

}  // namespace clinicd::merkle
