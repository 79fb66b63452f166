#include "common/cli/completion.h"

#include <iostream>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace clinicd::cli {
namespace {

// The words that may follow one command line: its sub-commands and its options.
struct Node {
  std::string path = {};
  std::vector<std::string> words = {};
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

std::string Bash(const std::vector<Node>& nodes, const std::string& program) {
  std::string script = absl::StrCat(
      "_", program, "() {\n  local current=\"${COMP_WORDS[COMP_CWORD]}\" path=", program,
      " word words\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    [[ $word == -* ]] || path+=\" $word\"\n"
      "  done\n"
      "  case \"$path\" in\n");
  for (const Node& node : nodes) {
    absl::StrAppend(&script, "    '", node.path, "') words='", absl::StrJoin(node.words, " "),
                    "' ;;\n");
  }
  absl::StrAppend(&script,
                  "    *) words= ;;\n  esac\n"
                  "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
                  "  [[ ${#COMPREPLY[@]} -gt 0 ]] || COMPREPLY=($(compgen -f -- \"$current\"))\n"
                  "}\ncomplete -F _",
                  program, " ", program, "\n");
  return script;
}

std::string Zsh(const std::vector<Node>& nodes, const std::string& program) {
  return absl::StrCat("#compdef ", program, "\nautoload -U +X bashcompinit && bashcompinit\n",
                      Bash(nodes, program));
}

std::string Fish(const std::vector<Node>& nodes, const std::string& program) {
  std::string script;
  for (const Node& node : nodes) {
    const std::string seen = absl::StrReplaceAll(node.path.substr(program.size()),
                                                 {{" ", "; and __fish_seen_subcommand_from "}});
    const std::string condition =
        seen.empty() ? "__fish_use_subcommand" : seen.substr(std::string("; and ").size());
    for (const std::string& word : node.words) {
      const bool option = word.substr(0, 2) == "--";
      absl::StrAppend(&script, "complete -c ", program, " -n '", condition, "' ",
                      option ? "-l " : "-f -a ", option ? word.substr(2) : word, "\n");
    }
  }
  return script;
}

}  // namespace

std::string CompletionScript(const CLI::App& program, std::string_view name,
                             std::string_view shell) {
  const std::string text(name);
  std::vector<Node> nodes;
  Collect(program, text, nodes);
  return shell == "bash"  ? Bash(nodes, text)
         : shell == "zsh" ? Zsh(nodes, text)
                          : Fish(nodes, text);
}

void AddCompletionCommand(CLI::App& program, std::string_view name) {
  CLI::App* const command =
      program.add_subcommand("completion", "Prints a completion script for a shell");
  const auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([shell, &program, name = std::string(name)] {
    std::cout << CompletionScript(program, name, *shell);
  });
}

}  // namespace clinicd::cli
