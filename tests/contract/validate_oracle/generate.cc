// Writes random messages of every request type, and what our validator says of them:
//   generate SEED COUNT DESCRIPTOR_SET...
// One line a message: its type, the message, and the broken rules (as "path rule", one a line);
// separated by tabs, the latter two in base64.
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/validate/validator.h"
#include "tests/contract/validate_oracle/random_message.h"

namespace clinicd::validate {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptor;

// The inputs of all methods; in a file without services, which is ours for tests, all messages.
std::vector<const Descriptor*> RequestsIn(const FileDescriptor& file) {
  std::vector<const Descriptor*> requests;
  for (int i = 0; i < file.service_count(); ++i) {
    for (int j = 0; j < file.service(i)->method_count(); ++j) {
      requests.push_back(file.service(i)->method(j)->input_type());
    }
  }
  for (int i = 0; file.package() == "clinicd.test.v1" && i < file.message_type_count(); ++i) {
    requests.push_back(file.message_type(i));
  }
  return requests;
}

void WriteMessage(const Validator& validator, const google::protobuf::Message& message) {
  std::string told;
  for (const Violation& violation : validator.Violations(message)) {
    absl::StrAppend(&told, violation.field, " ", violation.rule, "\n");
  }
  std::cout << message.GetTypeName() << '\t' << absl::Base64Escape(message.SerializeAsString())
            << '\t' << absl::Base64Escape(told) << '\n';
}

bool WriteAll(const google::protobuf::FileDescriptorSet& set, std::uint64_t seed, int count) {
  google::protobuf::DescriptorPool pool;
  std::vector<const Descriptor*> requests;
  for (const auto& file : set.file()) {
    const FileDescriptor* built = pool.BuildFile(file);
    if (built == nullptr) return false;
    for (const Descriptor* request : RequestsIn(*built)) requests.push_back(request);
  }
  const auto validator = Validator::Create(requests);
  if (!validator.ok()) {
    std::cerr << validator.status() << '\n';
    return false;
  }
  google::protobuf::DynamicMessageFactory factory(&pool);
  RandomMessages random(seed);
  for (const Descriptor* request : requests) {
    for (int i = 0; i < count; ++i) {
      const std::unique_ptr<google::protobuf::Message> message(
          factory.GetPrototype(request)->New());
      random.set_wildness(i % 3 == 0 ? 0 : i % 3 == 1 ? 15 : 60);
      random.Fill(*message);
      WriteMessage(*validator, *message);
    }
  }
  return !requests.empty();
}

int Main(const std::vector<std::string>& arguments) {
  std::uint64_t seed = 0;
  int count = 0;
  if (arguments.size() < 3 || !absl::SimpleAtoi(arguments[0], &seed) ||
      !absl::SimpleAtoi(arguments[1], &count)) {
    std::cerr << "usage: generate SEED COUNT DESCRIPTOR_SET...\n";
    return 2;
  }
  for (std::size_t i = 2; i < arguments.size(); ++i) {
    google::protobuf::FileDescriptorSet set;
    std::ifstream file(arguments[i], std::ios::binary);
    if (!set.ParseFromIstream(&file) || !WriteAll(set, seed, count)) {
      std::cerr << arguments[i] << " cannot be used\n";
      return 1;
    }
  }
  return std::cout.flush() ? 0 : 1;
}

}  // namespace
}  // namespace clinicd::validate

int main(int argc, char** argv) {
  return clinicd::validate::Main(std::vector<std::string>(argv + 1, argv + argc));
}
