// The values of a row, checked as they are read.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/server/import/synthea_table.h"

namespace clinicd::importer {

// Reads values of a row by column. The first value that is not acceptable is kept as the row's
// refusal; what is returned from then on means nothing. Not thread-safe.
class RowValues final {
 public:
  // The arguments must outlive it.
  RowValues(const SyntheaRow& row, const ColumnPlaces& places, std::span<const ColumnSpec> specs)
      : row_(row), places_(places), specs_(specs) {}

  // Text with each run of spaces, tabs and line ends as one space and none at its ends; at most
  // `length_max` code points and no other control characters.
  template <typename Column>
  std::string Text(Column column, std::size_t length_max) {
    return TextAt(static_cast<std::size_t>(column), length_max);
  }
  // Text that must not be empty.
  template <typename Column>
  std::string RequiredText(Column column, std::size_t length_max) {
    return RequiredTextAt(static_cast<std::size_t>(column), length_max);
  }
  // A date YYYY-MM-DD that exists.
  template <typename Column>
  absl::CivilDay Date(Column column) {
    return DateAt(static_cast<std::size_t>(column));
  }
  // An instant as in RFC 3339, with Z or an offset, of the years 1880 to 2199.
  template <typename Column>
  absl::Time Instant(Column column) {
    return InstantAt(static_cast<std::size_t>(column));
  }
  template <typename Column>
  void Refuse(Column column, std::string_view reason, std::string_view message) {
    RefuseAt(static_cast<std::size_t>(column), reason, message);
  }

  const std::optional<Refusal>& refusal() const { return refusal_; }

 private:
  std::string TextAt(std::size_t spec, std::size_t length_max);
  std::string RequiredTextAt(std::size_t spec, std::size_t length_max);
  absl::CivilDay DateAt(std::size_t spec);
  absl::Time InstantAt(std::size_t spec);
  void RefuseAt(std::size_t spec, std::string_view reason, std::string_view message);

  const SyntheaRow& row_;
  const ColumnPlaces& places_;
  std::span<const ColumnSpec> specs_;
  std::optional<Refusal> refusal_;
};

}  // namespace clinicd::importer
