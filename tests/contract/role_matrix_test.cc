// Compares who may call what with a file that people review.
//
// CLINICD_UPDATE_GOLDEN=1 tests/role_matrix_contract_test   writes the file anew

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "clinicd/identity/v1/user_service.pb.h"
#include "common/rpc/method_table.h"
#include "services/identity/builtin_roles.h"
#include "tests/contract/api_services.h"
#include "tests/support/source_directory.h"

namespace clinicd::identity {
namespace {

using rpc::MethodInfo;

std::string AccessOf(const MethodInfo& method) {
  switch (method.access) {
    case MethodInfo::Access::kAnonymous:
      return "anonymous";
    case MethodInfo::Access::kSignedIn:
      return "signed in";
    case MethodInfo::Access::kPermission:
      break;
  }
  return method.permission;
}

// Every role that may call, by name; the words of the method table, not of the roles' table.
std::string RolesOf(const MethodInfo& method) {
  if (method.access != MethodInfo::Access::kPermission) return "everybody";
  std::vector<std::string> names;
  for (int number = v1::Role_MIN + 1; number <= v1::Role_MAX; ++number) {
    if ((method.admitted_roles >> number & 1U) == 0) continue;
    names.push_back(v1::Role_Name(static_cast<v1::Role>(number)).substr(5));
  }
  return absl::StrJoin(names, " ");
}

std::string Matrix() {
  const auto table = rpc::MethodTable::Create(testing::ApiServices(), BuiltinRoles());
  REQUIRE(table.ok());
  std::vector<std::string> lines;
  for (const auto& method : (*table)->methods()) {
    lines.push_back(absl::StrFormat("%-66s | %-30s | %s\n", method->full_name, AccessOf(*method),
                                    RolesOf(*method)));
  }
  std::sort(lines.begin(), lines.end());
  return absl::StrCat(
      "# Method, what it asks for, and the roles that have it; whoever is not named is refused.\n",
      absl::StrJoin(lines, ""));
}

TEST_CASE("Who may call what is what was reviewed", "[identity][contract]") {
  const std::string path =
      (testing::SourceDirectory() / "tests/contract/role_matrix.golden").string();
  const std::string matrix = Matrix();
  if (const char* update = std::getenv("CLINICD_UPDATE_GOLDEN"); update != nullptr) {
    std::ofstream(path) << matrix;
  }

  std::ostringstream golden;
  golden << std::ifstream(path).rdbuf();

  CHECK(golden.str() == matrix);
}

TEST_CASE("The matrix is of the whole API", "[identity][contract]") {
  google::protobuf::FileDescriptorSet api;
  std::ifstream file(CLINICD_TEST_BINARY_DIR "/generated/clinicd.binpb", std::ios::binary);
  REQUIRE(api.ParseFromIstream(&file));
  std::set<std::string> declared;
  for (const auto& proto : api.file()) {
    if (proto.package().substr(0, 8) != "clinicd.") continue;
    for (const auto& service : proto.service()) {
      declared.insert(absl::StrCat(proto.package(), ".", service.name()));
    }
  }

  std::set<std::string> compared;
  for (const auto* service : testing::ApiServices()) compared.insert(service->full_name());

  CHECK(compared == declared);
  CHECK_FALSE(declared.empty());
}

}  // namespace
}  // namespace clinicd::identity
