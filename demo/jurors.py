"""Who may sit: five seats that make a regular jury, and two more people the certifier can call."""

from datetime import date

from demo.sample_documents import House
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.rules.composition import Affiliation
from portfolio.domain.jury.rules.enums import AffiliationKind, College, Gender, OrganisationKind, TiesAnswer
from portfolio.domain.jury.rules.juror_card import MemberInput

_HOUSE = (
    Affiliation(AffiliationKind.EMPLOYMENT, OrganisationKind.CERTIFIER, "Institut Alma des métiers du numérique"),
)

PRESIDENT = MemberInput(
    Seat.PRESIDENT,
    "pascal.quemener@exemple.fr",
    "Pascal Quéméner",
    "Gérant de l’agence Rive Droite, membre d’une organisation d’employeurs du numérique",
    College.EMPLOYERS,
    in_activity=True,
    qualified=True,
    gender=Gender.MAN,
    appointed_on=date(2020, 1, 13),
    appointed_by_director=True,
    ties_answer=TiesAnswer.NONE,
)
EMPLOYEE = MemberInput(
    Seat.EMPLOYEE_REPRESENTATIVE,
    "aya.diallo@exemple.fr",
    "Aya Diallo",
    "Cheffe de projet digital dans une mutuelle, représentante des salariés",
    College.EMPLOYEES,
    in_activity=True,
    qualified=True,
    gender=Gender.WOMAN,
    ties_answer=TiesAnswer.NONE,
)
DIRECTOR = MemberInput(
    Seat.DIRECTOR_OR_DELEGATE,
    "luc.roussel@exemple.fr",
    "Luc Roussel",
    "Directeur de l’Institut Alma",
    College.NONE,
    in_activity=True,
    is_director=True,
    gender=Gender.MAN,
    ties=_HOUSE,
    ties_answer=TiesAnswer.LISTED,
)
TEACHER = MemberInput(
    Seat.TEACHER_TRAINER,
    "ines.fauconnier@exemple.fr",
    "Inès Fauconnier",
    "Enseignante en stratégie de contenus",
    College.NONE,
    in_activity=True,
    gender=Gender.WOMAN,
    qualified=True,
    ties=(Affiliation(AffiliationKind.TEACHING, OrganisationKind.CERTIFIER, "Institut Alma des métiers du numérique"),),
    ties_answer=TiesAnswer.LISTED,
)
MANAGER = MemberInput(
    Seat.PEDAGOGICAL_MANAGER,
    "zoe.petitjean@exemple.fr",
    "Zoé Petitjean",
    "Responsable pédagogique",
    College.NONE,
    in_activity=True,
    gender=Gender.WOMAN,
    ties=_HOUSE,
    ties_answer=TiesAnswer.LISTED,
)
# Whose director signs the act that names the president.
HOUSE = House(
    house="Institut Alma des métiers du numérique",
    city="Rennes",
    activity="organisme certificateur",
    offer="",
    public="",
    site="",
    project="",
    promise="",
    author="Pascal Quéméner",
    position="gérant de l’agence Rive Droite",
    signatory="Luc Roussel",
    signatory_role="directeur",
    partner="",
    results="",
    colour="#1f3a93",
)
FIVE = (PRESIDENT, EMPLOYEE, DIRECTOR, TEACHER, MANAGER)
# Not seated in any session: the certifier may name them, to see the predicates answer.
OTHERS = (
    PersonInput("bruno.salaun@exemple.fr", "Bruno Salaün"),
    PersonInput("mei.lin.carre@exemple.fr", "Mei-Lin Carré"),
)
