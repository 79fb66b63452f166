#include "common/auth/argon2.h"

#include <argon2.h>
#include <sys/mman.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/text.h"

namespace clinicd::auth {
namespace {

constexpr std::size_t kHashSize = 32;
constexpr std::size_t kSaltSizeMin = 8;
constexpr std::size_t kSaltSizeMax = 64;

// The memory for the hash that this thread computes. The library's callbacks get no context, hence
// the thread-local; it is set for the length of one call only.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
thread_local std::span<std::uint8_t> arena_of_this_thread;

int TakeArena(std::uint8_t** memory, std::size_t size) {
  if (size > arena_of_this_thread.size()) return ARGON2_MEMORY_ALLOCATION_ERROR;
  *memory = arena_of_this_thread.data();
  return ARGON2_OK;
}

// The library wipes the memory before it gives it back.
void ReturnArena(std::uint8_t*, std::size_t) {}

std::uint32_t Size(std::string_view bytes) { return static_cast<std::uint32_t>(bytes.size()); }

// The library takes pointers to bytes it might change; it does so only under flags not set here.
std::uint8_t* Bytes(std::string_view bytes) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
  return bytes.empty() ? nullptr : reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
}

// Base64 of the standard alphabet without padding.
std::string Encode(std::string_view bytes) {
  std::string text = absl::Base64Escape(ToAbsl(bytes));
  while (text.ends_with('=')) text.pop_back();
  return text;
}

std::optional<std::string> Decode(absl::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(text, &bytes) || Encode(bytes) != FromAbsl(text)) return std::nullopt;
  return bytes;
}

// Reads "<name>=<number>" in its only spelling.
bool ReadNumber(absl::string_view text, std::string_view name, std::uint32_t& number) {
  const std::string prefix = absl::StrCat(ToAbsl(name), "=");
  if (!FromAbsl(text).starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return absl::SimpleAtoi(text, &number) && absl::StrCat(number) == FromAbsl(text);
}

std::optional<Argon2Cost> ParseCost(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ',');
  Argon2Cost cost;
  const bool valid = parts.size() == 3 && ReadNumber(parts[0], "m", cost.memory_kib) &&
                     ReadNumber(parts[1], "t", cost.passes) &&
                     ReadNumber(parts[2], "p", cost.lanes);
  return valid ? std::optional<Argon2Cost>(cost) : std::nullopt;
}

}  // namespace

absl::StatusOr<Argon2Arena> Argon2Arena::Create(std::uint32_t memory_kib) {
  const std::size_t size = static_cast<std::size_t>(memory_kib) * 1024;
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    return absl::ResourceExhaustedError("no memory to set aside for password hashing");
  }
  // Both are favours that the kernel may refuse.
  ::madvise(memory, size, MADV_DONTDUMP);
  ::madvise(memory, size, MADV_HUGEPAGE);
  return Argon2Arena(std::span(static_cast<std::uint8_t*>(memory), size));
}

Argon2Arena::~Argon2Arena() {
  if (!memory_.empty()) ::munmap(memory_.data(), memory_.size());
}

void Argon2Arena::Release() { ::madvise(memory_.data(), memory_.size(), MADV_DONTNEED); }

absl::StatusOr<crypto::SecretBytes> Argon2Arena::Hash(const Argon2Cost& cost,
                                                      const Argon2Input& input) {
  crypto::SecretBytes hash(kHashSize);
  argon2_context context = {};
  context.out = hash.mutable_span().data();
  context.outlen = kHashSize;
  context.pwd = Bytes(input.password);
  context.pwdlen = Size(input.password);
  context.salt = Bytes(input.salt);
  context.saltlen = Size(input.salt);
  context.secret = Bytes(input.secret);
  context.secretlen = Size(input.secret);
  context.ad = Bytes(input.associated_data);
  context.adlen = Size(input.associated_data);
  context.t_cost = cost.passes;
  context.m_cost = cost.memory_kib;
  context.lanes = cost.lanes;
  // One thread computes all lanes: the gate before it counts threads.
  context.threads = 1;
  context.version = ARGON2_VERSION_13;
  context.allocate_cbk = TakeArena;
  context.free_cbk = ReturnArena;
  arena_of_this_thread = memory_;
  const int result = argon2_ctx(&context, Argon2_id);
  arena_of_this_thread = {};
  if (result == ARGON2_MEMORY_ALLOCATION_ERROR) {
    return absl::ResourceExhaustedError("hash needs more memory than was set aside");
  }
  if (result != ARGON2_OK) return absl::InternalError(argon2_error_message(result));
  return hash;
}

bool Argon2Arena::IsWiped() const {
  return std::all_of(memory_.begin(), memory_.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::string FormatPhc(const PhcHash& hash) {
  return absl::StrCat("$argon2id$v=19$m=", hash.cost.memory_kib, ",t=", hash.cost.passes,
                      ",p=", hash.cost.lanes, "$", Encode(hash.salt), "$", Encode(hash.hash));
}

std::optional<PhcHash> ParsePhc(std::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(ToAbsl(text), '$');
  if (parts.size() != 6 || !parts[0].empty() || parts[1] != "argon2id" || parts[2] != "v=19") {
    return std::nullopt;
  }
  const std::optional<Argon2Cost> cost = ParseCost(parts[3]);
  std::optional<std::string> salt = Decode(parts[4]);
  std::optional<std::string> hash = Decode(parts[5]);
  if (!cost || !salt || salt->size() < kSaltSizeMin || salt->size() > kSaltSizeMax || !hash ||
      hash->size() != kHashSize) {
    return std::nullopt;
  }
  return PhcHash{.cost = *cost, .salt = std::move(*salt), .hash = std::move(*hash)};
}

}  // namespace clinicd::auth
