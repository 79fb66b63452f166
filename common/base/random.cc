#include "common/base/random.h"

#include <openssl/rand.h>

#include <cstdlib>

namespace clinicd {

std::string Random::Bytes(std::size_t count) {
  std::string bytes(count, '\0');
  Fill(std::span(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()));
  return bytes;
}

void SystemRandom::Fill(std::span<std::uint8_t> bytes) {
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) std::abort();
}

}  // namespace clinicd
