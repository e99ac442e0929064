"""Where package managers keep a project's environment outside of it: by the rules of each, without asking it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping

from regreen.core.ports import Tree
from regreen.languages.manifest import Manifests, join

MINORS = range(8, 20)  # of Python 3
_CONDA_ROOTS = ("miniconda3", "miniforge3", "mambaforge", "anaconda3", "micromamba", ".conda")
_UNSAFE = re.compile(r'[ $`!*@"\\\r\n\t]')
_CONDA_NAME = re.compile(r"^name:\s*['\"]?([\w.-]+)", re.MULTILINE)


def kept_elsewhere(manifests: Manifests, above: tuple[str, ...], manager: str, name: str) -> Iterator[str]:
    """Yield the folders in which a manager may keep the environment of a project; `above` are its folder and up."""
    find = _PLACES.get(manager)
    if find is not None:
        for folder in above:
            yield from find(manifests, folder, name)


def conda_name(manifests: Manifests, folder: str) -> str:
    """Return the name that environment.yml gives to its environment, or ""."""
    read = (manifests.tree.read(join(folder, name)) for name in ("environment.yml", "environment.yaml"))
    found = _CONDA_NAME.search(next(filter(None, read), ""))
    return found[1] if found else ""


def _poetry(manifests: Manifests, folder: str, name: str) -> Iterator[str]:
    """Yield name, hash of the path, Python version."""
    home = manifests.tree.environment.get("HOME", "")
    cache = manifests.tree.environment.get("POETRY_CACHE_DIR") or f"{home}/.cache/pypoetry"
    stem = _UNSAFE.sub("_", name.lower())[:42]
    digest = _digest(_absolute(manifests.tree, folder))
    yield from (f"{cache}/virtualenvs/{stem}-{digest}-py3.{minor}" for minor in reversed(MINORS))


def _hatch(manifests: Manifests, folder: str, name: str) -> Iterator[str]:
    """Yield the environments for tests, of each Python of the matrix, then the default one."""
    environment = manifests.tree.environment
    kept = environment.get("HATCH_DATA_DIR") or f"{environment.get('HOME', '')}/.local/share/hatch"
    base = f"{kept}/env/virtual/{name}/{_digest(_absolute(manifests.tree, folder))}"
    yield from (f"{base}/hatch-test.py3.{minor}" for minor in reversed(MINORS))
    yield from (f"{base}/{each}" for each in ("hatch-test", "test", name))


def _pdm(manifests: Manifests, folder: str, _name: str) -> Iterator[str]:
    """Yield the environment whose interpreter PDM has written down."""
    program = (manifests.tree.read(join(folder, ".pdm-python")) or "").strip()
    if program.startswith("/"):
        yield program.rpartition("/")[0].rpartition("/")[0]


def _pipenv(manifests: Manifests, folder: str, _name: str) -> Iterator[str]:
    """Yield name of the folder, hash of the Pipfile's path."""
    environment = manifests.tree.environment
    home = environment.get("WORKON_HOME") or f"{environment.get('HOME', '')}/.local/share/virtualenvs"
    path = _absolute(manifests.tree, folder)
    stem = re.sub(r'[&$`!*@"()\[\]\\\r\n\t ]', "_", path.rpartition("/")[2])[:42]
    digest = base64.urlsafe_b64encode(hashlib.sha256(f"{path}/Pipfile".encode()).digest()[:6]).decode()
    yield f"{home}/{stem}-{digest}"


def _conda(manifests: Manifests, folder: str, _name: str) -> Iterator[str]:
    """Yield the environment that environment.yml names, below each place where conda may live."""
    tree = manifests.tree
    named = conda_name(manifests, folder)
    if not named:
        return
    roots = [f"{tree.environment.get('HOME', '')}/{root}" for root in _CONDA_ROOTS]
    if program := tree.environment.get("CONDA_EXE"):
        roots.insert(0, program.rpartition("/")[0].rpartition("/")[0])
    if root := tree.environment.get("MAMBA_ROOT_PREFIX"):
        roots.insert(0, root)
    yield from (f"{root}/envs/{named}" for root in roots)


_PLACES: Mapping[str, Callable[[Manifests, str, str], Iterator[str]]] = {
    "poetry": _poetry,
    "hatch": _hatch,
    "pdm": _pdm,
    "pipenv": _pipenv,
    "conda": _conda,
}


def _absolute(tree: Tree, folder: str) -> str:
    return tree.root if folder == "." else f"{tree.root.rstrip('/')}/{folder}"


def _digest(path: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(path.encode()).digest()).decode()[:8]
