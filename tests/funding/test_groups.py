"""Groups of an employer: joined by a code, left at once; the employer reads presence and no word of a dossier."""

import re

import pytest
from sqlalchemy import select

from portfolio.domain.candidate_group.models import CandidateGroup, GroupMembership
from portfolio.domain.candidate_group.rules import CODE_ALPHABET, CODE_LENGTH, MAX_CODE, new_code, read_code
from portfolio.domain.dossier.models.dossier import Claim, Experience, Narrative
from portfolio.domain.dossier.models.evidence import Evidence
from tests import factories
from tests.funding.test_funding import WRITTEN
from tests.page import Page

GROUP = {"name": "VAE de Pessac", "employer": "Usine de Pessac"}


@pytest.fixture
def world(store):
    with store.transaction() as session:
        return factories.world(session)


@pytest.fixture
def enter(app):
    def open_for(email):
        client = app.test_client()
        client.log_in(email, factories.PASSWORD)
        return client

    return open_for


def group_of(store) -> CandidateGroup:
    with store.reader() as session:
        return session.scalars(select(CandidateGroup)).one()


def memberships(store) -> list[GroupMembership]:
    with store.reader() as session:
        return list(session.scalars(select(GroupMembership)))


def link_of(certifier, store) -> str:
    url = f"/groupes/{group_of(store).id}"
    return re.search(r"(/employeur/[\w-]+)", certifier.send(f"{url}/lien", form=url).text)[1]


@pytest.mark.records("group_left")
def test_a_candidate_joins_by_a_code_after_reading_who_sees_what(enter, world, store, app):
    certifier, candidate = enter(world.certifier.email), enter(world.candidate.email)
    own = f"/candidatures/{world.candidacy.id}/groupe"
    assert certifier.send("/groupes", {"name": "", "employer": "Usine"}).status_code == 422
    assert certifier.send("/groupes", GROUP).status_code == 303
    group = group_of(store)
    assert certifier.get(own).status_code == 403
    wrong = candidate.send(own, {"code": "ZZZZ9999"})
    assert wrong.status_code == 422
    assert "Aucun groupe de votre organisme" in wrong.text
    assert f"{own}?code={group.code}" in candidate.get(f"/groupe/{group.code.lower()}").text
    typed = f"{group.code[:4].lower()} {group.code[4:]}"
    read = candidate.send(own, {"code": typed})
    assert read.status_code == 200
    sentence = "Usine de Pessac verra votre nom, les dates et les heures de vos rendez-vous et votre présence"
    assert sentence in Page(read.text).text
    assert memberships(store) == []
    hidden = Page(read.text).hidden_fields(own)
    assert hidden["join"] == "oui"
    assert candidate.post(own, data=hidden).status_code == 303
    assert candidate.post(own, data=hidden).status_code == 409
    (joined,) = memberships(store)
    assert (joined.candidacy_id, joined.left_at) == (world.candidacy.id, None)
    # The employer reads the minutes of the presence sheet.
    certifier.send(f"/candidatures/{world.candidacy.id}/rendez-vous", WRITTEN)
    link = link_of(certifier, store)
    page = Page(app.test_client().get(link).text).text
    assert world.candidate.name in page
    assert "1 h 15 de présence" in page
    # One tap, and nothing of the candidate is left there.
    assert candidate.send(f"{own}/{group.id}/sortie", form=own).status_code == 303
    assert world.candidate.name not in app.test_client().get(link).text
    assert memberships(store)[0].left_at is not None
    assert candidate.send(own, {"code": group.code, "join": "oui"}).status_code == 303


@pytest.mark.records(
    "group_code_renewed",
    "group_code_withdrawn",
    "group_created",
    "group_joined",
    "group_link_closed",
    "group_link_opened",
)
def test_a_code_is_renewed_or_withdrawn_and_a_link_is_closed(enter, world, store, app):
    certifier, candidate = enter(world.certifier.email), enter(world.candidate.email)
    certifier.send("/groupes", GROUP)
    own, first = f"/candidatures/{world.candidacy.id}/groupe", group_of(store)
    url = f"/groupes/{first.id}"
    assert certifier.send(f"{url}/code", form=url).status_code == 303
    assert group_of(store).code != first.code
    assert candidate.send(own, {"code": first.code}).status_code == 422
    assert candidate.send(own, {"code": group_of(store).code, "join": "oui"}).status_code == 303
    assert certifier.send(f"{url}/code/retrait", form=url).status_code == 303
    assert group_of(store).code is None
    assert world.candidate.name in certifier.get(url).text
    link = link_of(certifier, store)
    assert app.test_client().get(link).status_code == 200
    assert certifier.send(f"{url}/lien/retrait", form=url).status_code == 303
    assert app.test_client().get(link).status_code == 404


def test_wrong_codes_are_throttled(enter, world, store):
    enter(world.certifier.email).send("/groupes", GROUP)
    candidate, own = enter(world.candidate.email), f"/candidatures/{world.candidacy.id}/groupe"
    assert {candidate.send(own, {"code": f"FAUX{n}"}).status_code for n in range(10)} == {422}
    slowed = candidate.send(own, {"code": group_of(store).code})
    assert slowed.status_code == 429
    assert "Trop de codes faux" in slowed.text


def test_the_code_of_another_body_opens_nothing(enter, world, store):
    with store.transaction() as session:
        other = factories.body(session, "Autre institut")
        stranger = factories.certifier(session, other.id, "Ada Autre")
    elsewhere = enter(stranger.email)
    elsewhere.send("/groupes", GROUP)
    own = f"/candidatures/{world.candidacy.id}/groupe"
    assert enter(world.candidate.email).send(own, {"code": group_of(store).code}).status_code == 422
    assert enter(world.certifier.email).get(f"/groupes/{group_of(store).id}").status_code == 404


def test_the_employer_reads_no_word_of_the_dossier(enter, world, store, app):
    certifier, candidate = enter(world.certifier.email), enter(world.candidate.email)
    certifier.send("/groupes", GROUP)
    own = f"/candidatures/{world.candidacy.id}/groupe"
    candidate.send(own, {"code": group_of(store).code, "join": "oui"})
    certifier.send(f"/candidatures/{world.candidacy.id}/rendez-vous", WRITTEN)
    read = Page(app.test_client().get(link_of(certifier, store)).text).text
    assert world.candidate.name in read
    with store.reader() as session:
        words = [
            *session.scalars(select(Evidence.title)),
            *session.scalars(select(Claim.comment)),
            *session.scalars(select(Narrative.actions)),
            *session.scalars(select(Experience.post)),
            WRITTEN["place"],
            world.candidate.email,
            world.advisor.name,
        ]
    words = [word for word in words if word]
    assert len(words) > 20
    assert [each for each in words if each in read] == []


def test_a_code_is_read_as_it_is_said():
    code = new_code()
    assert len(code) == CODE_LENGTH <= MAX_CODE
    assert set(code) <= set(CODE_ALPHABET)
    assert read_code(f" {code[:4].lower()}-{code[4:]} ") == code
    assert not {"0", "O", "1", "I", "L"} & set(CODE_ALPHABET)
