// Who seals the audit events of a test server, step by step, and who checks what comes of it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/random.h"
#include "common/merkle/checkpoint.h"
#include "db/access/pool.h"
#include "db/access/transaction_runner.h"
#include "services/audit/log/sealer.h"
#include "tests/support/test_server.h"

namespace clinicd::testing {

inline constexpr char kLogOrigin[] = "test.example/audit";

// A sealer with the keys of a server, whose database it works on.
class LogScene final {
 public:
  using Guard = std::function<absl::Status(db::TenantTx& tx, const audit::SealState& state)>;
  explicit LogScene(const TestServer& server, std::int32_t batch_max = 2000, Guard guard = {});

  // One batch, which must succeed.
  audit::SealReport Seal() const;
  // Until every event that can be seen is sealed; how many it sealed. Waits for transactions that
  // are under way anywhere in the cluster, of other tests too: what began after them waits as well.
  std::int64_t SealAll() const;

  // Whom a client of the log trusts.
  const merkle::TrustPolicy& trust() const { return trust_; }
  const audit::Sealer& sealer() const { return sealer_; }

 private:
  const TestDatabase& database_;
  SystemClock clock_;
  SystemRandom random_;
  IdSource ids_;
  db::Pool pool_;
  db::TransactionRunner runner_;
  std::vector<merkle::NoteSigner> signers_;
  audit::Sealer sealer_;
  merkle::TrustPolicy trust_;
};

// The parts of a proof as the library takes them; fails the test case for anything else.
std::vector<merkle::Hash> HashesIn(const google::protobuf::RepeatedPtrField<std::string>& proof);

// Fails the test case unless the checkpoint is what it says: signed, and stating size and root.
// The size of the tree of heads.
std::uint64_t MustHold(const audit::v1::Checkpoint& checkpoint, const merkle::TrustPolicy& trust);

}  // namespace clinicd::testing
