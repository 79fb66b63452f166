#include "common/rpc/secret_fields.h"

#include <google/protobuf/descriptor.pb.h>

#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "clinicd/options/v1/secret.pb.h"

namespace clinicd::rpc {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Types that are within themselves are gone through once.
bool FindsSecret(const Descriptor& type, absl::flat_hash_set<const Descriptor*>& seen) {
  if (!seen.insert(&type).second) return false;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (IsSecret(field)) return true;
    if (field.message_type() != nullptr && FindsSecret(*field.message_type(), seen)) return true;
  }
  return false;
}

// What was found of the types that were asked about: every change is audited, and descriptors stay.
class KnownTypes final {
 public:
  bool MayHoldSecrets(const Descriptor& type) {
    {
      const absl::ReaderMutexLock lock(&mutex_);
      const auto found = known_.find(&type);
      if (found != known_.end()) return found->second;
    }
    absl::flat_hash_set<const Descriptor*> seen;
    const bool may = FindsSecret(type, seen);
    const absl::MutexLock lock(&mutex_);
    known_.emplace(&type, may);
    return may;
  }

 private:
  absl::Mutex mutex_;
  absl::flat_hash_map<const Descriptor*, bool> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

bool IsSecret(const FieldDescriptor& field) {
  return field.options().GetExtension(options::v1::secret);
}

bool MayHoldSecrets(const Descriptor& type) {
  static KnownTypes known;
  return known.MayHoldSecrets(type);
}

void ClearSecrets(Message& message) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (IsSecret(*field)) {
      reflection.ClearField(&message, field);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      // Maps are lists of entries here.
      const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
      for (int i = 0; i < count; ++i) {
        ClearSecrets(*(field->is_repeated() ? reflection.MutableRepeatedMessage(&message, field, i)
                                            : reflection.MutableMessage(&message, field)));
      }
    }
  }
}

}  // namespace clinicd::rpc
