#!/usr/bin/env python3
"""The C++ wrapper uses every stable function of the public headers.

check_wrapped.py ROOT"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(root / "tests/abi"))
import header  # noqa: E402

wrapper = "".join(path.read_text(encoding="utf-8") for path in (root / "bindings/cpp/include/pvgame").glob("*.hpp"))
used = set(re.findall(r"\bpvg_\w+", wrapper))
missing = sorted(name for name, unstable in header.functions(root / "include/pvgame").items() if not unstable and name not in used)
print(*(f"not wrapped by bindings/cpp: {name}" for name in missing), sep="\n")
sys.exit(1 if missing or not used else 0)
