"""The form of one rule of the jury, and that of the blocks that are decided otherwise than their version."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from wtforms import BooleanField, FormField, HiddenField
from wtforms import Form as PlainForm
from wtforms.validators import Length, ValidationError

from portfolio.domain.certification.rules.entry import Entry, EntryBlock, sources_after
from portfolio.domain.certification.rules.juries import seat_lines
from portfolio.domain.certification.rules.jury_rule import (
    CONDITION_TERMS,
    PARITIES,
    TERM_SEATS,
    DecisionRule,
    JuryCondition,
    JuryRule,
    JuryTerm,
    ParityBasis,
    Seat,
    SeatCollege,
    SeatTerms,
    TermSource,
)
from portfolio.screens.certifier.certifications.forms.fields import NumberField, Row, Rows, ShareField, rows_of
from portfolio.web.forms import SelectChoiceField, SingleLineField, VersionedForm
from portfolio.wording.certification import DECISION_RULES, SEAT_NAMES, TERM_SOURCES
from portfolio.wording.certification.jury_rules import PARITY_ALWAYS, PARITY_BASES, SEAT_COLLEGES
from portfolio.wording.certification.names import CONDITION_LABELS, TERM_NAMES

MAX_MEMBERS = 30
AS_VERSION = {"": "Comme les autres blocs", **{str(rule): name for rule, name in DECISION_RULES.items()}}


def source_field(term: JuryTerm) -> SelectChoiceField:
    """Return the list of who asks for a condition."""
    return SelectChoiceField(TERM_NAMES[term], TermSource, choices={"": "Non précisé", **TERM_SOURCES})


def _condition_field(term: JuryTerm) -> Any:
    label = CONDITION_LABELS[term]
    return BooleanField(label) if term in PARITIES else NumberField(label, most=MAX_MEMBERS)


# One list a condition: who asks for it.
RuleSourcesForm: Any = type("RuleSourcesForm", (PlainForm,), {term.value: source_field(term) for term in JuryTerm})


class SeatRow(Row):
    """Seats of one kind, and what each asks of the person."""

    seat = SelectChoiceField("Siège", Seat, choices={"": "Choisissez le siège", **SEAT_NAMES})
    count = NumberField("Combien", most=MAX_MEMBERS)
    college = SelectChoiceField("Collège demandé", SeatCollege, choices={"": "N’importe lequel", **SEAT_COLLEGES})
    quality = SingleLineField("Qualité demandée", limit=300)
    appointed_by = SingleLineField("Qui désigne la personne", limit=300)

    @property
    def is_blank(self) -> bool:
        """Return whether no seat was chosen and nothing typed: a line added for nothing is not kept."""
        return not any(self[name].data for name in ("seat", "college", "quality", "appointed_by"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the line; one that asks something is about a kind of seat, which the field alone cannot ask."""
        right = super().validate(extra_validators)
        if not self.seat.data and not self.is_blank and not self.seat.errors:
            self.seat.errors = ["Choisissez le siège, ou effacez la ligne."]
            return False
        return right

    def validate_count(self, field: NumberField) -> None:
        """Seats are counted from one."""
        if field.data == 0:
            raise ValidationError("Écrivez au moins 1, ou retirez ce siège.")

    def terms(self) -> SeatTerms:
        """Return what each of these seats asks."""
        return SeatTerms(self.college.data or None, self.quality.data or "", self.appointed_by.data or "")


class JuryRuleForm(VersionedForm):
    """One rule of the jury, whole."""

    jury_size = NumberField("Nombre de membres", most=MAX_MEMBERS)
    seats = rows_of(SeatRow, "Sièges", most=MAX_MEMBERS, new={"count": 1})
    president_college = BooleanField("La présidence vient du collège employeurs")
    president_appointed = BooleanField("La présidence est nommée par la direction, avec l’acte joint")
    employee_in_activity = BooleanField("Le siège des salariés est tenu par une personne en activité")
    director_or_delegate = BooleanField("Le siège de la direction est tenu par la direction, ou par délégation")
    locals().update({term.value: _condition_field(term) for term in CONDITION_TERMS})
    parity_basis = SelectChoiceField("La parité se vérifie", ParityBasis, choices={"": PARITY_ALWAYS, **PARITY_BASES})
    trade = SingleLineField("Ce métier, s’il est fixé", limit=200)
    external_min = ShareField("Membres extérieurs, au moins (%)")
    representatives_min = ShareField("Représentants des deux collèges, au moins (%)")
    half_external = BooleanField("Signaler un jury dont moins de la moitié des membres est extérieure")
    quorum = NumberField("Quorum : membres présents, au moins", most=MAX_MEMBERS)
    casting_vote = BooleanField("En cas de partage des voix, celle de la présidence l’emporte")
    sources = FormField(RuleSourcesForm)

    def __init__(self, before: JuryRule, revision: int, **more: Any) -> None:
        self.before = before
        super().__init__(data=_data(before, revision), **more)  # type: ignore[no-untyped-call]

    @property
    def parities(self) -> list[Any]:
        """Return the boxes of the conditions that need no number."""
        return [self[term.value] for term in PARITIES]

    @property
    def numbers(self) -> list[Any]:
        """Return the fields of the other conditions."""
        return [self[term.value] for term in CONDITION_TERMS if term not in PARITIES]

    def validate_trade(self, field: SingleLineField) -> None:
        """A trade is named for a number of professionals."""
        if field.data and self.trade_max.data is None and self.trade_min.data is None:
            raise ValidationError("Donnez le nombre de professionnels de ce métier, ou effacez le métier.")

    def value(self) -> JuryRule:
        """Return the rule typed, with who asks for each condition."""
        listed = [(row.seat.data, row.terms()) for row in self.seats.rows for _ in range(_count_of(row))]
        kinds, terms = tuple(seat for seat, _ in listed), tuple(terms for _, terms in listed)
        size = self.jury_size.data
        rule = JuryRule(
            len(kinds) or None if size is None else size,
            kinds,
            self.external_min.data,
            self.representatives_min.data,
            self.quorum.data,
            bool(self.half_external.data),
            (),
            terms if any(seat_terms != SeatTerms() for seat_terms in terms) else (),
            tuple(self._conditions()),
            frozenset(term for term, seat in TERM_SEATS.items() if seat in kinds and not self[term.value].data),
            bool(self.casting_vote.data),
        )
        typed = {term: TermSource(code) for term, code in self.sources.data.items() if code in set(TermSource)}
        return replace(rule, sources=sources_after(self.before, rule, typed))

    def _conditions(self) -> Iterable[JuryCondition]:
        for term in CONDITION_TERMS:
            field = self[term.value]
            if term in PARITIES and field.data:
                yield JuryCondition(term, basis=self.parity_basis.data or None)
            elif term not in PARITIES and field.data is not None:
                is_about_trade = term in (JuryTerm.TRADE_MAX, JuryTerm.TRADE_MIN)
                yield JuryCondition(term, field.data, (self.trade.data or "") if is_about_trade else "")

    def change(self, order: str) -> bool:
        """Add or remove a line of seats, as a button says; False when the order is none of these."""
        verb, _, line = order.partition(":")
        if verb == "add" and line == self.seats.name:
            return bool(self.seats.add())
        head, _, rank = line.rpartition("-")
        if verb == "remove" and head == self.seats.name and rank.isascii() and rank.isdecimal() and len(rank) < 4:
            names = [entry.name for entry in self.seats.entries]
            return line in names and bool(self.seats.remove(names.index(line)))
        return False


