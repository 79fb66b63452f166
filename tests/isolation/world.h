// Three clinics on one server, with everything in them that others must not get at.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "db/access/connection.h"
#include "db/admin/admin_connection.h"
#include "services/server/isolation/answer.h"
#include "services/server/isolation/requests.h"
#include "tests/isolation/catalog.h"
#include "tests/isolation/guards.h"
#include "tests/support/test_server.h"

namespace clinicd::isolation {

// Indexes of World's clinics. The ghost is none: its ids and values occur nowhere.
inline constexpr std::size_t kClinicCount = 3;
inline constexpr std::size_t kGhost = kClinicCount;

// Somebody who calls.
struct Caller {
  // The clinic of the token; for nobody, the clinic whose slug is used.
  std::size_t clinic = 0;
  // ROLE_UNSPECIFIED: not signed in.
  identity::v1::Role role = identity::v1::ROLE_UNSPECIFIED;
  testing::TestUser user = {};

  bool signed_in() const { return role != identity::v1::ROLE_UNSPECIFIED; }
};

struct WorldOptions {
  Guards guards = Guards::kBoth;
  db::TenantMode tenant_mode = db::TenantMode::kSetConfig;
  int workers = 4;
  // Applied to every statement after the guards.
  std::function<std::string(std::string)> rewrite_sql = {};
};

// A server on a database of its own, with seeded clinics and a caller for each role. Not
// thread-safe, except for server() and client(). Fails the running test when something is refused
// that it needs.
class World final {
 public:
  explicit World(const WorldOptions& options = {});
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  testing::TestServer& server() { return *server_; }
  RawClient& client() { return *client_; }
  db::AdminConnection& superuser() { return superuser_; }
  Catalog& catalog() { return *catalog_; }
  const PredicateRemover& remover() const { return remover_; }
  // What connects to the database as the server does.
  std::string server_conninfo() const;

  const Marked& marked(std::size_t clinic) const { return clinics_[clinic].marked; }
  // A row of the clinic that is never changed, or the ghost's id for it.
  std::string Standing(std::size_t clinic, Source source) const;

  // Callers of the clinic, one a role and one who is not signed in.
  const std::vector<Caller>& callers(std::size_t clinic) const { return clinics_[clinic].callers; }
  const Caller& caller(std::size_t clinic, identity::v1::Role role) const;
  // An access token that lasts for the next minutes; empty for who is not signed in.
  std::string TokenFor(const Caller& caller);
  // The same for a session of its own.
  std::string NewTokenFor(const Caller& caller);

  // What the caller owns and may use for the field. For a mutation, a row that was made for it.
  std::string Own(const Caller& caller, Source source, bool fresh);
  // What `clinic`, or the ghost, has for the field. `number` counts from 1: of values that can be
  // used once, each number is another.
  std::string Foreign(const Caller& caller, std::size_t clinic, Source source, int number);
  // A number for Foreign() that no caller of the clinic has used yet.
  int NextNumber(std::size_t clinic);

  // Everything a caller of the clinic has put into a request; such ids may come back.
  absl::flat_hash_set<std::string>& sent(std::size_t clinic) { return clinics_[clinic].sent; }

  // The rows that tell of calls of `method` about the row or ghost, as the clinic's owner sees
  // them, with the id masked.
  std::vector<std::string> Trail(std::size_t clinic, const std::string& method,
                                 const std::string& id);

 private:
  struct Clinic {
    testing::TestClinic row;
    Marked marked;
    // Part of the values that are unique in the clinic.
    std::string mark;
    std::map<Source, std::string> standing;
    std::string refresh_token_id;
    // An owner of canary.sql, who calls nothing here.
    std::string caller_id;
    std::string series_appointment_id;
    std::string login;
    std::vector<Caller> callers;
    absl::flat_hash_set<std::string> sent;
    int numbers_used = 0;
  };

  void Seed(Clinic& clinic);
  void Stock(Clinic& clinic);
  void AddCallers(std::size_t index);
  std::string Filled(const std::string& file, const Clinic& clinic) const;
  // Runs a statement that must succeed.
  db::AdminConnection::Rows Sql(const std::string& sql,
                                const db::AdminConnection::Row& values = {});
  std::string NewId() const { return server_->NewUuid().ToString(); }
  std::string FreshRow(const Caller& caller, Source source);
  std::string FreshAppointment(const Clinic& clinic, Source stage);
  std::string FreshVisitType(const Clinic& clinic);
  std::string FreshSeries(const Clinic& clinic);
  std::string FreshHold(const Caller& caller);
  std::string FreshWaitlistEntry(const Clinic& clinic);
  std::string FreshWaitlistOffer(const Clinic& clinic);
  std::string FreshUser(const Clinic& clinic);
  std::string FreshSession(const Caller& caller);
  std::string FreshRefreshToken(const Caller& caller);

  testing::TestDatabase database_;
  std::unique_ptr<BypassRole> bypass_;
  PredicateRemover remover_;
  std::unique_ptr<testing::TestServer> server_;
  std::unique_ptr<RawClient> client_;
  db::AdminConnection superuser_;
  std::unique_ptr<Catalog> catalog_;
  std::array<Clinic, kClinicCount + 1> clinics_;
  // Of the series that was made last.
  std::string series_appointment_;
  std::map<std::pair<std::size_t, identity::v1::Role>, std::pair<std::string, absl::Time>> tokens_;
};

}  // namespace clinicd::isolation
