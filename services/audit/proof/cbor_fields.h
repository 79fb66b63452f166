// The kinds of fields that leaves are made of, to and from CBOR. A function Take… is false, and the
// reader says why, unless the next item is of the kind.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/cbor/reader.h"
#include "common/cbor/writer.h"
#include "common/merkle/hash.h"

namespace clinicd::audit {

inline void PutUuid(cbor::Writer& writer, const Uuid& uuid) {
  writer.Bytes({reinterpret_cast<const char*>(uuid.bytes().data()), uuid.bytes().size()});
}
inline void PutTime(cbor::Writer& writer, absl::Time time) { writer.Int(absl::ToUnixMicros(time)); }
inline void PutText(cbor::Writer& writer, const std::string& text) { writer.Text(text); }
inline void PutInt(cbor::Writer& writer, std::int64_t value) { writer.Int(value); }
inline void PutHash(cbor::Writer& writer, const merkle::Hash& hash) {
  writer.Bytes(merkle::AsView(hash));
}

template <typename Value, typename Put>
void PutOptional(cbor::Writer& writer, const std::optional<Value>& value, Put put) {
  value ? put(writer, *value) : writer.Null();
}

inline bool TakeUuid(cbor::Reader& reader, Uuid& uuid) {
  Uuid::Bytes bytes;
  const std::optional<std::string_view> taken = reader.Bytes();
  if (!taken || taken->size() != bytes.size()) return false;
  std::copy(taken->begin(), taken->end(), bytes.begin());
  uuid = Uuid(bytes);
  return true;
}

inline bool TakeClinic(cbor::Reader& reader, ClinicId& clinic) {
  Uuid uuid;
  const bool taken = TakeUuid(reader, uuid);
  clinic = ClinicId(uuid);
  return taken;
}

inline bool TakeTime(cbor::Reader& reader, absl::Time& time) {
  const std::optional<std::int64_t> micros = reader.Int();
  if (micros) time = absl::FromUnixMicros(*micros);
  return micros.has_value();
}

inline bool TakeText(cbor::Reader& reader, std::string& text) {
  const std::optional<std::string_view> taken = reader.Text();
  if (taken) text = *taken;
  return taken.has_value();
}

inline bool TakeInt(cbor::Reader& reader, std::int64_t& value) {
  const std::optional<std::int64_t> taken = reader.Int();
  if (taken) value = *taken;
  return taken.has_value();
}

inline bool TakeHash(cbor::Reader& reader, merkle::Hash& hash) {
  const std::optional<std::string_view> bytes = reader.Bytes();
  const std::optional<merkle::Hash> taken = bytes ? merkle::ToHash(*bytes) : std::nullopt;
  if (taken) hash = *taken;
  return taken.has_value();
}

template <typename Value, typename Take>
bool TakeOptional(cbor::Reader& reader, std::optional<Value>& value, Take take) {
  value.reset();
  return reader.TakeNull() || take(reader, value.emplace());
}

}  // namespace clinicd::audit
