"""Letters to people who follow another route than VAE: they have no dossier, no livret 2, nobody accompanies them."""

import re
from datetime import date
from uuid import uuid4

import pytest

from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.email.use_cases import render_text
from portfolio.french_text import NBSP

DAY = date(2026, 12, 14)
FACTS = {
    "name": "Samia Benali", "body": "Institut de l’exemple", "candidacy_id": uuid4(), "certification": "Expert",
    "held_on": DAY, "resumes_on": DAY, "start": 540, "end": 600, "place": "Rennes", "token": "t", "number": 1,
    "moved_from": None, "changed": False, "video_link": "", "to_bring": "", "day_contact": "",
    "contact": "Inès Fabre", "why": "candidate", "reason": "Reprise.", "chair": Seat.PRESIDENT, "rank": 0,
}  # fmt: skip
LETTERS = {
    "hearing_scheduled": {}, "hearing_reminder": {}, "hearing_cancelled": {}, "hearing_missed": {"excused": True},
    "hearing_resumes": {"is_juror": False}, "notified": {}, "decided_later": {}, "ruled": {},
    "candidacy_closure": {"kind": "reopened"}, "invitation": {"why": "path"}, "news": {"why": "path"},
    "appeal_answered": {}, "appeal_registered": {}, "observations_invited": {"until": DAY, "blocks": (1,)},
}  # fmt: skip
OF_VAE = re.compile(r"\b(dossier|livret|VAE|preuves?|accompagn\w*)\b", re.IGNORECASE)


def told(letter: str, **facts: object) -> str:
    """Return what a person reads of a letter, its addresses left out."""
    text = "\n".join(render_text(letter, **FACTS | LETTERS.get(letter, {}) | facts))
    return re.sub(r"\{acquis\}\S*", "", text).replace(NBSP, " ")


@pytest.mark.parametrize("letter", LETTERS)
def test_no_letter_speaks_of_a_dossier_to_who_has_none(letter: str):
    assert OF_VAE.findall(told(letter, by_vae=False)) == []


def test_a_sitting_that_resumes_names_what_the_jury_reads():
    assert "rien de votre dossier ne change." in told("hearing_resumes", by_vae=True)
    assert "le relevé de vos évaluations ne change pas." in told("hearing_resumes", by_vae=False)


def test_a_list_of_arrangements_ends_without_waiting_for_another():
    granted = {"is_granted": True, "extra_minutes": 20, "interpreter": True, "arrangements": "", "reason": ""}
    lines = [line for line in told("accommodation", **granted).splitlines() if line.startswith("- ")]
    assert lines == ["- 20 minutes de plus", "- un interprète sera présent"]
