"""Which tests are to notice a mutant, in which order and within which time; and what is made of what they say.

Standard library only, Python 3.8 and later.
"""

import ast
import bisect
from typing import Any, Dict, List, Optional, Tuple

LEAST = 0.03  # seconds of processor time that a test may take in any case
FIRST = 0.01  # the same where it is asked again anyway before it counts
TIMES = 10  # how much longer than on the untouched code it may take
BACKSTOP = 2.0  # seconds of wall time beyond that, for tests that wait instead of working
SHORT = 0.01  # seconds of processor time that the tests of a mutant may take to be run beside others
QUICK = 0.002  # tests that take less are as good as each other

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Places:
    """The statements of a file: which lines stand for an offset, and whether they run when the file is loaded."""

    def __init__(self, text):
        self.starts = [0] + [at + 1 for at, sign in enumerate(text) if sign == "\n"]
        self.found: List[Tuple[int, int, bool]] = []  # first and last line of a statement's own part, is it static
        self.walk(ast.parse(text).body, True)
        self.found.sort(key=lambda place: (place[0], -place[1]))

    def walk(self, statements, static):
        for statement in statements:
            blocks = [getattr(statement, name, None) or [] for name in ("body", "orelse", "finalbody")]
            parts = list(getattr(statement, "handlers", None) or []) + list(getattr(statement, "cases", None) or [])
            first = min([statement.lineno] + [one.lineno for one in getattr(statement, "decorator_list", ())])
            inner = [one.lineno for block in blocks for one in block[:1]] + [first_of(part) for part in parts]
            last = max(first, min(inner) - 1) if inner else statement.end_lineno or statement.lineno
            self.found.append((first, last, static))
            below = static and not isinstance(statement, FUNCTIONS)
            for block in blocks:
                self.walk(block, below)
            for part in parts:
                start = first_of(part)
                self.found.append((start, max(start, part.body[0].lineno - 1), below))
                self.walk(part.body, below)

    def of(self, start):
        """Return (first line, last line, is it static) of the innermost statement at an offset."""
        line = bisect.bisect_right(self.starts, start)
        holding = [place for place in self.found if place[0] <= line <= place[1]]
        if not holding:
            return (line, line, True)
        first, last, _ = min(holding, key=lambda place: (place[1] - place[0], place[0]))
        return (first, last, all(place[2] for place in holding if place[:2] == (first, last)))


def first_of(part):
    """Return the first line of an `except` or a `case`."""
    pattern = getattr(part, "pattern", None)
    return part.lineno if pattern is None else pattern.lineno


