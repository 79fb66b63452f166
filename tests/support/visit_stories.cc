#include "tests/support/visit_stories.h"

namespace clinicd::testing {

VisitStories::VisitStories(const std::vector<DeskCall>& calls) {
  const auto both = [](const DeskCall& first, const DeskCall& second) {
    return TextOf(first) + "; " + TextOf(second);
  };
  for (const DeskCall& call : calls) {
    if (call.outcome != DeskOutcome::kDone) continue;
    if (call.verb == DeskVerb::kHold) holds_.emplace(call.hold, &call);
    if (EndsHold(call.verb)) {
      const auto [first, is_new] = hold_ends_.emplace(call.hold, &call);
      if (!is_new) doubles_.push_back("hold used twice: " + both(*first->second, call));
    }
    if (!ChangesVisit(call.verb)) continue;
    const auto [first, is_new] = visits_[call.visit].emplace(call.version, &call);
    if (!is_new) doubles_.push_back("version told twice: " + both(*first->second, call));
  }
}

const DeskCall* VisitStories::Told(int visit, std::int64_t version) const {
  const auto story = visits_.find(visit);
  if (story == visits_.end()) return nullptr;
  const auto found = story->second.find(version);
  return found == story->second.end() ? nullptr : found->second;
}

bool VisitStories::MayBeAt(const DeskCall& call, std::int64_t version) const {
  const DeskCall* const made = Told(call.visit, version);
  const DeskCall* const next = Told(call.visit, version + 1);
  return made != nullptr && made->invoked <= call.responded &&
         (next == nullptr || next->responded >= call.invoked);
}

bool VisitStories::MayUseHold(const DeskCall& call) const {
  const auto hold = holds_.find(call.hold);
  return hold != holds_.end() && hold->second->member == call.member &&
         hold->second->invoked <= call.responded && call.clock_begin < hold->second->expires;
}

std::vector<std::string> VisitStories::Faults() const {
  std::vector<std::string> faults = doubles_;
  for (const auto& [visit, story] : visits_) {
    std::int64_t expected = 0;
    for (const auto& [version, call] : story) {
      if (version != ++expected) {
        faults.push_back("nobody was told of a version before: " + TextOf(*call));
        expected = version;
      }
      if ((version == 1) != BooksVisit(call->verb)) {
        faults.push_back("no booking, or a second: " + TextOf(*call));
      }
      if (call->expected != 0 && call->expected + 1 != version) {
        faults.push_back("changed another version: " + TextOf(*call));
      }
    }
  }
  return faults;
}

}  // namespace clinicd::testing
