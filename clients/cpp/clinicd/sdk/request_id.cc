#include "clinicd/sdk/request_id.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace clinicd::sdk {
namespace {

// Ends the process if the system has no randomness: an id that repeats would lose a change.
void FillRandom(std::uint8_t* bytes, std::size_t count) {
  std::size_t filled = 0;
  while (filled < count) {
    const ssize_t got = ::getrandom(bytes + filled, count - filled, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) std::abort();
    filled += static_cast<std::size_t>(got);
  }
}

}  // namespace

std::string NewRequestId() {
  std::array<std::uint8_t, 16> bytes = {};
  FillRandom(bytes.data(), bytes.size());
  // RFC 9562 section 5.4: version and variant.
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    absl::StrAppend(&text, absl::Hex(bytes[i], absl::kZeroPad2));
  }
  return text;
}

void FillRequestId(google::protobuf::Message& request) {
  const google::protobuf::FieldDescriptor* const field =
      request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr || field->is_repeated() ||
      field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
    return;
  }
  const google::protobuf::Reflection& reflection = *request.GetReflection();
  if (reflection.GetString(request, field).empty()) {
    reflection.SetString(&request, field, NewRequestId());
  }
}

double Jittered(double whole) {
  std::uint32_t random = 0;
  std::array<std::uint8_t, sizeof(random)> bytes = {};
  FillRandom(bytes.data(), bytes.size());
  std::memcpy(&random, bytes.data(), sizeof(random));
  return whole * (0.5 + static_cast<double>(random) / 8589934592.0);
}

}  // namespace clinicd::sdk
