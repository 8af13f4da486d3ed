#!/usr/bin/env python3
"""Writes the library as two files, pvgame.c and pvgame.h, to be compiled into a program with one command.

amalgamate.py ROOT FOLDER

Sources follow each other, layer by layer; their own headers stand where they are first included. What a source keeps to
itself (static functions, types, constants) gets the source's name appended, so that it meets no other and nothing of the system;
macros end with their source. Headers without a guard are meant to be included again and belong to the source."""
import pathlib
import re
import sys

LAYERS = ("base", "compute", "model", "learn", "game", "api")
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|#[ \t]*include[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|(?:\.|->)\s*[A-Za-z_]\w*|\b[A-Za-z_]\w*', re.S)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"[^\n]*\n', re.M)
HEAD = """/* libpvgame {version} in one file, made by cmake/amalgamate.py: do not edit. Compile it as C11:
 *   cc -std=c11 -O3 program.c pvgame.c $(pkg-config --cflags --libs jansson libxxhash libpcre2-8 libutf8proc gmp zlib) -lm -pthread
 * Matrix products are the library's own kernels; with -DPVG_BLAS_SHARED and $(pkg-config --cflags --libs openblas) OpenBLAS is
 * there as well. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#ifndef PVG_BLAS_SHARED
#define PVG_BLAS_NONE
#endif
"""


def find(root, name, beside):
    for folder in (beside, root / "lib", root / "include"):
        if (folder / name).is_file():
            return (folder / name).resolve()
    raise SystemExit(f"{name} is included, and nowhere to be found")


def public_header(root):
    folder = root / "include" / "pvgame"
    done = set()

    def expand(path):
        done.add(path.name)
        parts = lambda match: expand(folder / match[1]) if match[1] not in done else ""
        return INCLUDE.sub(parts, path.read_text(encoding="utf-8"))
    return expand(folder / "pvgame.h")


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def own_names(text):
    """What a source declares at file scope for itself alone."""
    text = re.sub(r"^[ \t]*#([^\n]*\\\n)*[^\n]*$", "", without_comments(text), flags=re.M)
    names = set()
    for line in re.findall(r"^(?:static|INLINE)\b[^\n;{=(]*[^;{=(]*", text, flags=re.M):
        names.update(re.findall(r"(\w+)\s*(?:\[[^\]]*\]\s*)*$", line.strip()))
    names.update(re.findall(r"^(?:typedef )?(?:struct|union) (\w+)\s*\{", text, flags=re.M))
    names.update(re.findall(r"^typedef [^{};]*?\b(\w+);", text, flags=re.M))
    names.update(re.findall(r"^typedef [^{};]*\(\*(\w+)\)", text, flags=re.M))
    names.update(re.findall(r"^\} (\w+)\b", text, flags=re.M))
    for body in re.findall(r"^(?:typedef )?enum(?: \w+)? \{(.*?)\}", text, flags=re.M | re.S):
        names.update(re.findall(r"(?:^|,)\s*(\w+)", body))
    return names - {"struct", "union", "enum", "const"}


def struct_bodies(text):
    """Where the bodies of structs and unions begin and end."""
    for match in re.finditer(r"\b(?:struct|union)\s*(?:\w+\s*)?\{", text):
        depth, at = 1, match.end()
        while depth > 0:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        yield match.end(), at


def renamed(text, names, suffix):
    """`text` with the identifiers `names` changed, but for members (declared in a struct, .name, ->name), comments, strings."""
    bodies = list(struct_bodies(text))

    def change(match):
        if match[0] not in names:
            return match[0]
        inside = any(begin <= match.start() < end for begin, end in bodies)
        is_type = re.match(r"\s+\**\w|\s*\*+\w", text[match.end():match.end() + 40])
        is_length = text[match.start() - 1] == "["
        return match[0] if inside and not is_type and not is_length else match[0] + suffix
    return TOKEN.sub(change, text)


class Amalgamation:
    def __init__(self, root):
        self.root = root
        self.headers = []  # resolved paths, in order of inclusion
        self.shown = {}    # header: its text, includes taken out
        self.units = []    # (name, text, headers first included here)

    def header(self, path, fresh):
        """Takes up a guarded header, and those it includes before it."""
        if path in self.shown:
            return
        self.shown[path] = None
        text = INCLUDE.sub(lambda m: self.include(m[1], path.parent, fresh), path.read_text(encoding="utf-8"))
        self.shown[path] = text
        fresh.append(path)

    def include(self, name, beside, fresh):
        path = find(self.root, name, beside)
        if path.parent == (self.root / "include/pvgame").resolve():
            return ""
        text = path.read_text(encoding="utf-8")
        if "#ifndef PVI_" not in text:
            return INCLUDE.sub(lambda m: self.include(m[1], path.parent, fresh), text)
        self.header(path, fresh)
        return ""

    def unit(self, path):
        fresh = []
        text = INCLUDE.sub(lambda m: self.include(m[1], path.parent, fresh), path.read_text(encoding="utf-8"))
        self.units.append((path.stem, text, fresh))

    def write(self, version):
        yield HEAD.replace("{version}", version) + '#include "pvgame.h"\n'
        for stem, text, fresh in self.units:
            for path in fresh:
                yield f"\n/* ---- {path.parent.name}/{path.name} ---- */\n\n{self.shown[path]}"
            own = {name for name in own_names(text) if not re.match(r"pv[gi]_|PV[GI]_", name)}
            macros = re.findall(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", text, flags=re.M)
            yield f"\n/* ---- {stem}.c ---- */\n\n#pragma GCC push_options\n{renamed(text, own, '__' + stem)}\n#pragma GCC pop_options\n"
            yield "".join(f"#undef {name}\n" for name in dict.fromkeys(macros) if not name.startswith("_"))


def main(root, folder):
    root, folder = pathlib.Path(root).resolve(), pathlib.Path(folder)
    header = public_header(root)
    version = ".".join(re.search(rf"#define PVG_VERSION_{part} (\d+)", header)[1] for part in ("MAJOR", "MINOR", "PATCH"))
    whole = Amalgamation(root)
    for layer in LAYERS:
        for path in sorted((root / "lib" / layer).glob("*.c")):
            whole.unit(path)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pvgame.h").write_text(header, encoding="utf-8")
    (folder / "pvgame.c").write_text("".join(whole.write(version)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
