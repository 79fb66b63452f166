#include "common/auth/key_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/text.h"
#include "common/base/try.h"
#include "common/crypto/base64url.h"

namespace clinicd::auth {
namespace {

// Longer than any key file.
constexpr std::size_t kFileSizeMax = 512;
constexpr std::string_view kSuffix = ".key";
constexpr std::uint32_t kNumberMax = 999'999;

absl::Status SystemError(std::string_view doing, const std::string& path) {
  const int error = errno;
  return absl::FailedPreconditionError(
      absl::StrCat(ToAbsl(doing), " ", path, ": ", std::strerror(error)));
}

std::string PathOf(const std::string& directory, std::string_view name) {
  return absl::StrCat(directory, "/", ToAbsl(name), ".key");
}

// The text before the key. It names the key, so that a file copied over another is noticed.
std::string Preamble(std::string_view name) {
  return absl::StrCat("clinicd key 1 ", ToAbsl(name), " ");
}

// The number in `file` if it is a key file of `purpose`.
std::optional<std::uint32_t> NumberOf(std::string_view file, std::string_view purpose) {
  if (!file.starts_with(purpose) || !file.ends_with(kSuffix)) return std::nullopt;
  file.remove_prefix(purpose.size());
  if (file.size() <= kSuffix.size() + 1) return std::nullopt;
  const std::string_view digits = file.substr(1, file.size() - 1 - kSuffix.size());
  std::uint32_t number = 0;
  const bool valid = file.front() == '-' && digits.front() != '0' && digits.front() != '+' &&
                     absl::SimpleAtoi(ToAbsl(digits), &number) && number <= kNumberMax;
  return valid ? std::optional<std::uint32_t>(number) : std::nullopt;
}

absl::Status CheckOwner(const struct stat& info, const std::string& path) {
  if (info.st_uid == ::geteuid() || info.st_uid == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrFormat("%s belongs to user %u, not to the user that runs clinicd; run: chown %u %s",
                      path, info.st_uid, ::geteuid(), path));
}

}  // namespace

std::string KeyName(std::string_view purpose, std::uint32_t number) {
  return absl::StrCat(ToAbsl(purpose), "-", number);
}

absl::StatusOr<std::vector<std::uint32_t>> ListKeyNumbers(const std::string& directory,
                                                          std::string_view purpose) {
  std::vector<std::uint32_t> numbers;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto number = NumberOf(entry->path().filename().string(), purpose);
    if (number) numbers.push_back(*number);
  }
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot list key directory ", directory, ": ", error.message()));
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

absl::StatusOr<crypto::SecretBytes> ReadKeyFile(const std::string& directory, std::string_view name,
                                                FileTrust trust) {
  const std::string path = PathOf(directory, name);
  const absl::StatusOr<crypto::SecretBytes> content = ReadPrivateFile(path, kFileSizeMax, trust);
  if (absl::IsNotFound(content.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot open key file ", path, ": there is none"));
  }
  CLINICD_RETURN_IF_ERROR(content.status());
  std::string_view text = content->view();
  const std::string preamble = Preamble(name);
  if (text.ends_with('\n')) text.remove_suffix(1);
  std::optional<std::string> key;
  if (text.starts_with(preamble)) key = crypto::Base64UrlDecode(text.substr(preamble.size()));
  if (!key || key->size() != kKeySize) {
    return absl::FailedPreconditionError(absl::StrCat(
        path,
        " does not hold the key its name says; restore it from the copy of the key directory"));
  }
  crypto::SecretBytes bytes(*key);
  crypto::WipeText(*key);
  return bytes;
}

absl::StatusOr<bool> MakeKeyFile(const std::string& directory, std::string_view name,
                                 Random& random) {
  crypto::SecretBytes key(kKeySize);
  random.Fill(key.mutable_span());
  std::string encoded = crypto::Base64UrlEncode(key.view());
  std::string text = absl::StrCat(Preamble(name), encoded, "\n");
  absl::StatusOr<bool> made = CreatePrivateFile(PathOf(directory, name), text, random);
  crypto::WipeText(encoded);
  crypto::WipeText(text);
  return made;
}

absl::Status MakeKeyDirectory(const std::string& directory) {
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return SystemError("cannot create key directory", directory);
  }
  return CheckKeyDirectory(directory);
}

absl::Status CheckKeyDirectory(const std::string& directory) {
  struct stat info = {};
  if (::stat(directory.c_str(), &info) != 0) {
    return SystemError("cannot inspect key directory", directory);
  }
  if (!S_ISDIR(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(directory, " is not a directory"));
  }
  CLINICD_RETURN_IF_ERROR(CheckOwner(info, directory));
  if ((info.st_mode & 022) != 0) {
    return absl::FailedPreconditionError(
        absl::StrFormat("key directory %s may be written to by other users (mode %04o); run: "
                        "chmod 700 %s",
                        directory, info.st_mode & 07777, directory));
  }
  return absl::OkStatus();
}

}  // namespace clinicd::auth
