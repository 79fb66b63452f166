// Lays the sources over each other and finds everything that is wrong with them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/key.h"
#include "common/config/source.h"
#include "common/config/value.h"

namespace clinicd::config {

// What is wrong with a setting.
enum class Reason {
  kUnreadableFile,       // the configuration file cannot be read
  kSyntax,               // it is not TOML, or an argument is not section.key=value
  kUnknownKey,           // the name is no key
  kWrongType,            // the value has another type or form
  kOutOfRange,           // the value is beyond its bounds
  kNotAllowed,           // the value is none of the choices, or breaks the key's rule
  kSecretGivenDirectly,  // a secret was written where only its file may be named
  kSecretFile,           // a secret's file is absent, or open to others
  kIncomplete,           // a key needs another one
};

struct Problem {
  Reason reason = Reason::kSyntax;
  std::string key;      // empty when no single key is at fault
  std::string origin;   // as in Setting
  std::string message;  // names the way out; holds no secret

  // "origin: key message".
  std::string ToText() const;
};

// A key with the value that won and where it came from ("default" when from nowhere).
struct Resolved {
  const Key* key = nullptr;
  Value value;
  std::string origin;
};

struct Resolution {
  std::vector<Resolved> values;  // in the order of the keys; one each, the default where wrong
  std::vector<Problem> problems;

  // The value of a key; the key must exist and be of that type.
  template <typename T>
  const T& Get(std::string_view name) const {
    return std::get<T>(Find(name).value);
  }
  const Resolved& Find(std::string_view name) const;
};

struct Sources {
  // Of flags with a name of their own, such as --listen. The last one of a key wins, here and
  // below.
  std::vector<Setting> flags = {};
  // Arguments of --set. Weaker than the flags above, stronger than what follows.
  std::vector<std::string> arguments = {};
  // "NAME=value" entries; see ProcessEnvironment().
  std::vector<std::string> environment = {};
  // A file that must exist; when absent, `default_file` is read if it exists.
  std::optional<std::string> file = {};
  std::string default_file = {};
};

// Resolves every key: flags before environment before file before defaults. Reads the file and
// the secret files' modes, nothing else.
Resolution Resolve(std::span<const Key> keys, const Sources& sources);

}  // namespace clinicd::config
