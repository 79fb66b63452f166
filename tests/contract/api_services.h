// Every service of the API.
#pragma once

#include <google/protobuf/descriptor.h>

#include <vector>

namespace clinicd::testing {

// A service that is not among them fails the comparison of the role matrix.
std::vector<const google::protobuf::ServiceDescriptor*> ApiServices();

}  // namespace clinicd::testing
