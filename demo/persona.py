"""What is told of a candidate: a house, posts, pieces with what they show, stories, texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from demo.sample_documents import House, Paper
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.dossier.rules.description import Anonymity, Authorship, Confidentiality, EvidenceKind
from portfolio.domain.dossier.rules.draft import GeneralText, NarrativeText
from portfolio.domain.dossier.rules.texts import ClaimText, ExperienceText


@dataclass(frozen=True)
class Exhibit:
    """A piece: the paper it is made from, its cover note, and what it is claimed for, by label of competency
    (« 2.3 »).
    """

    paper: Paper
    file: str
    title: str
    kind: EvidenceKind
    month: str
    dated: date
    role: str
    claims: Mapping[str, ClaimText] = field(default_factory=dict)
    until: date | None = None
    post: int = 0
    authorship: Authorship = Authorship.MINE
    part: str = ""
    confidentiality: Confidentiality = Confidentiality.OPEN
    anonymity: Anonymity = Anonymity.NOT_NEEDED


@dataclass(frozen=True)
class Life:
    """A candidate and all they write; `house` is where most of their papers come from."""

    who: PersonInput
    admissible_on: date
    house: House
    posts: tuple[ExperienceText, ...]
    exhibits: tuple[Exhibit, ...]
    stories: Mapping[str, NarrativeText]
    texts: Mapping[GeneralText, str]
