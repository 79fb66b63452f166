// Answers that need no service: errors that the connection itself finds.
#pragma once

#include <memory>
#include <string_view>

#include "common/edge/http.h"

namespace clinicd::edge {

// "Not Found" for 404.
std::string_view ReasonPhrase(int status);

// Answers with `status` and its phrase as plain text, whatever is asked.
std::shared_ptr<RequestHandler> AnswerWithError(int status, Headers headers = {});

}  // namespace clinicd::edge
