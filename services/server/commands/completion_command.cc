#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/server/commands/command.h"

namespace clinicd::server {
namespace {

// The words that may follow one command line: its sub-commands and its options.
struct Node {
  std::string path;
  std::vector<std::string> words;
};

void Collect(const CLI::App& app, const std::string& path, std::vector<Node>& nodes) {
  Node node{path, {}};
  for (const CLI::App* sub : app.get_subcommands({})) node.words.push_back(sub->get_name());
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) node.words.push_back("--" + name);
  }
  nodes.push_back(std::move(node));
  for (const CLI::App* sub : app.get_subcommands({})) {
    Collect(*sub, absl::StrCat(path, " ", sub->get_name()), nodes);
  }
}

std::string Bash(const std::vector<Node>& nodes) {
  std::string script =
      "_clinicd() {\n"
      "  local current=\"${COMP_WORDS[COMP_CWORD]}\" path=clinicd word words\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    [[ $word == -* ]] || path+=\" $word\"\n"
      "  done\n"
      "  case \"$path\" in\n";
  for (const Node& node : nodes) {
    absl::StrAppend(&script, "    '", node.path, "') words='", absl::StrJoin(node.words, " "),
                    "' ;;\n");
  }
  absl::StrAppend(&script,
                  "    *) words= ;;\n  esac\n"
                  "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                  "  [[ ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- \"$current\"))\n"
                  "}\ncomplete -F _clinicd clinicd\n");
  return script;
}

std::string Zsh(const std::vector<Node>& nodes) {
  return absl::StrCat("#compdef clinicd\nautoload -U +X bashcompinit && bashcompinit\n",
                      Bash(nodes));
}

std::string Fish(const std::vector<Node>& nodes) {
  std::string script;
  for (const Node& node : nodes) {
    const std::string seen = absl::StrReplaceAll(node.path.substr(std::string("clinicd").size()),
                                                 {{" ", "; and __fish_seen_subcommand_from "}});
    const std::string condition =
        seen.empty() ? "__fish_use_subcommand" : seen.substr(std::string("; and ").size());
    for (const std::string& word : node.words) {
      const bool option = word.substr(0, 2) == "--";
      absl::StrAppend(&script, "complete -c clinicd -n '", condition, "' ",
                      option ? "-l " : "-f -a ", option ? word.substr(2) : word, "\n");
    }
  }
  return script;
}

}  // namespace

void AddCompletionCommand(CLI::App& program, int& exit_code) {
  CLI::App* command =
      program.add_subcommand("completion", "Prints a completion script for a shell");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([shell, &program, &exit_code] {
    std::vector<Node> nodes;
    Collect(program, "clinicd", nodes);
    std::cout << (*shell == "bash" ? Bash(nodes) : *shell == "zsh" ? Zsh(nodes) : Fish(nodes));
    exit_code = kExitOk;
  });
}

}  // namespace clinicd::server
