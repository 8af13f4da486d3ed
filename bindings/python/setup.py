"""Packs the library with the package when there is one: PVGAME_LIBRARY (a file or a folder), else that of build/release.

Without one the package alone is installed, which then finds what the system has."""
import os
import pathlib
import shutil

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

try:
    from setuptools.command.bdist_wheel import bdist_wheel  # from setuptools 70 on
except ImportError:
    from wheel.bdist_wheel import bdist_wheel

NAME = "libpvgame.so.0"
HERE = pathlib.Path(__file__).resolve().parent


def library():
    named = os.environ.get("PVGAME_LIBRARY")
    if not named:
        built = HERE.parents[1] / "build" / "release" / NAME
        return built if built.exists() else None
    path = pathlib.Path(named)
    path = path / NAME if path.is_dir() else path
    if not path.exists():
        raise SystemExit(f"PVGAME_LIBRARY: {path} does not exist")
    return path


class BuildWithLibrary(build_py):
    def run(self):
        super().run()
        carried = library()
        if carried is not None and not self.editable_mode:
            target = pathlib.Path(self.build_lib, "pvgame", "lib")
            target.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(carried.resolve(), target / NAME)


class PlatformDistribution(Distribution):
    def has_ext_modules(self):
        return library() is not None


class PlatformWheel(bdist_wheel):
    """No part of the package depends on the version of Python; the library that it carries depends on the machine."""

    def get_tag(self):
        python, abi, platform = super().get_tag()
        return ("py3", "none", platform if library() is not None else "any")


setup(distclass=PlatformDistribution, cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel})
