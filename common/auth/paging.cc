#include "common/auth/paging.h"

#include <algorithm>

#include "common/base/try.h"

namespace clinicd::auth {

std::int32_t PageSize(std::int32_t requested, std::int32_t standard, std::int32_t most) {
  return std::min(requested <= 0 ? standard : requested, most);
}

absl::StatusOr<PageKey> Pager::Start(std::string_view page_token, std::size_t columns) const {
  if (page_token.empty()) return PageKey();
  CLINICD_ASSIGN_OR_RETURN(const type::v1::PageCursor cursor, codec_.Decode(page_token, binding_));
  PageKey key(cursor.last_key().begin(), cursor.last_key().end());
  if (key.size() != columns) return PageTokenInvalid();
  return key;
}

absl::StatusOr<std::string> Pager::TokenAfter(PageKey key) const {
  type::v1::PageCursor cursor;
  for (std::string& part : key) cursor.add_last_key(std::move(part));
  return codec_.Encode(cursor, binding_);
}

}  // namespace clinicd::auth
