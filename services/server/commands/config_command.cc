#include <iostream>
#include <memory>

#include "common/config/report.h"
#include "services/server/commands/command.h"

namespace clinicd::server {

void AddConfigCommand(CLI::App& program, Globals& globals, int& exit_code) {
  CLI::App* command = program.add_subcommand("config", "Shows the configuration");
  command->require_subcommand(1);
  CLI::App* show = command->add_subcommand(
      "show", "Prints every key with its value; secrets stay in their files");
  struct Options {
    bool sources = false;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  show->add_flag("--sources", options->sources, "Says where each value comes from");
  show->add_flag("--json", options->json, "Prints JSON, with sources");
  show->callback([options, &globals, &exit_code] {
    const config::Resolution resolution = config::ResolveAll(globals.SourcesWith());
    std::cout << (options->json ? config::ToJson(resolution)
                                : config::ToText(resolution, options->sources));
    exit_code = resolution.problems.empty() ? kExitOk : kExitError;
  });
}

}  // namespace clinicd::server
