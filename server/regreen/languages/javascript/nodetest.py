"""The events of node:test, told as the ones of the other runners: names by nesting become titles."""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]

_PARENTS = ("subtestsFailed",)
_CANCELLED = ("cancelledByParent",)


class NodeTests:
    """Translates the events of one run; those of other runners pass as they are."""

    def __init__(self) -> None:
        self._open: dict[str, list[str]] = {}  # path -> names of the blocks that are open
        self._cancelled: dict[str, list[Event]] = {}  # path -> tests that wait for their parent's verdict
        self._uncaught: dict[str, Event] = {}  # path -> the first error that ended its process
        self._output: dict[str, str] = {}
        self._exits: dict[str, Event] = {}
        self._begun: dict[str, list[str]] = {}  # path -> titles of the test that began last

    def translate(self, event: Event) -> tuple[Event, ...]:
        """Return what an event means."""
        kind = str(event.get("event"))
        if not kind.startswith("node_"):
            return self._exit(event) if kind == "exit" and event.get("path") else (event,)
        path = str(event.get("path") or "")
        if kind == "node_start":
            return self._start(path, event)
        if kind == "node_end":
            return self._end(path, event)
        if kind == "node_began":
            return self._begin(path, event)
        if kind == "node_uncaught":
            self._uncaught.setdefault(path, event)
        elif kind == "node_output":
            self._output[path] = (self._output.get(path, "") + str(event["text"]))[-20000:]
        elif kind == "node_note":
            return self._note(path, event)
        return ()

    def _start(self, path: str, event: Event) -> tuple[Event, ...]:
        if _is_file(path, event):
            return ({"event": "file", "path": path},)
        self._open[path] = [*self._open.get(path, [])[: event["nesting"]], event["name"]]
        if event.get("kind") == "suite":
            return ()
        return ({"event": "lines", "path": path, "titles": list(self._open[path]), "line": event["line"]},)

    def _begin(self, path: str, event: Event) -> tuple[Event, ...]:
        """A test process says that a test begins: only this comes before a test that never ends."""
        if not event.get("full"):
            return ()  # An older Node: without the names around it, it could not be told from another one.
        titles = str(event["full"]).split(" > ")
        before = self._begun.get(path, [])
        self._begun[path] = titles
        # What the runner knows of the test before may be lost with the process: it is over, for another one began.
        over = before and before != titles[: len(before)]
        done = ({"event": "parent", "path": path, "titles": before},) if over else ()
        return (
            *done,
            {"event": "test", "path": path, "titles": titles, "line": 0},
        )

    def _end(self, path: str, event: Event) -> tuple[Event, ...]:
        if _is_file(path, event):
            return self._file_end(path, event)
        titles = [*self._open.get(path, [])[: event["nesting"]], event["name"]]
        self._open[path] = titles
        error = next(iter(event.get("errors") or ()), None)
        failure = str(error.get("failure") or "") if error else ""
        waiting = self._released(path, event["nesting"], hook=failure == "hookFailed")
        told = {**event, "event": "end", "titles": titles}
        if event.get("skipped"):
            return (*waiting, {**told, "outcome": "skipped", "errors": []})
        if failure in _PARENTS:
            return (*waiting, {**told, "event": "parent"})
        if failure in _CANCELLED:
            self._cancelled.setdefault(path, []).append(told)
            return waiting
        if event.get("kind") == "suite":
            if error is None:
                return waiting
            return (*waiting, {**told, "event": "suite", "hook": "before" if failure == "hookFailed" else ""})
        return (*waiting, told)

    def _released(self, path: str, nesting: int, *, hook: bool) -> tuple[Event, ...]:
        """Return the cancelled tests below a block that ended: left out by a hook's failure, else failed themselves."""
        mine = [told for told in self._cancelled.get(path, []) if nesting < told["nesting"]]
        if not mine:
            return ()
        self._cancelled[path] = [told for told in self._cancelled[path] if told not in mine]
        if hook:
            return tuple({**told, "outcome": "skipped", "errors": []} for told in mine)
        return tuple(mine)

    def _file_end(self, path: str, event: Event) -> tuple[Event, ...]:
        """A file that failed as a whole: its process ended, and what it said tells why."""
        waiting = tuple(self._cancelled.pop(path, ()))
        error = next(iter(event.get("errors") or ()), None)
        if error is None or error.get("failure") in _PARENTS:
            return (*waiting, {"event": "file_end", "path": path, "errors": []})
        ended = self._exits.get(path)
        if ended is not None and ended.get("called"):
            return (*waiting, ended)
        uncaught = self._uncaught.get(path)
        output = self._output.get(path, "")
        if uncaught is not None and uncaught.get("running"):
            late = {"event": "unhandled", "kind": uncaught.get("origin") or "error", "path": path, "test": ""}
            return (*waiting, {**late, "error": uncaught["error"]}, {"event": "file_end", "path": path, "errors": []})
        told = dict(uncaught["error"]) if uncaught is not None else dict(error)
        if output:
            told["shown"] = output
        return (*waiting, {"event": "file_end", "path": path, "errors": [told]})

    def _exit(self, event: Event) -> tuple[Event, ...]:
        path = str(event["path"])
        self._exits[path] = event
        return (event,) if event.get("called") else ()

    def _note(self, path: str, event: Event) -> tuple[Event, ...]:
        """Take the only word that there is of an error behind the end of a test."""
        message = str(event.get("message") or "")
        if "asynchronous activity after the test ended" in message and path not in self._uncaught:
            error = {"name": "Error", "message": message, "stack": ""}
            self._uncaught[path] = {"error": error, "origin": "uncaughtException", "running": 1}
        return ()


def _is_file(path: str, event: Event) -> bool:
    """Tell whether an event is about a whole file: its name is the file's, in one form or another."""
    name = str(event.get("name") or "")
    return not event.get("nesting") and bool(name) and (name == path or (path.endswith("/" + name) and "." in name))
