"""Whether a process is as it was: all that the modules of the workspace hold, and what it has of the system.

What can be reached is compared by what each object refers to (`gc.get_referents`), in the order in which the
interpreter tells it: no code of the workspace runs, and a thousand references take some fifty microseconds.
Standard library only, Python 3.8 and later.
"""

import array
import collections
import contextvars
import functools
import gc
import itertools
import operator
import os
import random
import re
import signal
import sys
import threading
import types
import weakref
from typing import Any, Dict, List

MOST = 60000  # references that are compared; beyond them a fork costs less
HEAP = 1 << 9  # set in the flags of a class that was made while the program ran
STREAMS = ("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__")
SKIPPED = ("__builtins__", "__cached__", "__spec__", "__loader__")

CACHE = type(functools.lru_cache()(len))
# Types all of whose state is told by what they refer to.
OPEN = (
    dict, list, set, collections.deque, collections.OrderedDict, collections.defaultdict, functools.partial,
    types.FunctionType, types.MethodType, types.CellType, classmethod, staticmethod, property,
    types.MappingProxyType, threading.local, CACHE, object, BaseException,
)  # fmt: skip
# Types whose values stay what they are: what they refer to is looked at once.
FIXED: Any = (
    tuple, frozenset, weakref.ref, types.BuiltinFunctionType, types.MethodWrapperType, type({}.keys()),
    type({}.values()), type({}.items()), map, filter, zip, enumerate,
)  # fmt: skip
# Types whose values never change, or in a way that no test should see.
PLAIN = (
    int, bool, float, complex, str, bytes, type(None), type(NotImplemented), type(...), range, slice, types.CodeType,
    type(re.compile("")), type(threading.Lock()), type(threading.RLock()), types.WrapperDescriptorType,
    types.MethodDescriptorType, types.ClassMethodDescriptorType, types.GetSetDescriptorType, types.MemberDescriptorType,
    operator.itemgetter, operator.attrgetter, operator.methodcaller,
)  # fmt: skip
# Others of the standard library that never change, by module and name, for they are seldom loaded; and pytest's own,
# which lead to all of pytest.
KNOWN = frozenset({
    "_abc._abc_data", "_collections._tuplegetter", "_pytest.config.Config", "_pytest.main.Session", "_struct.Struct",
    "builtins.builtin_method", "datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta",
    "datetime.timezone", "datetime.tzinfo", "decimal.Decimal", "functools._lru_list_elem", "inspect.Parameter",
    "inspect.Signature", "logging.Logger", "random.SystemRandom", "types.GenericAlias", "types.UnionType",
    "typing.ParamSpec", "typing.TypeAliasType", "typing.TypeVar", "zoneinfo.ZoneInfo",
})  # fmt: skip


def step_of(generator):
    """Return how far a generator has come."""
    frame = generator.gi_frame
    return frame and (frame.f_lasti, [id(value) for value in frame.f_locals.values()])


# What is asked of values that hide their state.
TOLD: Dict[Any, Any] = {
    **dict.fromkeys(map(type, map(iter, ([], (), "", range(1), {}, set()))), operator.length_hint),
    types.GeneratorType: step_of,
    bytearray: bytes,
    itertools.count: repr,
    random.Random: random.Random.getstate,
    array.array: bytes,
    contextvars.ContextVar: lambda value: id(value.get(None)),
}


class Closed(Exception):
    """Something is held that does not tell its state."""


