// Message types written in a test, and what messages of them break.
#pragma once

#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/validate/validator.h"
#include "google/type/date.pb.h"

namespace clinicd::validate {

using Broken = std::vector<std::string>;

// The message `M` of a proto3 source, and a validator of it.
class Schema final {
 public:
  explicit Schema(const std::string& body)
      : pool_(google::protobuf::DescriptorPool::generated_pool()) {
    const std::string source = absl::StrCat(
        "syntax = \"proto3\"; package test; import \"buf/validate/validate.proto\";"
        "import \"google/protobuf/duration.proto\"; import \"google/protobuf/field_mask.proto\";"
        "import \"google/protobuf/timestamp.proto\"; import \"google/type/date.proto\";",
        body);
    // Linked in, but known to the pool only once it is used.
    google::type::Date::descriptor();
    google::protobuf::io::ArrayInputStream stream(source.data(), static_cast<int>(source.size()));
    google::protobuf::io::Tokenizer tokenizer(&stream, nullptr);
    google::protobuf::FileDescriptorProto file;
    file.set_name("test.proto");
    REQUIRE(google::protobuf::compiler::Parser().Parse(&tokenizer, &file));
    REQUIRE(pool_.BuildFile(file) != nullptr);
    type_ = pool_.FindMessageTypeByName("test.M");
    REQUIRE(type_ != nullptr);
  }

  absl::StatusOr<Validator> Compiled() const { return Validator::Create({type_}); }

  std::unique_ptr<google::protobuf::Message> Parsed(const std::string& text) {
    std::unique_ptr<google::protobuf::Message> message(factory_.GetPrototype(type_)->New());
    REQUIRE(google::protobuf::TextFormat::ParseFromString(text, message.get()));
    return message;
  }

  // What a message breaks, as "field rule".
  Broken BrokenBy(const std::string& text) {
    const auto validator = Compiled();
    INFO(validator.status());
    REQUIRE(validator.ok());
    Broken broken;
    for (const Violation& violation : validator->Violations(*Parsed(text))) {
      broken.push_back(violation.field + " " + violation.rule);
    }
    return broken;
  }

 private:
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_{&pool_};
  const google::protobuf::Descriptor* type_ = nullptr;
};

// A message with one field `f` of `type` under `rules`.
inline Schema Field(const std::string& type, const std::string& rules) {
  return Schema(absl::StrCat("enum Kind { K0 = 0; K1 = 1; K2 = 2; } message M { ", type, " f = 1 [",
                             rules, "]; }"));
}

}  // namespace clinicd::validate
