#!/usr/bin/env python3
"""The public headers are a manual: over 60 % of what is written in them (spaces aside) is comment, promises come first, and
every function has a comment of its own right before it.

check_header.py FOLDER"""
import pathlib
import re
import sys

ORDER = ("WHAT IT DOES", "ABI", "THREADS", "MEMORY AND LIFETIME", "ERRORS", "DETERMINISM")


def written(text):
    return len(re.sub(r"\s", "", text))


def main(folder):
    texts = {path.name: path.read_text(encoding="utf-8") for path in sorted(pathlib.Path(folder).glob("*.h"))}
    whole = "".join(texts.values())
    share = sum(map(written, re.findall(r"/\*.*?\*/", whole, flags=re.S))) / written(whole)
    found = [] if share > 0.6 else [f"{100 * share:.0f} % comment; over 60 are wanted"]
    places = [texts["pvgame.h"].find(f" * {heading}\n") for heading in ORDER]
    if -1 in places or places != sorted(places):
        found.append(f"pvgame.h is to begin with {', '.join(ORDER)}, in that order")
    for name, text in texts.items():
        found += [f"{name}: {function} has no comment right before it" for before, function in
                  re.findall(r"([^\n]*)\nPVG_(?:UNSTABLE_)?API\b[^;(]*?\b(pvg_\w+)\(", text) if not before.endswith("*/")]
    print(*found, f"{len(texts)} headers, {100 * share:.0f} % comment", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