class Held:
    """All that the modules of the workspace hold now. Made where no test has run.

    Raises:
        Closed: a part of it cannot be compared, or there is too much of it.
    """

    def __init__(self, modules):
        self.names = frozenset(module.__name__ for module in modules)
        self.kinds: Dict[type, Any] = {}
        self.watched: List[Any] = []
        self.asked: List[Any] = []
        self.loaded = set(sys.modules)
        self.walk(modules)
        classes = [value for value in self.watched if isinstance(value, type)]
        self.classes = [(value, dict(vars(value))) for value in classes]
        # What a class holds may be changed by the class alone, which has a cache of it.
        of_classes = {id(part) for value in classes for part in gc.get_referents(value)}
        boxes = [value for value in self.watched if type(value) in (dict, list, set) and id(value) not in of_classes]
        self.boxes = [(box, type(box)(box)) for box in boxes]
        self.orders = {id(box): list(box) for box in boxes if type(box) is set}
        self.caches = [value for value in self.watched if type(value) is CACHE and not value.cache_info().currsize]
        self.parts = gc.get_referents(*self.watched)
        self.told = self.tellings()
        self.system = system()

    def is_same(self):
        """Tell whether nothing of it is another thing now."""
        parts = gc.get_referents(*self.watched)
        if not is_alike(parts, self.parts):
            return False
        return self.told == self.tellings() and self.system == system() and self.has_loaded_nothing()

    def is_put_back(self):
        """Put back what boxes and classes held, empty caches that were empty, and tell whether that was all."""
        for cache in self.caches:
            cache.cache_clear()
        for one, kept in self.classes:
            put_back(one, kept)
        for box, kept in self.boxes:
            if type(box) is list:
                box[:] = kept
            elif type(box) is set:
                # Putting back what is there would give it another order.
                if not is_alike(list(box), self.orders[id(box)]):
                    box.intersection_update(kept)
                    box.update(kept)
            elif not is_alike(box.values(), kept.values()):
                box.clear()
                box.update(kept)
        return self.is_same()

    def tellings(self):
        return [TOLD[type(value)](value) for value in self.asked]

    def has_loaded_nothing(self):
        """Tell whether no module of the workspace was loaded; one of a library is as good as its file."""
        if len(sys.modules) == len(self.loaded):
            return True
        packages = {name.partition(".")[0] for name in self.names}
        fresh = set(sys.modules) - self.loaded
        if any(name.partition(".")[0] in packages for name in fresh):
            return False
        self.loaded |= fresh
        return len(sys.modules) == len(self.loaded)

    def walk(self, modules):
        # Chance begins anew with each mutant.
        left_out = {id(sys.modules), id(sys.modules["builtins"].__dict__), id(getattr(random.seed, "__self__", None))}
        left_out.update(id(getattr(sys, name)) for name in STREAMS)
        for module in modules:
            left_out.update(id(vars(module).get(name)) for name in SKIPPED)
        seen, n_parts = set(left_out), 0
        waiting: List[Any] = [vars(module) for module in modules]
        seen.update(map(id, waiting))
        while waiting:
            value = waiting.pop()
            how = self.how(value)
            if how == "plain":
                continue
            if how == "told":
                self.asked.append(value)
                continue
            parts = parts_of(value, how)
            if how == "open":
                self.watched.append(value)
                n_parts += len(parts)
                if MOST < n_parts:
                    raise Closed("there is too much of it")
            for part in parts:
                if id(part) not in seen:
                    seen.add(id(part))
                    waiting.append(part)

    def how(self, value):
        """Return whether a value is "open" (may change, and what it refers to tells), "told" (it has to be asked),
        "fixed" (what it holds may change) or "plain".
        """
        kind = type(value)
        if isinstance(value, type):
            return "open" if value.__module__ in self.names else "plain"
        if kind is types.ModuleType or isinstance(value, types.ModuleType):
            return "plain"
        if kind is types.FunctionType and value.__module__ not in self.names:
            return "fixed" if value.__closure__ or value.__dict__ else "plain"
        if kind not in self.kinds:
            self.kinds[kind] = kind_of(kind)
        if not self.kinds[kind]:
            raise Closed("a value of %s.%s" % (kind.__module__, kind.__qualname__))
        return self.kinds[kind]


def is_alike(some, others):
    """Tell whether two rows hold the very same things in the same order."""
    return len(some) == len(others) and all(map(operator.is_, some, others))


def put_back(one, kept):
    """Give a class the attributes that it had."""
    now = vars(one)
    if is_alike(now.values(), kept.values()):
        return
    for name in [name for name in now if name not in kept]:
        type.__delattr__(one, name)
    for name, value in kept.items():
        if now.get(name, kept) is not value:
            type.__setattr__(one, name, value)


def parts_of(value, how):
    """Return what a value holds. What comes into being when it is first looked at does so now: that is no change."""
    if type(value) is types.FunctionType:
        if how == "fixed":
            # The globals of a library are not the workspace's.
            return [value.__closure__, value.__defaults__, value.__kwdefaults__, value.__dict__]
        if not hasattr(value, "__annotate__"):
            getattr(value, "__annotations__", None)
    attributes = attributes_of(value) if how == "open" else None
    # What a thread has for itself is not told of.
    return [attributes] if type(value) is threading.local else gc.get_referents(value)


def attributes_of(value):
    """Return the dictionary of an object's attributes, None without one; no code of its class runs."""
    for kind in type(value).__mro__:
        how = kind.__dict__.get("__dict__")
        if how is not None:
            return how.__get__(value) if type(how) is types.GetSetDescriptorType else None
    return vars(value) if type(value) is threading.local else None


def kind_of(kind):
    """Return how a type's values are compared, "" where they cannot be: their state is not in what they refer to."""
    if kind in FIXED:
        return "fixed"
    if is_plain(kind):
        return "plain"
    if kind in TOLD:
        return "told"
    while is_written_in_python(kind):
        kind = kind.__base__
    return "open" if kind in OPEN or kind in FIXED or is_plain(kind) or issubclass(kind, BaseException) else ""


def is_plain(kind):
    return kind in PLAIN or "%s.%s" % (kind.__module__, kind.__qualname__) in KNOWN


def is_written_in_python(kind):
    if not kind.__flags__ & HEAP:
        return False
    source = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return isinstance(source, str) and source.endswith(".py")


def system():
    """Return what this process has of the system that a test may have changed."""
    folder = "/proc/self/fd"
    return (
        os.getcwd(), tuple(sys.path), len(os.listdir(folder)) if os.path.isdir(folder) else 0, dict(os.environ),
        threading.active_count(), sys.getrecursionlimit(), id(sys.stdout), id(sys.stderr), sys.gettrace() is None,
        signal.getsignal(signal.SIGINT), gc.isenabled(), len(sys.meta_path), has_children(),
    )  # fmt: skip


def has_children():
    try:
        os.waitpid(-1, os.WNOHANG)
    except OSError:
        return False
    return True
