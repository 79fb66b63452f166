// One try to get from one clinic into another, in every way that the server has.
#pragma once

#include <google/protobuf/descriptor.h>
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/auth/access_token.h"
#include "common/base/clock.h"
#include "common/base/ids.h"
#include "db/admin/admin_connection.h"
#include "db/isolation/breach.h"
#include "db/isolation/table_probe.h"
#include "services/server/isolation/method_probe.h"

namespace clinicd::isolation {

struct ProbeResult {
  std::int32_t schema_version = 0;
  std::int32_t tables = 0;
  std::int32_t empty_tables = 0;
  std::int32_t methods = 0;
  std::int32_t calls = 0;
  // SHA-256 of the guards that were met, 32 bytes.
  std::string catalog_digest;
  db::Breaches breaches;
};

// Thread-safe; runs at the same time, here or on another server, would disturb each other, so only
// one of them begins.
class IsolationProbe final {
 public:
  struct Parts {
    // Of the server's role, with the password.
    std::string app_conninfo;
    std::shared_ptr<grpc::Channel> channel;
    std::vector<const google::protobuf::MethodDescriptor*> methods;
    const std::vector<auth::SigningKey>& signing_keys;
    const Clock& clock;
    const IdSource& ids;
    // Other cases than MethodCases(); for tests.
    std::span<const MethodCase> cases = {};
  };
  explicit IsolationProbe(Parts parts);

  // Errors: ALREADY_EXISTS while another run is under way; CANCELLED when `looked` said so;
  // those of the database.
  absl::StatusOr<ProbeResult> Run(const MethodProbe::Looked& looked) const;

 private:
  absl::StatusOr<ProbeResult> RunOn(db::AdminConnection& connection,
                                    const MethodProbe::Looked& looked) const;
  absl::StatusOr<MethodProbe::Report> CallMethods(db::AdminConnection& connection,
                                                  db::TableProbe& tables,
                                                  const MethodProbe::Looked& looked) const;
  // Compares what the database has with what the release ships.
  absl::Status ProbeGuards(db::AdminConnection& connection, ProbeResult& result) const;

  const Parts parts_;
};

}  // namespace clinicd::isolation
