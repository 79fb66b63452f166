#include "services/audit/log/seal_guard.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/base/try.h"

namespace clinicd::audit {
namespace {

absl::Status MustNotContinue(std::string_view why) {
  return absl::FailedPreconditionError(
      absl::StrCat("the log of audit events is not continued: ", ToAbsl(why)));
}

}  // namespace

absl::Status SealGuard::Check(db::TenantTx& tx, const SealState& state) {
  const absl::MutexLock lock(&mutex_);
  if (!halted_.empty()) return MustNotContinue(halted_);
  return known_ ? CheckGrowth(tx, state) : CheckFirst(tx, state);
}

absl::Status SealGuard::CheckFirst(db::TenantTx& tx, const SealState& state) {
  CLINICD_ASSIGN_OR_RETURN(const StoredLog stored, reader_.Read(tx));
  for (const RememberedHead& remembered : remembered_) {
    CLINICD_ASSIGN_OR_RETURN(const std::optional<std::string> contradiction,
                             reader_.Contradiction(tx, stored, remembered));
    if (contradiction) return MustNotContinue(*contradiction);
  }
  if (stored.epoch != state.epoch || stored.size != state.meta.size() ||
      stored.root != state.meta.Root()) {
    return absl::DataLossError(
        "the database's own log is damaged: its newest checkpoint is not where sealing stands");
  }
  known_ = Known{.epoch = stored.epoch, .size = stored.size, .root = stored.root};
  return absl::OkStatus();
}

absl::Status SealGuard::CheckGrowth(db::TenantTx& tx, const SealState& state) {
  if (state.epoch != known_->epoch) {
    return MustNotContinue("a restore was acknowledged meanwhile; start the server anew");
  }
  const std::uint64_t size = state.meta.size();
  if (size < known_->size) {
    return MustNotContinue(absl::StrCat("it had ", known_->size, " heads, and has ", size));
  }
  // Only another server's batches take a look at what is stored.
  merkle::Hash root = state.meta.Root();
  if (size > known_->size) {
    CLINICD_ASSIGN_OR_RETURN(root, reader_.RootAt(tx, known_->size, size));
  }
  if (root != known_->root) {
    return MustNotContinue(absl::StrCat("its first ", known_->size, " heads were others"));
  }
  known_ = Known{.epoch = state.epoch, .size = size, .root = state.meta.Root()};
  return absl::OkStatus();
}

void SealGuard::Sealed(std::uint64_t meta_size, const merkle::Hash& meta_root) {
  const absl::MutexLock lock(&mutex_);
  if (!known_ || meta_size <= known_->size) return;
  known_->size = meta_size;
  known_->root = meta_root;
}

void SealGuard::Halt(std::string why) {
  const absl::MutexLock lock(&mutex_);
  halted_ = std::move(why);
}

}  // namespace clinicd::audit
