// Brings the demo plan into the clinics, through the API.
#pragma once

#include <grpcpp/channel.h>

#include <memory>

#include "absl/status/status.h"
#include "common/base/progress.h"
#include "services/server/demo/demo_plan.h"

namespace clinicd::demo {

// Creates practitioners, locations, resources and visit types as each clinic's owner, patients and
// appointments as its receptionist. The clinics and users exist, with the plan's passwords. What
// exists already, by external id, is left as it is, so that a filling that broke off can be
// repeated. Errors name the clinic.
absl::Status FillDemo(const DemoPlan& plan, const std::shared_ptr<grpc::Channel>& channel,
                      Progress& progress);

}  // namespace clinicd::demo
