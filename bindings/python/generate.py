#!/usr/bin/env python3
"""Writes pvgame/_native.py and pvgame/_native.pyi: the whole public header as ctypes declarations.

    generate.py           write both files
    generate.py --check   exit 1 when they are not what the header gives

The header is written for this: fixed-width integers, no bit fields, no unions, no variadic functions. Whatever is not
understood is an error, so that nothing of the header can be missed."""
import pathlib
import re
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
INCLUDE = HERE.parents[1] / "include" / "pvgame"
PACKAGE = HERE / "pvgame"
NOTICE = "Generated from include/pvgame/pvgame.h by generate.py: do not edit."

SCALARS = {"int32_t": "c_int32", "uint32_t": "c_uint32", "int64_t": "c_int64", "uint64_t": "c_uint64", "size_t": "c_size_t",
           "double": "c_double", "float": "c_float"}
REALS = {"c_double", "c_float"}


VALUES = """

class Values(IntEnum):
    @classmethod
    def _missing_(cls, value):
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)  # a newer library's: programs must expect values that they do not know
        member._name_, member._value_ = f"UNKNOWN_{value}", value
        return member"""


class HeaderError(Exception):
    pass


class Header:
    """What the header declares, each in the header's order. Docs are the comments right before a declaration."""

    def __init__(self, text):
        self.constants = {}   # name: value
        self.aliases = {}     # name of an int32_t: {enumerator: value}
        self.opaque = {}      # name: doc
        self.structs = {}     # name: ({field: ctype}, doc)
        self.callbacks = {}   # name: (result, [ctype])
        self.functions = {}   # name: (result, [(parameter, ctype)], doc)
        for doc, declaration in declarations(self.define(text)):
            self.declare(doc, declaration)

    def define(self, text):
        """The text without its preprocessor lines; the macros that are numbers become constants."""
        text = re.sub(r"#ifdef __cplusplus\n.*?#endif\n", "", text, flags=re.S)
        for name, value in re.findall(r"^#\s*define\s+(PVG_\w+)\s+(.+)$", text, flags=re.M):
            if re.fullmatch(r"\d+", value):
                self.constants[name] = int(value)
            elif value == "((size_t)-1)":
                self.constants[name] = "c_size_t(-1).value"
        return re.sub(r"^\s*#(.*\\\n)*.*$", "", text, flags=re.M)

    def declare(self, doc, text):
        if found := re.fullmatch(r"typedef struct (\w+) \1", text):
            self.opaque[found[1]] = doc
        elif found := re.fullmatch(r"typedef struct (\w+) \{(.*)\} \1", text):
            self.structs[found[1]] = (self.fields(found[1], found[2]), doc)
        elif found := re.fullmatch(r"typedef int32_t (\w+)", text):
            self.aliases[found[1]] = {}
        elif found := re.fullmatch(r"typedef (.+?)\(\*(\w+)\)\((.*)\)", text):
            self.callback(found[2], found[1], found[3])
        elif found := re.fullmatch(r"enum \{(.*)\}", text):
            self.enumerators(found[1])
        elif found := re.fullmatch(r"PVG_\w*API (.+?)\b(pvg_\w+)\((.*)\)", text):
            self.functions[found[2]] = (self.ctype(found[1]), self.parameters(found[3]), doc)
        else:
            raise HeaderError(f"not understood: {text}")

    def fields(self, struct, text):
        fields = {}
        for part in filter(None, map(str.strip, text.split(";"))):
            if found := re.fullmatch(r"(.+?)\(\*(\w+)\)\((.*)\)", part):
                fields[found[2]] = self.callback(f"{struct}_{found[2]}_fn", found[1], found[3])
                continue
            kind, names = re.fullmatch(r"(.*?[\s*])(\w+(?:, \w+)*)", part).groups()
            for name in names.split(", "):
                fields[name] = self.ctype(kind)
        return fields

    def callback(self, name, result, parameters):
        self.callbacks[name] = (self.ctype(result), [kind for _, kind in self.parameters(parameters)])
        return name

    def enumerators(self, text):
        values = {}
        for part in filter(None, map(str.strip, text.split(","))):
            name, value = re.fullmatch(r"(PVG_\w+)\s*=\s*(-?\d+)", part).groups()
            values[name] = int(value)
        alias = list(self.aliases)[-1] if self.aliases else None
        if alias is None or self.aliases[alias]:
            raise HeaderError(f"enumerators of no type: {text}")
        self.aliases[alias] = values
        self.constants.update(values)

    def parameters(self, text):
        if text.strip() == "void":
            return []
        parameters = []
        for part in text.split(","):
            kind, name, array = re.fullmatch(r"(.*?[\s*])(\w+)(\[\d+\])?", part.strip()).groups()
            parameters.append((name, self.ctype(kind + ("*" if array else ""))))
        return parameters

    def ctype(self, text):
        base = re.sub(r"\bconst\b|\*|\s", "", text)
        stars = text.count("*")
        if base == "void":
            return {0: "None", 1: "c_void_p"}[stars]
        if base == "char":
            if stars == 1:
                return "c_char_p" if "const" in text else "POINTER(c_char)"
            # texts that the library gives have a length and no NUL: c_char_p would read on
            return "POINTER(c_char_p)" if re.search(r"\*\s*const\s*\*", text) else "POINTER(c_void_p)"
        if base in self.opaque:
            return {1: base, 2: f"POINTER({base})"}[stars]
        if base in self.structs or base in self.callbacks:
            return {0: base, 1: f"POINTER({base})"}[stars]
        kind = "c_int32" if base in self.aliases else SCALARS.get(base)
        if kind is None or stars > 1:
            raise HeaderError(f"unknown type: {text}")
        return f"POINTER({kind})" if stars else kind


