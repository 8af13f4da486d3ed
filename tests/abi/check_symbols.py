#!/usr/bin/env python3
"""The library exports what symbols.txt lists, the header declares the same, and nothing else leaks out.

check_symbols.py LIBRARY HEADER LIST [--write]"""
import pathlib
import re
import subprocess
import sys


def exported(library):
    listing = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in listing.splitlines()]
    return {row[2].split("@")[0] for row in rows if len(row) == 3 and row[1] in "TDBRWV"}


def declared(header):
    text = re.sub(r"/\*.*?\*/", "", pathlib.Path(header).read_text(encoding="utf-8"), flags=re.S)
    return set(re.findall(r"PVG_API[^;(]*?\b(pvg_\w+)\s*\(", text))


def main(library, header, pinned, *options):
    names = exported(library)
    if "--write" in options:
        pathlib.Path(pinned).write_text("\n".join(sorted(names)) + "\n")
        return 0
    wanted = set(pathlib.Path(pinned).read_text().split())
    complaints = [f"exported but not in {pinned}: {name}" for name in sorted(names - wanted)]
    complaints += [f"in {pinned} but not exported: {name}" for name in sorted(wanted - names)]
    complaints += [f"declared but not exported: {name}" for name in sorted(declared(header) - names)]
    complaints += [f"exported but not declared: {name}" for name in sorted(names - declared(header))]
    print("\n".join(complaints))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
