"""A candidacy of a route without a livret 2 in the north: what is planned, what was assessed, a cohort."""

from portfolio.domain.admissibility.use_cases.opening import open_candidacy
from portfolio.domain.assessment.rules import AssessmentKind, AssessmentOutcome, PlannedValue
from portfolio.domain.assessment.use_cases import cohorts, plans, results
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import NewCandidacy, PersonInput, Scope
from portfolio.domain.certification.rules.entry import Route
from tests import factories
from tests.rights.fixtures_world import Building, House
from tests.rights.leak_markers import Canary, colour_pdf

NOBODY_OF_THE_TABLE = PersonInput("alternance@exemple.fr", "Alix Renaud")


def assess(made: Building, house: House) -> None:
    """Plan two assessments, record the result of the first, open a cohort; every state may find them in its
    addresses.
    """
    by = house.certifier.id
    proof = made.keep(house.tag, "act", colour_pdf(str(Canary(house.tag, "actfile")), (255, 255, 255)))
    with made.database.transaction() as session:
        first = plans.add_planned(
            session, house.version_id, PlannedValue(AssessmentKind.PRACTICAL_CASE, "Cas", 1), by=by, at=made.at
        )
        spare = plans.add_planned(
            session, house.version_id, PlannedValue(AssessmentKind.DELIVERABLE, "Plan"), by=by, at=made.at
        )
        opening = NewCandidacy(
            house.version_id, NOBODY_OF_THE_TABLE, Route.APPRENTICESHIP, Regime.OTHER, Scope.WHOLE, (), factories.ADMISSIBLE,
            route_confirmed=True,
        )  # fmt: skip
        candidacy = open_candidacy(session, house.body_id, opening, by=by, at=made.at)
        values = results.NewResult(first.id, factories.ADMISSIBLE, "Nadia Lemaire", AssessmentOutcome.PASSED, "16/20")
        row = results.record_result(session, candidacy.id, values, proof, by=by, at=made.at)
        days = (factories.ADMISSIBLE, made.at.date())
        new = cohorts.NewCohort(house.version_id, Route.APPRENTICESHIP, "Promotion de l’exemple", *days)
        cohort = cohorts.create_cohort(session, house.body_id, new, by=by, at=made.at)
        found = {"path_id": candidacy.id, "path_result_id": row.id, "planned_id": spare.id, "cohort_id": cohort.id}
    for place in made.world.places.values():
        place.update(found)
