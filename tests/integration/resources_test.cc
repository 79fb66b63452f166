// Locations, resources and visit types through the whole server.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "tests/support/test_server.h"
#include "tests/support/trail.h"

namespace clinicd::testing {
namespace {

using appointments::v1::CreateLocationRequest;
using appointments::v1::CreateResourceRequest;
using appointments::v1::CreateVisitTypeRequest;
using appointments::v1::GetLocationRequest;
using appointments::v1::GetResourceRequest;
using appointments::v1::GetVisitTypeRequest;
using appointments::v1::ListLocationsRequest;
using appointments::v1::ListResourcesRequest;
using appointments::v1::ListVisitTypesRequest;
using appointments::v1::Location;
using appointments::v1::Resource;
using appointments::v1::RESOURCE_KIND_ASSISTANT;
using appointments::v1::RESOURCE_KIND_CHAIR;
using appointments::v1::RESOURCE_KIND_PRACTITIONER;
using appointments::v1::ResourceKind;
using appointments::v1::UpdateLocationRequest;
using appointments::v1::UpdateResourceRequest;
using appointments::v1::UpdateVisitTypeRequest;
using appointments::v1::VisitType;
using grpc::StatusCode;
using identity::v1::ROLE_BILLING_CLERK;
using identity::v1::ROLE_OWNER;
using identity::v1::ROLE_PATIENT;
using identity::v1::ROLE_RECEPTIONIST;

using ResourceStub = appointments::v1::ResourceService::Stub;
using VisitTypeStub = appointments::v1::VisitTypeService::Stub;
using Names = std::vector<std::string>;

Location LocationForm(const std::string& name) {
  Location location;
  location.set_name(name);
  location.set_time_zone("Atlantic/Canary");
  return location;
}

Resource ResourceForm(const std::string& name, const std::string& location_id = "",
                      ResourceKind kind = RESOURCE_KIND_CHAIR) {
  Resource resource;
  resource.set_kind(kind);
  resource.set_name(name);
  resource.set_location_id(location_id);
  return resource;
}

void AddSegment(VisitType& visit_type, ResourceKind kind, int offset_minutes,
                int duration_minutes) {
  appointments::v1::VisitTypeSegment& segment = *visit_type.add_segments();
  segment.set_resource_kind(kind);
  segment.set_offset_minutes(offset_minutes);
  segment.set_duration_minutes(duration_minutes);
}

// 10 minutes of an assistant, then 30 of a practitioner, all in a chair that is cleaned for 10.
VisitType VisitTypeForm(const std::string& name) {
  VisitType visit_type;
  visit_type.set_name(name);
  AddSegment(visit_type, RESOURCE_KIND_CHAIR, 0, 50);
  AddSegment(visit_type, RESOURCE_KIND_ASSISTANT, 0, 10);
  AddSegment(visit_type, RESOURCE_KIND_PRACTITIONER, 10, 30);
  return visit_type;
}

// The office of a clinic, whose owner arranges it.
struct Office {
  explicit Office(TestServer& test_server, const std::string& slug = "north")
      : server(test_server), clinic(server.AddClinic(slug)) {}

  Reply<Location> Create(const Location& form, std::string request_id = "") const {
    CreateLocationRequest request;
    *request.mutable_location() = form;
    request.set_request_id(request_id.empty() ? server.RequestId() : request_id);
    return owner.Call(owner.resources(), &ResourceStub::CreateLocation, request);
  }
  Reply<Resource> Create(const Resource& form, std::string request_id = "") const {
    CreateResourceRequest request;
    *request.mutable_resource() = form;
    request.set_request_id(request_id.empty() ? server.RequestId() : request_id);
    return owner.Call(owner.resources(), &ResourceStub::CreateResource, request);
  }
  Reply<VisitType> Create(const VisitType& form, std::string request_id = "") const {
    CreateVisitTypeRequest request;
    *request.mutable_visit_type() = form;
    request.set_request_id(request_id.empty() ? server.RequestId() : request_id);
    return owner.Call(owner.visit_types(), &VisitTypeStub::CreateVisitType, request);
  }

