#include "services/identity/clinic_rules.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/status/error.h"

namespace clinicd::identity {
namespace {

Clinic GoodClinic() {
  return {.id = {},
          .slug = "north",
          .name = "North",
          .country_code = "ES",
          .time_zone = "Europe/Madrid",
          .currency_code = "EUR",
          .locale = "es-ES",
          .created_at = {},
          .row_version = 1};
}

// The fields that BadRequest names.
std::vector<std::string> FieldsOf(const absl::Status& status) {
  std::vector<std::string> fields;
  const google::rpc::Status details = status::DetailsOf(status);
  for (const auto& detail : details.details()) {
    google::rpc::BadRequest bad_request;
    if (!detail.UnpackTo(&bad_request)) continue;
    for (const auto& violation : bad_request.field_violations())
      fields.push_back(violation.field());
  }
  return fields;
}

TEST_CASE("A clinic that the operator describes well is accepted", "[identity][unit]") {
  Clinic clinic = GoodClinic();
  SECTION("as it is") {}
  SECTION("with the shortest slug") { clinic.slug = "a"; }
  SECTION("with the longest slug") { clinic.slug = std::string(63, 'a'); }
  SECTION("with the longest name") {
    clinic.name.clear();
    // Two bytes a letter.
    for (int i = 0; i < 200; ++i) clinic.name += "\xC3\xA9";
  }
  SECTION("with a locale of a language only") { clinic.locale = "de"; }

  CHECK(CheckNewClinic(clinic).ok());
}

TEST_CASE("A clinic with a wrong field is refused, naming the field", "[identity][unit]") {
  Clinic clinic = GoodClinic();
  std::string field;
  SECTION("slug") {
    field = "slug";
    clinic.slug = GENERATE("", "North", "-north", "north-", "nor th", "n\xC3\xB6rd", "a_b");
  }
  SECTION("slug too long") {
    field = "slug";
    clinic.slug = std::string(64, 'a');
  }
  SECTION("name") {
    field = "name";
    clinic.name = GENERATE(as<std::string>(), "", std::string(201, 'a'));
  }
  SECTION("country") {
    field = "country";
    clinic.country_code = GENERATE("", "es", "ESP", "E1");
  }
  SECTION("time zone") {
    field = "time_zone";
    clinic.time_zone = "Europe/Atlantis";
  }
  SECTION("currency") {
    field = "currency";
    clinic.currency_code = GENERATE("", "eur", "EU", "EURO");
  }
  SECTION("locale") {
    field = "locale";
    clinic.locale = GENERATE("", "ES-es", "e", "es_ES", "es-");
  }

  CHECK(FieldsOf(CheckNewClinic(clinic)) == std::vector<std::string>{field});
}

TEST_CASE("All wrong fields of a clinic are named at once", "[identity][unit]") {
  CHECK(FieldsOf(CheckNewClinic(Clinic())) ==
        std::vector<std::string>{"slug", "name", "country", "time_zone", "currency", "locale"});
}

}  // namespace
}  // namespace clinicd::identity
