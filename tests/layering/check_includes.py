#!/usr/bin/env python3
"""One way down: a file of lib/<layer> includes its own layer or lower ones; some headers belong to one file."""
import pathlib
import re
import sys
import tempfile

RANK = {"base": 0, "compute": 1, "model": 2, "learn": 3, "game": 4, "api": 5}
ONLY = {"pthread.h": {"base/workers.c"}, "cblas.h": {"compute/blas.c"}, "pvgame/pvgame.h": "api"}
LONGEST = 800
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)


def problems(root):
    names = {}
    for path in sorted((root / "lib").rglob("*.[ch]")):
        inside = path.relative_to(root / "lib").as_posix()
        layer = inside.split("/")[0]
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > LONGEST:
            yield f"{inside}: more than {LONGEST} lines"
        if names.setdefault(path.name, inside) != inside:
            yield f"{inside}: same file name as {names[path.name]}"
        for header in INCLUDE.findall(text):
            target = header.split("/")[0]
            if target in RANK and RANK[target] > RANK[layer]:
                yield f"{inside}: includes {header}, which is above it"
            owner = ONLY.get(header)
            if isinstance(owner, set) and inside not in owner or isinstance(owner, str) and layer != owner:
                yield f"{inside}: only {owner} may include {header}"


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "lib/base").mkdir(parents=True)
        (root / "lib/base/low.c").write_text('#include "model/model.h"\n#include <pthread.h>\n')
        found = list(problems(root))
    return 0 if len(found) == 2 else 1


if __name__ == "__main__":
    if sys.argv[1] == "--self-test":
        sys.exit(self_test())
    found = list(problems(pathlib.Path(sys.argv[1])))
    print("\n".join(found))
    sys.exit(1 if found else 0)
