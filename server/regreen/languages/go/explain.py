"""Everything that is known of failures in Go."""

from __future__ import annotations

from regreen.languages.explain import Explainer

from .advice import advice
from .places import definition_line, ends_the_process, line_that_hangs, locate, message
from .rules import judge
from .saved import read_saved, surroundings
from .trouble import before_any_test, headline, trouble

GO = Explainer(
    judge=judge,
    message=message,
    locate=locate,
    definition_line=definition_line,
    hangs_at=line_that_hangs,
    ends_process=ends_the_process,
    advice=advice,
    trouble=trouble,
    headline=headline,
    before_any_test=before_any_test,
    read_saved=read_saved,
    surroundings=surroundings,
)
