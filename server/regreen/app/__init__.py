"""The composition root: sessions, jobs, the board, settings.

Invariant: owns all state that lasts; knows neither LSP nor the terminal.
"""

from .authority import LIFTED_BY_OPTION, Authority, Ruling
from .bench import Bench, CaseRun, Finished, Plan, read_cases, run_bench
from .board import Board, next_board
from .choose import resolve
from .chosen import question_of
from .compose import open_session
from .damage import damaged_records, refuse_if_damaged
from .envelope import PROFILES, Origin, TomlFile, told_values, workspace_schema
from .figures import Figures, Sample, Target, figures, in_words, sample_of, targets
from .files import read_text, workspace_root
from .jobs import Job, Jobs
from .mutation_report import write_report
from .prepare import planned_steps
from .replaying import Replayed
from .requests import AskSecret, Deliver, Delivered, FixRequest, MutateRequest, TestRequest, keep_back
from .secrecy import Secrets, log_discreetly
from .session import Session
from .settings import Settings
from .shelf import Shown, providers_with_keys
from .strengthened import Strengthened
from .verdict import all_green

__all__ = [
    "LIFTED_BY_OPTION",
    "PROFILES",
    "AskSecret",
    "Authority",
    "Bench",
    "Board",
    "CaseRun",
    "Deliver",
    "Delivered",
    "Figures",
    "Finished",
    "FixRequest",
    "Job",
    "Jobs",
    "MutateRequest",
    "Origin",
    "Plan",
    "Replayed",
    "Ruling",
    "Sample",
    "Secrets",
    "Session",
    "Settings",
    "Shown",
    "Strengthened",
    "Target",
    "TestRequest",
    "TomlFile",
    "all_green",
    "damaged_records",
    "figures",
    "in_words",
    "keep_back",
    "log_discreetly",
    "next_board",
    "open_session",
    "planned_steps",
    "providers_with_keys",
    "question_of",
    "read_cases",
    "read_text",
    "refuse_if_damaged",
    "resolve",
    "run_bench",
    "sample_of",
    "targets",
    "told_values",
    "workspace_root",
    "workspace_schema",
    "write_report",
]
