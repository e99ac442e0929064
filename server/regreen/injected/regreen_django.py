"""Runs the tests of a Django project with Django's own runner, and reports them as the pytest plugin does.

    python regreen_django.py [--failfast] PROGRAM [FILE|FOLDER|FILE::CLASS::TEST]...

PROGRAM is the project's manage.py, or tests/runtests.py of Django itself; it chooses the settings. The runner is the
one that these settings name, with a result of ours: databases and checks are as the project has them.
"""

import os
import runpy
import sys

# Found on the import path that the run is started with, not by the name of a package.
from regreen_facts import QUIETLY, exception, finish, send, send_collected, start  # type: ignore[import-not-found]
from regreen_unittest_result import Result, id_of, reported, tests_in  # type: ignore[import-not-found]

_SEED = os.environ.pop("REGREEN_SEED", "")
_RUNTESTS = "runtests.py"


def main():
    """Run the program as a person would."""
    arguments = sys.argv[1:]
    failfast = arguments[:1] == ["--failfast"]
    program, names = arguments[failfast], arguments[failfast + 1 :]
    path = os.path.abspath(program)
    sys.path[0] = os.path.dirname(path)
    is_own = os.path.basename(path) == _RUNTESTS
    labels = list(dict.fromkeys(_label(name, "tests/" if is_own else "") for name in names))
    options = ["--noinput", *(["--failfast"] if failfast else []), *_shuffling()]
    start()
    if is_own:
        _take_over()
        sys.argv[:] = [program, "--parallel=1", *options, *labels]
    else:
        sys.argv[:] = [program, "test", "--testrunner=regreen_django.Runner", *options, *labels]
    status = 1
    try:
        runpy.run_path(path, run_name="__main__")
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        raise
    except Exception as error:
        # What the program itself dies of: settings, models, a database that is not there.
        send({"event": "internal", "text": "", "exception": exception(_told(error))})
        raise
    finally:
        with QUIETLY:
            finish(status)


def _told(error):
    """Return what a manage.py made a question of: that Django cannot be imported."""
    cause = error.__cause__
    return cause if type(error) is ImportError and isinstance(cause, ImportError) else error


def _label(name, root):
    """Return what Django calls a file or a test: its dotted name; a folder goes by its path."""
    path, _, rest = name.partition("::")
    if not path.endswith(".py"):
        return path[len(root) :].replace("/", ".") if root and path.startswith(root) else path
    module = path[len(root) if path.startswith(root) else 0 : -len(".py")].replace("/", ".")
    module = module[: -len(".__init__")] if module.endswith(".__init__") else module
    return ".".join([module, *rest.split("::")]) if rest else module


def _shuffling():
    if not _SEED:
        return []
    from django import VERSION  # type: ignore[import-not-found]

    return ["--shuffle=%s" % _SEED] if (4, 0) <= VERSION else []


def _take_over():
    """Have Django's own test program, which takes its runner from its settings, use ours."""
    from django.test import utils  # type: ignore[import-not-found]

    original = utils.get_runner
    utils.get_runner = lambda settings, name=None: _reporting(original(settings, name))


def _reporting(base):
    """Return a runner that is as another one and reports what happens."""

    class Reporting(base):  # type: ignore[misc,valid-type]
        def build_suite(self, *args, **kwargs):
            suite = super().build_suite(*args, **kwargs)
            with QUIETLY:
                send_collected([id_of(test) for test in tests_in(suite)])
            return suite

        def run_suite(self, suite, **kwargs):
            with reported(list(tests_in(suite))):
                return super().run_suite(suite, **kwargs)

        def get_resultclass(self):
            return Result

    return Reporting


def __getattr__(name):
    if name != "Runner":
        raise AttributeError(name)
    from django.conf import settings  # type: ignore[import-not-found]
    from django.test.runner import DiscoverRunner  # type: ignore[import-not-found]
    from django.test.utils import get_runner  # type: ignore[import-not-found]

    base = get_runner(settings)
    return _reporting(base if isinstance(base, type) and issubclass(base, DiscoverRunner) else DiscoverRunner)


if __name__ == "__main__":
    main()
