"""An engine's answer as it is recorded. It holds no file: a patch is edits, and the hash of the text they fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from regreen.core.edit import FileEdit, Patch, TextEdit
from regreen.core.repair import Answer, Choice, Confidence, NoIdea, Proposal, Question, Rival, Undecided

from .asked import Clean, hash_of


class Record(BaseModel):
    """A part of a recording."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DoesNotFit(Exception):
    """A recorded patch is for another text than the present one; `path` names the file."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


class FileRecord(Record):
    """Edits of one file, as (start, end, text) in code points."""

    path: str
    base_sha256: str
    edits: tuple[tuple[int, int, str], ...]


class PatchRecord(Record):
    """A patch."""

    files: tuple[FileRecord, ...]

    @classmethod
    def of(cls, patch: Patch, clean: Clean) -> PatchRecord:
        """Write a value down."""
        return cls(
            files=tuple(
                FileRecord(
                    path=file.path,
                    base_sha256=hash_of(file.base),
                    edits=tuple((edit.start, edit.end, clean(edit.text)) for edit in file.edits),
                )
                for file in patch.files
            )
        )

    def value(self, sources: Mapping[str, str]) -> Patch:
        """Return the value, on the texts that it was made for.

        Raises:
            DoesNotFit: a text is another one.
        """
        return Patch(tuple(_file(file, sources.get(file.path, "")) for file in self.files))


class RivalRecord(Record):
    """A Rival."""

    hypothesis: str
    patch: PatchRecord
    differs_on: str
    answer: str
    rival_answer: str


class ChoiceRecord(Record):
    """A Choice."""

    hypothesis: str
    patch: PatchRecord
    answer: str


class ProposalRecord(Record):
    """A Proposal."""

    kind: Literal["proposal"] = "proposal"
    hypothesis: str
    patch: PatchRecord
    rivals: int
    tried: int
    confidence: Confidence | None
    evidence: tuple[str, ...]
    others: tuple[RivalRecord, ...]

    def value(self, provider: str, sources: Mapping[str, str]) -> Proposal:
        """Return the value."""
        others = tuple(
            Rival(each.hypothesis, each.patch.value(sources), each.differs_on, each.answer, each.rival_answer)
            for each in self.others
        )
        patch = self.patch.value(sources)
        return Proposal(
            provider, self.hypothesis, patch, self.rivals, self.tried, self.confidence, self.evidence, others
        )


class UndecidedRecord(Record):
    """An Undecided."""

    kind: Literal["question"] = "question"
    text: str
    choices: tuple[ChoiceRecord, ...]
    evidence: tuple[str, ...]
    tried: int

    def value(self, provider: str, sources: Mapping[str, str]) -> Undecided:
        """Return the value."""
        choices = tuple(Choice(each.hypothesis, each.patch.value(sources), each.answer) for each in self.choices)
        return Undecided(provider, Question(self.text, choices), self.evidence, self.tried)


class NoIdeaRecord(Record):
    """A NoIdea."""

    kind: Literal["nothing"] = "nothing"
    reason: str
    tried: int
    refused: bool

    def value(self, provider: str, sources: Mapping[str, str]) -> NoIdea:
        """Return the value."""
        del sources
        return NoIdea(provider, self.reason, self.tried, self.refused)


AnswerRecord = Annotated[ProposalRecord | UndecidedRecord | NoIdeaRecord, Field(discriminator="kind")]


def record_of(answer: Answer, clean: Clean) -> ProposalRecord | UndecidedRecord | NoIdeaRecord:
    """Write an answer down, without secrets."""
    if isinstance(answer, NoIdea):
        return NoIdeaRecord(reason=clean(answer.reason), tried=answer.tried, refused=answer.refused)
    evidence = tuple(map(clean, answer.evidence))
    if isinstance(answer, Undecided):
        choices = tuple(
            ChoiceRecord(
                hypothesis=clean(each.hypothesis), patch=PatchRecord.of(each.patch, clean), answer=clean(each.answer)
            )
            for each in answer.question.choices
        )
        return UndecidedRecord(text=clean(answer.question.text), choices=choices, evidence=evidence, tried=answer.tried)
    return ProposalRecord(
        hypothesis=clean(answer.hypothesis),
        patch=PatchRecord.of(answer.patch, clean),
        rivals=answer.rivals,
        tried=answer.tried,
        confidence=answer.confidence,
        evidence=evidence,
        others=tuple(_rival(each, clean) for each in answer.others),
    )


def _rival(rival: Rival, clean: Clean) -> RivalRecord:
    return RivalRecord(
        hypothesis=clean(rival.hypothesis),
        patch=PatchRecord.of(rival.patch, clean),
        differs_on=clean(rival.differs_on),
        answer=clean(rival.answer),
        rival_answer=clean(rival.rival_answer),
    )


def _file(record: FileRecord, base: str) -> FileEdit:
    if hash_of(base) != record.base_sha256:
        raise DoesNotFit(record.path)
    return FileEdit(record.path, base, tuple(TextEdit(start, end, text) for start, end, text in record.edits))
