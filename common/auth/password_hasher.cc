#include "common/auth/password_hasher.h"

#include <optional>
#include <utility>

#include "common/auth/password_policy.h"
#include "common/base/try.h"
#include "common/crypto/digest.h"
#include "common/status/error.h"

namespace clinicd::auth {
namespace {

constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kHashSize = 32;

bool IsStrongEnough(const Argon2Cost& cost) {
  return (cost.memory_kib >= 19'456 && cost.passes >= 2) ||
         (cost.memory_kib >= 47'104 && cost.passes >= 1);
}

// Bounds what a damaged record can ask for.
bool IsAffordable(const Argon2Cost& cost) {
  return cost.memory_kib <= 256 * 1024 && cost.passes <= 10 && cost.lanes >= 1 && cost.lanes <= 4;
}

std::string_view BytesOf(const Uuid& uuid) {
  return {reinterpret_cast<const char*>(uuid.bytes().data()), uuid.bytes().size()};
}

// The version of the pepper is authenticated by the sealing itself.
std::string AssociatedData(const PasswordOwner& owner) {
  return crypto::JoinParts({"pw", BytesOf(owner.clinic.uuid()), BytesOf(owner.user.uuid())});
}

}  // namespace

absl::StatusOr<std::unique_ptr<PasswordHasher>> PasswordHasher::Create(
    const Options& options, const crypto::SealingKeys& pepper, Random& random, const Clock& clock) {
  if (!IsStrongEnough(options.cost) || !IsAffordable(options.cost)) {
    return absl::InvalidArgumentError(
        "password hashing must cost at least 19 MiB and 2 passes (or 46 MiB and 1) and at most "
        "256 MiB, 10 passes and 4 lanes");
  }
  std::vector<Argon2Arena> arenas;
  for (std::size_t i = 0; i < options.limits.working_max; ++i) {
    CLINICD_ASSIGN_OR_RETURN(Argon2Arena arena, Argon2Arena::Create(options.cost.memory_kib));
    arenas.push_back(std::move(arena));
  }
  // The constructor is private, out of reach of make_unique.
  std::unique_ptr<PasswordHasher> hasher(
      new PasswordHasher(options, pepper, random, clock, std::move(arenas)));
  const PhcHash dummy = {
      .cost = options.cost, .salt = random.Bytes(kSaltSize), .hash = random.Bytes(kHashSize)};
  CLINICD_ASSIGN_OR_RETURN(hasher->dummy_, hasher->Seal(dummy, PasswordOwner()));
  return hasher;
}

PasswordHasher::PasswordHasher(const Options& options, const crypto::SealingKeys& pepper,
                               Random& random, const Clock& clock, std::vector<Argon2Arena> arenas)
    : options_(options),
      pepper_(pepper),
      random_(random),
      gate_(options.limits, clock),
      arenas_(std::move(arenas)) {}

absl::StatusOr<std::string> PasswordHasher::Hash(std::string_view password,
                                                 const PasswordOwner& owner, absl::Time deadline) {
  if (password.size() > kPasswordSizeMax) return status::Defect("password longer than checked");
  PhcHash hash = {.cost = options_.cost, .salt = random_.Bytes(kSaltSize), .hash = {}};
  CLINICD_ASSIGN_OR_RETURN(const crypto::SecretBytes bytes, Compute(password, hash, deadline));
  hash.hash = std::string(bytes.view());
  return Seal(hash, owner);
}

absl::StatusOr<PasswordCheck> PasswordHasher::Verify(std::string_view password,
                                                     std::string_view stored,
                                                     const PasswordOwner& owner,
                                                     absl::Time deadline) {
  CLINICD_ASSIGN_OR_RETURN(const PhcHash hash, Open(stored, owner));
  // A password that cannot be anyone's costs the same time as one that could.
  const std::string_view tried = password.substr(0, kPasswordSizeMax);
  CLINICD_ASSIGN_OR_RETURN(const crypto::SecretBytes bytes, Compute(tried, hash, deadline));
  PasswordCheck check;
  check.matches = crypto::ConstantTimeEqual(bytes.view(), hash.hash) && tried == password;
  check.needs_rehash =
      check.matches && (hash.cost.memory_kib < options_.cost.memory_kib ||
                        hash.cost.passes < options_.cost.passes || !pepper_.IsNewest(stored));
  return check;
}

absl::Status PasswordHasher::VerifyDummy(std::string_view password, absl::Time deadline) {
  return Verify(password, dummy_, PasswordOwner(), deadline).status();
}

absl::StatusOr<crypto::SecretBytes> PasswordHasher::Compute(std::string_view password,
                                                            const PhcHash& target,
                                                            absl::Time deadline) {
  const crypto::SecretBytes normalized = NormalizedPassword(password);
  const Argon2Input input = {.password = normalized.view(), .salt = target.salt};
  CLINICD_ASSIGN_OR_RETURN(const WorkGate::Ticket ticket, gate_.Enter(deadline));
  if (target.cost.memory_kib > options_.cost.memory_kib) {
    // Stored when hashing was set to cost more than today.
    CLINICD_ASSIGN_OR_RETURN(Argon2Arena large, Argon2Arena::Create(target.cost.memory_kib));
    return large.Hash(target.cost, input);
  }
  Argon2Arena arena = TakeArena();
  absl::StatusOr<crypto::SecretBytes> hash = arena.Hash(target.cost, input);
  // An idle server does not sit on memory that it may not need for hours.
  if (gate_.waiting() == 0) arena.Release();
  ReturnArena(std::move(arena));
  if (!hash.ok()) return status::Defect("Argon2 refused to hash");
  return hash;
}

absl::StatusOr<std::string> PasswordHasher::Seal(const PhcHash& hash,
                                                 const PasswordOwner& owner) const {
  absl::StatusOr<std::string> sealed =
      pepper_.Seal(FormatPhc(hash), AssociatedData(owner), random_);
  if (!sealed.ok()) return status::Defect("a password hash could not be sealed");
  return sealed;
}

absl::StatusOr<PhcHash> PasswordHasher::Open(std::string_view stored,
                                             const PasswordOwner& owner) const {
  const absl::StatusOr<std::string> text = pepper_.Open(stored, AssociatedData(owner));
  if (!text.ok()) return status::Defect("a stored password does not open with the pepper at hand");
  std::optional<PhcHash> hash = ParsePhc(*text);
  if (!hash || !IsAffordable(hash->cost)) return status::Defect("a stored password is no hash");
  return *std::move(hash);
}

Argon2Arena PasswordHasher::TakeArena() {
  const absl::MutexLock lock(&mutex_);
  Argon2Arena arena = std::move(arenas_.back());
  arenas_.pop_back();
  return arena;
}

void PasswordHasher::ReturnArena(Argon2Arena arena) {
  const absl::MutexLock lock(&mutex_);
  arenas_.push_back(std::move(arena));
}

}  // namespace clinicd::auth
