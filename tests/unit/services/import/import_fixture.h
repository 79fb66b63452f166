// What tests of the import work on.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/server/import/byte_source.h"
#include "services/server/import/csv_reader.h"

namespace clinicd::importer::testing {

class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string_view text) : text_(text) {}
  absl::StatusOr<std::size_t> ReadAt(std::uint64_t offset, std::span<char> bytes) override {
    if (offset >= text_.size()) return std::size_t{0};
    return text_.copy(bytes.data(), bytes.size(), static_cast<std::size_t>(offset));
  }

 private:
  std::string text_;
};

// `before`, then one character many times over, then `after`, without holding them.
class LongSource final : public ByteSource {
 public:
  LongSource(std::string_view before, char character, std::uint64_t count, std::string_view after)
      : before_(before), character_(character), count_(count), after_(after) {}

  absl::StatusOr<std::size_t> ReadAt(std::uint64_t offset, std::span<char> bytes) override {
    const std::uint64_t behind = before_.size() + count_;
    std::size_t done = 0;
    for (; done < bytes.size() && offset + done < behind + after_.size(); ++done) {
      const std::uint64_t at = offset + done;
      // The long stretch at once: it may have a thousand million characters.
      if (at >= before_.size() && at < behind) {
        const auto run =
            static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size() - done, behind - at));
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(done), run, character_);
        done += run - 1;
      } else {
        bytes[done] = at < before_.size() ? before_[static_cast<std::size_t>(at)]
                                          : after_[static_cast<std::size_t>(at - behind)];
      }
    }
    return done;
  }

 private:
  std::string before_;
  char character_;
  std::uint64_t count_;
  std::string after_;
};

inline std::vector<CsvRow> RowsOf(ByteSource& source) {
  CsvReader reader(source);
  std::vector<CsvRow> rows;
  for (;;) {
    absl::StatusOr<std::optional<CsvRow>> row = reader.Next();
    if (!row.ok() || !row->has_value()) return rows;
    rows.push_back(**std::move(row));
  }
}

inline std::vector<CsvRow> RowsOf(std::string_view text) {
  TextSource source(text);
  return RowsOf(source);
}

}  // namespace clinicd::importer::testing
