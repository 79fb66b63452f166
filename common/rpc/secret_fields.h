// The fields of the API whose values are secrets; see clinicd/options/v1/secret.proto.
#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

namespace clinicd::rpc {

// Whether the value of a field is a secret.
bool IsSecret(const google::protobuf::FieldDescriptor& field);

// Whether a message of that type may have a secret in it, at any depth.
bool MayHoldSecrets(const google::protobuf::Descriptor& type);

// Removes all secrets from a message, at any depth.
void ClearSecrets(google::protobuf::Message& message);

}  // namespace clinicd::rpc
