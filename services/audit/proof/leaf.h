// What the audit log's tree commits to: the one form of an event in which it is hashed.
//
// The leaf holds hashes of the encrypted snapshots, never their plaintext: whoever loses the key
// loses the snapshot, the tree stays as it was, and the hash of a ciphertext reveals nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/merkle/hash.h"

namespace clinicd::audit {

inline constexpr std::string_view kLeafKind = "clinicd-audit";
inline constexpr std::int64_t kLeafVersion = 1;
inline constexpr std::uint64_t kLeafItems = 27;

// An event, as it was recorded. Instants count in microseconds; texts are UTF-8, lists in them are
// separated by commas.
struct Leaf {
  ClinicId clinic_id;
  Uuid id;
  // By the server's clock, and by the database's at the start of the transaction.
  absl::Time occurred_at = absl::UnixEpoch();
  absl::Time recorded_at = absl::UnixEpoch();
  // record, sign_in, permission, export, erasure, key or operation.
  std::string category;
  // create, read, update, delete or execute.
  std::string action;
  std::string method;
  // "OK", or the reason of the error.
  std::string outcome;
  std::optional<Uuid> actor_id;
  std::string actor_roles;
  std::optional<Uuid> acting_for;
  std::string purpose;
  std::optional<Uuid> session_id;
  std::optional<Uuid> patient_id;
  std::optional<std::string> entity_type;
  std::optional<Uuid> entity_id;
  std::optional<std::int64_t> entity_version;
  // Sorted.
  std::string changed_fields;
  // SHA-256 of the ciphertexts of the snapshots.
  std::optional<merkle::Hash> before_hash;
  std::optional<merkle::Hash> after_hash;
  std::optional<std::string> request_id;
  std::string client_address;
  std::string user_agent;
  std::string node;
  std::string build;

  friend bool operator==(const Leaf&, const Leaf&) = default;
};

// The content of the tree's leaf: deterministic CBOR, an array of kLeafItems items in the order of
// the fields above, behind kLeafKind and kLeafVersion. merkle::HashLeaf() of it is the leaf's hash.
std::string EncodeLeaf(const Leaf& leaf);

// INVALID_ARGUMENT for anything that EncodeLeaf() does not write.
absl::StatusOr<Leaf> DecodeLeaf(std::string_view bytes);

// What a verifier needs of a leaf, read without copying.
struct LeafOutline {
  ClinicId clinic_id;
  Uuid id;
  absl::Time recorded_at;
};

// Checks the same as DecodeLeaf(), with the same errors.
absl::StatusOr<LeafOutline> OutlineLeaf(std::string_view bytes);

// The head of a clinic's log, a leaf of the log that all clinics share.
struct ClinicHead {
  ClinicId clinic_id;
  std::uint64_t tree_size = 0;
  merkle::Hash root{};

  friend bool operator==(const ClinicHead&, const ClinicHead&) = default;
};

// The content of its leaf. As above.
std::string EncodeClinicHead(const ClinicHead& head);
absl::StatusOr<ClinicHead> DecodeClinicHead(std::string_view bytes);

}  // namespace clinicd::audit
