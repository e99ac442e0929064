"""The texts of a workbench as a mapping, read when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from regreen.core.errors import UnreadableSource
from regreen.core.ports import Workbench


class BenchSources(Mapping[str, str]):
    """path -> text of the files named at construction, as they stand in the workbench when first read."""

    def __init__(self, bench: Workbench, paths: tuple[str, ...]) -> None:
        self._bench = bench
        self._paths = dict.fromkeys(paths)
        self._texts: dict[str, str] = {}

    def __getitem__(self, path: str) -> str:
        if path not in self._texts:
            if path not in self._paths:
                raise KeyError(path)
            try:
                self._texts[path] = self._bench.read(path).text
            except UnreadableSource as error:
                raise KeyError(path) from error
        return self._texts[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)
