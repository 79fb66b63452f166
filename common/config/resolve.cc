#include "common/config/resolve.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/text.h"
#include "common/config/secret_file.h"

namespace clinicd::config {
namespace {

constexpr char kDefaultOrigin[] = "default";
constexpr std::string_view kSecretSuffix = "_file";

// Names that would otherwise not be printable.
std::string Printable(std::string_view name) { return CleanedPrefix(name, 100); }

Reason ReasonOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOutOfRange:
      return Reason::kOutOfRange;
    case absl::StatusCode::kFailedPrecondition:
      return Reason::kNotAllowed;
    default:
      return Reason::kWrongType;
  }
}

// The secret-file key that `name` tries to go around, or null.
const Key* SecretBehind(std::span<const Key> keys, std::string_view name) {
  const Key* const key = FindKey(keys, absl::StrCat(ToAbsl(name), ToAbsl(kSecretSuffix)));
  return key != nullptr && key->rule == Rule::kSecretFile ? key : nullptr;
}

Problem Unknown(std::span<const Key> keys, const Setting& setting) {
  const std::string name = Printable(setting.name);
  if (const Key* secret = SecretBehind(keys, setting.name)) {
    return {Reason::kSecretGivenDirectly, name, setting.origin,
            absl::StrCat("cannot be given directly, where others may read it; put it into a file "
                         "of mode 0600 and set ",
                         ToAbsl(secret->name), " to that file")};
  }
  const std::optional<std::string_view> nearest = NearestKey(keys, setting.name);
  const std::string hint = nearest
                               ? absl::StrCat("did you mean ", ToAbsl(*nearest), " (",
                                              EnvironmentName(*nearest), " in the environment)?")
                               : "clinicd config show lists all keys";
  return {Reason::kUnknownKey, name, setting.origin, absl::StrCat("is no key; ", hint)};
}

// Variables that miss the second underscore would be passed over without a word.
std::vector<Problem> NearMisses(std::span<const Key> keys,
                                const std::vector<std::string>& environment) {
  std::vector<Problem> problems;
  for (const Key& key : keys) {
    const std::string right = EnvironmentName(key.name);
    const std::string wrong = absl::StrReplaceAll(right, {{"__", "_"}}) + "=";
    const bool given =
        std::any_of(environment.begin(), environment.end(),
                    [&wrong](const std::string& entry) { return entry.starts_with(wrong); });
    if (!given) continue;
    problems.push_back({Reason::kUnknownKey, std::string(key.name),
                        wrong.substr(0, wrong.size() - 1),
                        absl::StrCat("is not read from this variable; use ", right)});
  }
  return problems;
}

// The settings of the file; problems when it cannot be read.
std::vector<Setting> FromFile(const Sources& sources, std::vector<Problem>& problems) {
  const std::string path = sources.file.value_or(sources.default_file);
  if (path.empty()) return {};
  absl::StatusOr<std::vector<Setting>> settings = ReadTomlFile(path);
  if (settings.ok()) return *std::move(settings);
  if (absl::IsNotFound(settings.status()) && !sources.file) return {};
  const bool syntax = absl::IsInvalidArgument(settings.status());
  problems.push_back({syntax ? Reason::kSyntax : Reason::kUnreadableFile, "", path,
                      std::string(FromAbsl(settings.status().message()))});
  return {};
}

// All settings, weakest first.
std::vector<Setting> Collect(std::span<const Key> keys, const Sources& sources,
                             std::vector<Problem>& problems) {
  std::vector<Setting> all = FromFile(sources, problems);
  std::vector<Setting> environment = FromEnvironment(sources.environment);
  std::move(environment.begin(), environment.end(), std::back_inserter(all));
  for (const std::string& argument : sources.arguments) {
    absl::StatusOr<Setting> setting = FromArgument(argument);
    if (setting.ok()) {
      all.push_back(*std::move(setting));
    } else {
      problems.push_back(
          {Reason::kSyntax, "", "--set", std::string(FromAbsl(setting.status().message()))});
    }
  }
  std::copy(sources.flags.begin(), sources.flags.end(), std::back_inserter(all));
  std::vector<Problem> misses = NearMisses(keys, sources.environment);
  std::move(misses.begin(), misses.end(), std::back_inserter(problems));
  return all;
}

// Whether the setting's name is the key exactly as its source has to write it.
bool IsExactly(const Setting& setting, const Key* key) {
  if (key == nullptr) return false;
  const bool variable = setting.origin.starts_with("CLINICD_");
  return !variable || setting.origin == EnvironmentName(key->name);
}

void Apply(std::span<const Key> keys, const Setting& setting, Resolution& resolution) {
  const Key* const key = FindKey(keys, setting.name);
  if (!IsExactly(setting, key)) {
    resolution.problems.push_back(Unknown(keys, setting));
    return;
  }
  absl::StatusOr<Value> value = ParseValue(*key, setting.given);
  if (!value.ok()) {
    resolution.problems.push_back({ReasonOf(value.status()), std::string(key->name), setting.origin,
                                   std::string(FromAbsl(value.status().message()))});
    return;
  }
  Resolved& resolved = resolution.values[static_cast<std::size_t>(key - keys.data())];
  resolved.value = *std::move(value);
  resolved.origin = setting.origin;
}

void CheckSecretFiles(Resolution& resolution) {
  for (const Resolved& resolved : resolution.values) {
    if (resolved.key->rule != Rule::kSecretFile) continue;
    const std::string path = ToText(resolved.value);
    if (path.empty()) continue;
    const absl::Status status = CheckSecretFile(path);
    if (status.ok()) continue;
    resolution.problems.push_back({Reason::kSecretFile, std::string(resolved.key->name),
                                   resolved.origin, std::string(FromAbsl(status.message()))});
  }
}

}  // namespace

std::string Problem::ToText() const {
  return absl::StrCat(origin, ": ", key, key.empty() ? "" : " ", message);
}

const Resolved& Resolution::Find(std::string_view name) const {
  return *std::find_if(values.begin(), values.end(),
                       [name](const Resolved& resolved) { return resolved.key->name == name; });
}

Resolution Resolve(std::span<const Key> keys, const Sources& sources) {
  Resolution resolution;
  for (const Key& key : keys) {
    // Defaults are ours: a test parses each of them.
    const Given given = Untyped{std::string(key.default_text)};
    resolution.values.push_back({&key, ParseValue(key, given).value_or(Value()), kDefaultOrigin});
  }
  const std::vector<Setting> settings = Collect(keys, sources, resolution.problems);
  for (const Setting& setting : settings) Apply(keys, setting, resolution);
  CheckSecretFiles(resolution);
  return resolution;
}

}  // namespace clinicd::config
