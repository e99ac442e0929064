"""What mutating said, as the document that other tools read and the page that people open."""

from __future__ import annotations

import json
import re

from regreen.app.mutation_report import page_of
from regreen.core.mutation import Fate, Judged, Mutant, Strength
from regreen.core.testing import TestId
from regreen.mutation import mutants_of, report_document

SOURCE = "def f(a):\n    print('𝔸')\n    g('𝔸', a + 1)\n    h()\n"


def judged(source: str, fates: dict[str, Fate], path: str = "a.py") -> Strength:
    """Give the mutants of a text the fates of their operators; those without one survive."""
    test = TestId(".", "tests/test_a.py::test_f[1]")
    return Strength(
        tuple(
            Judged(
                mutant,
                fates.get(mutant.operator, Fate.SURVIVED),
                killed_by=(test,) if fates.get(mutant.operator) is Fate.KILLED else (),
                covered_by=(test,),
                seconds=0.0125,
            )
            for mutant in mutants_of(path, source)
        )
    )


def test_a_mutant_is_told_with_its_place_in_units_of_javascript() -> None:
    document = report_document(judged(SOURCE, {"arithmetic": Fate.KILLED}), {"a.py": SOURCE}, version="1.2.3")
    assert document["framework"] == {"name": "Regreen", "version": "1.2.3"}
    (added,) = (one for one in document["files"]["a.py"]["mutants"] if one["mutatorName"] == "arithmetic")
    assert added == {
        "id": added["id"],
        "mutatorName": "arithmetic",
        "location": {"start": {"line": 3, "column": 15}, "end": {"line": 3, "column": 16}},
        "replacement": "-",
        "description": "Where it survives, no test looks at what is computed.",
        "status": "Killed",
        "static": False,
        "coveredBy": ["0"],
        "killedBy": ["0"],
        "duration": 12.5,
    }
    assert document["testFiles"] == {"tests/test_a.py": {"tests": [{"id": "0", "name": "test_f[1]"}]}}


def test_what_is_only_put_in_is_shown_before_what_follows() -> None:
    document = report_document(judged(SOURCE, {}), {"a.py": SOURCE})
    (early,) = (one for one in document["files"]["a.py"]["mutants"] if one["mutatorName"] == "early return")
    assert early["location"] == {"start": {"line": 2, "column": 5}, "end": {"line": 2, "column": 6}}
    assert early["replacement"] == "return p"


def test_files_without_mutants_are_told_of_and_others_are_not() -> None:
    document = report_document(judged(SOURCE, {}), {"b.py": "x = y\n", "c.tsx": ""})
    assert {path: (file["language"], file["mutants"]) for path, file in document["files"].items()} == {
        "b.py": ("python", []),
        "c.tsx": ("typescript", []),
    }


def test_the_same_fates_give_the_same_document() -> None:
    strength = judged(SOURCE, {"text": Fate.TIMEOUT})
    again = Strength(tuple(reversed(strength.judged)))
    assert report_document(strength, {"a.py": SOURCE}) == report_document(again, {"a.py": SOURCE})


def test_two_files_share_no_id() -> None:
    one, two = judged(SOURCE, {}, "a.py"), judged(SOURCE, {}, "b.py")
    document = report_document(Strength(one.judged + two.judged), {"a.py": SOURCE, "b.py": SOURCE})
    ids = [mutant["id"] for file in document["files"].values() for mutant in file["mutants"]]
    assert len(set(ids)) == len(ids) == 2 * len(one.judged)


def test_nothing_in_a_source_becomes_markup_or_a_program() -> None:
    source = "x = '</script><script>alert(1)</script><!-- \u2028'\n"
    page = page_of(report_document(Strength(()), {"a.py": source}), "viewer('</script>')")
    assert page.count("</script") == page.count("<script") == 3
    assert "alert(1)" not in re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    held = re.search(r'id="report">(.*?)</script>', page, re.DOTALL)
    assert held is not None
    assert json.loads(held[1])["files"]["a.py"]["source"] == source


def test_a_mutant_at_the_very_end_has_its_place() -> None:
    mutant = Mutant("a.py", "text", mutants_of("a.py", SOURCE)[0].edit, 1, "", "")
    document = report_document(Strength((Judged(mutant, Fate.IGNORED, why="It changes nothing."),)), {"a.py": ""})
    (told,) = document["files"]["a.py"]["mutants"]
    assert (told["statusReason"], told["replacement"]) == ("It changes nothing.", "")
