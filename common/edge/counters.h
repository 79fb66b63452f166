// What the edge counts. The names are those of the metrics' labels.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace clinicd::edge {

// Why a connection was refused or ended by us.
enum class Cut {
  kHandshake,    // TLS failed, or took too long
  kHead,         // a head took too long
  kBody,         // a body stopped or was too slow
  kIdle,         // nothing under way for long
  kWrite,        // the client takes nothing
  kProtocol,     // not HTTP
  kFlood,        // too many resets, pings or control frames
  kOversize,     // headers beyond what is worth an answer
  kSettings,     // SETTINGS were never acknowledged
  kAddress,      // too many connections from one address
  kConnections,  // too many connections in all
  kDescriptors,  // the process has no descriptor left
  kMemory,       // too many bytes in flight
  kCount,
};

std::string_view NameOf(Cut cut);

// Thread-safe.
class EdgeCounters final {
 public:
  void Count(Cut cut) { cuts_[Index(cut)].fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t cuts(Cut cut) const { return cuts_[Index(cut)].load(std::memory_order_relaxed); }

  void CountRequest() { requests_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t requests() const { return requests_.load(std::memory_order_relaxed); }

 private:
  static std::size_t Index(Cut cut) { return static_cast<std::size_t>(cut); }

  std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Cut::kCount)> cuts_ = {};
  std::atomic<std::uint64_t> requests_ = 0;
};

}  // namespace clinicd::edge
