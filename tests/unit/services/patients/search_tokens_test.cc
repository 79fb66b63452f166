#include "services/patients/search_tokens.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"

namespace clinicd::patients {
namespace {

using Ranges = std::vector<TokenRange>;

const TextFolder& Folder() {
  static const TextFolder folder;
  return folder;
}

PatientDetails Patient() {
  return {.given_name = "José Ángel",
          .family_name = "O'Brien-Ñandú",
          .birth_date = absl::CivilDay(1985, 3, 2),
          .file_number = "A-17/4",
          .phone = "+34 600 123"};
}

bool Finds(std::string_view query, const PatientDetails& patient) {
  const Ranges ranges = SearchRanges(Folder(), query);
  const std::vector<std::string> tokens = SearchTokens(Folder(), patient);
  return !ranges.empty() && std::all_of(ranges.begin(), ranges.end(), [&](const TokenRange& range) {
    return std::any_of(tokens.begin(), tokens.end(), [&](const std::string& token) {
      return token >= range.from && token < range.to;
    });
  });
}

TEST_CASE("SearchTokens makes words, phone ends, file number and birth date", "[patients][unit]") {
  const std::vector<std::string> expected = {"00123",  "0123", "19850302",   "34600123", "4600123",
                                             "600123", "a174", "angel",      "brien",    "jose",
                                             "nandu",  "o",    "obriennandu"};

  CHECK(SearchTokens(Folder(), Patient()) == expected);
}

TEST_CASE("SearchTokens marks the short beginnings of numbers", "[patients][unit]") {
  const auto [file_number, marked] = GENERATE(table<std::string, std::vector<std::string>>({
      {"7", {"~7"}},
      {"71", {"~7", "~71"}},
      {"71234", {"~7", "~71", "~712"}},
      {"7B", {"~7"}},
      {"B7", {}},
      {"", {}},
  }));
  CAPTURE(file_number);
  PatientDetails patient = Patient();
  patient.file_number = file_number;

  std::vector<std::string> found;
  for (const std::string& token : SearchTokens(Folder(), patient)) {
    if (token[0] == '~') found.push_back(token);
  }
  CHECK(found == marked);
}

TEST_CASE("A search finds a patient by what a person types", "[patients][unit]") {
  const auto [query, found] = GENERATE(table<std::string, bool>({
      {"jose", true},        {"JOSÉ", true},
      {"nan jos", true},                         // any order, any beginning
      {"obrien", true},                          // without the apostrophe
      {"o'brien", true},     {"O’Brien", true},  // the typographic apostrophe
      {"brien, jose", true},                     // as lists write it
      {"ose", false},                            // not the beginning of a word
      {"jose maria", false},                     // every word counts
      {"600123", true},      {"600 123", true},  // groups are one number
      {"+34 600 123", true}, {"0012", true},     // from any digit on
      {"123", false},                            // fewer than 4 digits: no phone number
      {"6001234", false},    {"a17", true},
      {"A-17/4", true},      {"17/4", false},  // not the beginning of the file number
      {"1985-03-02", true},  {"19850302", true},
      {"1985", true},  // the year of birth
      {"198", false},        {"1985-03-03", false},
      {"jose 1985", true},   {"jose 600 123 1985-03-02", true},
      {"٦٠٠١٢٣", true},    // Arabic digits
      {"ｊｏｓｅ", true},  // full-width letters
  }));
  CAPTURE(query);

  CHECK(Finds(query, Patient()) == found);
}

TEST_CASE("Letters without a decomposition are found by what people type for them",
          "[patients][unit]") {
  const auto [name, query] = GENERATE(table<std::string, std::string>({
      {"Łukasz", "lukasz"},
      {"Søren", "soren"},
      {"Æthel", "aethel"},
      {"Strauß", "strauss"},
      {"Đặng", "dang"},
      {"Ilıca", "ilica"},
      {"İnci", "inci"},
      {"Þór", "thor"},
      {"Ёлкин", "елкин"},
      {"ΆΝΝΑ", "αννα"},
      {"محمّد", "محمد"},
      {"Zoe\xcc\x88", "zoë"},    // decomposed as typed
      {"co\xc2\xadop", "coop"},  // a soft hyphen
  }));
  CAPTURE(name, query);
  PatientDetails patient = Patient();
  patient.given_name = name;

  CHECK(Finds(query, patient));
}

TEST_CASE("Vowel signs of Indian scripts are kept", "[patients][unit]") {
  PatientDetails patient = Patient();
  patient.given_name = "राम";  // Ram

  CHECK(Finds("रा", patient));
  CHECK(Finds("राम", patient));
  CHECK_FALSE(Finds("रीम", patient));  // Reem
}

TEST_CASE("SearchRanges has no range for a query without letter or digit", "[patients][unit]") {
  CHECK(SearchRanges(Folder(), " -' .").empty());
  CHECK(SearchRanges(Folder(), "").empty());
  CHECK(SearchRanges(Folder(), "\xe2\x80\x8b").empty());  // a zero-width space
}

TEST_CASE("SearchRanges asks for the longest word first and ends after the last that fits",
          "[patients][unit]") {
  CHECK(SearchRanges(Folder(), "ann zebra") == Ranges{{"zebra", "zebrb"}, {"ann", "ano"}});
  // The character after z in UTF-8.
  CHECK(SearchRanges(Folder(), "z") == Ranges{{"z", "{"}});
  CHECK(SearchRanges(Folder(), "ж") == Ranges{{"ж", "з"}});
}

TEST_CASE("A number of fewer than 4 digits asks for its mark only", "[patients][unit]") {
  CHECK(SearchRanges(Folder(), "12") == Ranges{{"~12", "~12 "}});
  CHECK(SearchRanges(Folder(), "123") == Ranges{{"~123", "~123 "}});
  CHECK(SearchRanges(Folder(), "1234") == Ranges{{"1234", "1235"}});
}

TEST_CASE("SearchRanges takes the first 5 words", "[patients][unit]") {
  CHECK(SearchRanges(Folder(), "a b c d e").size() == 5);
  CHECK(SearchRanges(Folder(), "a b c d e f") == SearchRanges(Folder(), "a b c d e"));
}

TEST_CASE("A word that begins another one is not asked for", "[patients][unit]") {
  CHECK(SearchRanges(Folder(), "an ann anna") == Ranges{{"anna", "annb"}});
  CHECK(SearchRanges(Folder(), "ann ann") == Ranges{{"ann", "ano"}});
  CHECK(SearchRanges(Folder(), "12 x 12").size() == 2);
  // One begins a file number, the other may be a part of a phone number.
  CHECK(SearchRanges(Folder(), "12 x 1234").size() == 3);
}

TEST_CASE("Numbers of 4 digits or more stand for themselves", "[patients][unit]") {
  CHECK(SearchRanges(Folder(), "4711 1985") == Ranges{{"4711", "4712"}, {"1985", "1986"}});
  CHECK(SearchRanges(Folder(), "471 1985") == Ranges{{"4711985", "4711986"}});
  CHECK(SearchRanges(Folder(), "1985-03-02 47") ==
        Ranges{{"19850302", "19850303"}, {"~47", "~47 "}});
}

TEST_CASE("A word of more than 64 characters is found by its beginning", "[patients][unit]") {
  PatientDetails patient = Patient();
  patient.family_name = std::string(100, 'w');

  CHECK(Finds(std::string(100, 'w'), patient));
  CHECK(Finds(std::string(64, 'w'), patient));
  CHECK_FALSE(Finds(absl::StrCat(std::string(63, 'w'), "x"), patient));
}

}  // namespace
}  // namespace clinicd::patients
