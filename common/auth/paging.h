// How a list method goes from page to page.
#pragma once

#include <google/protobuf/message.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/page_token.h"

namespace clinicd::auth {

// The sort key of a row, one text per sort column.
using PageKey = std::vector<std::string>;

// The number of rows of a page: `requested`, `standard` where that is 0, and at most `most`.
std::int32_t PageSize(std::int32_t requested, std::int32_t standard, std::int32_t most);

// The pages of one list: one clinic, method and filter. A list reads one row more than the page
// holds, which says whether there is a next page.
class Pager final {
 public:
  // `method` and `request` as for PageBinding.
  Pager(const PageTokenCodec& codec, ClinicId clinic, std::string_view method,
        const google::protobuf::Message& request)
      : codec_(codec), binding_(clinic, method, request) {}

  // The key after which the page starts; empty for the first page, which has no token. A key has
  // `columns` parts. Errors: INVALID_ARGUMENT (PAGE_TOKEN_INVALID).
  absl::StatusOr<PageKey> Start(std::string_view page_token, std::size_t columns) const;

  // Cuts `rows` down to `page_size` and returns the token of the page after them; empty when there
  // is none.
  template <typename Row>
  absl::StatusOr<std::string> Cut(std::vector<Row>& rows, std::int32_t page_size,
                                  PageKey (*key)(const Row&)) const {
    const auto size = static_cast<std::size_t>(page_size);
    if (rows.size() <= size) return std::string();
    rows.erase(rows.begin() + page_size, rows.end());
    return TokenAfter(key(rows.back()));
  }

  // The token of a page that starts after `key`: for lists whose pages do not end with a row.
  absl::StatusOr<std::string> TokenAfter(PageKey key) const;

 private:
  const PageTokenCodec& codec_;
  PageBinding binding_;
};

}  // namespace clinicd::auth
