// What many clients did at the same time to the visits and holds of one clinic, what each of them
// was told, and what the database holds in the end; and whether all of that can be true together.
//
// An in-memory model that knows nothing of the server: the states are those of the domain, and who
// takes what is reckoned from the answers alone. Nothing is given up: every call has its answer.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/desk_calls.h"

namespace clinicd::testing {

// What the database holds.
struct DeskFacts {
  struct Visit {
    std::string state = {};
    std::int64_t version = 0;
  };
  struct Event {
    int visit = 0;
    std::int64_t version = 0;
    std::string kind = {};
    std::string state = {};
    // Of the visit after the event.
    int start = 0;
    int member = 0;
  };
  struct Part {
    // One of them is 0.
    int visit = 0;
    int hold = 0;
    int resource = 0;
    int lane = 0;
    Minutes minutes = {};
    bool active = false;
  };

  // By number.
  std::map<int, Visit> visits;
  std::set<int> holds;
  // By visit and version.
  std::vector<Event> events;
  std::vector<Part> parts;
};

// What is wrong, in words; empty where all fits:
//  * nothing is live twice on a resource and lane: in the database, and at any time while the calls
//    were answered, holds included;
//  * each visit, version and hold that somebody was told of is there as it was told, and no other;
//  * every event is a step that the domain allows, told to somebody, once, at a time when it may
//  be;
//  * a hold is used once, by its member, and not after its end;
//  * every refusal has something that it can have been for.
std::vector<std::string> FaultsOf(const std::vector<DeskCall>& calls, const DeskFacts& facts);

}  // namespace clinicd::testing
