#!/usr/bin/env python3
"""layout.c pins every field of every public struct, every struct's size and every enumerator.

check_pins.py HEADERS LAYOUT"""
import pathlib
import re
import sys

import header


def missing(headers, layout):
    text = re.sub(r"\s+", " ", layout)
    for struct, fields in header.structs(headers).items():
        for field in fields:
            if field != "reserved_zero" and not re.search(rf"AT\({struct}, {field}, \d+\)", text):
                yield f"AT({struct}, {field}, ...);"
        if f"sizeof({struct}) ==" not in text:
            yield f"_Static_assert(sizeof({struct}) == ..., \"{struct}\");"
    for name in header.enumerators(headers):
        if not re.search(rf"IS\({name}, -?\d+\)", text):
            yield f"IS({name}, ...);"


def main(headers, layout):
    found = list(missing(headers, pathlib.Path(layout).read_text(encoding="utf-8")))
    if found:
        print(f"to be added to {layout}:", *found, sep="\n")
    return 1 if found or not header.structs(headers) or not header.enumerators(headers) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
