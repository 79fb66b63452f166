#include "common/edge/grpc_text.h"

#include <catch2/catch.hpp>

using namespace clinicd::edge;

TEST_CASE("A gRPC time-out is up to eight digits and a unit", "[edge][unit]") {
  const auto [text, expected] =
      GENERATE(table<std::string, absl::Duration>({{"1H", absl::Hours(1)},
                                                   {"2M", absl::Minutes(2)},
                                                   {"3S", absl::Seconds(3)},
                                                   {"4m", absl::Milliseconds(4)},
                                                   {"5u", absl::Microseconds(5)},
                                                   {"6n", absl::Nanoseconds(6)},
                                                   {"0S", absl::ZeroDuration()},
                                                   {"99999999H", absl::Hours(99999999)}}));

  CHECK(ParseGrpcTimeout(text) == expected);
}

TEST_CASE("What is no gRPC time-out is refused", "[edge][unit]") {
  const std::string text = GENERATE(as<std::string>(), "", "S", "1", "1s", "1h", "-1S", "+1S",
                                    " 1S", "1S ", "1.5S", "123456789S", "1SS", "1 S", "0x1S");

  CHECK_FALSE(ParseGrpcTimeout(text).has_value());
}

TEST_CASE("A Connect time-out is up to ten digits", "[edge][unit]") {
  CHECK(ParseConnectTimeout("0") == absl::ZeroDuration());
  CHECK(ParseConnectTimeout("9999999999") == absl::Milliseconds(9999999999));
  CHECK_FALSE(ParseConnectTimeout("10000000000").has_value());
  CHECK_FALSE(ParseConnectTimeout("").has_value());
  CHECK_FALSE(ParseConnectTimeout("-1").has_value());
  CHECK_FALSE(ParseConnectTimeout("1ms").has_value());
}

TEST_CASE("Only printable ASCII without percent signs is sent as it is", "[edge][unit]") {
  CHECK(PercentEncode("a ~") == "a ~");
  CHECK(PercentEncode("%") == "%25");
  CHECK(PercentEncode(" a b ") == "%20a b%20");
  CHECK(PercentEncode(" ") == "%20");
  CHECK(PercentEncode("\x1f\x7f") == "%1F%7F");
  CHECK(PercentEncode("a\r\nb") == "a%0D%0Ab");
  CHECK(PercentEncode("Пё") == "%D0%9F%D1%91");
  CHECK(PercentEncode(std::string(1, '\0')) == "%00");
}

TEST_CASE("A media type is known whatever its case and parameters", "[edge][unit]") {
  const auto [text, expected] = GENERATE(table<std::string, Protocol>(
      {{"application/grpc", Protocol::kGrpc},
       {"application/grpc+proto", Protocol::kGrpc},
       {"application/grpc-web", Protocol::kGrpcWeb},
       {"Application/GRPC-Web+Proto; charset=utf-8", Protocol::kGrpcWeb},
       {"application/grpc-web-text", Protocol::kGrpcWebText},
       {"application/grpc-web-text+proto ;x=y", Protocol::kGrpcWebText},
       {" application/json;charset=UTF-8", Protocol::kConnectJson},
       {"application/proto", Protocol::kConnectProto}}));

  CHECK(ProtocolOf(text) == expected);
}

TEST_CASE("Other media types are not spoken", "[edge][unit]") {
  const std::string text =
      GENERATE(as<std::string>(), "", "application/grpc+json", "application/grpc-web+json",
               "application/grpc-web+thrift", "application/grpc-webtext", "application/grpcx",
               "text/json", "application/connect+json", "application/x-www-form-urlencoded",
               "application/json, application/grpc", "application / json");

  CHECK_FALSE(ProtocolOf(text).has_value());
}

TEST_CASE("The answer comes in the gRPC-Web form that the client accepts", "[edge][unit]") {
  CHECK(AnswerProtocol(Protocol::kGrpcWeb, "") == Protocol::kGrpcWeb);
  CHECK(AnswerProtocol(Protocol::kGrpcWebText, "*/*") == Protocol::kGrpcWebText);
  CHECK(AnswerProtocol(Protocol::kGrpcWeb, "application/grpc-web-text") == Protocol::kGrpcWebText);
  CHECK(AnswerProtocol(Protocol::kGrpcWebText, "text/html, application/grpc-web+proto;q=1") ==
        Protocol::kGrpcWeb);
  CHECK(AnswerProtocol(Protocol::kGrpcWeb, "application/json") == Protocol::kGrpcWeb);
}
