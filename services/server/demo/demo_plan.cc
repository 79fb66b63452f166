#include "services/server/demo/demo_plan.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <span>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/text.h"
#include "services/server/demo/demo_catalogue.h"
#include "services/server/demo/demo_names.h"

namespace clinicd::demo {
namespace {

using identity::v1::Role;

struct Amounts {
  std::size_t patients = 0;
  std::size_t practitioners = 0;
  int days_before = 0;
  int days_behind = 0;
  ResourceAmounts resources;
};

Amounts AmountsOf(DemoSize size) {
  if (size == DemoSize::kMedium) return {2000, 12, 14, 13, {2, 6, 2}};
  return {40, 4, 3, 3, {1, 3, 1}};
}

// Chance that repeats: the standard's distributions differ between libraries, so none is used.
class Dice final {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  std::size_t Below(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  bool Percent(std::size_t percent) { return Below(100) < percent; }
  std::string Pick(std::span<const std::string_view> words) {
    return std::string(words[Below(words.size())]);
  }
  // `pattern` with a digit for each '#'.
  std::string Digits(std::string_view pattern) {
    std::string text(pattern);
    for (char& c : text) {
      if (c == '#') c = static_cast<char>('0' + Below(10));
    }
    return text;
  }

 private:
  std::mt19937_64 engine_;
};

struct PersonName {
  std::string given;
  std::string family;
};

PersonName MakeName(const Country& country, bool female, Dice& dice) {
  PersonName name{.given = dice.Pick(female ? country.female_names : country.male_names),
                  .family = dice.Pick(country.family_names)};
  for (int i = 1; i < country.family_names_each; ++i) {
    absl::StrAppend(&name.family, " ", dice.Pick(country.family_names));
  }
  return name;
}

std::vector<DemoUser> MakeUsers(const Country& country, Dice& dice) {
  constexpr std::pair<Role, std::string_view> kUsers[] = {
      {identity::v1::ROLE_OWNER, "owner"},          {identity::v1::ROLE_RECEPTIONIST, "reception"},
      {identity::v1::ROLE_PRACTITIONER, "dentist"}, {identity::v1::ROLE_HYGIENIST, "hygienist"},
      {identity::v1::ROLE_ASSISTANT, "assistant"},  {identity::v1::ROLE_BILLING_CLERK, "billing"},
  };
  std::vector<DemoUser> users;
  for (const auto& [role, mailbox] : kUsers) {
    PersonName name = MakeName(country, dice.Percent(50), dice);
    users.push_back({.role = role,
                     .email = absl::StrCat(ToAbsl(mailbox), "@", ToAbsl(country.slug), ".example"),
                     .given_name = std::move(name.given),
                     .family_name = std::move(name.family)});
  }
  return users;
}

identity::v1::Practitioner MakePractitioner(const Country& country, const DemoClinic& clinic,
                                            std::size_t number, Dice& dice) {
  constexpr std::array<Role, 2> kUsers = {identity::v1::ROLE_PRACTITIONER,
                                          identity::v1::ROLE_HYGIENIST};
  identity::v1::Practitioner practitioner;
  PersonName name = MakeName(country, dice.Percent(50), dice);
  if (number < kUsers.size()) {
    const DemoUser& user = UserWith(clinic, kUsers.at(number));
    name = {.given = user.given_name, .family = user.family_name};
  }
  practitioner.set_given_name(name.given);
  practitioner.set_family_name(name.family);
  // The list's first and fourth suit the two who are users.
  const std::size_t speciality = number == 1 ? 3 : number % country.specialities.size();
  practitioner.set_speciality(std::string(country.specialities[speciality]));
  practitioner.set_active(true);
  practitioner.set_external_id(absl::StrCat("demo:practitioner-", number + 1));
  return practitioner;
}

patients::v1::Patient MakePatient(const Country& country, std::size_t number, absl::CivilDay today,
                                  Dice& dice) {
  constexpr std::size_t kAgeMinDays = 3 * 365;
  constexpr std::size_t kAgeSpanDays = 89 * 365;
  constexpr std::size_t kAlertEvery = 12;
  const bool female = dice.Percent(51);
  const PersonName name = MakeName(country, female, dice);
  const absl::CivilDay born =
      today - static_cast<absl::civil_diff_t>(kAgeMinDays + dice.Below(kAgeSpanDays));
  patients::v1::Patient patient;
  patient.set_given_name(name.given);
  patient.set_family_name(name.family);
  patient.mutable_birth_date()->set_year(static_cast<std::int32_t>(born.year()));
  patient.mutable_birth_date()->set_month(born.month());
  patient.mutable_birth_date()->set_day(born.day());
  patient.set_sex(female ? patients::v1::SEX_FEMALE : patients::v1::SEX_MALE);
  patient.set_file_number(
      absl::StrFormat("%s-%05d", std::string(country.file_number_prefix), number + 1));
  patient.set_phone(dice.Digits(country.phone));
  if (dice.Percent(70)) patient.set_email(absl::StrCat("patient", number + 1, "@mail.example"));
  patient.set_address(absl::StrCat(dice.Pick(country.streets), " ", dice.Below(120) + 1, "\n",
                                   ToAbsl(country.town)));
  // A few have one.
  if (number % kAlertEvery == kAlertEvery - 1) {
    const std::size_t alert = number / kAlertEvery % country.patient_alerts.size();
    patient.set_alert(std::string(country.patient_alerts[alert]));
  }
  patient.set_external_id(absl::StrCat("demo:patient-", number + 1));
  return patient;
}

// Fills the diaries of a clinic's practitioners.
class Diaries final {
 public:
  Diaries(const Country& country, DemoClinic& clinic, Dice& dice)
      : country_(country), clinic_(clinic), dice_(dice) {}