def declarations(text):
    """(doc, declaration) for everything that ends in a semicolon outside of braces, whitespace evened out."""
    comments = []

    def keep(found):
        comments.append(found[0])
        return f"\x01{len(comments) - 1}\x02"

    text = re.sub(r"/\*.*?\*/", keep, text, flags=re.S)
    depth, begin = 0, 0
    for at, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if letter == ";" and depth == 0:
            part, begin = text[begin:at], at + 1
            # a comment on a line of its own speaks of what follows; one at the end of a line of what stands before it
            above = re.search(r"\n\s*\x01(\d+)\x02\s*(?=[^\s\x01])[^\x01]*$", part.split("{")[0])
            doc = comment_text(comments[int(above[1])]) if above else ""
            yield doc, " ".join(re.sub(r"\x01\d+\x02", " ", part).split()).replace("( ", "(")
    left = re.sub(r"\x01\d+\x02", "", text[begin:]).strip()
    if left:
        raise HeaderError(f"not understood: {left}")


def comment_text(comment):
    lines = [re.sub(r"^\s*\*? ?", "", line).rstrip() for line in comment[2:-2].splitlines()]
    text = "\n".join(lines).strip()
    return "" if re.match(r"=+|-+ ", text) else text.replace("\\", "\\\\").replace('"""', "'''")


def class_name(alias):
    return "".join(word.capitalize() for word in alias.split("_")[1:])


def members(alias, values):
    """Enumerators without what they share: PVG_ROLE_HELPFUL is Role.HELPFUL, PVG_E_IO is Status.E_IO."""
    shared = next(prefix for prefix in ("PVG_" + class_name(alias).upper() + "_", "PVG_INJECT_", "PVG_REQUEST_", "PVG_SETTING_",
                                        "PVG_LOG_", "PVG_")
                  if all(name.startswith(prefix) for name in values))
    return [(name[len(shared):], value) for name, value in values.items()]


def imports(header):
    body = repr([header.structs, header.callbacks, header.functions])
    return sorted(name for name in {"CFUNCTYPE", "POINTER", "Structure", "c_void_p", "c_char", "c_char_p", *SCALARS.values()}
                  if name in ("CFUNCTYPE", "Structure", "c_size_t", "c_void_p") or re.search(rf"\b{name}\b", body))


