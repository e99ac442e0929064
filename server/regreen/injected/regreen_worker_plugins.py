"""What a project's options and plugins may not do in a forked child, or would do in each of hundreds for nothing.

Standard library only, Python 3.8 and later; a part of the warm worker.
"""

from typing import Any, Dict

# What a project's own options may switch on and a forked child cannot live with.
OPTIONS: Dict[str, Any] = {
    "numprocesses": None, "dist": "no", "tx": [], "looponfail": False, "usepdb": False, "trace": False,
    "lf": False, "failedfirst": False, "newfirst": False, "stepwise": False, "cacheclear": False, "reruns": 0,
    "xmlpath": None, "htmlpath": None, "json_report": False, "report_log": None,
    "cov_source": [], "randomly_reorganize": False,
}  # fmt: skip

# Plugins that start a thread when they are configured, after which no process can be forked, with the marker that
# tests use. They run a failing test again, which says nothing here.
LEFT_OUT = {"rerunfailures": "flaky(reruns, reruns_delay, condition, rerun_except): run a failing test again"}


def neutralise(options):
    for name, value in OPTIONS.items():
        if hasattr(options, name):
            setattr(options, name, value)


def leave_out(config):
    """Take plugins out that no child can have. Their options stay known, and so do their markers."""
    for name, marker in LEFT_OUT.items():
        plugin = config.pluginmanager.get_plugin(name)
        if plugin is not None:
            config.pluginmanager.unregister(plugin)
            config.addinivalue_line("markers", marker)


def end_quietly(config):
    """Leave out what plugins print at the end; Hypothesis is imported for it as a whole."""
    config.hook.pytest_terminal_summary = _nothing


def _nothing(**_):
    return []