class Judge:
    """What is known of the tests; `play` runs an order on a road ("swap" or "load") and returns the reply."""

    def __init__(self, tests, texts, play, last_test):
        self.tests = {test["test"]: test for test in tests}
        self.order = {name: n for n, name in enumerate(self.tests)}
        self.running: Dict[str, Dict[int, List[str]]] = {}  # path -> line -> the tests that run it, in their order
        for test in tests:
            for path, lines in test["lines"].items():
                of_path = self.running.setdefault(path, {})
                for line in lines:
                    of_path.setdefault(line, []).append(test["test"])
        self.places: Dict[str, Optional[Places]] = {}
        self.texts = texts
        self.play = play
        self.last_test = last_test
        self.killers: Dict[Any, List[str]] = {}  # function -> tests that noticed its mutants, the last one last
        self.alone: Dict[str, Any] = {}  # test -> what it says alone, on the untouched code
        self.early: Optional[Dict[str, List[int]]] = None  # path -> the lines of functions that run while files load

    def covering(self, mutant):
        """Return the tests that run the mutant, in the order of the suite; all of the file, when it is loaded code."""
        first, last, static = self.place(mutant)
        running = self.running.get(mutant["path"], {})
        lines = running if static else range(first, last + 1)
        names = {name for line in lines for name in running.get(line, ())}
        return sorted(names, key=self.order.__getitem__), static

    def place(self, mutant):
        path = mutant["path"]
        if path not in self.places:
            try:
                self.places[path] = Places(self.texts[path])
            except (SyntaxError, ValueError):
                self.places[path] = None
        places = self.places[path]
        return (1, len(self.texts[path]) + 1, True) if places is None else places.of(mutant["start"])

    def judge_together(self, mutants, changed):
        """Return what one process can say of mutants that it judges one after the other: number -> fate, or number ->
        (the tests, what they said) of those that need another look.

        `changed` compiles what a mutant changes. Only the first tests are asked, those that take a short time. What
        they do not notice gets a process of its own, for that is what somebody reads.
        """
        orders: Dict[int, Any] = {}
        asked: Dict[int, Any] = {}  # the tests that run a mutant, and those that are asked
        fates: Dict[int, Any] = {}
        hints: Dict[int, Any] = {}
        for n, mutant in enumerate(mutants):
            covering, static = self.covering(mutant)
            plan = [] if static else self.shortened(self.planned(covering, mutant))
            if not plan:
                continue
            found = changed(mutant)
            if "codes" in found:
                mutant.update(found)  # Whoever judges it again need not compile it again.
                orders[n] = dict(mutant, tests=self.limited(plan, least=FIRST))
                asked[n] = (covering, plan)
            elif found["verdict"] != "unswappable":
                fates[n] = self.settled(mutant, covering, plan, "swap", found)
        for n, said in self.heard(orders) if 1 < len(orders) else ():
            covering, plan = asked[n]
            if self.is_early(mutants[n], said["early"]):
                hints[n] = (plan, said)
            elif said["verdict"] in ("fails", "hangs"):
                fates[n] = self.settled(mutants[n], covering, plan, "swap", said)
        return fates, hints

    def heard(self, orders):
        """Yield (number, what its tests said) of the mutants that one process could judge beside the others."""
        waits = BACKSTOP + TIMES * max(sum(limit for _, limit in order["tests"]) for order in orders.values())
        numbers = list(orders)
        reply = self.play("swap", {"kind": "several", "mutants": list(orders.values()), "wall": waits})
        for place, said in sorted(reply.get("said", {}).items(), key=lambda pair: int(pair[0])):
            if said["verdict"] != "unsure":
                yield numbers[int(place)], said

    def judge(self, mutant, hint=None):
        """Return the fate of a mutant; `hint` are tests and what they said of it, when they were asked already."""
        covering, static = self.covering(mutant)
        plan, said = hint or (self.planned(covering, mutant), None)
        if not static:
            reply = said or self.run(mutant, plan, "swap")
            early = self.is_early(mutant, reply.get("early"))
            if not covering and not early:
                verdict = reply["verdict"] if reply["verdict"] in ("same", "syntax") else "passes"
                return self.settled(mutant, covering, plan, "swap", dict(reply, verdict=verdict))
            if not covering:
                covering = [name for name, test in self.tests.items() if test["lines"].get(mutant["path"])]
                plan = self.planned(covering, mutant)
            elif reply["verdict"] not in ("unswappable", "same", "syntax") and early:
                # It has run while files were loaded, so that this may have been half of the mutant. It says where to
                # look first, or that little is to be hoped of the nearest tests alone.
                n = reply["n"] if reply["verdict"] == "fails" else -1
                plan = plan[n : n + 1] + [name for name in plan if name != plan[n]] if 0 <= n else plan
                return self.loaded(mutant, covering, plan, is_likely=0 <= n, in_one=reply["verdict"] == "passes")
            elif reply["verdict"] != "unswappable":
                return self.settled(mutant, covering, plan, "swap", reply)
        return self.loaded(mutant, covering, plan)

    def is_early(self, mutant, early):
        """Tell whether what a mutant changes has run while files were loaded: what came of that is as it was.

        A function that ran says little, its lines say all, as long as the mutant changes nothing but what is on them.
        """
        if early != "lines":
            return bool(early)
        if self.early is None:
            order = {"kind": "early", "trace": sorted(self.texts), "tests": [], "wall": 60.0}
            self.early = self.play("load", order).get("lines") or {}
        lines = self.early.get(mutant["path"])
        first, last, _ = self.place(mutant)
        return not lines or any(first <= line <= last for line in lines)

    def loaded(self, mutant, covering, plan, is_likely=False, in_one=False):
        """Judge a mutant that is there when its file is loaded, which may reach every test.

        The more files of tests are loaded the longer it takes: first that of the likeliest test, then all others. Of
        what is likely to be noticed at once, the likeliest test is all that is collected.
        """
        if is_likely:
            reply = self.run(dict(mutant, only=plan[0]), plan[:1], "load")
            if reply["verdict"] in ("fails", "crashes"):
                return self.settled(mutant, covering, plan, "load", reply)
        known = set(plan)
        home = plan[0].partition("::")[0] if plan else ""
        near = [name for name in plan if name.partition("::")[0] == home]
        far = [name for name in plan if name.partition("::")[0] != home]
        rest = [name for name in self.quickest(self.tests) if name not in known]
        found = fate("NoCoverage", covering)
        for part in (near + far + rest,) if in_one else (near, far + rest):
            if part:
                found = self.settled(mutant, covering, part, "load", self.run(mutant, part, "load"))
            if found["fate"] not in ("Survived", "NoCoverage"):
                break
        return found

    def settled(self, mutant, covering, plan, road, reply):
        """Make a fate of a reply; what took too long is asked once more, with more time."""
        verdict = reply["verdict"]
        if verdict == "same":
            return fate("Ignored", covering, why="it compiles to the same code")
        if verdict == "syntax":
            return fate("CompileError", covering, why=reply["detail"])
        if verdict == "passes":
            return fate("Survived" if covering else "NoCoverage", covering)
        n = reply["n"] if "n" in reply else self.last_test()
        test = plan[n] if 0 <= n < len(plan) else ""
        if verdict == "hangs":
            again = self.again(mutant, plan[max(n, 0) :], road)
            if again is not None:
                return self.settled(mutant, covering, *again)
            return fate("Timeout", covering, test, "a test took many times what it takes on the untouched code")
        self.remember(mutant, test)
        return fate("Killed", covering, test, reply["detail"])

    def again(self, mutant, plan, road):
        """Ask again about what took too long: return the plan, the road and the reply, None when it did again."""
        if not plan:
            return None
        usual = self.usual(plan[0], road)
        if usual is None:
            # It does not pass alone: it says nothing of the mutant.
            return self.again_without(mutant, plan[1:], road)
        limit = max(2 * LEAST, TIMES * usual["cpu"])
        reply = self.run(mutant, plan[:1], road, limit, BACKSTOP + 2 * TIMES * usual["wall"])
        if reply["verdict"] == "hangs":
            return None
        if reply["verdict"] == "passes":
            return self.again_without(mutant, plan[1:], road)
        return plan[:1], road, dict(reply, n=0)

    def again_without(self, mutant, plan, road):
        if not plan:
            return plan, road, {"verdict": "passes", "n": -1, "detail": "", "cpu": 0.0}
        return plan, road, self.run(mutant, plan, road)

    def usual(self, name, road):
        """Return what a test takes alone on the untouched code; None when it does not pass so."""
        if name not in self.alone:
            reply = self.play(road, {"kind": "mutant", "path": "", "tests": [[name, 0]], "wall": 60.0})
            passes = reply["verdict"] == "passes"
            self.alone[name] = {"cpu": reply["cpu"], "wall": reply["seconds"]} if passes else None
        return self.alone[name]

    def run(self, mutant, plan, road, limit=None, wall=None):
        tests = self.limited(plan, limit)
        waits = BACKSTOP + TIMES * sum(self.tests[name]["wall"] for name in plan)
        return self.play(road, dict(mutant, kind="mutant", tests=tests, wall=wall or waits))

    def shortened(self, plan):
        """Return the first tests of a plan, those that take a short time together."""
        total, n = 0.0, 0
        while n < len(plan) and total + self.tests[plan[n]]["cpu"] < SHORT:
            total += self.tests[plan[n]]["cpu"]
            n += 1
        return plan[:n]

    def limited(self, plan, limit=None, least=LEAST):
        return [[name, limit or max(least, TIMES * self.tests[name]["cpu"])] for name in plan]

    def planned(self, names, mutant):
        """Return tests in the order in which they are run: what noticed the function's last mutants, then the quick."""
        killers = self.killers.get((mutant["path"], mutant.get("function", "")), [])
        first = [name for name in reversed(killers) if name in set(names)]
        return first + [name for name in self.quickest(names) if name not in first]

    def quickest(self, names):
        # Hardly different times must not make another order each time.
        return sorted(names, key=lambda name: (int(self.tests[name]["cpu"] / QUICK).bit_length(), self.order[name]))

    def remember(self, mutant, test):
        if not test:
            return
        killers = self.killers.setdefault((mutant["path"], mutant.get("function", "")), [])
        if test in killers:
            killers.remove(test)
        killers.append(test)


def fate(name, covering, test="", why=""):
    return {"fate": name, "covered": covering, "test": test, "why": why}
