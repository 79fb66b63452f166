#include "tests/integration/waitlist_scene.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"

namespace clinicd::testing {

using appointments::v1::FindWaitlistMatchesRequest;
using appointments::v1::FindWaitlistMatchesResponse;
using appointments::v1::ListWaitlistEntriesRequest;
using appointments::v1::ListWaitlistEntriesResponse;
using Stub = WaitlistService::Stub;

WaitlistScene::WaitlistScene(const std::string& time_zone)
    : desk_(server_, "sol", time_zone),
      practitioner_(desk_.AddPractitioner()),
      visitor_(desk_.RegisteredPatient("Vi", "Sitor")) {}

WaitlistEntry WaitlistScene::Form(const std::string& family_name) const {
  WaitlistEntry form;
  form.set_patient_id(desk_.RegisteredPatient("Ana", family_name));
  form.set_duration_minutes(30);
  form.set_urgency(WaitlistEntry::URGENCY_ROUTINE);
  form.set_short_notice_minutes(1);
  return form;
}

Reply<WaitlistEntry> WaitlistScene::Add(const WaitlistEntry& form) const {
  appointments::v1::CreateWaitlistEntryRequest request;
  *request.mutable_entry() = form;
  request.set_request_id(server_.RequestId());
  return Call(&Stub::CreateWaitlistEntry, request);
}

WaitlistEntry WaitlistScene::Added(const WaitlistEntry& form) const {
  const auto reply = Add(form);
  INFO(reply.status.error_message());
  REQUIRE(reply.ok());
  return reply.response;
}

Reply<WaitlistEntry> WaitlistScene::Get(const std::string& id) const {
  appointments::v1::GetWaitlistEntryRequest request;
  request.set_id(id);
  return Call(&Stub::GetWaitlistEntry, request);
}

Reply<WaitlistEntry> WaitlistScene::Update(const WaitlistEntry& entry,
                                           const std::vector<std::string>& fields) const {
  appointments::v1::UpdateWaitlistEntryRequest request;
  *request.mutable_entry() = entry;
  for (const std::string& field : fields) request.mutable_update_mask()->add_paths(field);
  request.set_request_id(server_.RequestId());
  return Call(&Stub::UpdateWaitlistEntry, request);
}

Reply<WaitlistEntry> WaitlistScene::Withdraw(const std::string& id, const std::string& etag) const {
  appointments::v1::WithdrawWaitlistEntryRequest request;
  request.set_id(id);
  request.set_etag(etag);
  request.set_request_id(server_.RequestId());
  return Call(&Stub::WithdrawWaitlistEntry, request);
}

Reply<ListWaitlistEntriesResponse> WaitlistScene::List(
    const ListWaitlistEntriesRequest& request) const {
  return Call(&Stub::ListWaitlistEntries, request);
}

WaitlistTime WaitlistScene::Time(const std::string& local_start) const {
  WaitlistTime time;
  time.set_practitioner_id(practitioner_);
  time.set_local_start(local_start);
  time.set_duration_minutes(30);
  return time;
}

Reply<FindWaitlistMatchesResponse> WaitlistScene::Matches(
    const FindWaitlistMatchesRequest& request) const {
  return Call(&Stub::FindWaitlistMatches, request);
}

namespace {

std::vector<std::string> FamilyNames(const Reply<FindWaitlistMatchesResponse>& reply) {
  INFO(reply.status.error_message());
  REQUIRE(reply.ok());
  std::vector<std::string> names;
  for (const auto& match : reply.response.matches()) {
    names.push_back(match.entry().patient_family_name());
  }
  return names;
}

}  // namespace

std::vector<std::string> WaitlistScene::WhoFits(const std::string& appointment_id) const {
  FindWaitlistMatchesRequest request;
  request.set_appointment_id(appointment_id);
  return FamilyNames(Matches(request));
}

std::vector<std::string> WaitlistScene::WhoFits(const WaitlistTime& time) const {
  FindWaitlistMatchesRequest request;
  *request.mutable_time() = time;
  return FamilyNames(Matches(request));
}

Reply<WaitlistOffer> WaitlistScene::Offer(const WaitlistEntry& entry, const WaitlistTime& time,
                                          int ttl_seconds) const {
  appointments::v1::CreateWaitlistOfferRequest request;
  request.set_entry_id(entry.id());
  *request.mutable_time() = time;
  request.set_ttl_seconds(ttl_seconds);
  request.set_request_id(server_.RequestId());
  return Call(&Stub::CreateWaitlistOffer, request);
}

WaitlistOffer WaitlistScene::Offered(const WaitlistEntry& entry, const WaitlistTime& time) const {
  const auto reply = Offer(entry, time);
  INFO(reply.status.error_message());
  REQUIRE(reply.ok());
  return reply.response;
}

Reply<WaitlistOffer> WaitlistScene::GetOffer(const std::string& id) const {
  appointments::v1::GetWaitlistOfferRequest request;
  request.set_id(id);
  return Call(&Stub::GetWaitlistOffer, request);
}

WaitlistOffer::State WaitlistScene::StateOf(const WaitlistOffer& offer) const {
  const auto reply = GetOffer(offer.id());
  REQUIRE(reply.ok());
  return reply.response.state();
}

Reply<Appointment> WaitlistScene::Accept(const std::string& offer_id) const {
  appointments::v1::AcceptWaitlistOfferRequest request;
  request.set_id(offer_id);
  request.set_request_id(server_.RequestId());
  return Call(&Stub::AcceptWaitlistOffer, request);
}

Reply<WaitlistOffer> WaitlistScene::Decline(const std::string& offer_id) const {
  appointments::v1::DeclineWaitlistOfferRequest request;
  request.set_id(offer_id);
  request.set_request_id(server_.RequestId());
  return Call(&Stub::DeclineWaitlistOffer, request);
}

void WaitlistScene::Expire(const WaitlistOffer& offer) const {
  Sql(
      absl::StrCat("UPDATE clinicd.waitlist_offers SET created_at = created_at - interval '1 day', "
                   "expires_at = expires_at - interval '1 day' WHERE id = '",
                   offer.id(), "'"));
  Sql(
      absl::StrCat("UPDATE clinicd.holds SET created_at = created_at - interval '1 day', "
                   "expires_at = expires_at - interval '1 day' WHERE id = (SELECT hold_id FROM "
                   "clinicd.waitlist_offers WHERE id = '",
                   offer.id(), "')"));
}

bool WaitlistScene::IsFree(const std::string& local_start) const {
  const auto booked = desk_.Book(AppointmentForm(visitor_, practitioner_, local_start));
  if (booked.ok()) {
    REQUIRE(desk_.Cancel(booked.response.id()).ok());
    return true;
  }
  CHECK(booked.reason() == ErrorReason::APPOINTMENT_SLOT_TAKEN);
  return false;
}

std::string WaitlistScene::Sql(const std::string& sql) const {
  db::AdminConnection superuser = server_.database().Connect();
  const auto rows = superuser.Query(sql);
  INFO(sql << ": " << rows.status().ToString());
  REQUIRE(rows.ok());
  return rows->empty() ? "" : rows->front().front().value_or("");
}

std::string WaitlistScene::AddVisitType(bool active) const {
  const std::string id = server_.RequestId();
  const std::string clinic = desk_.clinic().id.ToString();
  Sql(absl::StrCat("INSERT INTO clinicd.visit_types (clinic_id, id, name, active) VALUES ('",
                   clinic, "', '", id, "', 'Crown', ", active ? "true" : "false", ")"));
  Sql(
      absl::StrCat("INSERT INTO clinicd.visit_type_segments (clinic_id, visit_type_id, position, "
                   "resource_kind, offset_minutes, duration_minutes) VALUES ('",
                   clinic, "', '", id, "', 1, 'practitioner', 5, 40)"));
  return id;
}

}  // namespace clinicd::testing
