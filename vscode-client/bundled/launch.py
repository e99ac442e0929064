"""Starts the Regreen server for the editor, or tells with `--probe` whether this interpreter can.

The libraries that ship with the extension come first on `sys.path`, in this process only: the environment is left
alone, so that the workspace's own tests never see them. Readable by every Python 3, to give the old ones an answer.
"""

import json
import os
import sys

OLDEST = (3, 11)
LIBRARIES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libs")


def _why_not():
    """Return why this interpreter cannot run the server, or ""."""
    if sys.version_info < OLDEST:
        return "is older than Python %d.%d" % OLDEST
    try:
        import pydantic_core
        import tree_sitter

        import regreen
    except ImportError as error:
        return "cannot load the server: %s" % error
    del pydantic_core, tree_sitter, regreen
    return ""


def _use_libraries():
    """Put the shipped libraries first, unless their compiled parts are made for another Python."""
    sys.path[:] = [path for path in sys.path if path != os.path.dirname(LIBRARIES)]
    if not os.path.isdir(LIBRARIES):
        return
    sys.path.insert(0, LIBRARIES)
    if not _why_not():
        return
    sys.path.remove(LIBRARIES)
    for name in [name for name in sys.modules if name.split(".")[0] in ("pydantic_core", "tree_sitter", "regreen")]:
        del sys.modules[name]


if __name__ == "__main__":
    _use_libraries()
    if sys.argv[1:] == ["--probe"]:
        version = "%d.%d.%d" % sys.version_info[:3]
        json.dump({"version": version, "problem": _why_not()}, sys.stdout)
        sys.exit(0)
    from regreen.cli import main

    sys.exit(main())
