"""Judges mutants that were compiled into one build: which of them makes a test fail."""

import time

from regreen_batch_runs import LEAST, MORE, run_once  # type: ignore[import-not-found]

_OFTEN = 10  # times that tests run as they are, beside the first one
_SPARE = 1.0  # CPU seconds for that


def judge_all(programs, mutants, limits, report, seconds, examples=None):
    """Report a verdict for each mutant, after one for the tests as they are, which must pass.

    `examples` are tests that no program holds: what the others do not notice, they are asked about at the end.
    """
    begun = time.time()
    before = [(program, run_once(program, program.wanted, 0, limits)) for program in programs if program.wanted]
    cpu = sum(ran.cpu for _, ran in before)
    failed = next((ran for _, ran in before if ran.code != 0), None)
    report.send("untouched", wanted="passes" if failed is None else "fails", keep="", seconds=cpu)
    if failed is not None:
        report.send("unbuilt", text=failed.text)
        return
    unsteady = _unsteady(programs, cpu, limits)
    if unsteady is not None:
        report.send("untouched", wanted="flaky", keep="", seconds=cpu)
        report.send("unbuilt", text=unsteady.text)
        return
    limits.cpu = max(LEAST, MORE * cpu)
    unnoticed = []
    for pick, runs in mutants:
        if seconds and seconds < time.time() - begun:
            return
        chosen = [(programs[number], arguments) for number, arguments in runs]
        verdict, ran = _judged(chosen or [(one, one.wanted) for one in programs], pick, limits)
        if verdict == "hangs":  # A busy machine, or bad luck: once more before it is said.
            verdict, ran = _judged(chosen or [(one, one.wanted) for one in programs], pick, limits)
        if verdict == "passes" and examples is not None:
            unnoticed.append((pick, ran))
            continue
        report.send("trial", pick=pick, verdict=verdict, text=ran.text, seconds=ran.cpu)
    found = examples.judge([pick for pick, _ in unnoticed], limits) if unnoticed else None
    for pick, ran in unnoticed:
        verdict, text = found[pick] if found else ("passes", ran.text)
        report.send("trial", pick=pick, verdict=verdict, text=text, seconds=ran.cpu, whole=bool(found))


def _unsteady(programs, cpu, limits):
    """Run the tests as they are some more times, as long as that costs little; return the first run that fails."""
    for _ in range(min(_OFTEN, int(_SPARE / max(cpu, 0.001)))):
        for program in programs:
            ran = run_once(program, program.wanted, 0, limits) if program.wanted else None
            if ran is not None and ran.code != 0:
                return ran
    return None


def _judged(runs, pick, limits):
    """Run programs until one fails; return the verdict and the last run."""
    ran = None
    for program, arguments in runs:
        if arguments is None:
            continue
        ran = run_once(program, arguments, pick, limits)
        if ran.code != 0:
            return "hangs" if ran.code is None else "fails", ran
    return "passes", ran
