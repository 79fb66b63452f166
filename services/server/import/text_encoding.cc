#include "services/server/import/text_encoding.h"

#include <array>
#include <vector>

#include "common/base/try.h"

namespace clinicd::importer {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} * 1024;

// Follows UTF-8 byte by byte and counts what it meets (Unicode 15, table 3-7).
class Utf8Counter final {
 public:
  void Add(std::uint8_t byte) {
    if (missing_ > 0) {
      if (byte >= low_ && byte <= high_) {
        low_ = 0x80;
        high_ = 0xBF;
        if (--missing_ == 0) ++characters_;
        return;
      }
      ++faults_;
      missing_ = 0;
    }
    Begin(byte);
  }
  // A character that has not ended is a fault.
  void End() {
    if (missing_ > 0) ++faults_;
    missing_ = 0;
  }

  // Of several bytes.
  std::int64_t characters() const { return characters_; }
  std::int64_t faults() const { return faults_; }

 private:
  void Begin(std::uint8_t byte) {
    low_ = 0x80;
    high_ = 0xBF;
    if (byte < 0x80) return;
    if (byte >= 0xC2 && byte <= 0xDF) {
      missing_ = 1;
    } else if (byte >= 0xE0 && byte <= 0xEF) {
      missing_ = 2;
      if (byte == 0xE0) low_ = 0xA0;
      if (byte == 0xED) high_ = 0x9F;
    } else if (byte >= 0xF0 && byte <= 0xF4) {
      missing_ = 3;
      if (byte == 0xF0) low_ = 0x90;
      if (byte == 0xF4) high_ = 0x8F;
    } else {
      ++faults_;
    }
  }

  int missing_ = 0;
  std::uint8_t low_ = 0x80;
  std::uint8_t high_ = 0xBF;
  std::int64_t characters_ = 0;
  std::int64_t faults_ = 0;
};

// Code points of bytes 0x80 to 0x9F; 0: none.
constexpr std::array<char16_t, 32> kWindows1252High = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

void AppendCodePoint(char16_t code_point, std::string& out) {
  if (code_point < 0x80) {
    out.push_back(static_cast<char>(code_point));
  } else if (code_point < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code_point >> 6)));
    out.push_back(static_cast<char>(0x80 | (code_point & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xE0 | (code_point >> 12)));
    out.push_back(static_cast<char>(0x80 | ((code_point >> 6) & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code_point & 0x3F)));
  }
}

}  // namespace

absl::StatusOr<TextSurvey> SurveyText(ByteSource& source) {
  TextSurvey survey;
  Utf8Counter counter;
  std::vector<char> block(kBlockBytes);
  char last = '\n';
  for (std::uint64_t offset = 0;;) {
    CLINICD_ASSIGN_OR_RETURN(const std::size_t count, source.ReadAt(offset, block));
    if (count == 0) break;
    const std::string_view text(block.data(), count);
    if (offset == 0) {
      if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        return absl::InvalidArgumentError("is UTF-16 or UTF-32; save it as UTF-8");
      }
      if (text.starts_with("\xEF\xBB\xBF")) survey.begin = 3;
    }
    for (const char c : text) {
      if (c == '\n') ++survey.lines;
      counter.Add(static_cast<std::uint8_t>(c));
    }
    last = text.back();
    offset += count;
  }
  counter.End();
  if (last != '\n') ++survey.lines;
  if (survey.begin == 0 && counter.faults() > counter.characters()) {
    survey.encoding = Encoding::kWindows1252;
  }
  return survey;
}

bool IsUtf8(std::string_view text) {
  Utf8Counter counter;
  for (const char c : text) counter.Add(static_cast<std::uint8_t>(c));
  counter.End();
  return counter.faults() == 0;
}

bool AppendWindows1252(std::string_view text, std::string& out) {
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    const bool special = byte >= 0x80 && byte <= 0x9F;
    const char16_t code_point = special ? kWindows1252High.at(byte - 0x80U) : char16_t{byte};
    if (special && code_point == 0) return false;
    AppendCodePoint(code_point, out);
  }
  return true;
}

}  // namespace clinicd::importer
