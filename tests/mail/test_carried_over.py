"""Letters of before know their kind, and those who accompany keep the name that was typed, after the
migration. On both stores.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import inspect, select, text

from portfolio.db.engine import Database
from portfolio.db.migration import upgrade
from portfolio.domain.candidacy.models import AdvisorAssignment
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.candidacy.use_cases.opening import assign_advisor
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.on_commit import open_database
from tests import factories
from tests.factories import AT
from tests.former_names import former_names
from tests.mail.test_outbox import written

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"


def migrate(db: Database, name: str, table: str, column: str) -> None:
    """Put the table back as it was, then upgrade."""
    spec = importlib.util.spec_from_file_location("migration", next(VERSIONS.glob(f"*_{name}.py")))
    migration = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(migration)
    with (
        db.engine.begin() as connection,
        Operations.context(MigrationContext.configure(connection)),
        former_names(connection),
    ):
        # Indexes of later versions that hold the column: PostgreSQL would drop them with it, SQLite refuses.
        for index in inspect(connection).get_indexes(table):
            if column in index["column_names"]:
                connection.execute(text(f"DROP INDEX {index['name']}"))
        connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {column}"))
        migration.upgrade()


def test_letters_that_tell_of_an_account_are_known_by_what_they_said(db: Database) -> None:
    written(db)
    with db.transaction() as session:  # the subject that news had then
        news = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == EmailTemplate.NEWS)).one()
        news.subject = "Institut de l’exemple\u00a0: du nouveau vous attend sur Acquis"
    migrate(db, "kind_of_letter", "mail", "kind")
    with db.reader() as session:
        kinds = {mail.subject: mail.kind for mail in session.scalars(select(OutgoingEmail))}
    assert sorted(str(kind) for kind in kinds.values()) == ["None", "invitation", "news", "reset"], kinds


def test_whoever_accompanies_now_keeps_the_name_that_was_typed(db: Database) -> None:
    with db.transaction() as session:
        made = factories.world(session, filled=False)
        for email, name in (("avant@exemple.fr", "Avant Ici"), (made.advisor.email, "Claire Ici")):
            assign_advisor(session, made.candidacy.id, PersonInput(email, name), by=made.certifier.id, at=AT)
    migrate(db, "accompaniment_named", "accompaniment", "named")
    with db.reader() as session:
        kept = {
            advisor_assignment.person_id: advisor_assignment.display_name
            for advisor_assignment in session.scalars(select(AdvisorAssignment))
        }
    assert kept.pop(made.advisor.id) == "Claire Ici"
    assert list(kept.values()) == [None], "of those of before, the name of the account goes on"


def test_letters_of_before_are_found_by_name_after_the_upgrade(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'acquis.db'}"
    upgrade(url, "0036")
    old = open_database(url)
    person = (
        "INSERT INTO person (id, email, name, created_at) VALUES (:id, 'lea@exemple.fr', 'Léa Le Gall', :at)"
    )
    mail = (
        "INSERT INTO mail (id, person_id, to_name, to_email, secret, subject, text, written_at, tries) "
        "VALUES (:mail, :id, '', '', 0, 'Sujet', 'Texte', :at, 0)"
    )
    with old.engine.begin() as connection:
        for statement in (person, mail):
            connection.execute(
                text(statement), {"id": "1" * 32, "mail": "2" * 32, "at": "2026-03-02 09:00:00"}
            )
    upgrade(url)
    with old.reader() as session:
        assert session.scalars(select(OutgoingEmail)).one().search_words == "lea le gall lea@exemple.fr"
    old.engine.dispose()
