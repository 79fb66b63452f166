// Reads one HTTP/1.1 request, and refuses whatever two readers could understand in two ways.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/edge/http.h"
#include "common/edge/limits.h"

namespace clinicd::edge {

// Where a head ends: the number of its bytes with the empty line; nothing when it goes on.
std::optional<std::size_t> EndOfHead(std::string_view bytes);

class H1Parser final : private boost::beast::http::basic_parser<true> {
 public:
  // `limits` outlives it. `on_body` gets the body piece by piece.
  H1Parser(const EdgeLimits& limits, std::function<void(std::string_view)> on_body);

  // Reads a whole head, with the empty line at its end. The status to refuse it with, or 0.
  int ReadHead(std::string_view head);
  // After ReadHead: reads of `bytes` what belongs to the body; how much that was. 400 in `refusal`
  // when it is no body.
  std::size_t ReadBody(std::string_view bytes, int& refusal);

  bool done() { return is_done(); }
  RequestHead& head() { return head_; }
  // Whether the client wants to go on with this connection, and understands chunks.
  bool keeps_alive() const { return keep_alive(); }
  bool is_http_1_0() const { return version_ == 10; }
  bool expects_continue() const { return expects_continue_; }

 private:
  using ErrorCode = boost::beast::error_code;
  using View = boost::beast::string_view;

  int CheckHead();
  // Takes scheme and authority out of a target that has them.
  bool NormalizeTarget();

  void on_request_impl(boost::beast::http::verb verb, View method, View target, int version,
                       ErrorCode& error) override;
  void on_response_impl(int code, View reason, int version, ErrorCode& error) override;
  void on_field_impl(boost::beast::http::field field, View name, View value,
                     ErrorCode& error) override;
  void on_header_impl(ErrorCode& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode& error) override;
  std::size_t on_body_impl(View body, ErrorCode& error) override;
  void on_chunk_header_impl(std::uint64_t size, View extensions, ErrorCode& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, View body, ErrorCode& error) override;
  void on_finish_impl(ErrorCode& error) override;

  const EdgeLimits& limits_;
  const std::function<void(std::string_view)> on_body_;
  RequestHead head_;
  int version_ = 11;
  bool head_read_ = false;
  std::size_t field_count_ = 0;
  std::size_t field_bytes_ = 0;
  int hosts_ = 0;
  int lengths_ = 0;
  int encodings_ = 0;
  bool chunked_only_ = true;
  bool length_is_number_ = true;
  bool expects_continue_ = false;
  bool expects_other_ = false;
};

}  // namespace clinicd::edge
