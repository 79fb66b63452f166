#include "common/auth/password_policy.h"

#include <catch2/catch.hpp>

#include "common/auth/common_passwords.h"
#include "common/status/error.h"

namespace clinicd::auth {
namespace {

constexpr PasswordContext kContext = {
    .field = "new_password", .email = "j.wisniewska@zeta.example", .clinic_slug = "amber-grove"};

// Fields of the violations; empty if the password is accepted.
std::vector<std::string> Violations(std::string_view password,
                                    const PasswordContext& context = kContext) {
  const absl::Status status = CheckPasswordPolicy(password, context);
  std::vector<std::string> fields;
  if (status.ok()) return fields;
  CHECK(absl::IsInvalidArgument(status));
  CHECK(status::ReasonOf(status) == status::ErrorReason::PASSWORD_UNACCEPTABLE);
  google::rpc::BadRequest bad;
  const google::rpc::Status details = status::DetailsOf(status);
  for (const auto& detail : details.details()) {
    if (!detail.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
  }
  CHECK_FALSE(fields.empty());
  return fields;
}

bool IsAccepted(std::string_view password) { return Violations(password).empty(); }

TEST_CASE("Length is counted in characters up and in bytes down", "[auth][unit]") {
  CHECK_FALSE(IsAccepted("bxkwmqhtzrv"));
  CHECK(IsAccepted("bxkwmqhtzrvj"));
  // Eleven and twelve letters of two bytes.
  CHECK_FALSE(IsAccepted("жцшъбгкмрху"));
  CHECK(IsAccepted("жцшъбгкмрхуф"));
  // Eleven characters, one of them written with a combining accent.
  CHECK_FALSE(IsAccepted("bxkwmqhtzre\u0301"));
  std::string longest;
  while (longest.size() < 256) longest += "bxkwmqhtzrvj0927 lq"[longest.size() % 19];
  CHECK(IsAccepted(longest.substr(0, 256)));
  CHECK_FALSE(IsAccepted(longest + "f"));
}

TEST_CASE("Every violation names the field of the request", "[auth][unit]") {
  CHECK(Violations("password") == std::vector<std::string>{"new_password", "new_password"});
  CHECK(Violations("", {.field = "user.password", .email = "", .clinic_slug = ""})[0] ==
        "user.password");
}

TEST_CASE("Common passwords are refused under every decoration", "[auth][unit]") {
  const std::string password =
      GENERATE("password1234", "Password2024!", "P@ssw0rd2024!!", "passwordpassword",
               "!!password!!99", "qwertyuiop12", "1qaz2wsx3edc", "1q2w3e4r5t6y", "Qwertyuiop[]",
               "iloveyou12345", "ILoveYouForever", "letmeinplease", "changeme12345", "Ch@ng3m31234",
               "correcthorsebatterystaple", "Summer2024!!!", "welcome-2-clinic", "Administrator1",
               "adm1n1strat0r", "s3cur1ty!2025", "Zahnarztpraxis1", "contraseña2024",
               "motdepasse2024", "Passwort!2024", "haslo1234567", "пароль123456", "ПАРОЛЬПАРОЛЬ",
               "йцукенгшщзхъ", "annakowalska1", "LiverpoolFC2019", "football12345", "michael198512",
               "trustno1trustno1", "thisisasecret", "1234qwerasdf");

  INFO(password);
  CHECK_FALSE(IsAccepted(password));
}

TEST_CASE("Runs and repetitions are refused", "[auth][unit]") {
  const std::string password =
      GENERATE("aaaaaaaaaaaa", "abcdefghijkl", "123456789012", "987654321098", "abababababab",
               "abcabcabcabc", "xyz!xyz!xyz!", "111122223333", "            ", "............",
               "aaaaaabbbbbb", "abcdefgh1234", "9876abcdefgh", "kjqx7kjqx7kj");

  INFO(password);
  CHECK_FALSE(IsAccepted(password));
}

TEST_CASE("Passwords made of the user's own names are refused", "[auth][unit]") {
  const std::string password =
      GENERATE("j.wisniewska1", "JWisniewska99", "j.w1sn1ewsk4!", "aksweinsiwj12", "amber-grove12",
               "AmberGrove2024", "amb3rgr0v3!!", "evorgrebma99", "j.wisniewska@zeta.example",
               "ambergroveambergrove", "AmberGroveSummer");

  INFO(password);
  CHECK_FALSE(IsAccepted(password));
}

TEST_CASE("Good passwords are accepted", "[auth][unit]") {
  const std::string password = GENERATE(
      "three green bicycles", "kettle-origami-79-vest", "9fK2x!mQz7Lp", "Tr7bX0qLw9Zs",
      "mein Hund frisst gerne Socken", "le chat boit du café froid", "корова прыгает через луну",
      "سبعة طيور فوق البحر", "雨の日に歩く猫は静かに眠る", "🦷 brush twice a day 🪥",
      "kjqx7kjqx7vmb", "password manager made this", "amber grove opens at nine");

  INFO(password);
  CHECK(IsAccepted(password));
}

TEST_CASE("An empty e-mail and slug refuse nothing by themselves", "[auth][unit]") {
  CHECK(CheckPasswordPolicy("three green bicycles",
                            {.field = "password", .email = "", .clinic_slug = ""})
            .ok());
  CHECK(CheckPasswordPolicy("three green bicycles",
                            {.field = "password", .email = "@", .clinic_slug = "-"})
            .ok());
}

TEST_CASE("The word list is embedded whole", "[auth][unit]") {
  CHECK(IsCommonPasswordWord("password"));
  CHECK(IsCommonPasswordWord("!qaz1qaz"));
  CHECK(IsCommonPasswordWord("пароль"));
  CHECK_FALSE(IsCommonPasswordWord(""));
  CHECK_FALSE(IsCommonPasswordWord("Password"));
  CHECK_FALSE(IsCommonPasswordWord("bicycles"));
}

}  // namespace
}  // namespace clinicd::auth
