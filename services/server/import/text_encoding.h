// Which encoding a file is in, and its text as UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/server/import/byte_source.h"

namespace clinicd::importer {

enum class Encoding { kUtf8, kWindows1252 };

// What a look at the whole of a file told.
struct TextSurvey {
  Encoding encoding = Encoding::kUtf8;
  // Where the text begins: behind the byte order mark, if there is one.
  std::uint64_t begin = 0;
  std::int64_t lines = 0;
};

// Finds the encoding of a file by reading it once, in constant memory.
//
// A file with a UTF-8 byte order mark is UTF-8. Otherwise it is Windows-1252 if it has more bytes
// that UTF-8 does not allow than characters of several bytes that it does: one damaged row must not
// turn the accents of all others into nonsense. INVALID_ARGUMENT for UTF-16 and UTF-32.
absl::StatusOr<TextSurvey> SurveyText(ByteSource& source);

// Whether `text` is UTF-8 in its shortest form, without surrogates.
bool IsUtf8(std::string_view text);

// Appends the UTF-8 of Windows-1252 `text` to `out`; false, and `out` is of no use, if the text has
// one of the five bytes that mean nothing there.
bool AppendWindows1252(std::string_view text, std::string& out);

}  // namespace clinicd::importer