def _count_of(row: SeatRow) -> int:
    return 1 if row.count.data is None else min(row.count.data, MAX_MEMBERS)


def _data(rule: JuryRule, revision: int) -> dict[str, Any]:
    """Spread a rule over the fields."""
    lines = seat_lines(rule)
    trades = [condition.text for condition in rule.conditions if condition.text]
    return {
        "revision": str(revision),
        "jury_size": rule.size,
        "seats": [
            {
                "seat": line.seat,
                "count": line.count,
                "college": line.terms.college,
                "quality": line.terms.quality,
                "appointed_by": line.terms.appointed_by,
            }
            for line in lines
        ],
        **{term.value: term not in rule.left_out for term in TERM_SEATS},
        **{term.value: rule.condition(term) is not None for term in PARITIES},
        **{condition.term.value: condition.count for condition in rule.conditions if condition.term not in PARITIES},
        "trade": trades[0] if trades else "",
        "parity_basis": next((condition.basis for condition in rule.conditions if condition.basis), None),
        "external_min": rule.external_min,
        "representatives_min": rule.representatives_min,
        "half_external": rule.half_external,
        "quorum": rule.quorum,
        "casting_vote": rule.casting_vote,
        "sources": {term.value: source for term, source in rule.sources},
    }


class BlockRow(Row):
    """Decision rule of one block, and how long it stays acquired."""

    number = HiddenField(validators=[Length(max=6)])
    decision_rule = SelectChoiceField("Ce bloc est validé quand", DecisionRule, choices=AS_VERSION)
    decision_threshold = NumberField("Part demandée (%)", least=1, most=100)
    validity_months = NumberField("Reste acquis (en mois)", least=1, most=600)
    option = SingleLineField("Option", limit=80)

    def validate_decision_threshold(self, field: NumberField) -> None:
        """Two of the three rules need a share; the others have none."""
        needs = self.decision_rule.data in (DecisionRule.THRESHOLD, DecisionRule.MEAN)
        if needs and field.data is None and not field.process_errors:
            raise ValidationError("Donnez la part demandée, entre 1 et 100.")
        if not needs and field.data is not None:
            raise ValidationError("Cette règle n’a pas de part : effacez-la, ou choisissez une autre règle.")


class BlocksRuleForm(VersionedForm):
    """The blocks that are decided, or stay acquired, otherwise than their version says."""

    blocks: Any = Rows(FormField(BlockRow), "Blocs", most=60)
    options_needed = NumberField("Nombre d’options demandées", least=1, most=60)
    whole_source = SingleLineField("Source de la règle", limit=300)

    def __init__(self, entry: Entry, revision: int, **more: Any) -> None:
        data = {
            "revision": str(revision),
            "blocks": [_block_data(block) for block in entry.blocks],
            "options_needed": entry.options_needed if entry.options else None,
            "whole_source": entry.whole_source,
        }
        super().__init__(data=data, **more)  # type: ignore[no-untyped-call]

    def applied(self, entry: Entry) -> Entry:
        """Return the entry with what was typed for each block, and for the whole."""
        typed = {row.form.number.data: row.form for row in self.blocks.entries}
        return replace(
            entry,
            blocks=tuple(_with_rule(block, typed.get(str(block.number))) for block in entry.blocks),
            options_needed=self.options_needed.data or 1,
            whole_source=self.whole_source.data or "",
        )


def _block_data(block: EntryBlock) -> dict[str, Any]:
    return {
        "number": str(block.number),
        "decision_rule": block.decision_rule,
        "decision_threshold": block.decision_threshold,
        "validity_months": block.validity_months,
        "option": block.option,
    }


def _with_rule(block: EntryBlock, row: Any) -> EntryBlock:
    if row is None:
        return block
    return replace(
        block,
        decision_rule=row.decision_rule.data or None,
        decision_threshold=row.decision_threshold.data if row.decision_rule.data else None,
        validity_months=row.validity_months.data,
        option=row.option.data or "",
    )