def native(header):
    yield f'"""{NOTICE}"""'
    yield "from ctypes import (" + textwrap.fill(", ".join(imports(header)), 110, subsequent_indent=" " * 20) + ")"
    yield "from enum import IntEnum\n"
    for name, value in header.constants.items():
        yield f"{name} = {value}"
    yield VALUES
    for alias, values in header.aliases.items():
        if values:
            yield f"\n\nclass {class_name(alias)}(Values):"
            yield from (f"    {name} = {value}" for name, value in members(alias, values))
    for name in header.opaque:
        yield f"\n\nclass {name}(c_void_p):\n    pass"
    yield "\n"
    for name, parts in ordered(header):
        if name in header.callbacks:
            yield f"{name} = CFUNCTYPE({', '.join([parts[0], *parts[1]])})"
        else:
            yield f"\n\nclass {name}(Structure):\n    _fields_ = ["
            yield from (f'        ("{field}", {kind}),' for field, kind in parts[0].items())
            yield "    ]\n\n"
    yield "\nFUNCTIONS = {"
    for name, (result, parameters, _) in header.functions.items():
        yield f'    "{name}": ({result}, [{", ".join(kind for _, kind in parameters)}]),'
    yield "}\n\n"
    yield "class Functions:"
    yield "    def __init__(self, library):"
    yield "        for name, (result, parameters) in FUNCTIONS.items():"
    yield "            function = getattr(library, name)"
    yield "            function.restype = result"
    yield "            function.argtypes = parameters"
    yield "            setattr(self, name, function)"


def ordered(header):
    """Callbacks and structs, each after what it is made of."""
    left = {**header.callbacks, **header.structs}
    while left:
        for name, parts in left.items():
            if not any(re.search(rf"\b{other}\b", repr(parts[:2] if name in header.callbacks else parts[0]))
                       for other in left if other != name):
                break
        yield name, left.pop(name)


def hint(kind, header, given):
    """The Python type that stands for a ctype, as an argument (given) or as a result."""
    if kind == "None":
        return "None"
    if kind.startswith("POINTER") or kind in header.structs or kind in header.callbacks:
        return "Any"
    if kind in header.opaque or kind in ("c_char_p", "c_void_p"):
        simple = {"c_char_p": "bytes", "c_void_p": "Any"}.get(kind, kind)
        return simple if simple == "Any" else f"Optional[{simple}]"
    return "float" if kind in REALS else "int"


def stub(header):
    yield f'"""{NOTICE}"""'
    yield "from ctypes import CDLL, Structure, c_void_p"
    yield "from enum import IntEnum"
    yield "from typing import Any, Dict, List, Optional, Tuple\n"
    yield "class Values(IntEnum): ...\n"
    for name in header.constants:
        yield f"{name}: int"
    for alias, values in header.aliases.items():
        if values:
            yield f"\nclass {class_name(alias)}(Values):"
            yield from (f"    {name} = {value}" for name, value in members(alias, values))
    for name, doc in header.opaque.items():
        yield f"\nclass {name}(c_void_p):" + (quoted(doc, 4) or " ...")
    for name in header.callbacks:
        yield f"\n{name}: Any"
    for name, (fields, doc) in header.structs.items():
        yield f"\nclass {name}(Structure):" + quoted(doc, 4)
        yield from (f"    {field}: {hint(kind, header, False)}" for field, kind in fields.items())
    yield "\nFUNCTIONS: Dict[str, Tuple[Any, List[Any]]]"
    yield "\nclass Functions:\n    def __init__(self, library: CDLL) -> None: ..."
    for name, (result, parameters, doc) in header.functions.items():
        arguments = ", ".join(["self", *(f"{parameter}: {hint(kind, header, True)}" for parameter, kind in parameters), "/"])
        yield f"    def {name}({arguments}) -> {hint(result, header, False)}:" + (quoted(doc, 8) or " ...")


def quoted(doc, indent):
    if not doc:
        return ""
    return "\n" + textwrap.indent('"""' + doc + (' ' if doc.endswith('"') else '') + '"""', " " * indent)


def read_header():
    manual = (INCLUDE / "pvgame.h").read_text(encoding="utf-8")
    parts = re.findall(r'^#include "(\w+\.h)"', manual, flags=re.MULTILINE)
    return Header("".join((INCLUDE / part).read_text(encoding="utf-8") for part in parts) + manual)


def outputs():
    header = read_header()
    return {PACKAGE / "_native.py": tidy(native(header)), PACKAGE / "_native.pyi": tidy(stub(header))}


def tidy(lines):
    return re.sub(r"\n{3,}", "\n\n\n", "\n".join(lines)).strip() + "\n"


def main(arguments):
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    stale = [path for path, text in outputs().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if arguments:
            print(f"{path.name} is not what the header gives: run bindings/python/generate.py", file=sys.stderr)
        else:
            path.write_text(outputs()[path], encoding="utf-8")
    return 1 if stale and arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
