"""The results of a cohort in one table: typed, pasted from a spreadsheet, read from a file; taken away as a file."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import abort, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session
from portfolio.domain.assessment.rules import AssessmentOutcome
from portfolio.domain.assessment.use_cases import grids
from portfolio.domain.assessment.use_cases.grids import CohortGrid, GridEntry, GridRow
from portfolio.domain.assessment.use_cases.plans import PlannedLine
from portfolio.domain.assessment.use_cases.results import NewResult
from portfolio.domain.certification.rules.case_package import folded
from portfolio.errors import Conflict, Refusal
from portfolio.files.conversion.tables import MAX_TABLE_BYTES
from portfolio.screens.blueprints import blueprint_of
from portfolio.web.clock import now, today
from portfolio.web.exports import CSV, ODS, export_response
from portfolio.web.forms import (
    Form,
    FrenchDateField,
    IdempotentForm,
    SelectChoiceField,
    SingleLineField,
    pairs,
    refusal_message,
    run_once,
)
from portfolio.web.request_limits import accepts_file
from portfolio.web.sheets import SentSheet, SheetForm
from portfolio.wording import assessment as words

bp = blueprint_of(__name__)

_INNER = {"csrf": False}
_NAME, _EMAIL = "name", "email"


class ColumnForm(Form):
    """Day and examiner of every result that one column records; the paper that proves the whole column."""

    assessed_on = FrenchDateField("Date de l’évaluation")
    examiner = SingleLineField("Évaluée par", limit=200)
    proof = SingleLineField("Preuve", limit=300)


class CommonForm(Form):
    """The examiner of the columns that do not say their own."""

    examiner = SingleLineField("Évaluées par", limit=200)


class CellForm(Form):
    """The result of one person for one assessment; `seen` is the one that the table showed."""

    outcome = SelectChoiceField("Résultat", AssessmentOutcome)
    detail = SingleLineField("Note ou appréciation", limit=1000)
    seen = SingleLineField("", limit=32)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        offered = {
            outcome: label for outcome, label in words.OUTCOMES.items() if outcome is not AssessmentOutcome.WITHDRAWN
        }
        self.outcome.choices = pairs([("", "–"), *offered.items()])


class ResultsFileForm(SheetForm):
    """A file of results: people in lines, assessments in columns."""

    headings: Mapping[str, Sequence[str]] = {
        _NAME: ("Nom", "Nom et prénom", "Prénom et nom", "Candidat", "Apprenti"),
        _EMAIL: ("Courriel", "E-mail", "Mail"),
    }


class ResultsGrid:
    """The forms of the table of a cohort."""

    def __init__(self, grid: CohortGrid, typed: MultiDict[str, str] | None = None) -> None:
        self.page = grid
        self.form = IdempotentForm() if typed is not None else IdempotentForm(formdata=None)
        self.common = CommonForm(typed, prefix="commun", meta=_INNER)
        self.columns = {
            planned.id: ColumnForm(typed, prefix=f"k{planned.number}", meta=_INNER, data={"assessed_on": today()})
            for planned in grid.planned
        }
        self.cells: dict[grids.Place, CellForm] = {}
        for row in grid.rows:
            for planned in filter(row.takes, grid.planned):
                kept = grid.cells.get((row.candidacy_id, planned.id))
                data = {"outcome": kept.outcome, "detail": kept.detail, "seen": kept.id.hex} if kept else {}
                prefix = f"r{row.candidacy_id.hex}{planned.number}"
                self.cells[row.candidacy_id, planned.id] = CellForm(typed, prefix=prefix, meta=_INNER, data=data)

    def changed(self) -> Iterator[tuple[GridRow, PlannedLine, CellForm]]:
        """Yield the cells that say another result than what is recorded."""
        for row in self.page.rows:
            for planned in filter(row.takes, self.page.planned):
                cell, kept = (
                    self.cells[row.candidacy_id, planned.id],
                    self.page.cells.get((row.candidacy_id, planned.id)),
                )
                said = cell.outcome.data, cell.detail.data or ""
                if said != ((kept.outcome, kept.detail) if kept else (None, "")):
                    yield row, planned, cell

    def validate(self) -> bool:
        """Check each cell that changes, that its column says when and by whom, and each proof."""
        proved = (each.validate() for each in self.columns.values() if each.proof.data)
        right = all([self.form.validate(), self.common.validate(), *proved])
        for _row, planned, cell in self.changed():
            right = cell.validate() and right
            if not cell.outcome.data and not cell.outcome.errors:
                cell.outcome.errors = ["Choisissez un résultat. Une erreur se corrige sur la page de la personne."]
                right = False
            column = self.columns[planned.id]
            if column.validate() and not column.errors:
                if not column.assessed_on.data:
                    column.assessed_on.errors = ["Donnez la date de cette évaluation."]
                if not self._examiner_of(column):
                    column.examiner.errors = ["Dites qui a évalué."]
            right = right and not column.errors
        return right

    def _examiner_of(self, column: ColumnForm) -> str:
        return column.examiner.data or self.common.examiner.data or ""

    def entries(self) -> list[GridEntry]:
        """Return the results to record."""
        known = {examiner.name: examiner.id for examiner in self.page.examiners}
        found: dict[grids.Place, GridEntry] = {}
        for row, planned, cell in self.changed():
            column = self.columns[planned.id]
            examiner = self._examiner_of(column)
            told: tuple[Any, ...] = (cell.outcome.data, cell.detail.data or "", known.get(examiner), column.proof.data)
            result = NewResult(planned.id, column.assessed_on.data, examiner, *told)
            found[row.candidacy_id, planned.id] = GridEntry(row.candidacy_id, result, _id_of(cell.seen.data))
        # A proof is of the whole column: the results that stay get it, and keep their day and their examiner.
        for (candidacy_id, planned_id), kept in self.page.cells.items():
            proof = self.columns[planned_id].proof.data if planned_id in self.columns else ""
            cell_form = self.cells.get((candidacy_id, planned_id))
            if not proof or proof == kept.proof or cell_form is None or (candidacy_id, planned_id) in found:
                continue
            told = (kept.examiner, kept.outcome, kept.detail, kept.examiner_id, proof)
            result = NewResult(planned_id, kept.assessed_on, *told)
            found[candidacy_id, planned_id] = GridEntry(candidacy_id, result, _id_of(cell_form.seen.data))
        return list(found.values())

    def fill(self, sheet: SentSheet) -> tuple[list[str], str]:
        """Write a file into the table, without recording; return what of it has no place, and how much it changes."""
        numbers = _columns_of(sheet.headings, self.page.planned)
        faults: list[str] = []
        read = 0
        for number, cells in sheet.rows:
            row = _row_of(sheet, cells, self.page.rows)
            if row is None:
                faults.append(words.unknown_line_message(number, cells))
                continue
            for place, planned in numbers.items():
                cell = self.cells.get((row.candidacy_id, planned.id))
                text = cells[place].strip() if place < len(cells) else ""
                if not text or cell is None:
                    continue
                outcome, detail = words.read_outcome(text)
                if outcome is None:
                    faults.append(words.unknown_outcome_message(number, row.name, text))
                else:
                    cell.outcome.data, cell.detail.data = outcome, detail or cell.detail.data
                    read += 1
        return faults, words.filled_message(len(list(self.changed())), read)


def _id_of(text: str | None) -> UUID | None:
    return UUID(text) if re.fullmatch("[0-9a-f]{32}", text or "") else None


def _columns_of(headings: tuple[str, ...], planned: tuple[PlannedLine, ...]) -> Mapping[int, PlannedLine]:
    """Return which column of a file is which assessment: by the number before its heading, or by its words."""
    numbered = {str(each.number): each for each in planned}
    found = {}
    for place, heading in enumerate(headings):
        number = re.match(r"\s*(\d{1,3})\s*[.)–-]", heading)
        if number and number[1] in numbered:
            found[place] = numbered[number[1]]
        elif heading:
            for each in planned:
                if folded(heading) in (folded(each.value.title), folded(words.planned_label(each.value))):
                    found[place] = each
    return found


def _row_of(sheet: SentSheet, cells: tuple[str, ...], rows: tuple[GridRow, ...]) -> GridRow | None:
    said = {column: cell for column, cell in zip(sheet.columns, cells, strict=False) if column}
    if email := said.get(_EMAIL, "").casefold():
        return next((row for row in rows if row.email == email), None)
    wanted = sorted(folded(said.get(_NAME, "")).split())
    alike = [row for row in rows if sorted(folded(row.name).split()) == wanted]
    return alike[0] if len(alike) == 1 else None


def _found(body: BodyAccess, cohort_id: UUID) -> CohortGrid:
    return grids.load_cohort_grid(read_session(), body.id, cohort_id) or abort(404)


def _page(table: ResultsGrid, sheet: ResultsFileForm | None = None, **more: Any) -> str:
    names = {"table": table, "page": table.page, "sheet_form": sheet or ResultsFileForm(formdata=None), "say": words}
    names |= {"stopped": "", "faults": (), "filled": ""}
    return render_template("certifier/assessments/grid.html", **(names | more))


@bp.get("/promotions/<uuid:cohort_id>/resultats")
@certifier_page(Permission.MANAGE_CANDIDACY)
def cohort_results(body: BodyAccess, cohort_id: UUID) -> ResponseReturnValue:
    """Show the results of a cohort in one table."""
    return _page(ResultsGrid(_found(body, cohort_id)))


@bp.post("/promotions/<uuid:cohort_id>/resultats")
@certifier_page(Permission.MANAGE_CANDIDACY)
def record_cohort_results(body: BodyAccess, cohort_id: UUID) -> ResponseReturnValue:
    """Record the cells that change, all or none; what was typed stays."""
    table = ResultsGrid(_found(body, cohort_id), request.form)
    if not table.validate():
        return _page(table), 422
    entries = table.entries()

    def act(db: Session) -> str:
        done = grids.record_grid(db, entries, by=current_user.id, at=now())
        session["notice"] = words.recorded_message(done)
        return url_for(".cohort_results", cohort_id=cohort_id)

    try:
        return run_once(table.form.nonce.data, act)
    except Conflict:
        close_read_session()
        return _page(ResultsGrid(_found(body, cohort_id), request.form), stopped=words.GRID_CONFLICT), 409
    except Refusal as refusal:
        return _page(table, stopped=refusal_message(refusal)), 409


@bp.post("/promotions/<uuid:cohort_id>/resultats/liste")
@accepts_file(lambda _settings: MAX_TABLE_BYTES, has_long_text=True)
@certifier_page(Permission.MANAGE_CANDIDACY)
def read_cohort_results(body: BodyAccess, cohort_id: UUID) -> ResponseReturnValue:
    """Write a file into the table, without recording anything."""
    table, form = ResultsGrid(_found(body, cohort_id)), ResultsFileForm()
    sheet = form.read() if form.validate() else None
    if sheet is None or not _columns_of(sheet.headings, table.page.planned):
        if not form.errors:
            form.lines.errors = ["Aucune colonne n’est une évaluation. Partez du fichier que cette page donne."]
        return _page(table, form), 422
    faults, filled = table.fill(sheet)
    return _page(table, faults=faults, filled=filled)


@bp.get("/promotions/<uuid:cohort_id>/resultats/fichier")
@certifier_page(Permission.MANAGE_CANDIDACY)
def download_cohort_results(body: BodyAccess, cohort_id: UUID) -> ResponseReturnValue:
    """Send the table as a file that this page reads back."""
    kind = CSV if request.args.get("format") == CSV else ODS
    page = _found(body, cohort_id)
    header = ["Nom", "Courriel", *(f"{each.number}. {words.planned_label(each.value)}" for each in page.planned)]
    rows = (
        [
            row.name,
            row.email,
            *(words.outcome_cell(page.cells.get((row.candidacy_id, each.id))) for each in page.planned),
        ]
        for row in page.rows
    )
    return export_response(kind, "resultats", header, rows)
