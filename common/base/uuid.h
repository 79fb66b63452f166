// UUIDs (RFC 9562), and ids that cannot be mistaken for one another.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace clinicd {

// A 128-bit UUID. The default is the nil UUID. Ordered as its bytes, which for version 7 is the
// order of creation.
class Uuid final {
 public:
  using Bytes = std::array<std::uint8_t, 16>;

  constexpr Uuid() = default;
  constexpr explicit Uuid(const Bytes& bytes) : bytes_(bytes) {}

  // Reads the 36-character form, in either letter case; nullopt for anything else.
  static std::optional<Uuid> Parse(std::string_view text);

  // The 36-character form in lower case.
  std::string ToString() const;

  constexpr const Bytes& bytes() const { return bytes_; }
  constexpr bool is_nil() const { return *this == Uuid(); }

  friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;

  template <typename H>
  friend H AbslHashValue(H state, const Uuid& uuid) {
    return H::combine(std::move(state), uuid.bytes_);
  }

 private:
  Bytes bytes_{};
};

// An id of one kind of thing. Ids of different kinds do not convert to each other.
template <typename Tag>
class Id final {
 public:
  constexpr Id() = default;
  constexpr explicit Id(const Uuid& uuid) : uuid_(uuid) {}

  static std::optional<Id> Parse(std::string_view text) {
    const std::optional<Uuid> uuid = Uuid::Parse(text);
    return uuid ? std::optional<Id>(Id(*uuid)) : std::nullopt;
  }

  std::string ToString() const { return uuid_.ToString(); }
  constexpr const Uuid& uuid() const { return uuid_; }
  constexpr bool is_nil() const { return uuid_.is_nil(); }

  friend constexpr auto operator<=>(const Id&, const Id&) = default;

  template <typename H>
  friend H AbslHashValue(H state, const Id& id) {
    return H::combine(std::move(state), id.uuid_);
  }

 private:
  Uuid uuid_;
};

using ClinicId = Id<struct ClinicTag>;
// A user inside one clinic (a membership); the same person has another id in another clinic.
using UserId = Id<struct UserTag>;
using SessionId = Id<struct SessionTag>;
using PractitionerId = Id<struct PractitionerTag>;
using PatientId = Id<struct PatientTag>;
using AppointmentId = Id<struct AppointmentTag>;
using HoldId = Id<struct HoldTag>;
using LocationId = Id<struct LocationTag>;
using ResourceId = Id<struct ResourceTag>;
using SeriesId = Id<struct SeriesTag>;
using VisitTypeId = Id<struct VisitTypeTag>;
using ScheduleExceptionId = Id<struct ScheduleExceptionTag>;
using WaitlistEntryId = Id<struct WaitlistEntryTag>;
using WaitlistOfferId = Id<struct WaitlistOfferTag>;

}  // namespace clinicd
