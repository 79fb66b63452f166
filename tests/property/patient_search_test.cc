#include <rapidcheck/catch.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "services/patients/patient_store.h"
#include "services/patients/search_tokens.h"
#include "tests/support/scratch_clinics.h"

namespace clinicd::patients {
namespace {

using testing::ScratchClinics;

// A letter as a patient may write it and as somebody in a hurry types it.
struct Letter {
  std::string written;
  std::string typed;
};

const std::vector<Letter>& Letters() {
  static const std::vector<Letter> letters = {
      {"a", "a"}, {"á", "a"}, {"Å", "a"}, {"b", "b"}, {"B", "b"}, {"ç", "c"}, {"É", "e"},
      {"e", "e"}, {"i", "i"}, {"ï", "i"}, {"Ł", "l"}, {"ñ", "n"}, {"n", "n"}, {"ø", "o"},
      {"ö", "o"}, {"s", "s"}, {"š", "s"}, {"ü", "u"}, {"ź", "z"}, {"ж", "ж"}, {"ن", "ن"}};
  return letters;
}

using Word = std::vector<Letter>;

rc::Gen<Word> AnyWord() {
  return rc::gen::mapcat(rc::gen::inRange(1, 9), [](int size) {
    return rc::gen::container<Word>(static_cast<std::size_t>(size),
                                    rc::gen::map(rc::gen::inRange<std::size_t>(0, Letters().size()),
                                                 [](std::size_t i) { return Letters()[i]; }));
  });
}

std::string Text(const Word& word, std::size_t size, bool as_written) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += as_written ? word[i].written : word[i].typed;
  return text;
}

std::string Joined(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) {
    if (!text.empty()) text += ' ';
    text += Text(word, word.size(), /*as_written=*/true);
  }
  return text;
}

struct Named {
  PatientDetails details;
  std::vector<Word> words;
};

Named AnyPatient() {
  const auto given = *rc::gen::container<std::vector<Word>>(2, AnyWord());
  const auto family = *rc::gen::container<std::vector<Word>>(2, AnyWord());
  Named patient;
  patient.details.given_name = Joined(given);
  patient.details.family_name = Joined(family);
  patient.details.birth_date = absl::CivilDay(1985, 3, 2);
  patient.words = given;
  patient.words.insert(patient.words.end(), family.begin(), family.end());
  return patient;
}

// Beginnings of some words of `patient`, with or without accents, in any order.
std::string AnyQueryFor(const Named& patient) {
  std::vector<std::size_t> order = {0, 1, 2, 3};
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::swap(order[i], order[*rc::gen::inRange(i, order.size())]);
  }
  order.resize(*rc::gen::inRange<std::size_t>(1, order.size() + 1));
  std::string query;
  for (const std::size_t i : order) {
    const Word& word = patient.words[i];
    if (!query.empty()) query += ' ';
    query +=
        Text(word, *rc::gen::inRange<std::size_t>(1, word.size() + 1), *rc::gen::arbitrary<bool>());
  }
  return query;
}

bool Holds(const std::vector<TokenRange>& ranges, const std::vector<std::string>& tokens) {
  return std::all_of(ranges.begin(), ranges.end(), [&](const TokenRange& range) {
    return std::any_of(tokens.begin(), tokens.end(), [&](const std::string& token) {
      return token >= range.from && token < range.to;
    });
  });
}

TEST_CASE("A patient is found by beginnings of names in any order, with or without accents",
          "[patients][property]") {
  const TextFolder folder;

  rc::prop("the tokens of a patient hold every query for the patient", [&] {
    const Named patient = AnyPatient();
    const std::string query = AnyQueryFor(patient);
    RC_LOG() << patient.details.given_name << " / " << patient.details.family_name << " / " << query
             << "\n";

    const std::vector<TokenRange> ranges = SearchRanges(folder, query);

    RC_ASSERT(!ranges.empty());
    RC_ASSERT(Holds(ranges, SearchTokens(folder, patient.details)));
  });
}

// Reads all pages of a search.
std::vector<Patient> SearchAll(ScratchClinics& clinics, ClinicId clinic,
                               const std::vector<TokenRange>& ranges, std::int32_t page_size) {
  const PatientStore store;
  std::vector<Patient> all;
  for (;;) {
    NamePosition after;
    if (!all.empty()) {
      after = {all.back().details.family_name, all.back().details.given_name, all.back().id};
    }
    db::TenantTx tx = clinics.Transaction(clinic);
    const auto page = store.Search(tx, ranges, after, page_size);
    RC_ASSERT(page.ok());
    all.insert(all.end(), page->begin(), page->end());
    if (page->size() < static_cast<std::size_t>(page_size)) return all;
  }
}

std::vector<PatientId> Ids(const std::vector<Patient>& patients) {
  std::vector<PatientId> ids;
  for (const Patient& patient : patients) ids.push_back(patient.id);
  return ids;
}

TEST_CASE("The database finds whom the tokens say, page by page in the order of names",
          "[patients][property]") {
  ScratchClinics clinics;
  const TextFolder folder;
  const PatientStore store;

  rc::prop("search returns the patients whose tokens hold the query", [&] {
    const ClinicId clinic = clinics.AddClinic();
    std::vector<Named> named;
    std::vector<Patient> expected;
    for (int i = 0; i < 12; ++i) named.push_back(AnyPatient());
    const std::vector<TokenRange> ranges = SearchRanges(folder, AnyQueryFor(named.front()));
    for (const Named& patient : named) {
      const std::vector<std::string> tokens = SearchTokens(folder, patient.details);
      db::TenantTx tx = clinics.Transaction(clinic);
      const auto inserted = store.Insert(tx, {.id = clinics.ids().New<PatientId>(),
                                              .details = patient.details,
                                              .tokens = tokens,
                                              .created_by = UserId(),
                                              .now = absl::Now()});
      RC_ASSERT(inserted.ok());
      RC_ASSERT(tx.Commit().ok());
      if (Holds(ranges, tokens)) expected.push_back(*inserted);
    }
    std::sort(expected.begin(), expected.end(), [](const Patient& a, const Patient& b) {
      return std::tie(a.details.family_name, a.details.given_name, a.id) <
             std::tie(b.details.family_name, b.details.given_name, b.id);
    });

    const auto page_size = *rc::gen::inRange<std::int32_t>(1, 5);
    RC_ASSERT(Ids(SearchAll(clinics, clinic, ranges, page_size)) == Ids(expected));
  });
}

}  // namespace
}  // namespace clinicd::patients
