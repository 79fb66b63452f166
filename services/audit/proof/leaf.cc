#include "services/audit/proof/leaf.h"

#include "services/audit/proof/cbor_fields.h"

namespace clinicd::audit {
namespace {

constexpr std::string_view kHeadKind = "clinicd-clinic-head";
constexpr std::uint64_t kHeadItems = 5;

// Whether an array of `items` begins here, of this kind and version.
bool TakeKind(cbor::Reader& reader, std::uint64_t items, std::string_view kind) {
  return reader.Array() == items && reader.Text() == kind && reader.Int() == kLeafVersion;
}

absl::Status NotALeaf() {
  return absl::InvalidArgumentError("not the deterministic CBOR of an audit event");
}

}  // namespace

std::string EncodeLeaf(const Leaf& leaf) {
  cbor::Writer writer;
  writer.Array(kLeafItems);
  writer.Text(kLeafKind);
  writer.Int(kLeafVersion);
  PutUuid(writer, leaf.clinic_id.uuid());
  PutUuid(writer, leaf.id);
  PutTime(writer, leaf.occurred_at);
  PutTime(writer, leaf.recorded_at);
  writer.Text(leaf.category);
  writer.Text(leaf.action);
  writer.Text(leaf.method);
  writer.Text(leaf.outcome);
  PutOptional(writer, leaf.actor_id, PutUuid);
  writer.Text(leaf.actor_roles);
  PutOptional(writer, leaf.acting_for, PutUuid);
  writer.Text(leaf.purpose);
  PutOptional(writer, leaf.session_id, PutUuid);
  PutOptional(writer, leaf.patient_id, PutUuid);
  PutOptional(writer, leaf.entity_type, PutText);
  PutOptional(writer, leaf.entity_id, PutUuid);
  PutOptional(writer, leaf.entity_version, PutInt);
  writer.Text(leaf.changed_fields);
  PutOptional(writer, leaf.before_hash, PutHash);
  PutOptional(writer, leaf.after_hash, PutHash);
  PutOptional(writer, leaf.request_id, PutText);
  writer.Text(leaf.client_address);
  writer.Text(leaf.user_agent);
  writer.Text(leaf.node);
  writer.Text(leaf.build);
  return writer.Take();
}

absl::StatusOr<Leaf> DecodeLeaf(std::string_view bytes) {
  cbor::Reader reader(bytes);
  Leaf leaf;
  const bool is_leaf =
      TakeKind(reader, kLeafItems, kLeafKind) && TakeClinic(reader, leaf.clinic_id) &&
      TakeUuid(reader, leaf.id) && TakeTime(reader, leaf.occurred_at) &&
      TakeTime(reader, leaf.recorded_at) && TakeText(reader, leaf.category) &&
      TakeText(reader, leaf.action) && TakeText(reader, leaf.method) &&
      TakeText(reader, leaf.outcome) && TakeOptional(reader, leaf.actor_id, TakeUuid) &&
      TakeText(reader, leaf.actor_roles) && TakeOptional(reader, leaf.acting_for, TakeUuid) &&
      TakeText(reader, leaf.purpose) && TakeOptional(reader, leaf.session_id, TakeUuid) &&
      TakeOptional(reader, leaf.patient_id, TakeUuid) &&
      TakeOptional(reader, leaf.entity_type, TakeText) &&
      TakeOptional(reader, leaf.entity_id, TakeUuid) &&
      TakeOptional(reader, leaf.entity_version, TakeInt) && TakeText(reader, leaf.changed_fields) &&
      TakeOptional(reader, leaf.before_hash, TakeHash) &&
      TakeOptional(reader, leaf.after_hash, TakeHash) &&
      TakeOptional(reader, leaf.request_id, TakeText) && TakeText(reader, leaf.client_address) &&
      TakeText(reader, leaf.user_agent) && TakeText(reader, leaf.node) &&
      TakeText(reader, leaf.build) && reader.at_end();
  if (!is_leaf) return NotALeaf();
  return leaf;
}

absl::StatusOr<LeafOutline> OutlineLeaf(std::string_view bytes) {
  // The kinds of the items behind kind and version: clinic, uuid, time, Recorded at, text; in upper
  // case where null will do. The one id that has to be there is the event's.
  constexpr std::string_view kItems =
      "cuirtttt"
      "UtUtUUTUItHHTtttt";
  static_assert(kItems.size() == kLeafItems - 2);
  cbor::Reader reader(bytes);
  LeafOutline outline;
  if (!TakeKind(reader, kLeafItems, kLeafKind)) return NotALeaf();
  Uuid uuid;
  merkle::Hash hash;
  for (const char item : kItems) {
    const bool may_be_null = item >= 'A' && item <= 'Z';
    if (may_be_null && reader.TakeNull()) continue;
    bool taken = false;
    switch (item | 0x20) {
      case 'c':
        taken = TakeClinic(reader, outline.clinic_id);
        break;
      case 'u':
        taken = TakeUuid(reader, item == 'u' ? outline.id : uuid);
        break;
      case 'r':
        taken = TakeTime(reader, outline.recorded_at);
        break;
      case 'i':
        taken = reader.Int().has_value();
        break;
      case 'h':
        taken = TakeHash(reader, hash);
        break;
      default:
        taken = reader.Text().has_value();
    }
    if (!taken) return NotALeaf();
  }
  if (!reader.at_end()) return NotALeaf();
  return outline;
}

std::string EncodeClinicHead(const ClinicHead& head) {
  cbor::Writer writer;
  writer.Array(kHeadItems);
  writer.Text(kHeadKind);
  writer.Int(kLeafVersion);
  PutUuid(writer, head.clinic_id.uuid());
  writer.Uint(head.tree_size);
  PutHash(writer, head.root);
  return writer.Take();
}

absl::StatusOr<ClinicHead> DecodeClinicHead(std::string_view bytes) {
  cbor::Reader reader(bytes);
  ClinicHead head;
  if (TakeKind(reader, kHeadItems, kHeadKind) && TakeClinic(reader, head.clinic_id)) {
    const std::optional<std::uint64_t> size = reader.Uint();
    if (size && *size <= merkle::kTreeSizeMax && TakeHash(reader, head.root) && reader.at_end()) {
      head.tree_size = *size;
      return head;
    }
  }
  return absl::InvalidArgumentError("not the deterministic CBOR of a clinic's head");
}

}  // namespace clinicd::audit
