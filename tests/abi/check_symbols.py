#!/usr/bin/env python3
"""The library exports what symbols.txt lists, the headers declare the same, and nothing else leaks out. What is declared
PVG_UNSTABLE_API, and nothing else, is exported under the version node PVGAME_UNSTABLE.

check_symbols.py LIBRARY HEADERS LIST [--write]"""
import pathlib
import subprocess
import sys

import header


def exported(library):
    """{name: version node}"""
    listing = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in listing.splitlines()]
    return dict((row[2].replace("@@", "@") + "@").split("@")[:2] for row in rows if len(row) == 3 and row[1] in "TDBRWV")


def complaints(nodes, declared, pinned, wanted):
    names = set(nodes)
    yield from (f"exported but not in {pinned}: {name}" for name in sorted(names - wanted))
    yield from (f"in {pinned} but not exported: {name}" for name in sorted(wanted - names))
    yield from (f"declared but not exported: {name}" for name in sorted(set(declared) - names))
    yield from (f"exported but not declared: {name}" for name in sorted(names - set(declared)))
    for name in sorted(names & set(declared)):
        if declared[name] and nodes[name] != "PVGAME_UNSTABLE":
            yield f"declared PVG_UNSTABLE_API, so lib/api/pvgame.map must list it under PVGAME_UNSTABLE: {name}"
        if not declared[name] and nodes[name] == "PVGAME_UNSTABLE":
            yield f"under PVGAME_UNSTABLE in lib/api/pvgame.map, so it must be declared PVG_UNSTABLE_API: {name}"


def main(library, headers, pinned, *options):
    nodes = exported(library)
    if "--write" in options:
        pathlib.Path(pinned).write_text("\n".join(sorted(nodes)) + "\n")
        return 0
    found = list(complaints(nodes, header.functions(headers), pinned, set(pathlib.Path(pinned).read_text().split())))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
