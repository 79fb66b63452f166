// An answer that is known before the request's body: a page, a file, a refusal.
#pragma once

#include <string>
#include <string_view>

#include "common/edge/http.h"

namespace clinicd::edge {

struct PlainAnswer {
  int status = 200;
  Headers headers = {};
  std::string body = {};
  // Instead of `body`: bytes that outlive every request.
  std::string_view file = {};
};

// Sends `answer`, no faster than the client takes it. Ignores the request's body.
class PlainHandler final : public RequestHandler {
 public:
  // `with_body` is false for HEAD.
  PlainHandler(PlainAnswer answer, bool with_body);

  void Start(HttpStream& stream) override;
  void OnBody(std::string_view) override {}
  void OnBodyEnd() override {}
  void OnWritable() override { SendMore(); }
  void OnClosed(CloseReason) override { stream_ = nullptr; }

 private:
  void SendMore();

  PlainAnswer answer_;
  std::string_view rest_;
  HttpStream* stream_ = nullptr;
};

}  // namespace clinicd::edge
