#include "common/edge/entity_tag.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/text.h"

namespace clinicd::edge {

bool HasTag(std::string_view if_none_match, std::string_view tag) {
  const auto tags = absl::StrSplit(ToAbsl(if_none_match), ',');
  return std::any_of(tags.begin(), tags.end(), [tag](absl::string_view item) {
    item = absl::StripAsciiWhitespace(item);
    absl::ConsumePrefix(&item, "W/");
    return item == "*" || FromAbsl(item) == tag;
  });
}

}  // namespace clinicd::edge
