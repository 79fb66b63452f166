#include "clients/clinicctl/password.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "common/config/secret_file.h"

namespace clinicd::clinicctl {
namespace {

constexpr std::size_t kPasswordBytesMax = 256;
constexpr char kCtrlC = 3;

void Say(int terminal, std::string_view text) {
  // Nothing can be done about a terminal that does not take it.
  static_cast<void>(::write(terminal, text.data(), text.size()) == 0);
}

absl::StatusOr<std::string> ReadLine(int terminal) {
  std::string line;
  for (;;) {
    char byte = 0;
    const ssize_t count = ::read(terminal, &byte, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 || byte == kCtrlC) return absl::CancelledError("No password was entered.");
    if (byte == '\n' || byte == '\r') break;
    line.push_back(byte);
    if (line.size() > kPasswordBytesMax) {
      return absl::InvalidArgumentError("A password has 256 bytes at most.");
    }
  }
  if (line.empty()) return absl::CancelledError("No password was entered.");
  return line;
}

}  // namespace

absl::StatusOr<std::string> ReadPassword(const std::string& file, const std::string& prompt) {
  if (!file.empty()) return config::ReadSecretFile(file);
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (terminal < 0) {
    return absl::FailedPreconditionError(
        "There is no terminal to ask for the password; use --password-file.");
  }
  const absl::Cleanup close_terminal = [terminal] { ::close(terminal); };
  termios before = {};
  if (::tcgetattr(terminal, &before) != 0) return absl::ErrnoToStatus(errno, "/dev/tty");
  termios silent = before;
  // Ctrl-C ends the line instead of the program, which would leave the terminal silent.
  silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
  silent.c_cc[VEOL] = kCtrlC;
  silent.c_lflag |= ECHONL;
  if (::tcsetattr(terminal, TCSAFLUSH, &silent) != 0) {
    return absl::ErrnoToStatus(errno, "/dev/tty");
  }
  const absl::Cleanup restore = [&] { ::tcsetattr(terminal, TCSAFLUSH, &before); };
  Say(terminal, prompt);
  return ReadLine(terminal);
}

}  // namespace clinicd::clinicctl
