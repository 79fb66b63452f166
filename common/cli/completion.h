// Completion scripts for shells, from the command line as CLI11 knows it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

namespace clinicd::cli {

// Adds the sub-command `completion bash|zsh|fish`, which prints the script for `program` on
// standard output. Add it behind all others.
void AddCompletionCommand(CLI::App& program, std::string_view name);

// The script; `shell` is one of the three.
std::string CompletionScript(const CLI::App& program, std::string_view name,
                             std::string_view shell);

}  // namespace clinicd::cli
