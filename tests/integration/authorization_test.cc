// No method runs without an admitting verdict.
#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/generic/generic_stub.h>

#include <catch2/catch.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/method_table.h"
#include "services/identity/builtin_roles.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {
namespace {

using google::protobuf::FileDescriptorProto;
using google::protobuf::MethodOptions;

constexpr char kGetPatient[] = "clinicd.patients.v1.PatientService/GetPatient";

// The patient service as it would be with other options on its first method.
absl::Status TableWith(const std::function<void(MethodOptions&)>& change) {
  const auto* original = patients::v1::Patient::descriptor()->file();
  FileDescriptorProto file;
  original->CopyTo(&file);
  file.set_name("changed.proto");
  file.set_package("changed");
  // A pool of its own, because the changed file declares the same messages in another package.
  for (auto& service : *file.mutable_service()) {
    for (auto& method : *service.mutable_method()) {
      for (std::string* type : {method.mutable_input_type(), method.mutable_output_type()}) {
        *type = absl::StrCat(".changed", type->substr(type->rfind('.')));
      }
    }
  }
  for (auto& message : *file.mutable_message_type()) {
    for (auto& field : *message.mutable_field()) {
      const std::string package = ".clinicd.patients.v1.";
      if (field.type_name().rfind(package, 0) == 0) {
        field.set_type_name(".changed." + field.type_name().substr(package.size()));
      }
    }
  }
  change(*file.mutable_service(0)->mutable_method(0)->mutable_options());
  google::protobuf::DescriptorPool pool(google::protobuf::DescriptorPool::generated_pool());
  const auto* built = pool.BuildFile(file);
  REQUIRE(built != nullptr);
  const identity::BuiltinRoles roles;
  return rpc::MethodTable::Create({built->service(0)}, roles).status();
}

options::v1::MethodPolicy& Policy(MethodOptions& options) {
  return *options.MutableExtension(options::v1::policy);
}

TEST_CASE("The server does not start with a method that lacks a part of its policy",
          "[authorization][integration]") {
  CHECK(TableWith([](MethodOptions&) {}).ok());
  CHECK_FALSE(TableWith([](MethodOptions& o) { o.ClearExtension(options::v1::policy); }).ok());
  CHECK_FALSE(TableWith([](MethodOptions& o) { Policy(o).clear_permission(); }).ok());
  CHECK_FALSE(TableWith([](MethodOptions& o) { Policy(o).set_permission("no.such.read"); }).ok());
  CHECK_FALSE(TableWith([](MethodOptions& o) { Policy(o).set_signed_in(false); }).ok());
  CHECK_FALSE(TableWith([](MethodOptions& o) { Policy(o).set_anonymous(false); }).ok());
  CHECK_FALSE(TableWith([](MethodOptions& o) { Policy(o).clear_audit(); }).ok());
  CHECK_FALSE(TableWith([](MethodOptions& o) { o.clear_idempotency_level(); }).ok());
  // GetPatient has no request_id, so it may not mutate.
  CHECK_FALSE(
      TableWith([](MethodOptions& o) { o.set_idempotency_level(MethodOptions::IDEMPOTENT); }).ok());
}

grpc::Status CallPath(const Client& client, const std::string& path) {
  grpc::GenericStub stub(client.channel());
  grpc::ClientContext context;
  client.Prepare(context, absl::Seconds(20));
  patients::v1::GetPatientRequest request;
  request.set_id("018f0000-0000-7000-8000-000000000001");
  const grpc::Slice slice(request.SerializeAsString());
  const grpc::ByteBuffer buffer(&slice, 1);
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareUnaryCall(&context, path, buffer, &queue);
  call->StartCall();
  grpc::ByteBuffer response;
  grpc::Status status;
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return status;
}

TEST_CASE("Variants of a method's path reach no handler", "[authorization][integration]") {
  TestServer server;
  const Client owner = server.SignedIn(server.AddClinic("sol"), {identity::v1::ROLE_OWNER});
  // The exact path gets as far as the database.
  REQUIRE(ReasonOf(CallPath(owner, absl::StrCat("/", kGetPatient))) ==
          ErrorReason::PATIENT_NOT_FOUND);
  const std::string service = "clinicd.patients.v1.PatientService";
  std::vector<std::string> paths = {
      kGetPatient,
      absl::StrCat("//", kGetPatient),
      absl::StrCat("/", kGetPatient, "/"),
      absl::StrCat("/", kGetPatient, "//"),
      absl::StrCat("/", kGetPatient, "?a=b"),
      absl::StrCat("/", kGetPatient, "#a"),
      absl::StrCat("/", kGetPatient, ";a"),
      absl::StrCat("/", kGetPatient, "%20"),
      absl::StrCat("/", kGetPatient, "%00"),
      absl::StrCat("/./", kGetPatient),
      absl::StrCat("/x/../", kGetPatient),
      absl::StrCat("/", absl::AsciiStrToLower(kGetPatient)),
      absl::StrCat("/", absl::AsciiStrToUpper(kGetPatient)),
      absl::StrCat("/", service),
      absl::StrCat("/", service, "/"),
      absl::StrCat("/", service, "//GetPatient"),
      absl::StrCat("/", service, ".GetPatient"),
      absl::StrCat("/", service, "/getPatient"),
      absl::StrCat("/", service, "/GetPatient%2f"),
      absl::StrCat("/", service, "%2fGetPatient"),
      absl::StrCat("/", service, "/%47etPatient"),
      absl::StrCat("/", service, "/GetPatients"),
      absl::StrCat("/", service, "/GetPatien"),
      "/clinicd.patients.v2.PatientService/GetPatient",
      "/PatientService/GetPatient",
      "/patients.v1.PatientService/GetPatient",
      "/grpc.health.v1.Health/Check",
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
      "/grpc.channelz.v1.Channelz/GetServers",
      "/",
      "/*",
  };
  for (char c = 'a'; c <= 'z'; ++c)
    paths.push_back(absl::StrCat("/", kGetPatient, std::string(1, c)));
  for (const std::string& path : paths) {
    CAPTURE(path);
    const grpc::Status status = CallPath(owner, path);
    CHECK_FALSE(status.ok());
    CHECK(ReasonOf(status) == ErrorReason::ERROR_REASON_UNSPECIFIED);
  }
}

TEST_CASE("A call without a good token is refused by every method that needs one",
          "[authorization][integration]") {
  TestServer server;
  const TestClinic clinic = server.AddClinic("sol");
  const Client owner = server.SignedIn(clinic, {identity::v1::ROLE_OWNER});
  std::string forged = owner.token();
  forged[forged.size() - 5] = forged[forged.size() - 5] == 'A' ? 'B' : 'A';
  const auto paths = [] {
    std::vector<std::string> all;
    for (const auto* file :
         {identity::v1::SignInRequest::descriptor()->file(),
          identity::v1::User::descriptor()->file(), identity::v1::Clinic::descriptor()->file(),
          patients::v1::Patient::descriptor()->file(),
          identity::v1::Practitioner::descriptor()->file(),
          appointments::v1::Appointment::descriptor()->file(),
          appointments::v1::CalendarFeed::descriptor()->file(),
          appointments::v1::Diary::descriptor()->file(),
          appointments::v1::Resource::descriptor()->file(),
          appointments::v1::ScheduleException::descriptor()->file(),
          appointments::v1::Series::descriptor()->file(),
          appointments::v1::VisitType::descriptor()->file(),
          appointments::v1::WaitlistEntry::descriptor()->file(),
          audit::v1::Event::descriptor()->file()}) {
      for (int i = 0; i < file->service(0)->method_count(); ++i) {
        const auto* method = file->service(0)->method(i);
        if (method->options().GetExtension(options::v1::policy).anonymous()) continue;
        all.push_back(absl::StrCat("/", file->service(0)->full_name(), "/", method->name()));
      }
    }
    return all;
  }();
  for (const std::string& path : paths) {
    CAPTURE(path);
    CHECK(ReasonOf(CallPath(server.Anonymous(), path)) == ErrorReason::TOKEN_MISSING);
    CHECK(ReasonOf(CallPath(Client(server.Channel(), forged), path)) == ErrorReason::TOKEN_INVALID);
    CHECK(ReasonOf(CallPath(Client(server.Channel(), "x"), path)) == ErrorReason::TOKEN_INVALID);
  }
}

TEST_CASE("A refused call leaves a trace in the clinic", "[authorization][integration]") {
  TestServer server;
  const TestClinic clinic = server.AddClinic("sol");
  const Client billing = server.SignedIn(clinic, {identity::v1::ROLE_BILLING_CLERK});
  patients::v1::GetPatientRequest request;
  request.set_id("018f0000-0000-7000-8000-000000000001");

  const auto refused =
      billing.Call(billing.patients(), &patients::v1::PatientService::Stub::GetPatient, request);

  CHECK(refused.code() == grpc::StatusCode::PERMISSION_DENIED);
  CHECK(refused.reason() == ErrorReason::PERMISSION_MISSING);
  CHECK(refused.metadata("permission") == "patients.patient.read");
  CHECK(server.database()
            .Connect()
            .QueryValue("SELECT outcome FROM clinicd.audit_events WHERE outcome <> 'OK'")
            .value() == "PERMISSION_MISSING");
}

}  // namespace
}  // namespace clinicd::testing
