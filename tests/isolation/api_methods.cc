#include "tests/isolation/api_methods.h"

#include <google/protobuf/descriptor.pb.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/match.h"

namespace clinicd::isolation {
namespace {

namespace pb = google::protobuf;

std::string DescriptorSetPath() {
  const char* directory = std::getenv("CLINICD_BINARY_DIR");
  const std::filesystem::path binary = directory != nullptr ? directory : CLINICD_TEST_BINARY_DIR;
  return (binary / "generated" / "clinicd.binpb").string();
}

}  // namespace

std::vector<const pb::MethodDescriptor*> ApiMethods() {
  pb::FileDescriptorSet set;
  std::ifstream file(DescriptorSetPath(), std::ios::binary);
  INFO(DescriptorSetPath());
  REQUIRE(set.ParseFromIstream(&file));
  std::vector<const pb::MethodDescriptor*> methods;
  for (const pb::FileDescriptorProto& proto : set.file()) {
    if (!absl::StartsWith(proto.package(), "clinicd.") || proto.service_size() == 0) continue;
    // Linked in, because only then are the options of ours known.
    const pb::FileDescriptor* linked =
        pb::DescriptorPool::generated_pool()->FindFileByName(proto.name());
    INFO(proto.name());
    REQUIRE(linked != nullptr);
    for (int i = 0; i < linked->service_count(); ++i) {
      const pb::ServiceDescriptor& service = *linked->service(i);
      for (int j = 0; j < service.method_count(); ++j) methods.push_back(service.method(j));
    }
  }
  return methods;
}

}  // namespace clinicd::isolation
