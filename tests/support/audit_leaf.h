// Events for tests of proofs.
#pragma once

#include <string>

#include "services/audit/proof/leaf.h"

namespace clinicd::audit {

inline Uuid TestUuid(std::uint8_t kind, std::uint64_t number) {
  Uuid::Bytes bytes{0x01, 0x90, 0, 0, 0, kind, 0x70, 0, 0x80};
  for (std::size_t i = 0; i < 7; ++i) {
    bytes[15 - i] = static_cast<std::uint8_t>((number >> (8 * i)) & 0xff);
  }
  return Uuid(bytes);
}

inline ClinicId TestClinic() { return ClinicId(TestUuid(1, 1)); }

inline constexpr std::int64_t kFirstMicros = 1'790'000'000'000'000;

// The event at `index` of a log: one of every three is a read, one a refused sign-in.
inline Leaf TestLeaf(std::uint64_t index) {
  const absl::Time at =
      absl::FromUnixMicros(kFirstMicros + static_cast<std::int64_t>(index) * 1'250'001);
  Leaf leaf{.clinic_id = TestClinic(),
            .id = TestUuid(2, index),
            .occurred_at = at,
            .recorded_at = at - absl::Microseconds(300),
            .category = "record",
            .action = "read",
            .method = "clinicd.patients.v1.PatientService/GetPatient",
            .outcome = "OK",
            .actor_id = TestUuid(3, index % 5),
            .actor_roles = "dentist,owner",
            .acting_for = std::nullopt,
            .purpose = "treatment",
            .session_id = TestUuid(4, index % 7),
            .patient_id = TestUuid(5, index % 11),
            .entity_type = "patient",
            .entity_id = TestUuid(5, index % 11),
            .entity_version = static_cast<std::int64_t>(index % 4),
            .changed_fields = "",
            .before_hash = std::nullopt,
            .after_hash = std::nullopt,
            .request_id = std::nullopt,
            .client_address = "192.0.2.17",
            .user_agent = "clinicd-tablet/1.4 (Zahn\xc3\xa4rzte)",
            .node = "node-1",
            .build = "1.0.0"};
  if (index % 3 == 1) {
    leaf.action = "update";
    leaf.method = "clinicd.patients.v1.PatientService/UpdatePatient";
    leaf.changed_fields = "family_name,phone";
    leaf.before_hash = merkle::HashLeaf("before " + std::to_string(index));
    leaf.after_hash = merkle::HashLeaf("after " + std::to_string(index));
    leaf.request_id = TestUuid(6, index).ToString();
  }
  if (index % 3 == 2) {
    leaf.category = "sign_in";
    leaf.action = "execute";
    leaf.method = "clinicd.identity.v1.SessionService/SignIn";
    leaf.outcome = "SIGN_IN_FAILED";
    leaf.actor_id = leaf.session_id = leaf.patient_id = leaf.entity_id = std::nullopt;
    leaf.entity_type = std::nullopt;
    leaf.entity_version = std::nullopt;
    leaf.actor_roles = "";
  }
  return leaf;
}

}  // namespace clinicd::audit
