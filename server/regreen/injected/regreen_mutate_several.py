"""Several mutants in one process, one after the other, as long as each finds it as a fork of the stage would be.

Before each but the first, all that the workspace's modules hold is compared with what they held before any test ran
(`regreen_mutate_state`); every fixture is torn down, and what is noticed counts only if the same test passes right
afterwards on the untouched code. What cannot be told so is judged in a process of its own.
Standard library and pytest only, Python 3.8 and later.
"""

import gc
import random
import time
from typing import Any, Dict, List

from regreen_mutate_play import Play, is_unusable, place_of, said_by  # type: ignore[import-not-found]
from regreen_mutate_state import Closed, Held  # type: ignore[import-not-found]
from regreen_worker_items import is_torn_down  # type: ignore[import-not-found]
from regreen_worker_swap import CannotSwap  # type: ignore[import-not-found]


class Sitting(Play):  # type: ignore[misc]
    """A process that judges mutants until one leaves it otherwise than it was."""

    def __init__(self, order, sink, note, held):
        super().__init__(order, sink, note)
        self.held = held
        self.noticed: Dict[str, List[str]] = {}  # function -> tests that noticed its mutants here, the last one last

    def hear(self, cases, by_name):
        """Judge mutants: (number, order, pairs of a function and its code, whether it ran while files were loaded).

        It ends with the first that leaves a trace.
        """
        for n, (number, order, pairs, early) in enumerate(cases):
            if n and not (self.held.is_same() or self.held.is_put_back()):
                break
            begun = time.monotonic()
            said = self.said_of(order, pairs, by_name)
            self.write(dict(said, case=number, early=early, seconds=time.monotonic() - begun))
            if said["verdict"] == "unsure":
                break
        self.end({"verdict": "done", "n": -1, "detail": "", "cpu": time.process_time()})

    def said_of(self, order, pairs, by_name):
        random.seed(0)
        old = [(function, function.__code__) for function, _ in pairs]
        try:
            for function, code in pairs:
                function.__code__ = code
            n, error = self.first_failure(order, by_name)
        except ValueError:
            return {"verdict": "unsure"}
        finally:
            for function, code in old:
                function.__code__ = code
        # What is garbage of this mutant must not be found, and complained of, while the next one is judged.
        gc.collect()
        name, limit = order["tests"][n]
        if not self.is_as_ever(by_name.get(name), limit):
            return {"verdict": "unsure"}
        if error is None:
            return {"verdict": "passes"}
        self.noticed.setdefault(order["function"], []).append(name)
        return {"verdict": "fails", "n": n, "detail": said_by(error), "at": place_of(error)}

    def is_as_ever(self, item, limit):
        """Tell whether a test passes on the untouched code, and nothing of it is left."""
        if item is None:
            return False
        self.clock.set(limit)
        error = self.run_test(item, None)
        self.clock.set(0)
        return error is None and is_torn_down(item)

    def first_failure(self, order, by_name):
        """Run the tests up to the first that fails: return its number and what it raised, else -1 and None.

        -1 is the number of the last test.
        """
        plan = self.planned(order)
        for place, (n, name, limit) in enumerate(plan):
            item = by_name.get(name)
            if item is None:
                break
            following = by_name.get(plan[place + 1][1]) if place + 1 < len(plan) else None
            self.remember[0:4] = n.to_bytes(4, "little")
            self.clock.set(limit)
            error = self.run_test(item, following)
            if error is not None and not is_unusable(error):
                self.clock.set(0)
                return n, error
        self.clock.set(0)
        return -1, None

    def planned(self, order):
        """Return (number, name, limit) of the tests, those first that noticed a mutant of the same function here."""
        last = {name: at for at, name in enumerate(self.noticed.get(order["function"], ()))}
        plan = [(n, name, limit) for n, (name, limit) in enumerate(order["tests"])]
        return sorted(plan, key=lambda each: -1 - last[each[1]] if each[1] in last else 0)


class Sittings:
    """What the stage knows of mutants that are judged several in a process."""

    def __init__(self, stage):
        self.stage = stage
        self.held: Any = None  # made when it is first asked for: it costs some milliseconds

    def hear(self, order):
        """Return what can be said of mutants so: number -> reply."""
        cases = [case for case in map(self.case, range(len(order["mutants"])), order["mutants"]) if case is not None]
        if self.held is None:
            try:
                self.held = Held(self.stage.swaps.modules)
            except Closed:
                self.held = False
            gc.collect()
            gc.freeze()
        said: Dict[str, Any] = {}
        while self.held and 1 < len(cases):
            cases = cases[self.one(order, cases, said) :]
        return {"verdict": "done", "said": said}

    def case(self, number, order):
        try:
            pairs, early = self.stage.reached(order)
        except CannotSwap:
            return None
        return (number, order, pairs, early) if pairs else None

    def one(self, order, cases, said):
        """Let a process judge what it can; return how many mutants are done with it."""
        reply = self.stage.forked(order, lambda sink: self.sit(order, cases, sink))
        heard = [entry for entry in reply["found"] if "case" in entry]
        said.update((str(entry.pop("case")), entry) for entry in heard)
        if reply["verdict"] == "done":
            return len(heard)
        # It ended in the middle of a mutant, which nobody has spoken of.
        if reply["verdict"] == "hangs" and len(heard) < len(cases):
            n = int.from_bytes(self.stage.note_of_test[0:4], "little")
            number, _, _, early = cases[len(heard)]
            said[str(number)] = {"verdict": "hangs", "n": n, "detail": "", "early": early}
        return len(heard) + 1

    def sit(self, order, cases, sink):
        self.stage.playing = sitting = Sitting(
            dict(self.stage.ours, kind="mutant", wall=order["wall"]), sink, self.stage.note_of_test, self.held
        )
        sitting.hear(cases, self.stage.by_name)
