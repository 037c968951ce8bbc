"""Sealed dossiers to test with: one that reads like a real one, and any that could be."""

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.dossier.rules.description import Anonymity, Authorship, Confidentiality, EvidenceKind
from portfolio.domain.submission.rules.dossier import (
    Header,
    SealedAnchor,
    SealedBlock,
    SealedCertification,
    SealedClaim,
    SealedCompetency,
    SealedDossier,
    SealedExhibit,
    SealedExperience,
    SealedHeldBlock,
    SealedNarrative,
    SealedStatement,
    SealedTexts,
)

SEALED_AT = datetime(2026, 3, 4, 17, 5, 9, 120000, tzinfo=UTC)

BUDGET = SealedExhibit(
    label="B2-01",
    piece=7,
    title="Budget du site de la médiathèque",
    kind=EvidenceKind.BUDGET,
    dated_from=date(2021, 1, 1),
    dated_to=date(2021, 12, 31),
    experience=1,
    own_role="Je l’ai construit et défendu.",
    authorship=Authorship.MINE,
    own_part="",
    confidentiality=Confidentiality.RESTRICTED,
    anonymity=Anonymity.DONE,
    web_address="",
    captured_on=None,
    name="budget final (2).pdf",
    mime="application/pdf",
    family="document",
    pages=12,
    size=345_678,
    sha256="ab" * 32,
    file_version=2,
)

SAMIA = SealedDossier(
    header=Header(number=1, sealed_at=SEALED_AT),
    candidate="Samia Benali",
    certification=SealedCertification("RNCP16959", "Expert en stratégie digitale", 1, "7", "ECAD Consultants"),
    route=Route.VAE,
    scope=Scope.WHOLE,
    requested=(1, 2),
    statement=SealedStatement("Je déclare sur l’honneur être l’autrice de ce dossier.", SEALED_AT),
    texts=SealedTexts("Mon parcours.", "Mes raisons.", ""),
    held_blocks=(SealedHeldBlock(1, "Piloter un dispositif digital", date(2025, 6, 18), "K7QD-94MT-XW2B-R8FN"),),
    experiences=(
        SealedExperience(1, "Ville de Pau", "Cheffe de projet", date(2019, 9, 1), None, "Une régie.", "3 sites", ""),
    ),
    blocks=(
        SealedBlock(
            2,
            "Définir les solutions techniques d’un projet digital",
            (
                SealedCompetency(
                    "2.1",
                    "Créer une offre de service digital",
                    SealedNarrative("La ville…", "J’ai…", "Parce que…", "Résultat…"),
                    (SealedClaim("B2-01", "4-5, 9", "Le budget montre mes arbitrages."),),
                ),
                SealedCompetency("2.2", "Évaluer les ressources humaines", SealedNarrative("", "", "", "")),
            ),
        ),
    ),
    exhibits=(BUDGET,),
)

# Any text that can come out of the door: no lone surrogate, no NUL.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
days = st.dates(min_value=date(1950, 1, 1), max_value=date(2100, 1, 1))
moments = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
narratives = st.builds(SealedNarrative, texts, texts, texts, texts)
some = st.integers(min_value=0, max_value=2)


@st.composite
def sealed_dossiers(draw: st.DrawFn) -> SealedDossier:
    """Any dossier, with claims that name its exhibits."""
    labels = [f"B1-{rank:02d}" for rank in range(1, draw(some) + 1)]
    claims = st.lists(st.sampled_from(labels), unique=True).map(sorted) if labels else st.just([])
    blocks = []
    for number in range(1, 1 + draw(st.integers(1, 2))):
        competencies = tuple(
            SealedCompetency(
                f"{number}.{rank}",
                draw(texts),
                draw(narratives),
                tuple(SealedClaim(label, draw(texts), draw(texts)) for label in draw(claims)),
                tuple(draw(_anchor(label)) for label in draw(claims)),
            )
            for rank in range(1, 1 + draw(st.integers(1, 2)))
        )
        blocks.append(SealedBlock(number, draw(texts), competencies))
    version = 2 if any(competency.anchors for block in blocks for competency in block.competencies) else 1
    return SealedDossier(
        header=Header(draw(st.integers(1, 9)), draw(moments), version=version),
        candidate=draw(texts),
        certification=draw(st.builds(SealedCertification, texts, texts, st.integers(1, 9), texts, texts)),
        route=draw(st.sampled_from(Route)),
        scope=draw(st.sampled_from(Scope)),
        requested=tuple(block.number for block in blocks),
        statement=draw(st.builds(SealedStatement, texts, moments)),
        texts=draw(st.builds(SealedTexts, texts, texts, texts)),
        blocks=tuple(blocks),
        held_blocks=tuple(
            draw(st.builds(SealedHeldBlock, st.just(9 + n), texts, days, texts)) for n in range(draw(some))
        ),
        experiences=tuple(draw(_experience(n + 1)) for n in range(draw(some))),
        exhibits=tuple(draw(_exhibit(label, rank)) for rank, label in enumerate(labels, start=1)),
    )


def _anchor(label: str) -> st.SearchStrategy[SealedAnchor]:
    sides = st.tuples(*[st.integers(0, 10_000)] * 4) | st.just((None,) * 4)
    position = st.none() | st.integers(0, 20_000)
    page = st.integers(1, 300)
    return sides.flatmap(
        lambda box: st.builds(
            SealedAnchor, st.just(label), st.integers(1, 3), page, *map(st.just, box), texts, position
        )
    )


def _experience(number: int) -> st.SearchStrategy[SealedExperience]:
    maybe = st.none() | days
    return st.builds(SealedExperience, st.just(number), texts, texts, maybe, maybe, texts, texts, texts)


def _exhibit(label: str, piece: int) -> st.SearchStrategy[SealedExhibit]:
    return st.builds(
        SealedExhibit,
        label=st.just(label),
        piece=st.just(piece),
        title=texts,
        kind=st.none() | st.sampled_from(EvidenceKind),
        dated_from=st.none() | days,
        dated_to=st.none() | days,
        experience=st.none() | st.integers(1, 3),
        own_role=texts,
        authorship=st.none() | st.sampled_from(Authorship),
        own_part=texts,
        confidentiality=st.none() | st.sampled_from(Confidentiality),
        anonymity=st.none() | st.sampled_from(Anonymity),
        web_address=texts,
        captured_on=st.none() | days,
        name=texts,
        mime=texts,
        family=texts,
        pages=st.none() | st.integers(1, 999),
        size=st.integers(1, 2**40),
        sha256=digests,
        file_version=st.integers(1, 9),
    )
