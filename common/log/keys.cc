#include "common/log/keys.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace clinicd::log {
namespace {

constexpr std::size_t kUuidLength = 36;
constexpr std::size_t kKeyIdLength = 16;
constexpr std::size_t kSqlstateLength = 5;
constexpr std::size_t kWordLengthMax = 63;
constexpr std::size_t kMethodLengthMax = 128;
constexpr std::size_t kAddressLengthMax = 128;
constexpr std::size_t kTextLengthMax = 1024;

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }
constexpr bool IsAlphanumeric(char c) { return IsDigit(c) || IsUpper(c) || IsLower(c); }

bool IsUuid(std::string_view value) {
  if (value.size() != kUuidLength) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? value[i] != '-' : !IsHex(value[i])) return false;
  }
  return true;
}

bool IsKeyId(std::string_view value) {
  return value.size() == kKeyIdLength && std::all_of(value.begin(), value.end(), IsHex);
}

bool IsSqlstate(std::string_view value) {
  return value.size() == kSqlstateLength &&
         std::all_of(value.begin(), value.end(), [](char c) { return IsDigit(c) || IsUpper(c); });
}

bool IsUpperWord(std::string_view value) {
  return !value.empty() && value.size() <= kWordLengthMax && IsUpper(value[0]) &&
         std::all_of(value.begin(), value.end(),
                     [](char c) { return IsUpper(c) || IsDigit(c) || c == '_'; });
}

bool IsLowerWord(std::string_view value) {
  return !value.empty() && value.size() <= kWordLengthMax && IsLower(value[0]) &&
         std::all_of(value.begin(), value.end(),
                     [](char c) { return IsLower(c) || IsDigit(c) || c == '_'; });
}

// "package.Service/Method": one slash, dots only before it.
bool IsMethod(std::string_view value) {
  const std::size_t slash = value.find('/');
  if (value.size() > kMethodLengthMax || slash == std::string_view::npos) return false;
  const std::string_view service = value.substr(0, slash);
  const std::string_view method = value.substr(slash + 1);
  return service.find('.') != std::string_view::npos && !method.empty() &&
         std::all_of(service.begin(), service.end(),
                     [](char c) { return IsAlphanumeric(c) || c == '_' || c == '.'; }) &&
         std::all_of(method.begin(), method.end(), IsAlphanumeric);
}

bool IsVersion(std::string_view value) {
  return !value.empty() && value.size() <= kWordLengthMax && IsDigit(value[0]) &&
         std::all_of(value.begin(), value.end(), [](char c) {
           return IsAlphanumeric(c) || c == '.' || c == '+' || c == '-' || c == '~';
         });
}

bool IsAddress(std::string_view value) {
  static constexpr std::string_view kPunctuation = ".:%/_-[]@";
  return value.size() <= kAddressLengthMax && value.find(':') != std::string_view::npos &&
         std::all_of(value.begin(), value.end(), [](char c) {
           return IsAlphanumeric(c) || kPunctuation.find(c) != std::string_view::npos;
         });
}

bool IsPath(std::string_view value) { return !value.empty() && value.size() <= kTextLengthMax; }

// Errors that come from elsewhere have no note.
bool IsNote(std::string_view value) { return value.size() <= kTextLengthMax; }

struct TextKeyTraits {
  TextKey key;
  std::string_view name;
  bool (*accepts)(std::string_view);
};

// In the order of the enum, so that a key is its own index.
constexpr std::array kTextKeys = {
    TextKeyTraits{kMethod, "method", IsMethod},
    TextKeyTraits{kCode, "code", IsUpperWord},
    TextKeyTraits{kReason, "reason", IsUpperWord},
    TextKeyTraits{kRequestId, "request_id", IsUuid},
    TextKeyTraits{kClinicId, "clinic_id", IsUuid},
    TextKeyTraits{kUserId, "user_id", IsUuid},
    TextKeyTraits{kSessionId, "session_id", IsUuid},
    TextKeyTraits{kEntityId, "entity_id", IsUuid},
    TextKeyTraits{kKeyId, "key_id", IsKeyId},
    TextKeyTraits{kSqlstate, "sqlstate", IsSqlstate},
    TextKeyTraits{kConstraint, "constraint", IsLowerWord},
    TextKeyTraits{kQuery, "query", IsLowerWord},
    TextKeyTraits{kTable, "table", IsLowerWord},
    TextKeyTraits{kRole, "role", IsLowerWord},
    TextKeyTraits{kCheck, "check", IsLowerWord},
    TextKeyTraits{kState, "state", IsLowerWord},
    TextKeyTraits{kSignal, "signal", IsUpperWord},
    TextKeyTraits{kVersion, "version", IsVersion},
    TextKeyTraits{kAddress, "address", IsAddress},
    TextKeyTraits{kPath, "path", IsPath},
    TextKeyTraits{kNote, "note", IsNote},
};

struct NumberKeyTraits {
  NumberKey key;
  std::string_view name;
};

constexpr std::array kNumberKeys = {
    NumberKeyTraits{kAttempt, "attempt"},
    NumberKeyTraits{kBytes, "bytes"},
    NumberKeyTraits{kCount, "count"},
    NumberKeyTraits{kDurationUs, "duration_us"},
    NumberKeyTraits{kPort, "port"},
    NumberKeyTraits{kProcessId, "process_id"},
    NumberKeyTraits{kQueueDepth, "queue_depth"},
    NumberKeyTraits{kRetryMs, "retry_ms"},
    NumberKeyTraits{kRoundTrips, "round_trips"},
    NumberKeyTraits{kSchemaVersion, "schema_version"},
    NumberKeyTraits{kSuppressed, "suppressed"},
    NumberKeyTraits{kWorkers, "workers"},
};

template <typename Traits, std::size_t kSize>
constexpr bool InEnumOrder(const std::array<Traits, kSize>& table) {
  for (std::size_t i = 0; i < kSize; ++i) {
    if (static_cast<std::size_t>(table[i].key) != i) return false;
  }
  return true;
}
static_assert(InEnumOrder(kTextKeys) && kTextKeys.size() == static_cast<std::size_t>(kNote) + 1);
static_assert(InEnumOrder(kNumberKeys) &&
              kNumberKeys.size() == static_cast<std::size_t>(kWorkers) + 1);

}  // namespace

std::string_view NameOf(TextKey key) { return kTextKeys[static_cast<std::size_t>(key)].name; }

std::string_view NameOf(NumberKey key) { return kNumberKeys[static_cast<std::size_t>(key)].name; }

bool Accepts(TextKey key, std::string_view value) {
  return kTextKeys[static_cast<std::size_t>(key)].accepts(value);
}

bool NeedsEscaping(TextKey key) { return key == kPath || key == kNote; }

}  // namespace clinicd::log
