"""Check that what opens an account goes with it, whatever it is: links, sessions, second factors, identities, keys."""

from datetime import timedelta

from sqlalchemy import func, select

from portfolio.all_models import metadata
from portfolio.db.care import table_care
from portfolio.db.engine import Database
from portfolio.domain.account import identities, passkeys, second_factor
from portfolio.domain.account.identities import ProvenIdentity
from portfolio.domain.account.models import Passkey
from portfolio.domain.account.passkeys import Site
from portfolio.domain.account.use_cases import start_session
from portfolio.domain.retention.use_cases.erasing import erase_account
from tests import factories
from tests.factories import AT

# The account itself stays without a name, and members of bodies are not erased; tries are digests that live
# an hour.
KEPT = {"person", "certifying_body_member", "login_attempt"}
SITE = Site("localhost", "http://localhost")


def test_everything_that_opens_an_account_is_erased_with_it(db: Database):
    access = {
        name for name, table in metadata.tables.items() if table_care(table).no_fact.startswith("access to an account")
    } - KEPT
    with db.transaction() as session:
        person_id = factories.person(session).id
        secret = second_factor.prepare(session, person_id, "key", at=AT)
        assert second_factor.renew_recovery_codes(session, person_id, at=AT)
        assert secret
        identity = ProvenIdentity("essai", "https://sso.exemple.fr", "sujet", "Samia")
        started = identities.start(session, "essai", at=AT)
        session.flush()
        identities.keep_answer(session, started.state, identity, b"sealed", at=AT)
        assert identities.link(session, person_id, identity, at=AT)
        identities.open_provider_session(
            session, started.state, start_session(session, person_id, timedelta(hours=1), at=AT)
        )
        identities.start(session, "essai", at=AT, person_id=person_id)
        passkeys.creation_options(session, person_id, SITE, at=AT)
        key = Passkey(
            person_id=person_id, name="téléphone", credential_id=b"k", public_key=b"p", sign_count=0, added_at=AT
        )
        key.verifies_user = key.is_synced = False
        session.add(key)
    assert {"provider_session", "linked_identity", "passkey", "passkey_challenge", "second_factor"} <= access
    with db.transaction() as session:
        erase_account(session, person_id, at=AT)
    with db.reader() as session:
        left = {name for name in access if session.scalar(select(func.count()).select_from(metadata.tables[name]))}
    assert left == set()
