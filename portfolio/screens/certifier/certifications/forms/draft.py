"""The form of a draft: an entry spread out by sections, and put together again."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec
from wtforms import BooleanField, FormField
from wtforms import Form as PlainForm
from wtforms.validators import ValidationError

from portfolio.domain.certification.readers.cncp_text.jury import sourced
from portfolio.domain.certification.rules.entry import Entry, EntryBlock, EntryDetails, Permanence, Route, sources_after
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.juries import with_seats
from portfolio.domain.certification.rules.jury_rule import DecisionRule, JuryRule, JuryTerm, Seat, TermSource
from portfolio.domain.certification.rules.versioning import Correction, carry_over_doubts, places_of
from portfolio.screens.certifier.certifications.forms.fields import (
    NEW_BLOCK,
    BlockRow,
    HoldersRow,
    LinesField,
    LongLineField,
    NumberField,
    QuietField,
    RegistrationRow,
    RouteRow,
    Rows,
    ShareField,
    SiteRow,
    blocks_data,
    registration_data,
    route_data,
    rows_of,
)
from portfolio.screens.certifier.certifications.forms.jury import source_field
from portfolio.web.forms import (
    MultiChoiceField,
    MultiLineField,
    RadioChoiceField,
    SelectChoiceField,
    SingleLineField,
    VersionedForm,
)
from portfolio.wording.certification import DECISION_RULES, PERMANENCE_NAMES, SEAT_NAMES

OTHER_TITLE = "other"
KEPT_OF_BLOCK = ("code", "source", "decision_rule", "decision_threshold", "validity_months", "option")
UNKNOWN = "unknown"


class SourcesForm(PlainForm):
    """Sources that ask for each condition of the jury's rule."""

    size = source_field(JuryTerm.SIZE)
    seats = source_field(JuryTerm.SEATS)
    president_college = source_field(JuryTerm.PRESIDENT_COLLEGE)
    president_appointed = source_field(JuryTerm.PRESIDENT_APPOINTED)
    employee_in_activity = source_field(JuryTerm.EMPLOYEE_IN_ACTIVITY)
    director_or_delegate = source_field(JuryTerm.DIRECTOR_OR_DELEGATE)
    external_min = source_field(JuryTerm.EXTERNAL_MIN)
    representatives_min = source_field(JuryTerm.REPRESENTATIVES_MIN)


ANSWERED = {"yes": True, "no": False}
TERRITORIES = ("new_caledonia", "french_polynesia")


def _territory(label: str) -> RadioChoiceField:
    return RadioChoiceField(label, str, choices={"yes": "Oui", "no": "Non", UNKNOWN: "La fiche ne le dit pas"})


