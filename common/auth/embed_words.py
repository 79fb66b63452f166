"""Writes the words of a text file, one a line, as a sorted C++ array."""

import argparse


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words")
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()

    with open(arguments.words, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file]
    words = [line for line in lines if line and not line.startswith("# ")]
    encoded = [word.encode() for word in words]
    if encoded != sorted(set(encoded)):
        raise SystemExit(f"{arguments.words}: words must be in byte order, each once")

    with open(arguments.out, "w", encoding="utf-8") as out:
        out.write('#include "common/auth/common_passwords.h"\n\n#include <algorithm>\n\n')
        out.write("namespace clinicd::auth {\nnamespace {\n\n")
        out.write("constexpr std::string_view kWords[] = {\n")
        for word in encoded:
            text = "".join(
                chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03o}"
                for byte in word
            )
            out.write(f'    "{text}",\n')
        out.write("};\n\n}  // namespace\n\n")
        out.write("bool IsCommonPasswordWord(std::string_view word) {\n")
        out.write("  return std::binary_search(std::begin(kWords), std::end(kWords), word);\n}\n\n")
        out.write("}  // namespace clinicd::auth\n")


if __name__ == "__main__":
    main()
