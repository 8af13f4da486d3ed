"""Installing: a wheel that carries the library, made and used in an environment of its own, without a network."""
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from support import PACKAGE, ROOT, Case

from pvgame import _library


def lacks(*modules):
    return subprocess.run([sys.executable, "-c", "import " + ", ".join(modules)], capture_output=True, check=False).returncode != 0


@unittest.skipIf(lacks("setuptools", "wheel", "pip", "venv"), "python3-pip, python3-setuptools, python3-wheel or python3-venv is not there")
class Package(Case):
    def setUp(self):
        self.root = self.folder()
        self.source = self.root / "pvgame"
        shutil.copytree(PACKAGE, self.source, ignore=shutil.ignore_patterns("build", "lib", "*.egg-info", "__pycache__"))

    def run_in(self, *command, **environment):
        here = {name: value for name, value in os.environ.items() if name not in ("PVGAME_LIBRARY", "PYTHONPATH")}
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.root, env={**here, **environment})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def pip(self, *arguments, **environment):
        return self.run_in(sys.executable, "-m", "pip", *arguments, "--disable-pip-version-check", "--no-build-isolation", "--no-deps",
                           "--no-index", **environment)

    def installed(self, wheel):
        self.run_in(sys.executable, "-m", "venv", "--without-pip", "env")
        python = str(self.root / "env" / "bin" / "python3")
        site = self.run_in(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
        self.run_in(sys.executable, "-m", "zipfile", "-e", str(wheel), site)
        return python, pathlib.Path(site)

    def test_a_wheel_that_carries_the_library(self):
        self.pip("wheel", "-w", ".", str(self.source), PVGAME_LIBRARY=_library.path)
        wheel, = self.root.glob("*.whl")
        self.assertRegex(wheel.name, r"^pvgame-[\d.]+-py3-none-linux_\w+\.whl$")
        python, site = self.installed(wheel)
        said = self.run_in(python, "-c", "import pvgame, pvgame._library; print(pvgame._library.path)\n"
                                         "print(len(pvgame.Dataset.generate(3, 'tiny')))")
        self.assertEqual(said.split(), [str(site / "pvgame" / "lib" / "libpvgame.so.0"), "3"])
        self.assertTrue((site / "pvgame" / "py.typed").exists())
        self.assertTrue((site / "pvgame" / "_native.pyi").exists())

    def test_a_wheel_without_one_finds_the_systems(self):
        self.pip("wheel", "-w", ".", str(self.source))
        wheel, = self.root.glob("*.whl")
        self.assertRegex(wheel.name, r"-py3-none-any\.whl$")
        python, _ = self.installed(wheel)
        said = self.run_in(python, "-c", "import pvgame; print(pvgame.version())",
                           LD_LIBRARY_PATH=os.path.dirname(os.path.abspath(_library.path)))
        self.assertEqual(said.split()[0].split(".")[0], "0")

    def test_the_versions_agree(self):
        import pvgame
        self.assertEqual(pvgame.__version__, pvgame.version())
        self.assertIn(f"VERSION {pvgame.__version__} ", (ROOT / "CMakeLists.txt").read_text())


if __name__ == "__main__":
    unittest.main()
