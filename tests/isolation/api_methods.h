// The methods of the API, by what the build says of it and not by what a server registers.
#pragma once

#include <google/protobuf/descriptor.h>

#include <vector>

namespace clinicd::isolation {

// Every method of the packages clinicd.*, by the descriptor set that the build writes. Fails the
// running test when the set cannot be read.
std::vector<const google::protobuf::MethodDescriptor*> ApiMethods();

}  // namespace clinicd::isolation
