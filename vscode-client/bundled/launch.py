"""Starts the Regreen server for the editor, or tells with `--probe` whether this interpreter can.

The libraries that ship with the extension come first on `sys.path`, in this process only: the environment is left
alone, so that the workspace's own tests never see them. Readable by Python 3.6, to give the old ones an answer.
"""

import json
import sys
from pathlib import Path

OLDEST = (3, 11)
HERE = Path(__file__).resolve().parent
LIBRARIES = HERE / "libs"
COMPILED = ("pydantic_core", "tree_sitter")  # made for one platform, and one folder for each Python
COMPILED_LIBRARIES = HERE / "libs-cp{}{}".format(*sys.version_info[:2])


def _why_not():
    """Return why this interpreter cannot run the server, or ""."""
    if sys.version_info < OLDEST:
        return "is older than Python {}.{}".format(*OLDEST)
    try:
        for name in (*COMPILED, "regreen"):
            __import__(name)
    except ImportError as error:
        return f"cannot load the server: {error}"
    return ""


def _use_libraries():
    """Put the shipped libraries first, unless none of their compiled parts are made for this Python and platform."""
    sys.path[:] = [path for path in sys.path if Path(path) != HERE]
    if not LIBRARIES.is_dir():
        return
    shipped = [str(LIBRARIES), str(COMPILED_LIBRARIES)]
    sys.path[:0] = shipped
    if not _why_not():
        return
    sys.path[:] = [path for path in sys.path if path not in shipped]
    for name in [name for name in sys.modules if name.split(".")[0] in (*COMPILED, "regreen")]:
        del sys.modules[name]


if __name__ == "__main__":
    _use_libraries()
    if sys.argv[1:] == ["--probe"]:
        version = ".".join(str(part) for part in sys.version_info[:3])
        json.dump({"version": version, "problem": _why_not()}, sys.stdout)
        sys.exit(0)
    from regreen.cli import main

    sys.exit(main())
