"""A result to tell: one block refused of two, closed; a body that has, or has not, said who signs."""

from portfolio.db.engine import Database
from portfolio.domain.certifying_body import settings
from portfolio.domain.certifying_body.rules import BodySettingsValue
from portfolio.domain.notification.rules.letter import MissingCompetencyText
from portfolio.domain.notification.use_cases import notifying
from tests import factories
from tests.jury import builders

REMEDIES = "Vous pouvez demander un nouvel examen de la décision dans les deux mois.\nLe médiateur peut être saisi."
QUALITY = "Directrice de l’institut"
NUMBERS = ("2.3",)
SAID = {
    number: MissingCompetencyText(
        "Une estimation globale.", "Le détail par poste.", "Un budget réel, poste par poste.", "Refaire le chiffrage."
    )
    for number in NUMBERS
}


def decided(db: Database, refused: tuple[int, ...] = (2,)) -> builders.Scene:
    """A closed hearing: every block validated but those refused."""
    made = builders.scene(db, refused=refused)
    builders.close(db, made)
    return made


def speak(db: Database, made: builders.Scene, **changed: object) -> None:
    """The body says what its documents carry, and who signs."""
    told: dict[str, object] = {
        "legal_name": "Association Institut de l’exemple",
        "address": "5, rue Saint-Augustin\n33000 Bordeaux",
        "city": "Bordeaux",
        "signatory_id": made.certifier.id,
        "signatory_quality": QUALITY,
        "remedies": REMEDIES,
        "contact": "Inès Fabre, 05 00 00 00 00",
        **factories.ADOPTED,
    }
    with db.transaction() as session:
        revision = settings.load_body_page(session, made.body_id).revision
        words = BodySettingsValue(**(told | changed))
        settings.save_body_settings(
            session, made.body_id, words, revision=revision, by=made.certifier.id, at=factories.AT
        )


def tell(db: Database, made: builders.Scene) -> None:
    """The signatory sends the result."""
    with db.transaction() as session:
        notifying.notify(session, made.candidacy_id, 1, SAID, by=made.certifier.id, at=builders.ON_THE_DAY)
