// Words of which demo clinics are made up. Nobody in them exists.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace clinicd::demo {

// A practitioner's day is worked in two parts, as minutes since midnight.
struct OpeningHours {
  int morning_begin;
  int morning_end;
  int afternoon_begin;
  int afternoon_end;
};

// A site of a clinic besides its main one.
struct Site {
  std::string_view name;
  // May be another than the clinic's.
  std::string_view time_zone;
};

inline constexpr std::size_t kVisitTypeCount = 5;

// What differs from country to country.
struct Country {
  std::string_view slug;
  std::string_view clinic_name;
  std::string_view country_code;
  std::string_view time_zone;
  std::string_view currency_code;
  std::string_view locale;
  // In Spain, people have two.
  int family_names_each;
  OpeningHours hours;
  // Numbers that no network gives out, '#' for a digit.
  std::string_view phone;
  std::string_view file_number_prefix;
  std::string_view town;
  std::span<const std::string_view> female_names;
  std::span<const std::string_view> male_names;
  std::span<const std::string_view> family_names;
  std::span<const std::string_view> streets;
  std::span<const std::string_view> specialities;
  std::span<const std::string_view> visit_reasons;
  std::span<const std::string_view> cancel_reasons;
  // What to know of a patient first.
  std::span<const std::string_view> patient_alerts;
  std::span<const Site> sites;
  // The word for one.
  std::string_view chair;
  // A check-up, hygiene, a filling, a root canal and an emergency.
  std::span<const std::string_view, kVisitTypeCount> visit_types;
};

// The countries of the demo clinics, one clinic each.
std::span<const Country> Countries();

}  // namespace clinicd::demo
