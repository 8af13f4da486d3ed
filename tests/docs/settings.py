#!/usr/bin/env python3
"""docs/settings.md is what `pvgame settings` says, as tables.

settings.py PROGRAM DOCUMENT           exit 1 when it is not
settings.py PROGRAM DOCUMENT --write   write it"""
import pathlib
import subprocess
import sys

HEAD = """# Settings

A game is described by these values. On the command line: `--set name=value`, `--config FILE`, `--preset NAME`; in C
`pvg_settings_set`, in C++ `settings::set`. `pvgame settings WORD` prints those whose name or meaning holds a word.

(This page is written by `tests/docs/settings.py PROGRAM docs/settings.md --write`, out of `pvgame settings`.)
"""


def rows(program):
    """(name, meaning, default, what is possible) of every setting."""
    text = subprocess.run([program, "settings"], check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
    name, lines = None, []
    for line in text.split("\n") + [""]:
        if line.startswith("    "):
            lines.append(line.strip())
            continue
        if name and lines:
            default, _, possible = lines[-1].removeprefix("default:").strip().partition("; ")
            yield name, " ".join(lines[:-1]), default, possible
        name, lines = line.strip(), []


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;") or " "


def document(program):
    out, group = [HEAD], None
    for name, meaning, default, possible in rows(program):
        if name.split(".")[0] != group:
            group = name.split(".")[0]
            out.append(f"\n## {group}\n\n| setting | meaning | default | possible |\n|---|---|---|---|\n")
        shown = f"`{default}`".replace("|", "\\|") if default else " "
        out.append(f"| `{name}` | {cell(meaning)} | {shown} | {cell(possible)} |\n")
    return "".join(out)


def main(program, path, *options):
    wanted, path = document(program), pathlib.Path(path)
    if "--write" in options:
        path.write_text(wanted, encoding="utf-8")
        return 0
    if path.exists() and path.read_text(encoding="utf-8") == wanted:
        return 0
    print(f"{path} is not what `pvgame settings` says: {__file__} {program} {path} --write")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
