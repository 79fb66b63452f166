// JSON that has to mean the same to everybody.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/uuid.h"
#include "common/merkle/hash.h"

namespace clinicd::audit {

inline constexpr int kJsonDepthMax = 32;

// Parses an object. nullopt for anything but one object in UTF-8, for a member given twice (readers
// differ in which they take), for nesting beyond kJsonDepthMax, and for capital digits in escapes:
// a bit of a proof should not be free to change.
std::optional<nlohmann::json> ParseStrictObject(std::string_view text);

// Reads the members of an object, each of which has one form. Once a member was not as asked, ok()
// is false and stays so; what the functions answer then means nothing.
class MemberReader final {
 public:
  // `object` must outlive this.
  explicit MemberReader(const nlohmann::json& object);

  bool Has(const char* name) const { return object_.contains(name); }
  // The member as it is, null if there is none.
  const nlohmann::json& Any(const char* name);
  std::string Text(const char* name);
  std::int64_t Int(const char* name);
  // A number from 0 to 2^63 - 1, or its decimal digits in quotes. 0 if there is none and
  // `optional`.
  std::uint64_t Size(const char* name, bool optional = false);
  // The form in lower case.
  Uuid Id(const char* name);
  // Base64 of 32 bytes, or their hexadecimal digits in lower case.
  merkle::Hash Base64Hash(const char* name);
  merkle::Hash HexHash(const char* name);
  // A list of base64 of 32 bytes each; empty if there is none and `optional`.
  std::vector<merkle::Hash> Proof(const char* name, bool optional = false);
  // Whether the member is null, and then takes it.
  bool TakeNull(const char* name);

  // False too if there is a member that was not asked for.
  bool ok() const { return ok_ && asked_ == object_.size(); }

 private:
  const nlohmann::json& Take(const char* name, bool optional = false);
  template <typename Value>
  Value OrFail(const std::optional<Value>& value);

  const nlohmann::json& object_;
  std::size_t asked_ = 0;
  bool ok_;
};

// As MemberReader::Proof() reads it.
nlohmann::json ProofToJson(const std::vector<merkle::Hash>& proof);

}  // namespace clinicd::audit
