"""The findings and decisions of a hearing as one table: a row a competency, one box for a block that is acquired."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField

from portfolio.domain.jury.rules.enums import Demonstration, FindingValue, Outcome
from portfolio.domain.jury_session.use_cases.hearing_page import AssessedBlock, AssessedCompetency, HearingPageData
from portfolio.screens.juror.forms.decisions import DecisionForm, FindingForm, decision_values, finding_values
from portfolio.web.forms import Form, IdempotentForm, SelectChoiceField
from portfolio.wording.jury import GROUNDS

# The token stands once, in the form around.
_INNER = {"csrf": False}
_MISSING_GROUND = "Dites où ont été démontrées les compétences sans pièce."


class WholeBlockForm(Form):
    """A block whose competencies are all acquired, and where those without evidence were demonstrated."""

    whole = BooleanField("Tout le bloc est acquis, et validé")
    ground = SelectChoiceField(
        "Où les compétences sans pièce ont été démontrées",
        Demonstration,
        choices=[("", "Choisissez"), *GROUNDS.items()],
    )


class FindingsGrid:
    """The forms of one table, opened on what is kept or filled with what was typed."""

    def __init__(self, page: HearingPageData, typed: MultiDict[str, str] | None = None) -> None:
        self.form = IdempotentForm() if typed is not None else IdempotentForm(formdata=None)
        self._typed = typed
        self.lines: dict[UUID, FindingForm] = {}
        self.blocks: dict[UUID, DecisionForm] = {}
        self.whole: dict[UUID, WholeBlockForm] = {}
        self._open = [block for block in page.blocks if block.open]
        for block in self._open:
            kept = {"revision": str(block.revision), **decision_values(block.decision)}
            self.blocks[block.id] = self._made(DecisionForm, f"b{block.number}", kept)
            self.whole[block.id] = self._made(WholeBlockForm, f"tout{block.number}", {})
            for line in block.competencies:
                kept = {"revision": str(line.revision), **finding_values(line.finding)}
                self.lines[line.id] = self._made(FindingForm, f"c{line.label}", kept)

    def _made(self, kind: Any, prefix: str, kept: dict[str, Any]) -> Any:
        return kind(self._typed, prefix=prefix, meta=_INNER, data=kept)

    def rebase(self, page: HearingPageData) -> None:
        """Let what was typed replace what another save wrote meanwhile."""
        for block in page.blocks:
            if block.id in self.blocks:
                self.blocks[block.id].revision.data = str(block.revision)
            for line in block.competencies:
                if line.id in self.lines:
                    self.lines[line.id].revision.data = str(line.revision)

    def validate(self) -> bool:
        """Check the fields; what is not answered yet is no error, and a whole block asks its ground once."""
        right = self.form.validate()
        for block in self._open:
            whole = self.whole[block.id]
            right = whole.validate() and right
            if whole.whole.data:
                if any(not line.claims for line in block.competencies) and not whole.ground.data:
                    whole.ground.errors = [_MISSING_GROUND]
                    right = False
                self._acquire(block, whole.ground.data)
        filled = [form for form in self.lines.values() if form.value.raw_data and form.value.raw_data[0]]
        filled += [form for form in self.blocks.values() if form.outcome.raw_data and form.outcome.raw_data[0]]
        answers = [form.validate() for form in filled]  # each of them: every error is shown
        return all(answers) and right

    def _acquire(self, block: AssessedBlock, ground: Demonstration | None) -> None:
        """Answer for each competency of a block and for its decision; a reason that was typed stays."""
        for line in block.competencies:
            form = self.lines[line.id]
            form.value.data, form.value.raw_data = FindingValue.ACQUIRED, [FindingValue.ACQUIRED.value]
            if not line.claims and not form.ground.data:
                form.ground.data = ground
        decision = self.blocks[block.id]
        decision.outcome.data, decision.outcome.raw_data = Outcome.VALIDATED, [Outcome.VALIDATED.value]

    def findings(self) -> Iterator[tuple[AssessedCompetency, FindingForm]]:
        """Yield the competencies whose finding is answered and changes."""
        for block in self._open:
            for line in block.competencies:
                form = self.lines[line.id]
                if form.value.data and form.record() != line.finding:
                    yield line, form

    def decisions(self) -> Iterator[tuple[AssessedBlock, DecisionForm]]:
        """Yield the blocks whose decision is answered and changes."""
        for block in self._open:
            form = self.blocks[block.id]
            if form.outcome.data and form.record() != block.decision:
                yield block, form
