// The files that this program carries. None is looked for on disk, so that no path leads out.
#pragma once

#include <span>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "common/edge/plain_handler.h"

namespace clinicd::edge {

// A file, as embed_files.py writes them down.
struct StaticFile {
  // "/index.html".
  std::string_view path;
  std::string_view content_type;
  // Of the content, without quotes.
  std::string_view hash;
  // The path contains a hash of the content, so that it never means anything else.
  bool immutable = false;
  std::string_view bytes;
};

// The files of common/edge/static.
std::span<const StaticFile> StaticFiles();

// Immutable, thread-safe.
class StaticRoot final {
 public:
  // `files` outlive it. "/index.html" also answers for "/".
  explicit StaticRoot(std::span<const StaticFile> files);

  // The file of exactly that path; null when there is none.
  const StaticFile* Find(std::string_view path) const;

  // The answer to a GET; 304 if the client has the file already.
  static PlainAnswer Answer(const StaticFile& file, std::string_view if_none_match);

 private:
  absl::flat_hash_map<std::string_view, const StaticFile*> files_;
};

}  // namespace clinicd::edge
