// Folds text so that what looks alike to a person at a front desk compares equal.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace clinicd::patients {

// Folds text for search: without accents and letter case ("Łukasz Ñandú" to "lukasz nandu"), digits
// of every script as 0 to 9, full-width and other compatibility forms as plain ones. Marks that
// carry a letter of their own, as in the scripts of India, stay. Making one is slow, using it is
// not. Thread-safe.
class TextFolder final {
 public:
  TextFolder();
  ~TextFolder();
  TextFolder(const TextFolder&) = delete;
  TextFolder& operator=(const TextFolder&) = delete;

  // `text` is UTF-8; what is not becomes U+FFFD.
  std::u32string Fold(std::string_view text) const;

 private:
  class Rules;
  std::unique_ptr<Rules> rules_;
};

}  // namespace clinicd::patients
