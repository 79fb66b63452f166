// A log made up for a witness, and the program that witnesses.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/merkle/checkpoint.h"
#include "common/merkle/frontier.h"
#include "common/merkle/note_key.h"
#include "common/merkle/plan.h"
#include "tests/support/temporary_directory.h"

namespace clinicd::testing {

merkle::NoteSigner SignerFrom(merkle::KeyKind kind, std::string_view name, char seed);

// The leaves of a log, whose history can be told in several ways.
class MadeUpLog final {
 public:
  explicit MadeUpLog(std::string origin, char seed = 'l');

  // Adds leaves that are told apart by `story`.
  void Grow(std::uint64_t leaves, std::string_view story = "so it was");

  std::uint64_t size() const { return leaves_.size(); }
  merkle::Hash RootAt(std::uint64_t size) const;
  // Signed, under `origin` if that is given.
  std::string Note(std::string_view origin = "") const;
  std::vector<merkle::Hash> ProofFrom(std::uint64_t old_size) const;
  // The body of a request of a witness that has `old_size`.
  std::string Request(std::uint64_t old_size) const;
  const merkle::NoteSigner& signer() const { return signer_; }

 private:
  std::string origin_;
  merkle::NoteSigner signer_;
  std::vector<merkle::Hash> leaves_;
};

// clinicd-witness, on a Unix socket.
class WitnessProcess final {
 public:
  // Makes directory and key; `log_key` is the one of the log that it trusts.
  explicit WitnessProcess(std::string log_key);
  // Kills it if it lives.
  ~WitnessProcess();
  WitnessProcess(const WitnessProcess&) = delete;
  WitnessProcess& operator=(const WitnessProcess&) = delete;
  WitnessProcess(WitnessProcess&&) = delete;
  WitnessProcess& operator=(WitnessProcess&&) = delete;

  // Returns when it serves; ends the test run if it does not.
  void Start();
  // kill -9, and waits for the end.
  void Kill();

  // "unix:/path"
  std::string url() const;
  const std::string& key() const { return key_; }
  std::string directory() const { return directory_.path("state"); }

 private:
  TemporaryDirectory directory_;
  std::string log_key_;
  std::string key_;
  pid_t pid_ = 0;
};

}  // namespace clinicd::testing