  // Fills a practitioner's day, with gaps.
  void FillDay(std::size_t practitioner, absl::CivilDay day) {
    const OpeningHours& hours = country_.hours;
    FillHours(practitioner, absl::CivilMinute(day) + hours.morning_begin,
              absl::CivilMinute(day) + hours.morning_end);
    FillHours(practitioner, absl::CivilMinute(day) + hours.afternoon_begin,
              absl::CivilMinute(day) + hours.afternoon_end);
  }

 private:
  void FillHours(std::size_t practitioner, absl::CivilMinute begin, absl::CivilMinute end) {
    constexpr std::array kDurations = {15, 20, 30, 30, 30, 45, 60};
    for (absl::CivilMinute start = begin; start < end;) {
      const int duration = kDurations.at(dice_.Below(kDurations.size()));
      if (dice_.Percent(70) && start + duration <= end) Book(practitioner, start, duration);
      start += dice_.Percent(80) ? duration : duration + 15;
    }
  }

  void Book(std::size_t practitioner, absl::CivilMinute start, int duration) {
    DemoAppointment planned{.patient = FreePatient(start, start + duration),
                            .practitioner = practitioner,
                            .visit_type = VisitTypeFor(duration)};
    planned.appointment.set_local_start(absl::FormatCivilTime(start));
    planned.appointment.set_duration_minutes(duration);
    planned.appointment.set_reason(dice_.Pick(country_.visit_reasons));
    planned.appointment.set_external_id(
        absl::StrCat("demo:appointment-", clinic_.appointments.size() + 1));
    if (dice_.Percent(5)) planned.cancel_reason = dice_.Pick(country_.cancel_reasons);
    clinic_.appointments.push_back(std::move(planned));
  }

  // The one whose length is nearest to that.
  std::size_t VisitTypeFor(int duration) const {
    const auto distance = [duration](const appointments::v1::VisitType& visit_type) {
      int length = 0;
      for (const auto& segment : visit_type.segments()) {
        length = std::max(length, segment.offset_minutes() + segment.duration_minutes());
      }
      return std::abs(length - duration);
    };
    const auto nearest = std::ranges::min_element(clinic_.visit_types, {}, distance);
    return static_cast<std::size_t>(nearest - clinic_.visit_types.begin());
  }

