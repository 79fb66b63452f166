// Clients of other makers against a whole server: they sign in, list, are refused, watch a day.
#include <catch2/catch.hpp>

#include "tests/conformance/desk.h"

namespace clinicd::testing {
namespace {

TEST_CASE("buf curl works at the desk in gRPC, gRPC-Web and Connect", "[clients]") {
  const ProgramResult result = Desk().Run("node", "buf_curl.mjs");

  CAPTURE(result.output);
  CHECK(result.exit_code == 0);
}

TEST_CASE("grpc-js works at the desk in native gRPC", "[clients]") {
  const ProgramResult result = Desk().Run("node", "grpc_js.mjs");

  CAPTURE(result.output);
  CHECK(result.exit_code == 0);
}

TEST_CASE("gRPC for Python works at the desk in native gRPC", "[clients]") {
  const ProgramResult result = Desk().Run("/usr/bin/python3", "python_grpcio.py");

  CAPTURE(result.output);
  CHECK(result.exit_code == 0);
}

TEST_CASE("protobuf-ts works at the desk in gRPC-Web, text and binary", "[clients]") {
  const ProgramResult result = Desk().Run("node", "protobuf_ts.mjs");

  CAPTURE(result.output);
  CHECK(result.exit_code == 0);
}

}  // namespace
}  // namespace clinicd::testing
