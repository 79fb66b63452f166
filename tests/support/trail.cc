#include "tests/support/trail.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "absl/strings/match.h"

namespace clinicd::testing {

std::vector<audit::v1::Event> TrailOf(const Client& owner, const std::string& method,
                                      audit::v1::ListEventsRequest request) {
  request.set_page_size(200);
  request.set_view(audit::v1::EVENT_VIEW_FULL);
  const auto reply = owner.Call(owner.audit(), &audit::v1::AuditService::Stub::ListEvents, request);
  INFO(reply.status.error_message());
  REQUIRE(reply.ok());
  std::vector<audit::v1::Event> events;
  for (const audit::v1::Event& event : reply.response.events()) {
    if (event.category() == audit::v1::Event::CATEGORY_KEY) continue;
    if (absl::EndsWith(event.method(), method)) events.push_back(event);
  }
  std::ranges::reverse(events);
  return events;
}

}  // namespace clinicd::testing