  // Somebody by chance, or else the next who is nowhere else then, and takes that time. There are
  // more patients than practitioners.
  std::size_t FreePatient(absl::CivilMinute begin, absl::CivilMinute end) {
    const std::size_t count = clinic_.patients.size();
    taken_.resize(count);
    std::size_t patient = dice_.Below(count);
    const auto busy = [begin, end](const Visit& visit) {
      return visit.begin < end && begin < visit.end;
    };
    while (std::ranges::any_of(taken_[patient], busy)) patient = (patient + 1) % count;
    taken_[patient].push_back({.begin = begin, .end = end});
    return patient;
  }

  struct Visit {
    absl::CivilMinute begin;
    absl::CivilMinute end;
  };

  const Country& country_;
  DemoClinic& clinic_;
  Dice& dice_;
  // Of each patient.
  std::vector<std::vector<Visit>> taken_;
};

void FillDiaries(const Amounts& amounts, absl::CivilDay today, const DemoClinic& clinic,
                 Diaries diaries) {
  for (std::size_t practitioner = 0; practitioner < clinic.practitioners.size(); ++practitioner) {
    for (int day = -amounts.days_before; day <= amounts.days_behind; ++day) {
      const absl::CivilDay date = today + day;
      if (absl::GetWeekday(date) == absl::Weekday::sunday && day != 0) continue;
      diaries.FillDay(practitioner, date);
    }
  }
}

DemoClinic MakeClinic(const Country& country, const Amounts& amounts, absl::CivilDay today,
                      std::uint64_t seed) {
  Dice dice(seed);
  DemoClinic clinic{.slug = std::string(country.slug),
                    .name = std::string(country.clinic_name),
                    .country_code = std::string(country.country_code),
                    .time_zone = std::string(country.time_zone),
                    .currency_code = std::string(country.currency_code),
                    .locale = std::string(country.locale),
                    .users = MakeUsers(country, dice)};
  for (std::size_t i = 0; i < amounts.practitioners; ++i) {
    clinic.practitioners.push_back(MakePractitioner(country, clinic, i, dice));
  }
  const DemoUser& assistant = UserWith(clinic, identity::v1::ROLE_ASSISTANT);
  clinic.locations = MakeLocations(country, amounts.resources.locations);
  clinic.resources = MakeResources(country, amounts.resources,
                                   absl::StrCat(assistant.given_name, " ", assistant.family_name));
  clinic.visit_types = MakeVisitTypes(country);
  clinic.hours = MakeHours(country);
  clinic.extra_hours = MakeSundayHours(country, today);
  for (std::size_t i = 0; i < amounts.patients; ++i) {
    clinic.patients.push_back(MakePatient(country, i, today, dice));
  }
  FillDiaries(amounts, today, clinic, Diaries(country, clinic, dice));
  return clinic;
}

}  // namespace

DemoPlan MakeDemoPlan(std::uint64_t seed, DemoSize size, absl::CivilDay today) {
  DemoPlan plan;
  for (const Country& country : Countries()) {
    // Each clinic has chances of its own, so that a change to one leaves the others as they are.
    plan.clinics.push_back(
        MakeClinic(country, AmountsOf(size), today, seed * 1000 + plan.clinics.size()));
  }
  return plan;
}

void GivePasswords(DemoPlan& plan, Random& random) {
  // 32 characters that nobody mistakes for one another.
  constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  constexpr std::size_t kCharacters = 20;
  for (DemoClinic& clinic : plan.clinics) {
    for (DemoUser& user : clinic.users) {
      std::array<std::uint8_t, kCharacters> bytes = {};
      random.Fill(bytes);
      user.password.clear();
      for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i > 0 && i % 5 == 0) user.password.push_back('-');
        user.password.push_back(kAlphabet[bytes.at(i) % kAlphabet.size()]);
      }
    }
  }
}

const DemoUser& UserWith(const DemoClinic& clinic, identity::v1::Role role) {
  const auto user = std::find_if(clinic.users.begin(), clinic.users.end(),
                                 [role](const DemoUser& one) { return one.role == role; });
  if (user == clinic.users.end()) std::abort();
  return *user;
}

}  // namespace clinicd::demo
