#include "services/identity/session_convert.h"

#include "common/rpc/civil.h"

namespace clinicd::identity {

v1::Session ToProto(const Session& session, SessionId current) {
  v1::Session proto;
  proto.set_id(session.id.ToString());
  *proto.mutable_create_time() = rpc::ToTimestamp(session.created_at);
  *proto.mutable_last_refresh_time() = rpc::ToTimestamp(session.last_refreshed_at);
  *proto.mutable_expire_time() = rpc::ToTimestamp(session.expires_at);
  proto.set_user_agent(session.user_agent);
  proto.set_client_address(session.client_address);
  proto.set_current(session.id == current);
  return proto;
}

}  // namespace clinicd::identity
