"""Named, typed, bounded settings that describe a whole game."""
from __future__ import annotations

import ctypes
import html
import json
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, MutableMapping, Optional, SupportsFloat, SupportsIndex, Tuple, Union

from . import _native
from ._core import Core, Handle, lib, octets, string, whole
from ._native import SettingKind
from .context import Context, core_of

Value = Union[int, float, bool, str]


@dataclass(frozen=True)
class SettingInfo:
    """One setting of the library's list."""
    name: str
    summary: str
    kind: SettingKind
    default: str
    choices: Tuple[str, ...]   #: of a CHOICE
    lowest: Optional[float]    #: of INT and REAL, included
    highest: Optional[float]


@dataclass(frozen=True)
class PresetInfo:
    """One named preset of the library's list."""
    name: str
    summary: str


def _describe(index: int) -> SettingInfo:
    lowest, highest = ctypes.c_double(), ctypes.c_double()
    bounded = lib.pvg_setting_bounds(index, ctypes.byref(lowest), ctypes.byref(highest)) == _native.PVG_OK
    choices = string(lib.pvg_setting_choices(index))
    return SettingInfo(string(lib.pvg_setting_name(index)), string(lib.pvg_setting_summary(index)),
                       SettingKind(lib.pvg_setting_kind_of(index)), string(lib.pvg_setting_default(index)),
                       tuple(choices.split("|")) if choices else (),
                       lowest.value if bounded else None, highest.value if bounded else None)


_LIST: List[SettingInfo] = [_describe(index) for index in range(lib.pvg_setting_count())]
_KINDS: Dict[str, SettingKind] = {info.name: info.kind for info in _LIST}


def settings_list() -> List[SettingInfo]:
    """Every setting, with its meaning, bounds and default."""
    return list(_LIST)


def presets() -> List[PresetInfo]:
    """Every preset: settings under one name."""
    return [PresetInfo(string(lib.pvg_preset_name(index)), string(lib.pvg_preset_summary(index)))
            for index in range(lib.pvg_preset_count())]


class Settings(Handle, MutableMapping[str, Value]):
    """All settings of a game, by name: settings["prover.width"] = 64.

    Settings("tiny", {"seed": 3}) begins with a preset; without one all are at their defaults. Values are int, float, bool
    or str by the setting's kind; a text such as "3e-4" is read for any kind."""

    _destroy = lib.pvg_settings_destroy
    _kind = _native.pvg_settings

    def __init__(self, preset: Optional[str] = None, values: Optional[Mapping[str, Value]] = None, *,
                 context: Optional[Context] = None):
        super().__init__(core_of(context))
        self._core.call(lib.pvg_settings_create, self._core.pointer, ctypes.byref(self._pointer))
        if preset is not None:
            self.preset(preset)
        if values is not None:
            self.update(values)

    def preset(self, name: str) -> Settings:
        """Overlay a preset; what it does not name stays."""
        self._core.call(lib.pvg_settings_preset, self, octets(name, "preset"))
        return self

    def __getitem__(self, name: str) -> Value:
        kind = _KINDS.get(name)
        encoded = octets(name, "name")
        if kind in (SettingKind.INT, SettingKind.FLAG):
            whole = ctypes.c_int64()
            self._core.call(lib.pvg_settings_get_int, self, encoded, ctypes.byref(whole))
            return bool(whole.value) if kind == SettingKind.FLAG else whole.value
        if kind == SettingKind.REAL:
            real = ctypes.c_double()
            self._core.call(lib.pvg_settings_get_real, self, encoded, ctypes.byref(real))
            return real.value
        return self._text(encoded)

    def _text(self, name: bytes) -> str:
        where = ctypes.c_void_p()
        with self._core.lock:
            self._core.call(lib.pvg_settings_get, self, name, ctypes.byref(where))
            return ctypes.string_at(where.value or 0).decode("utf-8")

    def __setitem__(self, name: str, value: Value) -> None:
        encoded = octets(name, "name")
        if isinstance(value, str):
            self._core.call(lib.pvg_settings_set, self, encoded, octets(value, name))
        elif isinstance(value, SupportsIndex):
            self._core.call(lib.pvg_settings_set_int, self, encoded, whole(value, name, 64))
        elif isinstance(value, SupportsFloat):
            self._core.call(lib.pvg_settings_set_real, self, encoded, float(value))
        else:
            raise TypeError(f"{name}: a {type(value).__name__} is no setting's value")

    def __delitem__(self, name: str) -> None:
        raise TypeError("a setting cannot be removed: set it to its default")

    def __iter__(self) -> Iterator[str]:
        return (info.name for info in _LIST)

    def __len__(self) -> int:
        return len(_LIST)

    def __contains__(self, name: object) -> bool:
        return name in _KINDS

    def check(self) -> Settings:
        """Raise what does not fit together. Everything that takes settings asks the same."""
        self._core.call(lib.pvg_settings_check, self)
        return self

    def copy(self) -> Settings:
        return self._in(self._core)

    def _in(self, core: Core) -> Settings:
        """A copy that belongs to `core`."""
        copy: Settings = Settings.__new__(Settings)
        Handle.__init__(copy, core)
        if core is self._core:
            core.call(lib.pvg_settings_clone, self, ctypes.byref(copy._pointer))
            return copy
        core.call(lib.pvg_settings_create, core.pointer, ctypes.byref(copy._pointer))
        for info in _LIST:
            copy[info.name] = self._text(info.name.encode())
        return copy

    def to_yaml(self, *, comments: bool = False) -> str:
        """As a file that `pvgame train --config` reads; with comments each line says what it means."""
        return self._core.text(lib.pvg_settings_write, self, int(comments))

    def changed(self) -> Dict[str, Value]:
        """The settings that are not at their defaults."""
        with Settings() as defaults:
            return {name: value for name, value in self.items() if value != defaults[name]}

    def plan(self) -> Dict[str, Any]:
        """Memory that a game with these settings takes, in bytes, by player and purpose; nothing is allocated."""
        return dict(json.loads(self._core.text(lib.pvg_plan_describe, self._core.pointer, self)))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "<pvgame.Settings closed>" if self.closed else f"Settings({self.changed()!r})"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{html.escape(info.name)}</td><td>{html.escape(str(self[info.name]))}</td>"
                       f"<td style='text-align:left'>{html.escape(info.summary)}</td></tr>" for info in _LIST)
        return f"<table><tr><th>setting</th><th>value</th><th>meaning</th></tr>{rows}</table>"


#: What stands for settings: Settings, a preset's name, or values that differ from the defaults.
SettingsLike = Union[Settings, str, Mapping[str, Value], None]


def settings_in(core: Core, given: SettingsLike) -> Optional[Settings]:
    """`given` as Settings of that context; None stays None: the defaults."""
    if given is None:
        return None
    if isinstance(given, Settings):
        given._open()
        return given if given._core is core else given._in(core)
    made: Settings = Settings.__new__(Settings)
    Handle.__init__(made, core)
    core.call(lib.pvg_settings_create, core.pointer, ctypes.byref(made._pointer))
    if isinstance(given, str):
        return made.preset(given)
    made.update(given)
    return made
