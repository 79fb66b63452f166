#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/bench/clinicbench/http_driver.h"

namespace clinicd::bench {
namespace {

constexpr int kOk = 200;
constexpr int kConflict = 409;
constexpr int kTooMany = 429;
constexpr int kBusy = 503;
constexpr int kGatewayTimeout = 504;

// Hands the values of all texts under `key` to `right`; how many there are, or -1 if one is wrong.
template <typename Right>
int CountTexts(std::string_view body, const std::string& key, const Right& right) {
  const std::string quoted = absl::StrCat("\"", key, "\":");
  int count = 0;
  for (std::size_t at = body.find(quoted); at != std::string_view::npos;
       at = body.find(quoted, at)) {
    at += quoted.size();
    const std::size_t begin = body.find('"', at);
    if (begin == std::string_view::npos || begin > at + 1) return -1;
    const std::size_t end = body.find('"', begin + 1);
    if (end == std::string_view::npos) return -1;
    if (!right(body.substr(begin + 1, end - begin - 1))) return -1;
    at = end;
    ++count;
  }
  return count;
}

int CountEqual(std::string_view body, const std::string& key, const std::string& wanted) {
  return CountTexts(body, key, [&](std::string_view text) { return text == wanted; });
}

int CountOfClinic(std::string_view body, const std::string& key, int clinic) {
  const std::string ending = absl::StrCat("c", clinic);
  return CountTexts(body, key, [&](std::string_view text) { return text.ends_with(ending); });
}

bool IsRight(const Operation& operation, std::string_view body) {
  switch (operation.workload) {
    case Workload::kGetPatient:
      return CountEqual(body, "id", PatientIdOf(operation.patient)) == 1 &&
             CountEqual(body, "given_name", GivenNameOf(operation.patient, operation.clinic)) == 1;
    case Workload::kListDay:
      return CountEqual(body, "practitioner_id", PractitionerIdOf(operation.practitioner)) ==
                 kVisitsOfDay &&
             CountOfClinic(body, "patient_given_name", operation.clinic) == kVisitsOfDay;
    case Workload::kSearchPatients:
      return CountEqual(body, "family_name", FamilyNameOf(FamilyOf(operation.patient))) ==
                 kFamilySize &&
             CountOfClinic(body, "given_name", operation.clinic) == kFamilySize;
    case Workload::kBook:
    case Workload::kMakeKeys:
      return operation.conflict == false &&
             CountEqual(body, "patient_id", PatientIdOf(operation.patient)) == 1 &&
             CountEqual(body, "practitioner_id", PractitionerIdOf(operation.practitioner)) == 1;
    case Workload::kCheckIn:
      return CountEqual(body, "patient_id", PatientIdOf(operation.patient)) == 1 &&
             CountEqual(body, "state", "arrived") == 1;
    default:
      return false;
  }
}

}  // namespace

Judgement JudgeHttp(const Operation& operation, int status, std::string_view body) {
  if (status == kOk) {
    return IsRight(operation, body) ? Judgement() : Judgement{Verdict::kWrong, "another answer"};
  }
  const bool taken = body.find("APPOINTMENT_SLOT_TAKEN") != std::string_view::npos;
  if (status == kConflict && taken && operation.conflict != false) return {Verdict::kTaken, {}};
  const bool refused = status == kTooMany || status == kBusy || status == kGatewayTimeout;
  return {refused ? Verdict::kRefused : Verdict::kWrong, absl::StrCat("status ", status)};
}

std::string HttpRequest(const HttpTemplate& form, const std::string& host, const std::string& token,
                        const Operation& operation, const Dataset& dataset) {
  const absl::TimeZone zone = ZoneOfClinics();
  const auto instant = [](absl::Time time) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
  };
  const absl::CivilDay day = dataset.first_day + operation.day;
  const std::vector<std::pair<std::string, std::string>> values = {
      {"{patient}", PatientIdOf(operation.patient)},
      {"{practitioner}", PractitionerIdOf(operation.practitioner)},
      {"{begin}", instant(absl::FromCivil(day, zone))},
      {"{end}", instant(absl::FromCivil(day + 1, zone))},
      {"{query}", FamilyNameOf(FamilyOf(operation.patient))},
      {"{local_start}", absl::FormatTime("%Y-%m-%dT%H:%M", operation.starts_at, zone)},
      {"{duration_minutes}", absl::StrCat(kBookingMinutes)},
      {"{request_id}", RequestIdOf(operation)},
      {"{appointment}", ArrivalIdOf(operation.arrival)}};
  const std::string body = absl::StrReplaceAll(form.body, values);
  std::string request =
      absl::StrCat(form.method, " ", absl::StrReplaceAll(form.path, values),
                   " HTTP/1.1\r\nhost: ", host, "\r\nauthorization: Bearer ", token, "\r\n");
  if (!body.empty()) {
    absl::StrAppend(&request, "content-type: application/json\r\ncontent-length: ", body.size(),
                    "\r\n");
  }
  return absl::StrCat(request, "\r\n", body);
}

}  // namespace clinicd::bench
