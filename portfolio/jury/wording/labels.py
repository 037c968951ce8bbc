"""The French name of each code of the jury."""

from __future__ import annotations

from portfolio.jury.rules import College, FindingValue, Ground, Outcome, Seat, TieKind, TieWith

SEATS = {
    Seat.PRESIDENT: "Présidence du jury",
    Seat.EMPLOYEE_REPRESENTATIVE: "Représentant des professions, côté salariés",
    Seat.DIRECTOR_OR_DELEGATE: "Direction de l’établissement, ou sa délégation",
    Seat.TEACHER_TRAINER: "Enseignant formateur",
    Seat.PEDAGOGICAL_MANAGER: "Responsable pédagogique",
    Seat.EMPLOYER_REPRESENTATIVE: "Représentant des professions, côté employeurs",
    Seat.EXTERNAL_PROFESSIONAL: "Professionnel extérieur",
}
# The seat inside a sentence: « le siège de la présidence ».
OF_SEAT = {
    Seat.PRESIDENT: "de la présidence",
    Seat.EMPLOYEE_REPRESENTATIVE: "du représentant des salariés",
    Seat.DIRECTOR_OR_DELEGATE: "de la direction",
    Seat.TEACHER_TRAINER: "de l’enseignant formateur",
    Seat.PEDAGOGICAL_MANAGER: "du responsable pédagogique",
    Seat.EMPLOYER_REPRESENTATIVE: "du représentant des employeurs",
    Seat.EXTERNAL_PROFESSIONAL: "du professionnel extérieur",
}
COLLEGES = {
    College.EMPLOYERS: "Professionnel, représentant les employeurs",
    College.EMPLOYEES: "Professionnel, représentant les salariés",
    College.NONE: "Ni l’un ni l’autre",
}
SHORT_COLLEGES = {College.EMPLOYERS: "employeurs", College.EMPLOYEES: "salariés"}
TIE_KINDS = {
    TieKind.EMPLOYMENT: "Contrat de travail",
    TieKind.MANDATE: "Mandat (administrateur, membre d’un conseil…)",
    TieKind.TEACHING: "Contrat d’enseignement ou d’intervention",
}
TIE_WITHS = {
    TieWith.CERTIFIER: "Avec l’organisme certificateur",
    TieWith.CO_CERTIFIER: "Avec un co-certificateur",
    TieWith.TRAINING_BODY: "Avec un organisme de formation ou d’accompagnement",
}
FINDINGS = {
    FindingValue.ACQUIRED: "Acquise",
    FindingValue.PARTIALLY: "Partiellement acquise",
    FindingValue.NOT_ACQUIRED: "Non acquise",
}
GROUNDS = {
    Ground.INTERVIEW: "Démontrée pendant l’entretien",
    Ground.WORK_SIMULATION: "Démontrée en mise en situation professionnelle",
    Ground.OTHER: "Autre constat, à préciser",
}
OUTCOMES = {Outcome.VALIDATED: "Validé", Outcome.NOT_VALIDATED: "Non validé"}
