#include "db/access/connection.h"

#include <libpq-fe.h>
#include <soci/soci.h>

#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "db/access/db_errors.h"
#include "db/backend/pipeline_backend.h"

namespace clinicd::db {

// A SOCI statement of one query with a place for the value of each parameter.
struct Connection::Bound {
  struct Slot {
    std::string name;
    std::string value;
    soci::indicator indicator = soci::i_null;
  };

  Bound(soci::session& session, backend::PipelineSession& pipeline, const std::string& sql)
      : statement(session) {
    for (const std::string& name : pipeline.Prepare(sql).text.names) {
      Slot& slot = slots.emplace_back();
      slot.name = name;
      statement.exchange(soci::use(slot.value, slot.indicator, slot.name));
    }
    statement.alloc();
    statement.prepare(sql);
    statement.define_and_bind();
  }

  // A deque, because SOCI keeps the addresses.
  std::deque<Slot> slots;
  soci::statement statement;
};

Connection::Connection(ConnectionOptions options) : options_(std::move(options)) {}

Connection::~Connection() {
  bound_.clear();
  if (cancel_ != nullptr) PQfreeCancel(cancel_);
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const ConnectionOptions& options) {
  std::unique_ptr<Connection> connection(new Connection(options));
  try {
    connection->session_ =
        std::make_unique<soci::session>(backend::PipelineBackend(), options.conninfo);
    connection->pipeline_ =
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-static-cast-downcast): it makes no other.
        static_cast<backend::PipelineSession*>(connection->session_->get_backend());
  } catch (const std::exception&) {
    return DatabaseUnavailable();
  }
  connection->cancel_ = PQgetCancel(connection->pipeline_->conn_);
  return connection;
}

Connection::Bound& Connection::BoundFor(const Query& query) {
  std::unique_ptr<Bound>& bound = bound_[query.sql.data()];
  if (bound == nullptr) {
    const std::string sql =
        options_.rewrite_sql ? options_.rewrite_sql(query.sql) : std::string(query.sql);
    bound = std::make_unique<Bound>(*session_, *pipeline_, sql);
  }
  return *bound;
}

absl::StatusOr<std::size_t> Connection::Queue(const Query& query, const Params& params,
                                              const ClinicId& clinic) {
  try {
    Bound& bound = BoundFor(query);
    for (Bound::Slot& slot : bound.slots) {
      if (slot.name == "clinic_id") {
        slot.value = clinic.ToString();
        slot.indicator = soci::i_ok;
        continue;
      }
      const Params::Entry* entry = params.Find(slot.name);
      if (entry == nullptr) {
        return status::Defect(absl::StrCat("parameter ", slot.name, " of ",
                                           std::string(query.name), " was not bound"));
      }
      slot.indicator = entry->value ? soci::i_ok : soci::i_null;
      slot.value = entry->value.value_or(std::string());
    }
    bound.statement.execute(false);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-static-cast-downcast): it makes no other.
    return static_cast<backend::PipelineStatement*>(bound.statement.get_backend())->queued_index();
  } catch (const std::exception&) {
    return DatabaseUnavailable();
  }
}

absl::StatusOr<std::size_t> Connection::QueueText(std::string_view sql,
                                                  const std::vector<std::string>& values) {
  std::vector<const char*> pointers;
  pointers.reserve(values.size());
  for (const std::string& value : values) pointers.push_back(value.c_str());
  try {
    return pipeline_->Queue(pipeline_->Prepare(sql), pointers, /*binary=*/true);
  } catch (const std::exception&) {
    return DatabaseUnavailable();
  }
}

absl::StatusOr<std::size_t> Connection::QueueOnce(const std::string& sql) {
  try {
    return pipeline_->QueueOnce(sql);
  } catch (const std::exception&) {
    return DatabaseUnavailable();
  }
}

backend::FlushResult Connection::Flush(absl::Time deadline) { return pipeline_->Flush(deadline); }

bool Connection::WaitForNotification(absl::Time deadline) {
  return pipeline_->WaitForNotification(deadline);
}

bool Connection::usable() const { return pipeline_->usable(); }

bool Connection::in_transaction() const { return pipeline_->in_transaction(); }

std::int64_t Connection::round_trips() const { return pipeline_->round_trips(); }

bool Connection::Cancel() const {
  char error[256];
  return cancel_ != nullptr && PQcancel(cancel_, error, sizeof error) == 1;
}

}  // namespace clinicd::db
