// What became of each visit and hold, as everybody together was told of it.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/support/desk_calls.h"

namespace clinicd::testing {

class VisitStories final {
 public:
  // The changes of a visit, by the version that each made.
  using Story = std::map<std::int64_t, const DeskCall*>;

  // `calls` outlive the stories.
  explicit VisitStories(const std::vector<DeskCall>& calls);

  const std::map<int, Story>& visits() const { return visits_; }
  // By hold: the call that made it, and the call that ended it.
  const std::map<int, const DeskCall*>& holds() const { return holds_; }
  const std::map<int, const DeskCall*>& hold_ends() const { return hold_ends_; }

  // Who made that version; null: nobody was told of it.
  const DeskCall* Told(int visit, std::int64_t version) const;
  // Whether the visit of `call` can have been of that version when the call looked.
  bool MayBeAt(const DeskCall& call, std::int64_t version) const;
  // Whether `test` is true of a version that `call` can have looked at, and did not refuse to.
  template <typename Test>
  bool AnyVersion(const DeskCall& call, const Test& test) const {
    const auto story = visits_.find(call.visit);
    return story != visits_.end() && std::ranges::any_of(story->second, [&](const auto& each) {
             const bool is_named = call.expected == 0 || call.expected == each.first;
             return is_named && MayBeAt(call, each.first) && test(*each.second);
           });
  }
  // Whether `call` can have found its hold, and that it is its member's, unless it was used.
  bool MayUseHold(const DeskCall& call) const;

  // A visit has one booking and one story without gaps; a hold is used once.
  std::vector<std::string> Faults() const;

 private:
  std::map<int, Story> visits_;
  std::map<int, const DeskCall*> holds_;
  std::map<int, const DeskCall*> hold_ends_;
  // Of what was told twice.
  std::vector<std::string> doubles_;
};

}  // namespace clinicd::testing