  // Creates what must be welcome.
  template <typename Form>
  Form Created(const Form& form) const {
    const Reply<Form> reply = Create(form);
    INFO(reply.status.error_message());
    REQUIRE(reply.ok());
    return reply.response;
  }

  Reply<Location> Update(const Location& wanted, const Names& paths) const {
    UpdateLocationRequest request;
    *request.mutable_location() = wanted;
    return owner.Call(owner.resources(), &ResourceStub::UpdateLocation, Masked(request, paths));
  }
  Reply<Resource> Update(const Resource& wanted, const Names& paths) const {
    UpdateResourceRequest request;
    *request.mutable_resource() = wanted;
    return owner.Call(owner.resources(), &ResourceStub::UpdateResource, Masked(request, paths));
  }
  Reply<VisitType> Update(const VisitType& wanted, const Names& paths) const {
    UpdateVisitTypeRequest request;
    *request.mutable_visit_type() = wanted;
    return owner.Call(owner.visit_types(), &VisitTypeStub::UpdateVisitType, Masked(request, paths));
  }

  Reply<Location> GetLocation(const std::string& id) const {
    GetLocationRequest request;
    request.set_id(id);
    return owner.Call(owner.resources(), &ResourceStub::GetLocation, request);
  }
  Reply<Resource> GetResource(const std::string& id) const {
    GetResourceRequest request;
    request.set_id(id);
    return owner.Call(owner.resources(), &ResourceStub::GetResource, request);
  }
  Reply<VisitType> GetVisitType(const std::string& id) const {
    GetVisitTypeRequest request;
    request.set_id(id);
    return owner.Call(owner.visit_types(), &VisitTypeStub::GetVisitType, request);
  }

  // The names on all pages of two, in order.
  Names Listed(ListLocationsRequest request) const {
    return Pages(request, [this](const ListLocationsRequest& page, Names& names) {
      const auto reply = owner.Call(owner.resources(), &ResourceStub::ListLocations, page);
      REQUIRE(reply.ok());
      for (const Location& one : reply.response.locations()) names.push_back(one.name());
      return reply.response.next_page_token();
    });
  }
  Names Listed(ListResourcesRequest request) const {
    return Pages(request, [this](const ListResourcesRequest& page, Names& names) {
      const auto reply = owner.Call(owner.resources(), &ResourceStub::ListResources, page);
      REQUIRE(reply.ok());
      for (const Resource& one : reply.response.resources()) names.push_back(one.name());
      return reply.response.next_page_token();
    });
  }
  Names Listed(ListVisitTypesRequest request) const {
    return Pages(request, [this](const ListVisitTypesRequest& page, Names& names) {
      const auto reply = owner.Call(owner.visit_types(), &VisitTypeStub::ListVisitTypes, page);
      REQUIRE(reply.ok());
      for (const VisitType& one : reply.response.visit_types()) {
        CHECK(one.segments_size() == 3);
        names.push_back(one.name());
      }
      return reply.response.next_page_token();
    });
  }

  TestServer& server;
  TestClinic clinic;
  Client owner = server.SignedIn(clinic, {ROLE_OWNER});

 private:
  template <typename Request>
  Request Masked(Request request, const Names& paths) const {
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    request.set_request_id(server.RequestId());
    return request;
  }

