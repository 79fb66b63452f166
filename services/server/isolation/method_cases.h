// A valid request for every method of the API, for the nightly probe and for the isolation suite. A
// method that is added to the API and not here fails tests/isolation/coverage_test.cc.
#pragma once

#include <grpcpp/support/status.h>

#include <span>
#include <string_view>

namespace clinicd::isolation {

struct MethodCase {
  // "clinicd.patients.v1.PatientService/GetPatient".
  std::string_view method;
  // The request in text format; "{patient}" stands for Source::kPatient and so on, see requests.h.
  std::string_view request;
  // What a caller with the rights for it gets for what is their own.
  grpc::StatusCode own = grpc::StatusCode::OK;
  // The call ends the session that makes it.
  bool ends_session = false;
};

std::span<const MethodCase> MethodCases();

}  // namespace clinicd::isolation
