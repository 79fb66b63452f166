// Events as FHIR R4 AuditEvent resources.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "services/audit/proof/leaf.h"

namespace clinicd::audit {

// AuditEvent.outcome of an event that ended so: "0" success, "4" the call was refused, "8" the
// server could not do its work, "12" what it keeps is damaged.
std::string_view FhirOutcome(std::string_view outcome);

// The resource, with the codes of DICOM PS3.16 and the entities of IHE BALP. Texts that FHIR has no
// place for are left out; `index` is where the log has the event.
nlohmann::ordered_json ToFhir(std::uint64_t index, const Leaf& leaf);

// The same as one line, with its line break.
std::string FhirLine(std::uint64_t index, const Leaf& leaf);

}  // namespace clinicd::audit