  template <typename Request, typename Call>
  static Names Pages(Request request, const Call& call) {
    Names names;
    request.set_page_size(2);
    do {
      request.set_page_token(call(request, names));
    } while (!request.page_token().empty());
    return names;
  }
};

template <typename Form>
Form WithExternalId(Form form, const std::string& external_id) {
  form.set_external_id(external_id);
  return form;
}

TEST_CASE("What is created is active, is read back as it is, and is created once",
          "[appointments][integration]") {
  TestServer server;
  const Office office(server);
  const std::string request_id = server.RequestId();
  const Location location = office.Created(LocationForm("Harbour"));
  Resource form = ResourceForm("Chair 1", location.id());
  form.set_color("#2f80ed");
  form.set_sort_order(7);

  const auto chair = office.Create(form, request_id);
  const auto again = office.Create(form, request_id);
  const VisitType visit_type = office.Created(VisitTypeForm("Filling"));

  REQUIRE(chair.ok());
  CHECK(again.response.id() == chair.response.id());
  CHECK(location.active());
  CHECK(location.time_zone() == "Atlantic/Canary");
  CHECK(chair.response.active());
  CHECK(chair.response.kind() == RESOURCE_KIND_CHAIR);
  CHECK(chair.response.location_id() == location.id());
  CHECK(chair.response.color() == "#2f80ed");
  CHECK(chair.response.sort_order() == 7);
  CHECK(visit_type.active());
  CHECK(visit_type.duration_minutes() == 50);
  REQUIRE(visit_type.segments_size() == 3);
  CHECK(visit_type.segments(2).offset_minutes() == 10);
  CHECK(office.GetLocation(location.id()).response.SerializeAsString() ==
        location.SerializeAsString());
  CHECK(office.GetResource(chair.response.id()).response.SerializeAsString() ==
        chair.response.SerializeAsString());
  CHECK(office.GetVisitType(visit_type.id()).response.SerializeAsString() ==
        visit_type.SerializeAsString());
}

TEST_CASE("What is created under a taken external id names the one that has it",
          "[appointments][integration]") {
  TestServer server;
  const Office office(server);
  const Office other(server, "south");
  const auto refuses = [&](const auto& form, ErrorReason reason, const std::string& field) {
    const auto first = office.Created(WithExternalId(form, "old:1"));

    const auto second = office.Create(WithExternalId(form, "old:1"));

    CHECK(second.code() == StatusCode::ALREADY_EXISTS);
    CHECK(second.reason() == reason);
    CHECK(second.metadata("id") == first.id());
    CHECK(second.metadata("field") == field);
    // Another clinic has external ids of its own.
    CHECK(other.Create(WithExternalId(form, "old:1")).ok());
  };

  refuses(LocationForm("Harbour"), ErrorReason::LOCATION_EXTERNAL_ID_TAKEN, "location.external_id");
  refuses(ResourceForm("Chair"), ErrorReason::RESOURCE_EXTERNAL_ID_TAKEN, "resource.external_id");
  refuses(VisitTypeForm("Filling"), ErrorReason::VISIT_TYPE_EXTERNAL_ID_TAKEN,
          "visit_type.external_id");
}

TEST_CASE("Every wrong field of what is to be created is named", "[appointments][integration]") {
  TestServer server;
  const Office office(server);
  Location location;
  Resource resource = ResourceForm("", "here", RESOURCE_KIND_PRACTITIONER);
  resource.set_color("blue");
  resource.set_sort_order(-1);
  VisitType shapeless;
  shapeless.set_color("#ABCDEF");
  shapeless.set_buffer_before_minutes(241);
  shapeless.set_buffer_after_minutes(-1);
  AddSegment(shapeless, appointments::v1::RESOURCE_KIND_UNSPECIFIED, 0, 0);
  VisitType impossible = VisitTypeForm("Endless");
  impossible.mutable_segments()->RemoveLast();
  impossible.mutable_segments(0)->set_offset_minutes(1400);
  impossible.set_min_notice_minutes(1440);
  impossible.set_booking_window_days(1);

  CHECK(office.Create(location).fields() == Names{"location.name", "location.time_zone"});
  CHECK(office.Create(LocationForm("Harbour")).ok());
  location = LocationForm("Harbour");
  location.set_time_zone("Harbour/Time");
  CHECK(office.Create(location).fields() == Names{"location.time_zone"});
  CHECK(office.Create(resource).fields() == Names{"resource.kind", "resource.name",
                                                  "resource.location_id", "resource.color",
                                                  "resource.sort_order"});
  CHECK(office.Create(shapeless).fields() ==
        Names{"visit_type.name", "visit_type.color", "visit_type.segments[0].resource_kind",
              "visit_type.segments[0].duration_minutes", "visit_type.buffer_before_minutes",
              "visit_type.buffer_after_minutes"});
  CHECK(office.Create(impossible).fields() ==
        Names{"visit_type.segments", "visit_type.segments[0].duration_minutes",
              "visit_type.min_notice_minutes", "visit_type.booking_window_days"});
}

TEST_CASE("An update changes what the mask says, under the version that was read",
          "[appointments][integration]") {
  TestServer server;
  const Office office(server);
  const auto changes = [&](const auto& created, const std::string& resource, ErrorReason absent) {
    auto wanted = created;
    wanted.set_name("Changed");
    wanted.set_active(false);

    const auto updated = office.Update(wanted, {"active"});

    REQUIRE(updated.ok());
    CHECK_FALSE(updated.response.active());
    CHECK(updated.response.name() == created.name());
    CHECK(office.Update(wanted, {"name"}).reason() == ErrorReason::ETAG_MISMATCH);
    wanted.clear_etag();
    CHECK(office.Update(wanted, {"name"}).fields() == Names{resource + ".etag"});
    wanted.set_etag(updated.response.etag());
    CHECK(office.Update(wanted, {"external_id"}).fields() == Names{"update_mask"});
    CHECK(office.Update(wanted, {"name"}).response.name() == "Changed");
    wanted.set_id(server.RequestId());
    CHECK(office.Update(wanted, {"name"}).reason() == absent);
  };

  changes(office.Created(LocationForm("Harbour")), "location", ErrorReason::LOCATION_NOT_FOUND);
  changes(office.Created(ResourceForm("Chair")), "resource", ErrorReason::RESOURCE_NOT_FOUND);
  changes(office.Created(VisitTypeForm("Filling")), "visit_type",
          ErrorReason::VISIT_TYPE_NOT_FOUND);
}

TEST_CASE("New segments of a visit type replace the old ones, and others leave them",
          "[appointments][integration]") {
  TestServer server;
  const Office office(server);
  VisitType visit_type = office.Created(VisitTypeForm("Filling"));
  visit_type.clear_segments();
  visit_type.set_online_bookable(true);

  const auto renamed = office.Update(visit_type, {"online_bookable"});
  REQUIRE(renamed.ok());
  CHECK(renamed.response.online_bookable());
  CHECK(renamed.response.segments_size() == 3);
  visit_type.set_etag(renamed.response.etag());
  CHECK(office.Update(visit_type, {"segments"}).fields() == Names{"visit_type.segments"});
  AddSegment(visit_type, RESOURCE_KIND_ASSISTANT, 0, 20);
  CHECK(office.Update(visit_type, {"segments"}).fields() == Names{"visit_type.segments"});
  AddSegment(visit_type, RESOURCE_KIND_PRACTITIONER, 5, 20);
  const auto replaced = office.Update(visit_type, {"segments"});

  REQUIRE(replaced.ok());
  CHECK(replaced.response.duration_minutes() == 25);
  REQUIRE(replaced.response.segments_size() == 2);
  CHECK(replaced.response.segments(0).resource_kind() == RESOURCE_KIND_ASSISTANT);
  CHECK(replaced.response.segments(1).offset_minutes() == 5);
  CHECK(office.GetVisitType(visit_type.id()).response.SerializeAsString() ==
        replaced.response.SerializeAsString());
}

TEST_CASE("A resource is put at an active location of the clinic, or at the main site",
          "[appointments][integration]") {
  TestServer server;
  const Office office(server);
  const Office other(server, "south");
  const std::string foreign = other.Created(LocationForm("Theirs")).id();
  Location closed = office.Created(LocationForm("Closed"));
  Resource chair = office.Created(ResourceForm("Chair", closed.id()));
  closed.set_active(false);
  REQUIRE(office.Update(closed, {"active"}).ok());

  for (const std::string& id : {foreign, server.RequestId()}) {
    CAPTURE(id);
    CHECK(office.Create(ResourceForm("Stool", id)).code() == StatusCode::NOT_FOUND);
    CHECK(office.Create(ResourceForm("Stool", id)).reason() == ErrorReason::LOCATION_NOT_FOUND);
    Resource moved = chair;
    moved.set_location_id(id);
    CHECK(office.Update(moved, {"location_id"}).reason() == ErrorReason::LOCATION_NOT_FOUND);
  }
  CHECK(office.Create(ResourceForm("Stool", closed.id())).code() ==
        StatusCode::FAILED_PRECONDITION);
  CHECK(office.Create(ResourceForm("Stool", closed.id())).reason() ==
        ErrorReason::LOCATION_INACTIVE);
  // What stands there may be changed, moved away, and not be moved back.
  chair.set_name("Old chair");
  chair = office.Update(chair, {"name", "location_id"}).response;
  CHECK(chair.name() == "Old chair");
  chair.clear_location_id();
  chair = office.Update(chair, {"location_id"}).response;
  REQUIRE(chair.name() == "Old chair");
  CHECK(chair.location_id().empty());
  chair.set_location_id(closed.id());
  CHECK(office.Update(chair, {"location_id"}).reason() == ErrorReason::LOCATION_INACTIVE);
}

TEST_CASE("Lists go page by page and leave out what is inactive", "[appointments][integration]") {
  TestServer server;
  const Office office(server);
  for (const char* name : {"Quay", "Harbour", "Pier"}) {
    office.Created(LocationForm(name));
    office.Created(VisitTypeForm(name));
  }
  auto gone_location = office.Created(LocationForm("Bridge"));
  gone_location.set_active(false);
  REQUIRE(office.Update(gone_location, {"active"}).ok());
  auto gone_type = office.Created(VisitTypeForm("Zinc"));
  gone_type.set_active(false);
  REQUIRE(office.Update(gone_type, {"active"}).ok());
  ListLocationsRequest all_locations;
  all_locations.set_show_inactive(true);
  ListVisitTypesRequest all_types;
  all_types.set_show_inactive(true);

  CHECK(office.Listed(ListLocationsRequest()) == Names{"Harbour", "Pier", "Quay"});
  CHECK(office.Listed(all_locations) == Names{"Bridge", "Harbour", "Pier", "Quay"});
  CHECK(office.Listed(ListVisitTypesRequest()) == Names{"Harbour", "Pier", "Quay"});
  CHECK(office.Listed(all_types) == Names{"Harbour", "Pier", "Quay", "Zinc"});
}

TEST_CASE("Resources are listed in their order, by kind and place", "[appointments][integration]") {
  TestServer server;
  const Office office(server);
  const std::string pier = office.Created(LocationForm("Pier")).id();
  Resource last = ResourceForm("A chair");
  last.set_sort_order(9999);
  office.Created(last);
  office.Created(ResourceForm("Chair 2"));
  office.Created(ResourceForm("Chair 1"));
  office.Created(ResourceForm("Ana", "", RESOURCE_KIND_ASSISTANT));
  office.Created(ResourceForm("Pier chair", pier));
  Resource gone = office.Created(ResourceForm("Broken chair", pier));
  gone.set_active(false);
  REQUIRE(office.Update(gone, {"active"}).ok());
  ListResourcesRequest chairs;
  chairs.set_kind(RESOURCE_KIND_CHAIR);
  ListResourcesRequest at_pier;
  at_pier.set_location_id(pier);
  ListResourcesRequest at_main_site;
  at_main_site.set_main_site(true);

  CHECK(office.Listed(ListResourcesRequest()) ==
        Names{"Ana", "Chair 1", "Chair 2", "Pier chair", "A chair"});
  CHECK(office.Listed(chairs) == Names{"Chair 1", "Chair 2", "Pier chair", "A chair"});
  CHECK(office.Listed(at_pier) == Names{"Pier chair"});
  CHECK(office.Listed(at_main_site) == Names{"Ana", "Chair 1", "Chair 2", "A chair"});
  at_pier.set_show_inactive(true);
  CHECK(office.Listed(at_pier) == Names{"Broken chair", "Pier chair"});
  at_pier.set_location_id(server.RequestId());
  CHECK(office.Listed(at_pier).empty());
}

TEST_CASE("A list refuses filters that contradict each other and tokens of another list",
          "[appointments][integration]") {
  TestServer server;
  const Office office(server);
  office.Created(ResourceForm("Chair 1"));
  office.Created(ResourceForm("Chair 2"));
  const auto list = [&](const ListResourcesRequest& request) {
    return office.owner.Call(office.owner.resources(), &ResourceStub::ListResources, request);
  };
  ListResourcesRequest both;
  both.set_main_site(true);
  both.set_location_id(server.RequestId());
  ListResourcesRequest practitioners;
  practitioners.set_kind(RESOURCE_KIND_PRACTITIONER);
  ListResourcesRequest first;
  first.set_page_size(1);
  const std::string token = list(first).response.next_page_token();
  REQUIRE_FALSE(token.empty());

  CHECK(list(both).fields() == Names{"location_id", "main_site"});
  CHECK(list(practitioners).fields() == Names{"kind"});
  first.set_page_token(token);
  CHECK(list(first).ok());
  first.set_main_site(true);
  CHECK(list(first).reason() == ErrorReason::PAGE_TOKEN_INVALID);
}

TEST_CASE("What another clinic has looks like what does not exist", "[appointments][integration]") {
  TestServer server;
  const Office office(server);
  const Office other(server, "south");
  const Location location = other.Created(LocationForm("Theirs"));
  const Resource resource = other.Created(ResourceForm("Theirs"));
  const VisitType visit_type = other.Created(VisitTypeForm("Theirs"));
  const std::string random = server.RequestId();

  CHECK(office.GetLocation(location.id()).reason() == ErrorReason::LOCATION_NOT_FOUND);
  CHECK(office.GetLocation(location.id()).status.error_details() ==
        office.GetLocation(random).status.error_details());
  CHECK(office.GetResource(resource.id()).reason() == ErrorReason::RESOURCE_NOT_FOUND);
  CHECK(office.GetResource(resource.id()).status.error_details() ==
        office.GetResource(random).status.error_details());
  CHECK(office.GetVisitType(visit_type.id()).reason() == ErrorReason::VISIT_TYPE_NOT_FOUND);
  CHECK(office.GetVisitType(visit_type.id()).status.error_details() ==
        office.GetVisitType(random).status.error_details());
  CHECK(office.Update(location, {"name"}).reason() == ErrorReason::LOCATION_NOT_FOUND);
  CHECK(office.Update(resource, {"name"}).reason() == ErrorReason::RESOURCE_NOT_FOUND);
  CHECK(office.Update(visit_type, {"name"}).reason() == ErrorReason::VISIT_TYPE_NOT_FOUND);
  CHECK(office.Listed(ListLocationsRequest()).empty());
  CHECK(office.Listed(ListVisitTypesRequest()).empty());
}

TEST_CASE("Whoever reads appointments reads resources, and only the owner changes them",
          "[appointments][integration]") {
  TestServer server;
  const Office office(server);
  GetResourceRequest get;
  get.set_id(office.Created(ResourceForm("Chair")).id());
  CreateVisitTypeRequest create;
  *create.mutable_visit_type() = VisitTypeForm("Filling");
  create.set_request_id(server.RequestId());

  for (const auto role : {ROLE_RECEPTIONIST, ROLE_BILLING_CLERK}) {
    const Client client = server.SignedIn(office.clinic, {role});
    CHECK(client.Call(client.resources(), &ResourceStub::GetResource, get).ok());
    CHECK(client.Call(client.visit_types(), &VisitTypeStub::CreateVisitType, create)
              .metadata("permission") == "appointments.visit_type.write");
  }
  const Client patient = server.SignedIn(office.clinic, {ROLE_PATIENT});
  CHECK(patient.Call(patient.resources(), &ResourceStub::GetResource, get).metadata("permission") ==
        "appointments.resource.read");
}

TEST_CASE("A change of a visit type leaves what it was and what it is",
          "[appointments][integration]") {
  TestServer server;
  const Office office(server);
  VisitType visit_type = office.Created(VisitTypeForm("Filling"));
  visit_type.mutable_segments()->RemoveLast();
  AddSegment(visit_type, RESOURCE_KIND_PRACTITIONER, 20, 15);
  REQUIRE(office.Update(visit_type, {"segments"}).ok());

  const auto trail = TrailOf(office.owner, "/UpdateVisitType");

  REQUIRE(trail.size() == 1);
  const auto minutes = [](const google::protobuf::Struct& snapshot) {
    const auto& segments = snapshot.fields().at("segments").list_value();
    return segments.values(2).struct_value().fields().at("duration_minutes").number_value();
  };
  CHECK(minutes(trail[0].before()) == 30);
  CHECK(minutes(trail[0].after()) == 15);
  CHECK(trail[0].entity_type() == "visit_type");
  CHECK(trail[0].entity_id() == visit_type.id());
}

}  // namespace
}  // namespace clinicd::testing
