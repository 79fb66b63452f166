// Removes one of the two guards between clinics, so that the other has to hold alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "tests/support/test_database.h"

namespace clinicd::isolation {

enum class Guards {
  // As in production.
  kBoth,
  // The role of the server passes row-level security.
  kPredicatesOnly,
  // No statement names the clinic whose rows it wants.
  kRowSecurityOnly,
  // Neither: the suite must notice.
  kNone,
};

// A role with the rights and settings of clinicd_app that row-level security does not bind. Lives
// as long as the object; the database must outlive it, the server that uses it must not.
class BypassRole final {
 public:
  explicit BypassRole(const testing::TestDatabase& database);
  BypassRole(const BypassRole&) = delete;
  BypassRole& operator=(const BypassRole&) = delete;
  ~BypassRole();

  // A libpq connection string, with the password.
  std::string conninfo() const;

 private:
  const testing::TestDatabase& database_;
  std::string name_;
};

// Makes every comparison with the caller's clinic true. Thread-safe.
class PredicateRemover final {
 public:
  std::string Rewrite(std::string_view sql);

  // How many comparisons were removed so far.
  int removed() const;
  // Statements that still compare something with the clinic, in a way that nobody thought of here.
  std::vector<std::string> left() const;

 private:
  mutable absl::Mutex mutex_;
  int removed_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> left_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace clinicd::isolation
