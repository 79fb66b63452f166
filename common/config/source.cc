#include "common/config/source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/text.h"
#include "common/base/try.h"

namespace clinicd::config {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1024} * 1024;
constexpr std::string_view kEnvironmentPrefix = "CLINICD_";

absl::StatusOr<std::string> ReadRegularFile(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  const absl::Cleanup close_file = [descriptor] { ::close(descriptor); };
  struct stat info = {};
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is not a regular file"));
  }
  std::string content;
  std::array<char, 16384> buffer = {};
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
    if (count == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(count));
    if (content.size() > kFileBytesMax) {
      return absl::OutOfRangeError(absl::StrCat(path, " is larger than 1 MiB"));
    }
  }
}

std::string Origin(const std::string& path, const toml::source_position& position) {
  return absl::StrCat(path, ":", position.line, ":", position.column);
}

std::optional<std::vector<std::string>> Texts(const toml::array& array) {
  std::vector<std::string> texts;
  for (const toml::node& element : array) {
    const toml::value<std::string>* const text = element.as_string();
    if (text == nullptr) return std::nullopt;
    texts.push_back(text->get());
  }
  return texts;
}

Given FromToml(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return std::int64_t{integer->get()};
  if (const auto* boolean = node.as_boolean()) return boolean->get();
  if (const auto* array = node.as_array()) {
    if (auto texts = Texts(*array)) return *std::move(texts);
    return Unsupported{"list of other things than texts"};
  }
  if (node.is_floating_point()) return Unsupported{"number with a fraction"};
  return Unsupported{"date or time"};
}

// Flattens tables into "outer.inner" names. toml++ bounds the depth.
void Collect(const std::string& path, const std::string& prefix, const toml::table& table,
             std::vector<Setting>& settings) {
  for (const auto& [key, node] : table) {
    std::string name = absl::StrCat(prefix, ToAbsl(key.str()));
    if (const toml::table* inner = node.as_table()) {
      Collect(path, name + ".", *inner, settings);
    } else {
      settings.push_back({std::move(name), FromToml(node), Origin(path, key.source().begin)});
    }
  }
}

}  // namespace

absl::StatusOr<std::vector<Setting>> ReadTomlFile(const std::string& path) {
  CLINICD_ASSIGN_OR_RETURN(const std::string content, ReadRegularFile(path));
  try {
    std::vector<Setting> settings;
    Collect(path, "", toml::parse(content, path), settings);
    return settings;
  } catch (const toml::parse_error& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(Origin(path, error.source().begin), ": ", ToAbsl(error.description())));
  }
}

std::vector<Setting> FromEnvironment(const std::vector<std::string>& environment) {
  std::vector<Setting> settings;
  for (const std::string& entry : environment) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || !entry.starts_with(kEnvironmentPrefix)) continue;
    const std::string name = entry.substr(0, equals);
    const std::string rest = name.substr(kEnvironmentPrefix.size());
    if (rest.find("__") == std::string::npos) continue;
    std::string key = absl::StrReplaceAll(absl::AsciiStrToLower(rest), {{"__", "."}});
    settings.push_back({std::move(key), Untyped{entry.substr(equals + 1)}, name});
  }
  return settings;
}

absl::StatusOr<Setting> FromArgument(std::string_view argument) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return absl::InvalidArgumentError("--set needs section.key=value, for example db.queue=512");
  }
  return Setting{std::string(argument.substr(0, equals)),
                 Untyped{std::string(argument.substr(equals + 1))}, "--set"};
}

std::vector<std::string> ProcessEnvironment() {
  std::vector<std::string> entries;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    entries.emplace_back(*entry);
  }
  return entries;
}

}  // namespace clinicd::config
