#include "common/edge/static_root.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/text.h"
#include "common/edge/entity_tag.h"

namespace clinicd::edge {
namespace {

constexpr std::string_view kIndex = "/index.html";

// What a page of ours may load; answers that are no pages may load nothing.
constexpr char kPagePolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

}  // namespace

StaticRoot::StaticRoot(std::span<const StaticFile> files) {
  for (const StaticFile& file : files) {
    files_.emplace(file.path, &file);
    if (file.path == kIndex) files_.emplace("/", &file);
  }
}

const StaticFile* StaticRoot::Find(std::string_view path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : found->second;
}

PlainAnswer StaticRoot::Answer(const StaticFile& file, std::string_view if_none_match) {
  const std::string tag = absl::StrCat("\"", ToAbsl(file.hash), "\"");
  PlainAnswer answer;
  answer.headers = {
      {"etag", tag},
      {"cache-control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache"}};
  if (HasTag(if_none_match, tag)) {
    answer.status = 304;
    return answer;
  }
  answer.headers.push_back({"content-type", std::string(file.content_type)});
  if (file.content_type.starts_with("text/html")) {
    answer.headers.push_back({"content-security-policy", kPagePolicy});
  }
  answer.file = file.bytes;
  return answer;
}

}  // namespace clinicd::edge
