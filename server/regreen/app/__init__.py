"""The composition root: sessions, jobs, the board, settings.

Invariant: owns all state that lasts; knows neither LSP nor the terminal.
"""

from .board import Board, next_board
from .choose import resolve
from .chosen import question_of
from .compose import open_session
from .files import read_text, workspace_root
from .jobs import Job, Jobs
from .prepare import planned_steps
from .requests import PROVIDERS_WITH_KEYS, AskSecret, Deliver, Delivered, FixRequest, TestRequest, keep_back
from .session import Session
from .settings import Settings
from .verdict import all_green

__all__ = [
    "PROVIDERS_WITH_KEYS",
    "AskSecret",
    "Board",
    "Deliver",
    "Delivered",
    "FixRequest",
    "Job",
    "Jobs",
    "Session",
    "Settings",
    "TestRequest",
    "all_green",
    "keep_back",
    "next_board",
    "open_session",
    "planned_steps",
    "question_of",
    "read_text",
    "resolve",
    "workspace_root",
]