class DraftForm(VersionedForm):
    """Everything an entry says. Anything that can be read can be saved; publication asks for more."""

    title_choice = RadioChoiceField("Intitulé exact des documents", str)
    title_other = SingleLineField("Autre intitulé, si aucun de ceux-là ne convient", limit=1000)
    code = SingleLineField("Code de la fiche", missing="Donnez le code de la fiche, par exemple RNCP12345.", limit=40)
    level = SingleLineField("Niveau européen", limit=20)
    level_1969 = SingleLineField("Niveau de 1969", limit=20)
    nsf = LinesField("Codes NSF")
    rome = LinesField("Codes ROME")
    certifiers = LinesField("Certificateurs", limit=100_000)
    certifying_title = MultiLineField("À quel titre votre organisme la délivre", limit=4000)
    signatory = LongLineField("Qualité du signataire", limit=300)
    predecessor = SingleLineField("Fiche précédente", limit=40)
    registrations = rows_of(RegistrationRow, "Enregistrements", most=40)
    routes = rows_of(RouteRow, "Voies d’accès", most=len(Route))
    jury_size = NumberField("Nombre de membres", most=99)
    seats = Rows(SelectChoiceField("Siège", Seat, choices={"": "Choisissez le siège", **SEAT_NAMES}), "Sièges", most=30)
    external_min = ShareField("Membres extérieurs, au moins (%)")
    representatives_min = ShareField("Représentants des salariés et des employeurs, au moins (%)")
    jury_quorum = NumberField("Membres présents pour délibérer, au moins", most=99)
    half_external = BooleanField("Signaler un jury dont moins de la moitié des membres est extérieure")
    jury_sources = FormField(SourcesForm)
    decision_rule = RadioChoiceField(
        "Quand un bloc est-il validé ?", DecisionRule, choices=DECISION_RULES, missing="Choisissez la règle des blocs."
    )
    decision_threshold = NumberField("Part demandée (%)", least=1, most=100)
    blocks = rows_of(BlockRow, "Blocs de compétences", most=60, new=NEW_BLOCK)
    deliverables = LinesField("Livrables")
    defence = QuietField("Soutenance", limit=5000)
    permanence = RadioChoiceField(
        "Validité des blocs acquis", str, choices={**PERMANENCE_NAMES, UNKNOWN: "Non précisée"}
    )
    new_caledonia = _territory("Accessible en Nouvelle-Calédonie")
    french_polynesia = _territory("Accessible en Polynésie française")
    sites = rows_of(SiteRow, "Lieux", most=200)
    holders_per_year = rows_of(HoldersRow, "Titulaires par an", most=200)
    settled = MultiChoiceField("Points vérifiés", str)

    def __init__(self, state: Correction, *, is_by_hand: bool = False, **more: Any) -> None:
        self.before = entry_from_json(state.entry_json)
        self.is_by_hand = is_by_hand
        data = _data(state, self.before)
        super().__init__(data=opened(data) if is_by_hand else data, **more)  # type: ignore[no-untyped-call]
        titles = [(str(rank), title) for rank, title in enumerate(self.before.titles_seen)]
        self.title_choice.choices = [*titles, (OTHER_TITLE, "Un autre intitulé")]
        self.settled.choices = [(key, key) for key in self.settled.data or ()]

    def validate_title_other(self, field: SingleLineField) -> None:
        """A title typed for nothing would be lost."""
        if field.data and self.title_choice.data not in (None, OTHER_TITLE):
            raise ValidationError(
                "Vous avez écrit un autre intitulé : choisissez « Un autre intitulé », ou effacez-le."
            )

    def validate_decision_threshold(self, field: NumberField) -> None:
        """Two of the three rules need a share; the other has none."""
        needs = self.decision_rule.data in (DecisionRule.THRESHOLD, DecisionRule.MEAN)
        if needs and field.data is None and not field.process_errors:
            raise ValidationError("Donnez la part demandée, entre 1 et 100.")
        if not needs and field.data is not None:
            raise ValidationError("Cette règle n’a pas de part : effacez-la, ou choisissez une autre règle.")

    @property
    def title(self) -> str:
        """Return the exact title, chosen among those seen or typed."""
        choice = self.title_choice.data
        seen = self.before.titles_seen
        if choice and choice.isdecimal() and int(choice) < len(seen):
            return seen[int(choice)]
        return self.title_other.data or ""

    def correction(self) -> Correction:
        """Return the draft as corrected, with its doubts beside what they are about."""
        doubts, settled = carry_over_doubts(
            self.before.doubts, places_of(self.before), self._moves(), self.settled.data or ()
        )
        return Correction(
            entry_json=entry_as_json(self.entry(doubts)),
            revision=self.seen_revision,
            settled=tuple(settled),
            decision_rule=self.decision_rule.data or DecisionRule.EVERY,
            decision_threshold=self.decision_threshold.data,
        )

    def entry(self, doubts: Any = ()) -> Entry:
        """Return the entry as typed; blocks in the order of their numbers."""
        return Entry(
            code=self.code.data or "",
            title=self.title,
            titles_seen=self.before.titles_seen,
            level=self.level.data or None,
            level_1969=self.level_1969.data or None,
            nsf=tuple(self.nsf.data),
            rome=tuple(self.rome.data),
            certifiers=tuple(self.certifiers.data),
            certifying_title=self.certifying_title.data or "",
            signatory=self.signatory.data or None,
            predecessor=self.predecessor.data or None,
            registrations=tuple(row.value() for row in self.registrations.rows),
            routes=tuple(self._routes()),
            jury=self._jury(),
            blocks=tuple(sorted(self._blocks(), key=lambda block: block.number)),
            deliverables=tuple(self.deliverables.data),
            defence=self.defence.data or None,
            permanence=Permanence(self.permanence.data) if self.permanence.data in set(Permanence) else None,
            sites=tuple(row.value() for row in self.sites.rows),
            holders_per_year=tuple(row.value() for row in self.holders_per_year.rows),
            details=self._details(),
            frame=self.before.frame,
            options_needed=self.before.options_needed,
            whole_source=self.before.whole_source,
            doubts=tuple(doubts),
        )

    def _details(self) -> EntryDetails | None:
        before = self.before.details or EntryDetails()
        answered = {name: ANSWERED.get(self[name].data or "") for name in TERRITORIES}
        details = msgspec.structs.replace(before, **answered)
        return details if details != EntryDetails() else None

    def block_before(self, origin: str) -> EntryBlock | None:
        """Return the block that a line was filled from; None for a line added by hand."""
        return next((block for block in self.before.blocks if f"blocks.{block.number}" == origin), None)

    def _blocks(self) -> Iterator[EntryBlock]:
        """Yield each block typed, with what the form does not hold: its code, its source text, how it is decided."""
        for row in self.blocks.rows:
            before = self.block_before(row.origin.data or "")
            kept = {name: getattr(before, name) for name in KEPT_OF_BLOCK} if before else {}
            yield replace(row.value(), **kept)

    def _routes(self) -> Iterator[Any]:
        typed = {entry.form.route.data: entry.form for entry in self.routes.entries}
        known = {route_entry.route: route_entry for route_entry in self.before.routes}
        for route in Route:
            if route.value in typed:
                yield replace(typed[route.value].value(route), rule=known[route].rule if route in known else None)
            elif route in known:
                yield known[route]

    def _jury(self) -> JuryRule | None:
        seats = tuple(entry.data for entry in self.seats.entries if entry.data)
        shares = (self.external_min.data, self.representatives_min.data)
        size = self.jury_size.data
        if self.is_by_hand and size is None:
            size = len(seats) or None  # left empty, it is as many as the seats
        before = sourced(self.before) or JuryRule(None)
        rule = replace(
            with_seats(before, seats),
            size=size,
            external_min=shares[0],
            representatives_min=shares[1],
            quorum=self.jury_quorum.data,
            half_external=bool(self.half_external.data),
        )
        typed = {term: TermSource(code) for term, code in self.jury_sources.data.items() if code in set(TermSource)}
        return None if rule == JuryRule(None) else replace(rule, sources=sources_after(before, rule, typed))

    def _moves(self) -> dict[str, str]:
        """Return where each place of the entry before stands now."""
        moves = {row.origin.data: f"registrations.{rank}" for rank, row in enumerate(self.registrations.rows, 1)}
        for block in self.blocks.rows:
            where = f"blocks.{block.number.data}"
            moves |= dict.fromkeys(block.places, where)
            for row in block.competencies.rows:
                moves |= dict.fromkeys(row.places, f"{where}.competencies.{row.number.data}")
        moves.pop("", None)  # lines added by hand come from no place
        return moves

    def lists(self) -> Mapping[str, Rows]:
        """Every list of lines, by its name in the form."""
        nested = [entry.form.competencies for entry in self.blocks.entries]
        top = (self.registrations, self.seats, self.blocks, self.sites, self.holders_per_year)
        return {rows.name: rows for rows in (*top, *nested)}

    def add_line(self, name: str) -> bool:
        """Add an empty line to a list; False when there is no such list, or it is full."""
        rows = self.lists().get(name)
        return rows is not None and rows.add()

    def remove_line(self, name: str) -> bool:
        """Remove a line by its name (« blocks-2 »); False when there is no such line.

        A block or a competency in which something was typed stays in the form, marked, so that it can be put back.
        """
        head, _, rank = name.rpartition("-")
        rows = self.lists().get(head)
        if rows is None or not rank.isdecimal():
            return False
        row = next((entry.form for entry in rows.entries if entry.name == name and hasattr(entry, "form")), None)
        if row is None or "removed" not in row or row.is_blank:
            return rows.remove(int(rank))
        row["removed"].data = "1"
        return True

    def is_marked(self, name: str) -> bool:
        """Return whether a line is still in the form, marked as removed."""
        entries = (entry for rows in self.lists().values() for entry in rows.entries if hasattr(entry, "form"))
        return any(entry.name == name and entry.form.is_removed for entry in entries)


