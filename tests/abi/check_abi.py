#!/usr/bin/env python3
"""The library is compatible with what programs were linked against: abidiff (Debian: abigail-tools) compares its functions,
types and symbol versions with those of an earlier version, kept in BASELINE. New functions are welcome, and structs (all
begin with struct_size) may grow at their end; everything else that programs could notice is a failure.

check_abi.py LIBRARY HEADERS BASELINE              exit 77, "skipped", without abidiff or debug information
check_abi.py LIBRARY HEADERS BASELINE --write      keep this library as the baseline: at a release, not to silence a failure
check_abi.py LIBRARY HEADERS BASELINE --self-test  a baseline that the library breaks is noticed"""
import lzma
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

QUIET = ["--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--no-elf-needed", "--no-parameter-names"]


def describe(library, headers):
    command = ["abidw", "--headers-dir", headers, "--drop-private-types", "--exported-interfaces-only", *QUIET, library]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def fields(struct):
    return [(field.get("layout-offset-in-bits"), field[0].get("name")) for field in struct.findall("data-member")]


def cut_to(baseline, now):
    """The description `now` with structs that grew at their end cut to what they were. (abidiff could be told to accept
    such growth, but then overlooks fields that changed places.)"""
    tree = ElementTree.fromstring(now)
    old = {struct.get("name"): struct for struct in ElementTree.fromstring(baseline).iter("class-decl")}
    for struct in tree.iter("class-decl"):
        was = old.get(struct.get("name"))
        if was is None or fields(struct)[:len(fields(was))] != fields(was):
            continue
        for field in struct.findall("data-member")[len(fields(was)):]:
            struct.remove(field)
        if was.get("size-in-bits") is not None:
            struct.set("size-in-bits", was.get("size-in-bits"))
    return ElementTree.tostring(tree, encoding="unicode")


def compare(baseline, now):
    """0 when compatible, and what abidiff says. (Of a library itself it would drop types that lack a place in the headers,
    and with them what changed in them.)"""
    with tempfile.TemporaryDirectory() as folder:
        old, new = pathlib.Path(folder, "old.abi"), pathlib.Path(folder, "new.abi")
        old.write_text(baseline)
        new.write_text(cut_to(baseline, now))
        done = subprocess.run(["abidiff", "--no-added-syms", old, new], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def self_test(baseline, now):
    hooks = re.search(r"<class-decl name='pvg_hooks'.*?</class-decl>", baseline, flags=re.S)[0]
    swapped = hooks.replace("'64'", "'?'").replace("'128'", "'64'").replace("'?'", "'128'")
    longer = re.sub(r"(<data-member [^>]*)'256'(.*?)'user'(.*?</data-member>)", r"\g<0>\1'320'\2'more'\3", hooks, flags=re.S)
    broken = {"a function that is gone": baseline.replace("pvg_version_number", "pvg_version_of_old"),
              "another version node": baseline.replace("version='PVGAME_0'", "version='PVGAME_OLD'", 1),
              "fields that changed places": baseline.replace(hooks, swapped),
              "a field that is gone": baseline.replace(hooks, longer.replace("'320' is", "'384' is"))}
    silent = [what for what, text in broken.items() if text == baseline or compare(text, now)[0] == 0]
    shorter = re.sub(r"<data-member [^>]*'256'.*?</data-member>", "", hooks, flags=re.S).replace("'320'", "'256'")
    if shorter == hooks or compare(baseline.replace(hooks, shorter), now)[0] != 0:
        silent.append("that a struct may grow")
    print("\n".join(f"not noticed: {what}" for what in silent))
    return 1 if silent else 0


def main(library, headers, kept, *options):
    if shutil.which("abidiff") is None:
        print("skipped: abidiff is missing (apt-get install abigail-tools)")
        return 77
    now = describe(library, headers)
    if "name='pvg_hooks'" not in now:
        print("skipped: the library was built without debug information (-g)")
        return 77
    if "--write" in options:
        pathlib.Path(kept).write_bytes(lzma.compress(now.encode(), preset=9))
        return 0
    baseline = lzma.decompress(pathlib.Path(kept).read_bytes()).decode()
    if "--self-test" in options:
        return self_test(baseline, now)
    status, said = compare(baseline, now)
    if status != 0:
        print(said)
    return 1 if status != 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
