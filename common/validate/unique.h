// Whether a list holds a value twice.
#pragma once

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace clinicd::validate {

// `field` is a repeated field of any type but message. NaN differs from everything, 0 equals -0.
bool HasUniqueItems(const google::protobuf::Message& message,
                    const google::protobuf::FieldDescriptor& field);

}  // namespace clinicd::validate
