"""Finding the shared library, or saying where it was looked for."""
import os
import shutil
import subprocess
import sys
import unittest

from support import PACKAGE, Case, python

from pvgame import _library

FOUND = os.path.abspath(_library.path) if os.sep in _library.path else None


class Library(Case):
    def test_a_wrong_file_is_named_and_nothing_else_is_tried(self):
        done = python("import pvgame", environment={"PVGAME_LIBRARY": "/nowhere/libpvgame.so.0"})
        self.assertEqual(done.returncode, 1)
        self.assertIn("LibraryNotFound: libpvgame was not found. Set PVGAME_LIBRARY", done.stderr)
        self.assertIn("  /nowhere/libpvgame.so.0: no such file", done.stderr)
        self.assertEqual(done.stderr.count("libpvgame.so.0"), 1)

    def test_a_file_that_is_no_library_is_said_to_be_none(self):
        path = self.folder() / "libpvgame.so.0"
        path.write_text("hello")
        done = python("import pvgame", environment={"PVGAME_LIBRARY": str(path)})
        self.assertIn(f"{path}: ", done.stderr)
        self.assertRegex(done.stderr, "too short|invalid ELF")

    def test_another_library_is_said_to_lack_the_functions(self):
        done = python("import pvgame", environment={"PVGAME_LIBRARY": "libm.so.6"})
        self.assertIn("undefined symbol: pvg_abi_accepts", done.stderr)

    def test_every_place_is_listed(self):
        package = self.folder() / "elsewhere" / "deep" / "site-packages"
        shutil.copytree(PACKAGE / "pvgame", package / "pvgame", ignore=shutil.ignore_patterns("__pycache__", "lib"))
        program = ("import os, sys; os.environ.pop('PVGAME_LIBRARY', None); sys.path.insert(0, %r)\n"
                   "import importlib.util, ctypes\n"
                   "real = ctypes.CDLL\n"
                   "def refuse(name, *rest):\n    raise OSError(f'{name}: cannot open shared object file')\n"
                   "ctypes.CDLL = refuse\n"
                   "import pvgame") % str(package)
        done = subprocess.run([sys.executable, "-B", "-c", program], capture_output=True, text=True, check=False)
        for place in (f"{package}/pvgame/lib/libpvgame.so.0: no such file", "  libpvgame.so.0: cannot open", "/usr/local/lib/libpvgame.so.0"):
            self.assertIn(place, done.stderr)

    def test_the_build_tree_is_found(self):
        root = self.folder()
        shutil.copytree(PACKAGE / "pvgame", root / "bindings" / "python" / "pvgame",
                        ignore=shutil.ignore_patterns("__pycache__", "lib"))
        (root / "include" / "pvgame").mkdir(parents=True)
        (root / "include" / "pvgame" / "pvgame.h").touch()
        (root / "build" / "mine").mkdir(parents=True)
        (root / "build" / "mine" / "libpvgame.so.0").touch()
        program = ("import os, sys; sys.path.insert(0, %r)\n"
                   "import pvgame._library as found\n"
                   "del os.environ['PVGAME_LIBRARY']\n"
                   "print([path for path in found.candidates()])") % str(root / "bindings" / "python")
        done = subprocess.run([sys.executable, "-B", "-c", program], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        for place in ("bindings/python/pvgame/lib/libpvgame.so.0", "build/release/libpvgame.so.0", "build/mine/libpvgame.so.0"):
            self.assertIn(str(root / place), done.stdout)

    @unittest.skipIf(FOUND is None, "the library was found by the system's loader")
    def test_a_folder_may_be_named(self):
        said = self.runs("import pvgame, pvgame._library as found; print(found.path, pvgame.version())",
                         environment={"PVGAME_LIBRARY": os.path.dirname(FOUND)})
        self.assertEqual(said.split()[0], os.path.join(os.path.dirname(FOUND), "libpvgame.so.0"))

    def test_a_library_of_another_version_is_refused(self):
        tried = []
        _library._native.PVG_VERSION_MINOR += 90
        try:
            self.assertIsNone(_library.open_library(_library.path, tried))
        finally:
            _library._native.PVG_VERSION_MINOR -= 90
        self.assertRegex(tried[0], r"is version 0\.\d+\.\d+, and this package is made for 0\.9\d$")


if __name__ == "__main__":
    unittest.main()
