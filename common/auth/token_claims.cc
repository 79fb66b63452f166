#include "common/auth/token_claims.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"

namespace clinicd::auth {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kRoleNumberMax = 31;
constexpr std::size_t kTimeZoneSizeMax = 64;
constexpr std::array<std::string_view, 11> kNames = {
    "iss", "aud", "sub", "clinic", "sid", "roles", "zoneinfo", "epoch", "iat", "exp", "auth_time"};

// Takes the events of the parser and stops it at the first that an honest token would not cause.
// Answering false from an event ends the parse.
class ClaimsReader final : public nlohmann::json_sax<Json> {
 public:
  bool start_object(std::size_t) override { return !std::exchange(in_object_, true); }
  bool end_object() override { return true; }

  bool key(string_t& name) override {
    const auto found = std::find(kNames.begin(), kNames.end(), std::string_view(name));
    if (found == kNames.end()) return false;
    claim_ = *found;
    const std::uint32_t bit = 1U << static_cast<unsigned>(found - kNames.begin());
    return (std::exchange(seen_, seen_ | bit) & bit) == 0;
  }

  bool string(string_t& value) override {
    if (claim_ == "iss") return value == kTokenIssuer;
    if (claim_ == "aud") return value == kStaffAudience;
    if (claim_ == "sub") return ReadId(value, claims_.user);
    if (claim_ == "clinic") return ReadId(value, claims_.clinic);
    if (claim_ == "sid") return ReadId(value, claims_.session);
    if (claim_ == "zoneinfo") return ReadTimeZone(value);
    return false;
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (in_array_) return ReadRole(value);
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return false;
    const auto number = static_cast<std::int64_t>(value);
    if (claim_ == "epoch") return Put(number, claims_.epoch);
    if (claim_ == "iat") return PutTime(number, claims_.issued_at);
    if (claim_ == "exp") return PutTime(number, claims_.expires_at);
    if (claim_ == "auth_time") return PutTime(number, claims_.authenticated_at);
    return false;
  }

  bool start_array(std::size_t) override {
    return in_object_ && claim_ == "roles" && !std::exchange(in_array_, true);
  }
  bool end_array() override {
    in_array_ = false;
    return true;
  }

  bool null() override { return false; }
  bool boolean(bool) override { return false; }
  bool number_integer(number_integer_t) override { return false; }
  bool number_float(number_float_t, const string_t&) override { return false; }
  bool binary(binary_t&) override { return false; }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

  std::optional<Claims> claims() const {
    if (seen_ != (1U << kNames.size()) - 1) return std::nullopt;
    return claims_;
  }

 private:
  template <typename IdType>
  static bool ReadId(const std::string& text, IdType& id) {
    const std::optional<IdType> parsed = IdType::Parse(text);
    // Only the form that we write: one thing has one name.
    if (!parsed || parsed->is_nil() || parsed->ToString() != text) return false;
    id = *parsed;
    return true;
  }
  bool ReadTimeZone(const std::string& name) {
    const auto allowed = [](char letter) {
      return absl::ascii_isalnum(static_cast<unsigned char>(letter)) || letter == '/' ||
             letter == '_' || letter == '-' || letter == '+';
    };
    claims_.time_zone = name;
    return !name.empty() && name.size() <= kTimeZoneSizeMax &&
           std::all_of(name.begin(), name.end(), allowed);
  }
  bool ReadRole(std::uint64_t number) {
    // Ascending, so that a set of roles has one form.
    if (number > kRoleNumberMax || (claims_.roles >> number) != 0) return false;
    claims_.roles |= 1U << number;
    return true;
  }
  static bool Put(std::int64_t value, std::int64_t& target) {
    target = value;
    return true;
  }
  static bool PutTime(std::int64_t seconds, absl::Time& target) {
    target = absl::FromUnixSeconds(seconds);
    return true;
  }

  bool in_object_ = false;
  bool in_array_ = false;
  // Names a constant of kNames.
  std::string_view claim_;
  std::uint32_t seen_ = 0;
  Claims claims_;
};

bool TimesFit(const Claims& claims) {
  return claims.issued_at < claims.expires_at &&
         claims.expires_at - claims.issued_at <= kAccessTokenLifetime &&
         claims.authenticated_at <= claims.issued_at;
}

}  // namespace

std::string EncodeClaims(const Claims& claims) {
  nlohmann::ordered_json json;
  json["iss"] = kTokenIssuer;
  json["aud"] = kStaffAudience;
  json["sub"] = claims.user.ToString();
  json["clinic"] = claims.clinic.ToString();
  json["sid"] = claims.session.ToString();
  json["roles"] = nlohmann::ordered_json::array();
  for (std::uint32_t number = 0; number <= kRoleNumberMax; ++number) {
    if ((claims.roles >> number & 1U) != 0) json["roles"].push_back(number);
  }
  json["zoneinfo"] = claims.time_zone;
  json["epoch"] = claims.epoch;
  json["iat"] = absl::ToUnixSeconds(claims.issued_at);
  json["exp"] = absl::ToUnixSeconds(claims.expires_at);
  json["auth_time"] = absl::ToUnixSeconds(claims.authenticated_at);
  return json.dump();
}

std::optional<Claims> DecodeClaims(std::string_view json) {
  // The parser would skip a byte order mark or spaces.
  if (!json.starts_with('{')) return std::nullopt;
  ClaimsReader reader;
  if (!Json::sax_parse(json.begin(), json.end(), &reader)) return std::nullopt;
  const std::optional<Claims> claims = reader.claims();
  return claims && TimesFit(*claims) ? claims : std::nullopt;
}

}  // namespace clinicd::auth
