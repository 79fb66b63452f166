// What patients are found by: tokens made from a patient, and the ranges of tokens that a query
// asks for. Both sides fold text alike.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/patients/patient.h"
#include "services/patients/text_folder.h"

namespace clinicd::patients {

// Words of a query beyond these do not count.
inline constexpr std::size_t kSearchWordsMax = 5;

// The tokens t with from <= t < to in the order of their bytes.
struct TokenRange {
  std::string from;
  std::string to;

  friend bool operator==(const TokenRange&, const TokenRange&) = default;
};

// The tokens of a patient, sorted, each once, none with a space. They are
// * every word of the names; "O'Brien" gives o, brien and obrien;
// * every end of the phone number of 4 digits or more, so that a part of it is a prefix of one;
// * the file number without separators, and the birth date as YYYYMMDD;
// * for words and file numbers that begin with digits, the first one, two and three of these,
//   marked: a query of fewer than 4 digits looks for the marked ones only, since almost every
//   phone number would match it otherwise.
std::vector<std::string> SearchTokens(const TextFolder& folder, const PatientDetails& details);

// One range for each word of a query, at most kSearchWordsMax, the longest first. A patient matches
// if every range holds one of the patient's tokens. Empty if the query has no letter or digit.
std::vector<TokenRange> SearchRanges(const TextFolder& folder, std::string_view query);

}  // namespace clinicd::patients
