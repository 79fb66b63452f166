// What the methods of the conformance service have in common: reading a plan.
#pragma once

#include <grpcpp/grpcpp.h>

#include "clinicd/conformance/v1/conformance_service.pb.h"

namespace clinicd::conformance {

// One message of an answer to `request`, of which `requests` were read so far.
v1::AnswerResponse ResponseTo(const v1::AnswerRequest& request,
                              const grpc::CallbackServerContext& context, int requests);

// Puts the plan's headers into the answer; before its first message.
void AddHeaders(const v1::Plan& plan, grpc::CallbackServerContext& context);

// Puts the plan's trailers into the answer; the status it ends with.
grpc::Status EndOf(const v1::Plan& plan, grpc::CallbackServerContext& context);

}  // namespace clinicd::conformance
