// Randomness comes from outside, so that tests can repeat a run.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace clinicd {

// Source of random bytes. Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(std::span<std::uint8_t> bytes) = 0;

  // `count` random bytes.
  std::string Bytes(std::size_t count);
};

// The operating system's cryptographic generator, through OpenSSL. Ends the process if the system
// has no randomness to give: nothing that follows would be safe.
class SystemRandom final : public Random {
 public:
  void Fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace clinicd
