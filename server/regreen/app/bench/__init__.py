"""Benchmarks: a folder of cases, each repaired several times in copies, compared and counted."""

from .bench import Bench, Finished, Plan, run_bench
from .cases import Case, read_cases
from .run import CaseRun

__all__ = ["Bench", "Case", "CaseRun", "Finished", "Plan", "read_cases", "run_bench"]