def opened(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data of an entry typed by hand with lines left open: a block, its competencies, two
    seats (D6412-6).
    """
    blocks = [block if block["competencies"] else {**block, **NEW_BLOCK} for block in data["blocks"]]
    return {**data, "blocks": blocks or [{"number": 1, **NEW_BLOCK}], "seats": data["seats"] or ["", ""]}


def _answer(is_so: bool | None) -> str:
    return {True: "yes", False: "no"}.get(is_so, UNKNOWN) if is_so is not None else UNKNOWN


def _data(state: Correction, entry: Entry) -> dict[str, Any]:
    """Spread a draft over the fields."""
    jury = sourced(entry) or JuryRule(None)
    is_seen = entry.title in entry.titles_seen
    return {
        "revision": str(state.revision),
        "title_choice": str(entry.titles_seen.index(entry.title)) if is_seen else OTHER_TITLE,
        "title_other": "" if is_seen else entry.title,
        **{
            name: getattr(entry, name)
            for name in ("code", "level", "level_1969", "nsf", "rome", "certifiers", "signatory")
        },
        "predecessor": entry.predecessor,
        "certifying_title": entry.certifying_title,
        "registrations": [
            registration_data(registration, rank) for rank, registration in enumerate(entry.registrations, 1)
        ],
        "routes": route_data({route.route: route for route in entry.routes}),
        "jury_size": jury.size,
        "seats": list(jury.seats),
        "external_min": jury.external_min,
        "representatives_min": jury.representatives_min,
        "jury_quorum": jury.quorum,
        "half_external": jury.half_external,
        "jury_sources": {str(term): source for term, source in jury.sources},
        "decision_rule": state.decision_rule,
        "decision_threshold": state.decision_threshold,
        "blocks": blocks_data(entry.blocks),
        "deliverables": entry.deliverables,
        "defence": entry.defence,
        "permanence": entry.permanence or UNKNOWN,
        **{name: _answer(getattr(entry.details, name, None)) for name in TERRITORIES},
        "sites": [{"kind": site.kind, "site": site.site, "declared_by": site.declared_by} for site in entry.sites],
        "holders_per_year": [{"site": holders.site, "holders": holders.holders} for holders in entry.holders_per_year],
        "settled": list(state.settled),
    }
