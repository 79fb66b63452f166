// What an error made by a service carries besides code and reason.
#pragma once

#include <string>
#include <vector>

#include "common/status/error.h"

namespace clinicd::testing {

// The fields that BadRequest names, in order.
inline std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  google::rpc::BadRequest bad_request;
  const google::rpc::Status details = status::DetailsOf(status);
  for (const auto& detail : details.details()) {
    if (!detail.UnpackTo(&bad_request)) continue;
    for (const auto& violation : bad_request.field_violations()) {
      fields.push_back(violation.field());
    }
  }
  return fields;
}

// A value of ErrorInfo.metadata; empty when absent.
inline std::string MetadataOf(const absl::Status& status, const std::string& key) {
  google::rpc::ErrorInfo info;
  const google::rpc::Status details = status::DetailsOf(status);
  for (const auto& detail : details.details()) {
    if (detail.UnpackTo(&info) && info.metadata().contains(key)) return info.metadata().at(key);
  }
  return "";
}

}  // namespace clinicd::testing
