"""The form by which a candidate claims a place of a piece without leaving the viewer."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from wtforms import HiddenField
from wtforms.validators import ValidationError

from portfolio.access.candidacy import CandidacyAccess
from portfolio.db.engine import read_session
from portfolio.domain.dossier.models import Claim
from portfolio.domain.dossier.use_cases.claims import MarkedPlace
from portfolio.domain.evidence.rules.anchors import (
    QUOTE_MAX_CHARS,
    Anchor,
    AnchorErrorCode,
    parse_region,
    passage_with,
)
from portfolio.domain.evidence.rules.citation import CITATION_MAX_CHARS, CitationError, CitationUnit
from portfolio.domain.evidence.use_cases.conversions import FileExtent, load_file_extent
from portfolio.screens.candidate.dossier import competency_page
from portfolio.screens.candidate.dossier.forms import CommentForm
from portfolio.screens.candidate.evidence import queries
from portfolio.screens.evidence_files.place_fields import anchor_from_fields
from portfolio.web.forms import IdempotentForm, MultiLineField, SelectChoiceField, SingleLineField, pairs
from portfolio.wording.anchors import ERRORS, PLACE_LABELS, ZONES
from portfolio.wording.evidence import PASSAGE_HELP, citation_error_message


class PlaceForm(CommentForm, IdempotentForm):
    """The competency that a place shows, where the place is, and why."""

    competency = SelectChoiceField("Quelle compétence ?", UUID, missing="Choisissez une compétence.")
    passage = SingleLineField(PLACE_LABELS[CitationUnit.PAGES], limit=CITATION_MAX_CHARS)
    zone = SelectChoiceField("Où, dans la page ?", str, choices=ZONES)
    quote = MultiLineField(
        "Mots du document à citer",
        limit=QUOTE_MAX_CHARS,
        description=(
            "Recopiez-les depuis « Texte de la page », ou surlignez-les sur la page avec « Citer des mots »."
        ),
    )
    page = HiddenField()
    region = HiddenField()
    position = HiddenField()

    def __init__(
        self,
        choices: Iterable[tuple[UUID, str]],
        extent: FileExtent,
        page: int,
        claimed: Collection[UUID],
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self._extent, self._claimed = extent, claimed
        self.competency.choices = pairs([("", "Choisissez"), *choices])
        self.passage.label.text = PLACE_LABELS[extent.unit]
        self.passage.description = PASSAGE_HELP[CitationUnit.MINUTES if self.plays else CitationUnit.PAGES]
        if not self.is_submitted():
            self.page.data = str(page)
            self.passage.data = str(page) if extent.pages > 1 and not self.plays else ""

    def is_comment_wanted(self) -> bool:
        """Return whether a claim is made: one that is completed keeps what it says."""
        return self.competency.data not in self._claimed

    @property
    def plays(self) -> bool:
        """Whether places of the file are moments."""
        return self._extent.unit is CitationUnit.MINUTES

    @property
    def has_pages(self) -> bool:
        """Whether there are pages to choose."""
        return self._extent.pages > 1

    def validate_passage(self, field: SingleLineField) -> None:
        """Pages, or moments, must be in the file."""
        answer = passage_with(None, field.data or "", self._extent.unit, self._extent.last)
        if isinstance(answer, CitationError):
            raise ValidationError(
                citation_error_message(answer, CitationUnit.MINUTES if self.plays else CitationUnit.PAGES)
            )

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse a region that is none, beside what each field refuses."""
        sound = super().validate(extra_validators)
        region = parse_region(self.region.data or "")
        if isinstance(region, AnchorErrorCode):
            self.zone.errors = [ERRORS[region]]
        return sound and not isinstance(region, AnchorErrorCode)

    def place(self) -> MarkedPlace:
        """Return the place: a region that was drawn goes before a zone that was chosen, and quoted words
        before both.
        """
        anchor = None if self.plays else self._anchor()
        return MarkedPlace(self._extent.version, self.passage.data or "", anchor)

    def _anchor(self) -> Anchor | None:
        fields = {
            name: str(self[name].data or "") for name in ("page", "region", "zone", "quote", "position")
        }
        return anchor_from_fields(self._extent.version, **fields)


def place_form(case: CandidacyAccess, evidence_id: UUID, number: int, page: int = 1) -> PlaceForm | None:
    """Return the form of a version that can be claimed: the current one, of a draft that is open; None
    otherwise.
    """
    file = queries.find_current_file(read_session(), case.id, evidence_id)
    if not case.is_editable or file is None or file.number != number:
        return None
    choices = competency_page.list_claimable_competencies(read_session(), case.id)
    claimed = set(read_session().scalars(select(Claim.competency_id).where(Claim.evidence_id == evidence_id)))
    return PlaceForm(choices, load_file_extent(read_session(), file), page, claimed)
