#include "services/identity/email.h"

#include <catch2/catch.hpp>
#include <string>

namespace clinicd::identity {
namespace {

TEST_CASE("Addresses that differ in case, spaces around or composition are one",
          "[identity][unit]") {
  const auto [typed, key] = GENERATE(table<std::string, std::string>({
      {"ana@clinic.example", "ana@clinic.example"},
      {"  Ana@Clinic.EXAMPLE\t", "ana@clinic.example"},
      {"ANA+x@clinic.example", "ana+x@clinic.example"},
      // E with acute accent, composed and decomposed.
      {"JOS\xC3\x89@clinic.example", "jos\xC3\xA9@clinic.example"},
      {"JOSE\xCC\x81@clinic.example", "jos\xC3\xA9@clinic.example"},
      // Full case folding, which lower-casing is not.
      {"STRASSE@clinic.example", "strasse@clinic.example"},
      {"stra\xC3\x9F\x65@clinic.example", "strasse@clinic.example"},
      {"", ""},
      {"   ", ""},
  }));
  CAPTURE(typed);

  CHECK(FoldEmail(typed) == key);
  CHECK(FoldEmail(FoldEmail(typed)) == key);
}

TEST_CASE("Look-alikes stay apart", "[identity][unit]") {
  // Cyrillic a; compatibility forms are not folded either.
  CHECK(FoldEmail("\xD0\xB0na@clinic.example") != FoldEmail("ana@clinic.example"));
  CHECK(FoldEmail("\xEF\xBC\xA1na@clinic.example") != FoldEmail("ana@clinic.example"));
  CHECK(FoldEmail("a na@clinic.example") != FoldEmail("ana@clinic.example"));
}

TEST_CASE("A person's id is a version 8 UUID that depends on the address only",
          "[identity][unit]") {
  const Uuid ana = PersonIdOf("ana@clinic.example");

  CHECK(ana == PersonIdOf("ana@clinic.example"));
  CHECK(ana != PersonIdOf("eva@clinic.example"));
  CHECK(ana.bytes()[6] >> 4 == 8);
  CHECK(ana.bytes()[8] >> 6 == 2);
}

}  // namespace
}  // namespace clinicd::identity
