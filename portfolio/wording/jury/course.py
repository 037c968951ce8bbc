"""Sentences of the minutes on the course of a deliberation: votes, suspensions, departures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from portfolio.domain.jury.rules.ballots import BallotResult, TieBreak
from portfolio.domain.jury.rules.closing import Suspension
from portfolio.domain.jury.rules.deliberation import Votes
from portfolio.domain.jury.rules.enums import Outcome
from portfolio.domain.jury.rules.member_status import voters_recorded
from portfolio.french_text import date_fr, datetime_fr
from portfolio.wording.jury.deliberation import ballot_message, vote_question, votes_message

Recorded = Mapping[str, Any]


def vote_messages(composition: Recorded, block: int, votes: Votes, outcome: Outcome) -> tuple[str, ...]:
    """Say every vote on a block as the minutes recorded it: the question, the counts, the outcome.

    `votes` and `outcome` are those of the decision: without a ballot, the counts that the presidency noted.
    """
    ballots = [held for held in composition.get("course", {}).get("ballots", ()) if held["block"] == block]
    if ballots:
        return tuple(_ballot(held, number, len(ballots)) for number, held in enumerate(ballots, 1))
    voters, casting_vote = voters_recorded(composition["members"]), composition.get("casting_vote", True)
    counts = votes_message(votes, voters, outcome, casting_vote=casting_vote)
    return (f"{vote_question(block)} {counts}.",) if counts else ()


def _ballot(held: Recorded, number: int, total: int) -> str:
    which = f"Vote n° {number} : " if total > 1 else ""
    question = f"{which}{vote_question(held['block'])}"
    if "closed_at" not in held:
        return f"{question} Vote ouvert le {_moment(held['opened_at'])}, non terminé."
    ended = f"terminé le {_moment(held['closed_at'])}"
    if "outcome" not in held:
        return f"{question} Vote {ended}."
    votes = Votes(held["in_favour"], held["against"], held["abstained"])
    settled = TieBreak(held["tie_break"]) if "tie_break" in held else None
    result = BallotResult(votes, Outcome(held["outcome"]), settled)
    return f"{question} {ballot_message(result)} ({ended})."


def suspension_message(suspension: Suspension) -> str:
    """Say since when a sitting is suspended, and when it resumes as far as that is known."""
    until = (
        f"Reprise prévue le {date_fr(suspension.resumes_on)}."
        if suspension.resumes_on
        else "Le jour de la reprise n’est pas encore fixé."
    )
    return f"Séance suspendue depuis le {date_fr(suspension.since)}. {until}"


def course_messages(composition: Recorded) -> tuple[str, ...]:
    """Say what happened to the sitting, in its order: suspended, why and until when; who left, who came."""
    course = composition.get("course", {})
    told = [(stop["at"], _adjournment(stop)) for stop in course.get("adjournments", ())]
    told += [(move["at"], _move(move)) for move in course.get("attendance_changes", ())]
    return tuple(message for _at, message in sorted(told))


def _adjournment(stop: Recorded) -> str:
    planned = stop.get("resumes_on")
    until = f" Reprise prévue le {date_fr(date.fromisoformat(planned))}." if planned else ""
    resumed = stop.get("resumed_at")
    end = f" Séance reprise le {_moment(resumed)}." if resumed else " La séance n’a pas été reprise."
    return f"Séance suspendue le {_moment(stop['at'])} : {stop['reason'].rstrip('.')}.{until}{end}"


def _move(move: Recorded) -> str:
    noted = "présence notée" if move["present"] else "départ ou absence noté"
    return f"{move['name']} : {noted} le {_moment(move['at'])}."


def _moment(written: str) -> str:
    return datetime_fr(datetime.fromisoformat(written))
