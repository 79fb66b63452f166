// Lists that come page by page, as one.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clinicd/sdk/session.h"

namespace clinicd::sdk {

// The pages of a list, fetched as they are asked for. Not thread-safe; session and stub must
// outlive it.
template <typename Stub, typename Request, typename Response>
class Pages final {
 public:
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  // `request` as for the first page; its filters must not change on the way.
  Pages(Session& session, Stub& stub, Method method, Request request)
      : session_(session), stub_(stub), method_(method), request_(std::move(request)) {}

  // The next page; nothing behind the last one. After an error the same page can be asked for
  // again.
  absl::StatusOr<std::optional<Response>> Next() {
    if (done_) return std::optional<Response>();
    absl::StatusOr<Response> page = session_.Call(stub_, method_, request_);
    if (!page.ok()) return page.status();
    done_ = page->next_page_token().empty();
    request_.set_page_token(page->next_page_token());
    return std::optional<Response>(*std::move(page));
  }

 private:
  Session& session_;
  Stub& stub_;
  const Method method_;
  Request request_;
  bool done_ = false;
};

// Calls `each` with each row of each page, in order, until it returns false:
//   ForEachRow(session, *stub, &PatientService::Stub::ListPatients, request,
//              &ListPatientsResponse::patients, [](const Patient& patient) { ...; return true; });
template <typename Stub, typename Request, typename Response, typename Rows, typename Each>
absl::Status ForEachRow(Session& session, Stub& stub,
                        grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                     Response*),
                        const Request& request, const Rows& (Response::*rows)() const, Each each) {
  Pages<Stub, Request, Response> pages(session, stub, method, request);
  for (;;) {
    const absl::StatusOr<std::optional<Response>> page = pages.Next();
    if (!page.ok()) return page.status();
    if (!page->has_value()) return absl::OkStatus();
    for (const auto& row : ((*page).value().*rows)()) {
      if (!each(row)) return absl::OkStatus();
    }
  }
}

}  // namespace clinicd::sdk
