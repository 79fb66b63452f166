#include "tests/support/edge/path_variants.h"

#include <cctype>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace clinicd::testing::edge {
namespace {

std::string Percent(unsigned char c) { return absl::StrFormat("%%%02x", c); }

// `path` with `text` instead of the character at `place`.
std::string With(const std::string& path, std::size_t place, std::string_view text) {
  return path.substr(0, place) + std::string(text) + path.substr(place + 1);
}

// What stands for a character elsewhere.
std::set<std::string> SpellingsOf(char c) {
  const auto byte = static_cast<unsigned char>(c);
  const std::string plain = Percent(byte);
  std::set<std::string> spellings = {plain, absl::AsciiStrToUpper(plain), "%25" + plain.substr(1),
                                     absl::StrFormat("%%u%04x", byte),
                                     // Overlong UTF-8 of two bytes and three.
                                     Percent(static_cast<unsigned char>(0xc0 | byte >> 6)) +
                                         Percent(static_cast<unsigned char>(0x80 | (byte & 0x3f))),
                                     "%e0" + Percent(static_cast<unsigned char>(0x80 | byte >> 6)) +
                                         Percent(static_cast<unsigned char>(0x80 | (byte & 0x3f)))};
  if (std::isalpha(byte) != 0) spellings.insert(std::string(1, static_cast<char>(byte ^ 0x20)));
  if (c == '/') {
    spellings.merge(std::set<std::string>{
        "//",  "\\", "/./", "/../", "/x/../", "/.//", "/%2e/", "/%2e%2e/", "/..;/", "/;/", "/;a=b/",
        "%5c", "/ ", " /",  "/%20", "/%00",   "///",  ":",     "/.%2e/",   "",      "/x"});
  }
  if (c == '.') spellings.merge(std::set<std::string>{"..", "/", "_", "-", ""});
  return spellings;
}

}  // namespace

std::set<std::string> VariantsOf(const std::string& path) {
  std::set<std::string> variants;
  for (std::size_t i = 0; i < path.size(); ++i) {
    for (const std::string& spelling : SpellingsOf(path[i]))
      variants.insert(With(path, i, spelling));
  }
  for (const char* ending :
       {"/", "//",  ".",   "..",  "/.",  "/..",    ";",   ";a=b", "%00",   "%20",
        " ", "%3f", "%23", "#",   "#a",  "%",      "%2",  "%zz",  "\\",    ".html",
        "~", "+",   "*",   ":80", "%0a", "%0d%0a", "%09", "&a=b", "/index"}) {
    variants.insert(path + ending);
  }
  for (const char* beginning : {"/",
                                "//",
                                ".",
                                "/.",
                                "/..",
                                "..",
                                "/x/..",
                                "/%2e",
                                "%2f",
                                "\\",
                                "http:",
                                "https://clinic.example",
                                "//clinic.example",
                                "file://",
                                "/static",
                                "/%00",
                                "*",
                                "~",
                                "/;",
                                "@"}) {
    variants.insert(beginning + path);
  }
  variants.insert(absl::AsciiStrToUpper(path));
  variants.insert(path.substr(1));
  variants.insert(path.substr(0, path.size() - 1));
  variants.insert(path + path);
  variants.erase(path);
  return variants;
}

std::set<std::string> Traversals(const std::string& inside) {
  std::set<std::string> paths;
  for (const char* up :
       {"../", "..\\", "%2e%2e/", "%2e%2e%2f", "..%2f", "..%5c", "%252e%252e%252f", "..%c0%af",
        "..%ef%bc%8f", "....//", "..;/", ".%00./", "%uff0e%uff0e/", "..././", ".../", "..%00/"}) {
    for (int depth = 1; depth <= 6; ++depth) {
      std::string climb = "/";
      for (int i = 0; i < depth; ++i) climb += up;
      for (const std::string& target :
           {std::string("etc/passwd"), std::string("proc/self/environ"), std::string("dev.json"),
            std::string("windows\\win.ini"), inside.substr(1)}) {
        paths.insert(climb + target);
        paths.insert(absl::StrCat("/assets", climb, target));
      }
    }
  }
  return paths;
}

}  // namespace clinicd::testing::edge
