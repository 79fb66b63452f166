#include "common/validate/patch.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/text.h"
#include "common/status/error.h"
#include "google/protobuf/util/field_mask_util.h"

namespace clinicd::validate {

absl::Status CheckUpdatable(const google::protobuf::FieldMask& mask,
                            const std::vector<std::string_view>& updatable) {
  const bool all_updatable =
      std::all_of(mask.paths().begin(), mask.paths().end(), [&](const std::string& path) {
        return std::find(updatable.begin(), updatable.end(), path) != updatable.end();
      });
  if (all_updatable) return absl::OkStatus();
  const std::string allowed = absl::StrJoin(
      updatable, ", ", [](std::string* out, std::string_view name) { out->append(name); });
  return status::InvalidField("update_mask", absl::StrCat("must only name ", allowed));
}

void CopyFields(const google::protobuf::FieldMask& mask, const google::protobuf::Message& changes,
                google::protobuf::Message& resource) {
  google::protobuf::util::FieldMaskUtil::MergeOptions replace;
  replace.set_replace_message_fields(true);
  replace.set_replace_repeated_fields(true);
  google::protobuf::util::FieldMaskUtil::MergeMessageTo(changes, mask, replace, &resource);
}

}  // namespace clinicd::validate
