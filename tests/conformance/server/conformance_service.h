// The conformance service on gRPC's callback API.
#pragma once

#include <grpcpp/grpcpp.h>

#include "clinicd/conformance/v1/conformance_service.grpc.pb.h"
#include "tests/conformance/server/call_ends.h"

namespace clinicd::conformance {

// Thread-safe.
class ConformanceService final : public v1::ConformanceService::CallbackService {
 public:
  ConformanceService() = default;
  ConformanceService(const ConformanceService&) = delete;
  ConformanceService& operator=(const ConformanceService&) = delete;
  ~ConformanceService() override = default;

  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context,
                                   const v1::AnswerRequest* request,
                                   v1::AnswerResponse* response) override;
  grpc::ServerWriteReactor<v1::AnswerResponse>* AnswerMany(
      grpc::CallbackServerContext* context, const v1::AnswerRequest* request) override;
  grpc::ServerReadReactor<v1::AnswerRequest>* Collect(grpc::CallbackServerContext* context,
                                                      v1::AnswerResponse* response) override;
  grpc::ServerBidiReactor<v1::AnswerRequest, v1::AnswerResponse>* Converse(
      grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* AwaitEnd(grpc::CallbackServerContext* context,
                                     const v1::AwaitEndRequest* request,
                                     v1::AwaitEndResponse* response) override;

 private:
  CallEnds ends_;
};

}  // namespace clinicd::conformance
