#!/usr/bin/env python3
"""The public headers as Doxygen wants them: their plain comments marked as what they document.

filter.py HEADER    to standard output"""
import re
import sys


def marked(text):
    text = re.sub(r"\A/\* (\w+\.h) - ", r"/** @file \1\n * ", text)
    text = re.sub(r"^#define (?:LIB)?PVGAME_\w*H$", "", text, flags=re.M)                    # guards are no constants
    text = re.sub(r"^(#.*)/\*.*?\*/$", r"\1", text, flags=re.M)                      # what an included part is for
    text = re.sub(r"^(    u?int32_t reserved_zero;)$", r"\1 /* 0 */", text, flags=re.M)
    lines = []
    for line in text.split("\n"):
        if re.match(r"\s*/\* (?!=)", line):
            line = line.replace("/* ", "/** ", 1)
        elif re.search(r"\S\s+/\* ", line) and not line.lstrip().startswith(("*", "/*", "#")):
            line = re.sub(r"/\* ", "/**< ", line, count=1)
        elif line == "enum {":
            line = "/** Its values. */\nenum {"
        lines.append(line)
    return "\n".join(lines)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as header:
        sys.stdout.write(marked(header.read()))
