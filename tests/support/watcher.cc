#include "tests/support/watcher.h"

namespace clinicd::testing {

appointments::v1::WatchDayRequest DayRequest(int year, int month, int day,
                                             const std::string& resume_token) {
  appointments::v1::WatchDayRequest request;
  request.mutable_date()->set_year(year);
  request.mutable_date()->set_month(month);
  request.mutable_date()->set_day(day);
  request.set_resume_token(resume_token);
  return request;
}

Watcher::Watcher(const Client& client, const appointments::v1::WatchDayRequest& request) {
  client.Prepare(context_);
  reader_ = client.appointments().WatchDay(&context_, request);
}

Watcher::~Watcher() {
  if (ended_) return;
  context_.TryCancel();
  End();
}

std::optional<Watcher::Event> Watcher::Next() {
  Event event;
  if (!reader_->Read(&event)) return std::nullopt;
  Apply(event);
  return event;
}

std::optional<Watcher::Event> Watcher::NextChange() {
  std::optional<Event> event = Next();
  while (event && event->has_heartbeat()) event = Next();
  return event;
}

grpc::Status Watcher::End() {
  while (Next()) {
  }
  ended_ = true;
  return reader_->Finish();
}

void Watcher::Apply(const Event& event) {
  kinds_.push_back(event.event_case());
  if (!event.resume_token().empty()) token_ = event.resume_token();
  if (event.has_snapshot()) {
    if (event.snapshot().first()) day_.clear();
    for (const auto& appointment : event.snapshot().appointments()) {
      day_[appointment.id()] = appointment;
    }
    complete_ = event.snapshot().last();
  }
  if (event.has_upsert()) day_[event.upsert().id()] = event.upsert();
  if (event.has_remove()) day_.erase(event.remove().id());
}

}  // namespace clinicd::testing
