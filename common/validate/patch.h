// Applies the changes of an update to what is stored.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/try.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"

namespace clinicd::validate {

// VALIDATION_FAILED at `update_mask` unless every path is one of `updatable`, the top-level fields
// that this update may change.
absl::Status CheckUpdatable(const google::protobuf::FieldMask& mask,
                            const std::vector<std::string_view>& updatable);

// Sets each field of `resource` that `mask` names to what it is in `changes`: replaced as a whole,
// and cleared where `changes` leaves it unset. The mask must have passed CheckUpdatable().
void CopyFields(const google::protobuf::FieldMask& mask, const google::protobuf::Message& changes,
                google::protobuf::Message& resource);

// `current` with the fields that `mask` names taken from `changes`. Fails as CheckUpdatable().
template <typename Resource>
absl::StatusOr<Resource> Patched(Resource current, const Resource& changes,
                                 const google::protobuf::FieldMask& mask,
                                 const std::vector<std::string_view>& updatable) {
  CLINICD_RETURN_IF_ERROR(CheckUpdatable(mask, updatable));
  CopyFields(mask, changes, current);
  return current;
}

}  // namespace clinicd::validate
