"""What the public headers declare: functions, structs with their fields, enumerators."""
import pathlib
import re


def text_of(folder):
    """The headers of include/pvgame as one text without comments, preprocessor lines and `extern "C"`."""
    paths = sorted(pathlib.Path(folder).glob("*.h"))
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"^\s*#(.*\\\n)*.*$", "", text, flags=re.M)
    return re.sub(r'extern "C" \{', "", text)


def functions(folder):
    """{name: is it unstable}"""
    found = re.findall(r"\bPVG_(UNSTABLE_)?API\b[^;(]*?\b(pvg_\w+)\s*\(", text_of(folder))
    return {name: bool(unstable) for unstable, name in found}


def structs(folder):
    """{name: [field]} of the structs whose fields programs see."""
    result = {}
    for body, name in re.findall(r"typedef struct \w+ \{(.*?)\} (\w+);", text_of(folder), flags=re.S):
        hooks = re.findall(r"\(\*(\w+)\)\([^;]*\)", body)
        plain = re.sub(r"[^;]*\(\*\w+\)\([^;]*\);", "", body)
        fields = [re.findall(r"\w+", part)[-1] for line in plain.split(";") for part in line.split(",") if part.strip()]
        result[name] = fields + hooks
    return result


def enumerators(folder):
    bodies = re.findall(r"\benum \{(.*?)\}", text_of(folder), flags=re.S)
    return [name for body in bodies for name in re.findall(r"(PVG_\w+)\s*=", body)]
