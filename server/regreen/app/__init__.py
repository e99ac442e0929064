"""The composition root: sessions, jobs, the board, settings.

Invariant: owns all state that lasts; knows neither LSP nor the terminal.
"""

from .board import Board, next_board
from .choose import resolve
from .chosen import question_of
from .compose import open_session
from .figures import Figures, Sample, Target, figures, sample_of, targets
from .files import read_text, workspace_root
from .jobs import Job, Jobs
from .prepare import planned_steps
from .replaying import Replayed
from .requests import AskSecret, Deliver, Delivered, FixRequest, TestRequest, keep_back
from .secrecy import Secrets, log_discreetly
from .session import Session
from .settings import Settings
from .shelf import Shown, providers_with_keys
from .verdict import all_green

__all__ = [
    "AskSecret",
    "Board",
    "Deliver",
    "Delivered",
    "Figures",
    "FixRequest",
    "Job",
    "Jobs",
    "Replayed",
    "Sample",
    "Secrets",
    "Session",
    "Settings",
    "Shown",
    "Target",
    "TestRequest",
    "all_green",
    "figures",
    "keep_back",
    "log_discreetly",
    "next_board",
    "open_session",
    "planned_steps",
    "providers_with_keys",
    "question_of",
    "read_text",
    "resolve",
    "sample_of",
    "targets",
    "workspace_root",
]
