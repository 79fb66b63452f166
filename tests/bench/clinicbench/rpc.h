// Operations as calls of clinicd's API.
#pragma once

#include <string>
#include <string_view>

#include "tests/bench/clinicbench/dataset.h"
#include "tests/bench/clinicbench/driver.h"
#include "tests/bench/clinicbench/operation.h"

namespace clinicd::bench {

struct RpcRequest {
  // As "/clinicd.patients.v1.PatientService/GetPatient".
  std::string path;
  // The serialized message.
  std::string message;
};

// Of what an operation makes.
std::string RequestIdOf(const Operation& operation);

RpcRequest Encode(const Operation& operation, const Dataset& dataset);

// What came back: a gRPC status code, the serialized message or the details of the error.
struct RpcAnswer {
  int code = 0;
  std::string_view message = {};
  std::string_view details = {};
};

struct Judgement {
  Verdict verdict = Verdict::kRight;
  std::string note = {};
};

Judgement Judge(const Operation& operation, const RpcAnswer& answer);

// The first page of a search for the family of `operation.patient`: how many it has.
inline constexpr int kPageRows = kFamilySize;

}  // namespace clinicd::bench
