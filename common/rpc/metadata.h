// The only way to add metadata to an answer: gRPC ends the process on an illegal key or value.
#pragma once

#include <grpcpp/server_context.h>

#include <string_view>

namespace clinicd::rpc {

// Of a mutation that is to be answered with a receipt of its event ("1"), and of that receipt; see
// AuditLogService of the API.
inline constexpr std::string_view kWantReceiptKey = "clinicd-audit-receipt";
inline constexpr std::string_view kReceiptKey = "clinicd-audit-receipt-bin";

// True for a key of lower-case letters, digits, '-', '_' and '.' that is not reserved for gRPC, and
// a value of printable ASCII (any bytes for keys that end in "-bin").
bool IsLegalMetadata(std::string_view key, std::string_view value);

// Adds a trailing metadata entry if it is legal; false, and nothing added, if not.
bool AddTrailingMetadata(grpc::ServerContextBase& context, std::string_view key,
                         std::string_view value);

}  // namespace clinicd::rpc
