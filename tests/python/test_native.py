"""The ctypes layer says what the header says: all of it, at the right places."""
import ctypes
import importlib.util
import re
import subprocess
import sys
import tempfile
import unittest

from support import PACKAGE, ROOT, Case

from pvgame import _native, errors
from pvgame._library import lib

HEADER = "".join(path.read_text() for path in sorted((ROOT / "include" / "pvgame").glob("*.h")))
CODE = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.S)


def generator():
    spec = importlib.util.spec_from_file_location("generate", PACKAGE / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Native(Case):
    def test_generating_again_gives_the_same_files(self):
        done = subprocess.run([sys.executable, "-B", str(PACKAGE / "generate.py"), "--check"], capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_function_is_declared_and_exported(self):
        named = set(re.findall(r"PVG_\w*API\b[^;(]*?\b(pvg_\w+)\s*\(", CODE))
        self.assertGreater(len(named), 100)
        self.assertEqual(named, set(_native.FUNCTIONS))
        for name in named:
            self.assertTrue(hasattr(lib, name), name)

    def test_every_parameter_is_declared(self):
        for name, parameters in re.findall(r"\b(pvg_\w+)\s*\(([^()]*)\);", CODE):
            count = 0 if parameters.strip() == "void" else parameters.count(",") + 1
            self.assertEqual(len(_native.FUNCTIONS[name][1]), count, name)

    def test_every_constant_is_there_with_its_value(self):
        values = dict(re.findall(r"\b(PVG_[A-Z0-9_]+)\s*=\s*(-?\d+)", CODE))
        self.assertGreater(len(values), 40)
        for name, value in values.items():
            self.assertEqual(getattr(_native, name), int(value), name)

    def test_every_struct_and_opaque_type_is_there(self):
        structs = set(re.findall(r"typedef struct (\w+) \{", CODE))
        opaque = set(re.findall(r"typedef struct (\w+) \1;", CODE))
        self.assertEqual({name for name in structs if issubclass(getattr(_native, name), ctypes.Structure)}, structs)
        self.assertEqual({name for name in opaque if issubclass(getattr(_native, name), ctypes.c_void_p)}, opaque)

    @unittest.skipIf(ctypes.sizeof(ctypes.c_void_p) != 8, "the pinned numbers are of 64-bit machines")
    def test_structs_are_laid_out_as_pinned(self):
        pinned = (ROOT / "tests" / "abi" / "layout.c").read_text()
        offsets = re.findall(r"^AT\((pvg_\w+), (\w+), (\d+)\);", pinned, flags=re.M)
        sizes = re.findall(r"sizeof\((pvg_\w+)\) == (\d+)", pinned)
        self.assertGreater(len(offsets), 30)
        for struct, field, offset in offsets:
            self.assertEqual(getattr(getattr(_native, struct), field).offset, int(offset), f"{struct}.{field}")
        for struct, size in sizes:
            self.assertEqual(ctypes.sizeof(getattr(_native, struct)), int(size), struct)

    def test_every_status_has_an_exception(self):
        failures = {status for status in _native.Status if status != _native.Status.OK}
        self.assertEqual(set(errors.BY_STATUS), failures)

    def test_what_is_not_understood_is_an_error(self):
        generate = generator()
        for text in ("PVG_API long double pvg_x(void);", "union u { int a; };", "PVG_API int32_t pvg_x(va_list a);",
                     "typedef int32_t pvg_x; enum { PVG_A = PVG_B };", "int left over"):
            with self.assertRaises((generate.HeaderError, AttributeError), msg=text):
                generate.Header(text)

    def test_objects_of_another_kind_are_refused(self):
        with self.assertRaises(ctypes.ArgumentError):
            lib.pvg_dataset_count(_native.pvg_model())

    def test_stubs_name_every_function(self):
        stub = (PACKAGE / "pvgame" / "_native.pyi").read_text()
        self.assertEqual(set(re.findall(r"def (pvg_\w+)\(", stub)), set(_native.FUNCTIONS))

    def test_types(self):
        mypy = subprocess.run([sys.executable, "-m", "mypy", "--version"], capture_output=True, check=False)
        if mypy.returncode != 0:
            self.skipTest("mypy is not installed")
        with tempfile.TemporaryDirectory() as cache:
            done = subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", cache], cwd=PACKAGE, capture_output=True, text=True,
                                  check=False)
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
