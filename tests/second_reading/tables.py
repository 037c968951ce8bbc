"""The rules of juries and grants as decision tables, each with its source, written from the domain alone.

A decision table names its questions in French; its first line that applies decides, and gives its sentence.
A list of requirements is read otherwise: each is asked, and every one must hold. Nothing here is code of the
product: `python -m tests.second_reading` prints the tables, and a jurist can read them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tests.second_reading.facts import NOT_VALIDATED, TRAINING, UNDECIDED, VAE, VALIDATED

YES, NO = True, False


@dataclass(frozen=True)
class Line:
    """One line of a table: what must be answered to its questions, what follows, and its sentence."""

    when: Mapping[str, bool]
    then: str
    says: str


@dataclass(frozen=True)
class Table:
    """A decision table: the first line that applies decides; the last one applies always."""

    name: str
    source: str
    questions: tuple[str, ...]
    lines: tuple[Line, ...]

    def decide(self, answers: Mapping[str, bool]) -> Line:
        """Return the line that decides; a question left out of a line is indifferent to it."""
        return next(line for line in self.lines if all(answers[q] is a for q, a in line.when.items()))


@dataclass(frozen=True)
class Requirement:
    """A condition among others that must all hold; `name` is that of the fault when it does not."""

    name: str
    says: str
    source: str


@dataclass(frozen=True)
class Predicate(Requirement):
    """A condition on a jury: which routes it is asked of, since when its article binds, what it does if false.

    `effect`: « blocks », « warns », or « optional » for a warning that the rule of the version may ask for.
    """

    effect: str = "blocks"
    law: str = ""
    routes: tuple[str, ...] = (VAE, *TRAINING, "individual")
    law_since: date | None = None
    # Asked by its article alone: where it does not bind, nothing asks it.
    only_by_law: bool = False


# ---------------------------------------------------------------------------------------------- the jury

D6412_6 = {"law": "D6412-6", "law_since": date(2024, 4, 13)}
PREDICATES = (
    Predicate("J1", "Le jury compte le nombre de membres que dit la fiche, tous différents.", "fiche"),
    Predicate("J2", "Chaque siège de la fiche a un membre, et aucun autre siège n’existe.", "fiche"),
    Predicate("J3", "La présidence revient à un professionnel du collège des employeurs.", "fiche"),
    Predicate("J4", "La direction a nommé la présidence au plus tard le jour du jury ; l’acte est joint.", "fiche"),
    Predicate("J5", "Le représentant des salariés est de leur collège, et en activité ce jour-là.", "fiche"),
    Predicate("J6", "Ce siège est tenu par la direction, ou par une délégation valable ce jour-là.", "fiche"),
    Predicate("J7", "La part de membres externes est atteinte ; chacun a répondu de ses liens.", "fiche"),
    Predicate("J8", "La part des deux collèges est atteinte, et les deux sont présents.", "fiche"),
    Predicate(
        "J9",
        "Deux membres au moins, dont un au moins qualifié pour la certification.",
        "code du travail, art. D6412-6 (VAE seulement)",
        routes=(VAE,),
        only_by_law=True,
        **D6412_6,
    ),
    Predicate(
        "J10",
        "Personne n’a ni n’a eu de lien avec le candidat, ni ne l’a accompagné : chacun l’a signé. Hors VAE,"
        " si la fiche a un siège d’enseignant, avoir enseigné au candidat n’écarte pas ; un lien personnel écarte toujours.",
        "code du travail, art. D6412-6 (VAE) ; ailleurs, choix de l’application",
        **D6412_6,
    ),
    Predicate(
        "J11",
        "Une présidence est désignée, et une seule.",
        "code du travail, art. D6412-6 (VAE) ; ailleurs, la fiche ou l’organisme",
        **D6412_6,
    ),
    Predicate(
        "J12",
        "Des femmes et des hommes siègent, ou l’organisme écrit pourquoi.",
        "code du travail et jurisprudence",
        effect="warns",
        **D6412_6,
    ),
    Predicate("J13", "Chaque membre atteste avoir lu le dossier scellé avant de délibérer.", "jurisprudence"),
    Predicate("J14", "Les membres que demande le quorum sont là, présidence comprise ; sinon tous.", "choix"),
    Predicate("J15", "La moitié des membres au moins sont externes.", "usage", effect="optional"),
)

# The answer about ties decides, never the seat: a teacher who is not tied to the body is external.
EXTERNAL = Table(
    "Membre externe (J7, J15)",
    "fiche ; domaine, § 4 et § 9",
    ("a répondu", "direction ou délégation", "lien en cours ou récent"),
    (
        Line({"a répondu": NO}, "inconnu", "Sans réponse, on ne sait pas : le membre ne compte pas."),
        Line({"direction ou délégation": YES}, "interne", "La direction n’est jamais externe."),
        Line({"lien en cours ou récent": YES}, "interne", "Un lien avec l’organisme, en cours ou récent."),
        Line({}, "externe", "Aucun lien qui compte : le membre est externe, quel que soit son siège."),
    ),
)

# --------------------------------------------------------------------------------------------- the ballot

BALLOT = Table(
    "Issue d’un scrutin (J11)",
    "code du travail, art. D6412-6 (VAE) ; ailleurs, la fiche ou l’organisme",
    ("plus de pour", "plus de contre", "voix prépondérante", "présidence pour"),
    (
        Line({"plus de pour": YES}, VALIDATED, "La majorité a voté pour : le bloc est validé."),
        Line({"plus de contre": YES}, NOT_VALIDATED, "La majorité a voté contre : il ne l’est pas."),
        Line(
            {"voix prépondérante": YES, "présidence pour": YES},
            VALIDATED,
            "À égalité, la voix de la présidence l’emporte : elle a voté pour.",
        ),
        Line(
            {},
            NOT_VALIDATED,
            "À égalité, si la présidence a voté contre, s’est abstenue, ou n’a pas de voix prépondérante, le"
            " bloc n’est pas validé.",
        ),
    ),
)

DECIDED = Table(
    "Ce qui est décidé d’un bloc à la clôture",
    "domaine, § 9 : le dernier scrutin clos décide ; une décision rédigée avant lui est sans valeur",
    ("scrutin en cours", "scrutin clos", "mêmes votants", "scrutin favorable", "rédigée", "rédigée pour"),
    (
        Line({"scrutin en cours": YES}, UNDECIDED, "Un scrutin est ouvert : rien n’est décidé."),
        Line(
            {"scrutin clos": YES, "mêmes votants": NO},
            UNDECIDED,
            "Ceux qui délibèrent ne sont plus ceux qui ont voté : le jury vote de nouveau.",
        ),
        Line(
            {"scrutin clos": YES, "scrutin favorable": YES},
            VALIDATED,
            "Le dernier scrutin a validé le bloc, quoi que la présidence ait rédigé.",
        ),
        Line(
            {"scrutin clos": YES},
            NOT_VALIDATED,
            "Le dernier scrutin a refusé le bloc, quoi que la présidence ait rédigé.",
        ),
        Line({"rédigée": NO}, UNDECIDED, "Ni scrutin ni décision rédigée : rien n’est décidé."),
        Line({"rédigée pour": YES}, VALIDATED, "Sans scrutin, la décision rédigée valide le bloc."),
        Line({}, NOT_VALIDATED, "Sans scrutin, la décision rédigée refuse le bloc."),
    ),
)

# ------------------------------------------------------------------------------- closing and R4, R5

CLOSING = (
    Requirement("before_session_day", "Le jour du jury est venu.", "choix"),
    Requirement("suspended", "La séance n’est pas suspendue.", "§9"),
    Requirement("irregular", "Aucune condition bloquante du jury n’est fausse.", "R3"),
    Requirement("finding_missing", "Chaque compétence a son constat.", "R4"),
    Requirement("finding_reason_missing", "Un constat autre qu’« acquise » dit pourquoi.", "R4"),
    Requirement("ground_missing", "Acquise sans preuve rattachée : le motif est consigné.", "R5"),
    Requirement("ground_text_missing", "Un « autre » motif est écrit.", "R5"),
    Requirement("decision_missing", "Chaque bloc présenté et non acquis est décidé.", "R3"),
    Requirement("refusal_reason_missing", "Un refus dit pourquoi.", "R4"),
    Requirement("recommendation_missing", "Un refus dit ce qui est attendu ensuite, ou pourquoi rien.", "R4"),
    Requirement("override_reason_missing", "S’écarter des constats se motive.", "R4"),
    Requirement("votes_incomplete", "Des voix comptées le sont pour et contre.", "J11"),
    Requirement("votes_contradict", "La décision est celle de la majorité.", "J11"),
    Requirement("votes_too_many", "Il n’y a pas plus de voix que de votants.", "J11"),
    Requirement("votes_too_few", "Les voix et les abstentions font le nombre des votants.", "J11"),
    Requirement("ballot_open", "Aucun scrutin n’est en cours.", "J11"),
    Requirement("ballot_void", "Ceux qui délibèrent sont ceux qui ont voté au dernier scrutin.", "J11"),
    Requirement("votes_tied", "À égalité, sans voix prépondérante, le bloc n’est pas validé.", "J11"),
)

# What the findings on its competencies make of a block.
CONSISTENCY = {
    "every": "Chaque compétence est acquise.",
    "threshold": "La part des compétences acquises atteint le seuil de la version.",
    "mean": "La moyenne (acquise 1, partiellement ½, non acquise 0) atteint le seuil de la version.",
}

# ------------------------------------------------------------------------------------------- the grant

GRANT = (
    Requirement("withdrawn", "Le bloc n’a pas été retiré pour fraude.", "R11"),
    Requirement(
        "annulled", "La décision n’a pas été annulée, ni par un recours accordé sur ce bloc.", "R12 ; domaine, § 9"
    ),
    Requirement("absent", "Le candidat n’était pas absent.", "R3"),
    Requirement("excused", "Le candidat n’était pas excusé.", "R3"),
    Requirement("not_presented", "Le bloc était présenté.", "R3"),
    Requirement("not_closed", "Le procès-verbal est clos et signé par la présidence.", "R3"),
    Requirement("irregular_composition", "Le jury qui a délibéré était régulier.", "R3"),
    Requirement("not_admissible", "La recevabilité existait au dépôt.", "R3"),
    Requirement("lapse_not_ruled", "Une caducité a été tranchée par l’organisme.", "R3"),
    Requirement("lapsed", "La caducité n’a pas été prononcée.", "R3"),
    Requirement("not_decided", "Le jury a décidé du bloc.", "R3"),
    Requirement("not_validated", "Il l’a validé.", "R3"),
    Requirement("suspended", "La décision n’est pas suspendue.", "R10"),
)

EQUIVALENCE = Table(
    "Ce que compte une équivalence (R2 c)",
    "domaine, § 5",
    ("identique", "tous les blocs demandés sont acquis et valides", "avant son remplacement"),
    (
        Line({"identique": NO}, "rien", "Partielle ou nulle, elle ne compte jamais d’elle-même."),
        Line(
            {"tous les blocs demandés sont acquis et valides": NO},
            "rien",
            "Il manque un bloc, ou l’un d’eux n’est plus valide ce jour-là.",
        ),
        Line({"avant son remplacement": NO}, "rien", "Remplacée, elle ne fait plus rien acquérir."),
        Line({}, "acquis", "Le bloc est acquis du jour où tout est réuni, pour la même durée."),
    ),
)

NOT_HELD = Table(
    "Ce qui est répondu d’un bloc qui n’est pas acquis",
    "R3, R6, R10 ; domaine, § 5",
    (
        "acquis sans les suspensions",
        "décidé, lettre à venir",
        "devant un jury",
        "dernière décision annulée",
        "jury passé depuis",
        "validité passée",
        "acquisition non vérifiée",
        "acquisition retirée",
        "acquisition annulée",
        "équivalence partielle",
        "demandé",
    ),
    (
        Line({"acquis sans les suspensions": YES}, "suspended", "Ni acquis ni perdu : suspendu."),
        Line({"décidé, lettre à venir": YES}, "awaiting_notification", "Le jury a décidé : la lettre vient."),
        Line(
            {"devant un jury": YES, "dernière décision annulée": YES},
            "annulled_awaiting_jury",
            "La décision a été annulée : un autre jury va l’examiner.",
        ),
        Line({"devant un jury": YES}, "awaiting_jury", "Un jury va l’examiner."),
        Line({"jury passé depuis": YES}, "jury", "Ce que le dernier jury a décidé, et ses motifs."),
        Line({"validité passée": YES}, "validity_ended", "Il a été acquis : sa validité a pris fin."),
        Line({"acquisition non vérifiée": YES}, "acquisition_not_verified", "Une acquisition à vérifier."),
        Line({"acquisition retirée": YES}, "withdrawn", "L’acquisition a été retirée pour fraude."),
        Line({"acquisition annulée": YES}, "annulled", "L’acquisition a été annulée."),
        Line({"équivalence partielle": YES}, "partial_equivalence", "Une équivalence partielle ne suffit pas."),
        Line({"demandé": YES}, "not_presented", "Demandé, et jamais présenté."),
        Line({}, "not_requested", "Jamais demandé."),
    ),
)

# ------------------------------------------------------------------------------ what becomes of a grant

HELD, SUSPENDED, ANNULLED, WITHDRAWN = "held", "suspended", "annulled", "withdrawn"
STATUS: Mapping[tuple[str, str], str] = {
    (HELD, "suspension"): SUSPENDED,
    (SUSPENDED, "confirmation"): HELD,
    (HELD, "annulment"): ANNULLED,
    (SUSPENDED, "annulment"): ANNULLED,
    (HELD, "withdrawal"): WITHDRAWN,
    (SUSPENDED, "withdrawal"): WITHDRAWN,
    (HELD, "rectification"): HELD,
    (SUSPENDED, "rectification"): SUSPENDED,
    (ANNULLED, "rectification"): ANNULLED,
    (WITHDRAWN, "rectification"): WITHDRAWN,
}
# What a whole certification becomes once blocks of it are no longer held: the first of these that one of them is.
WHOLE_LOST = (WITHDRAWN, ANNULLED, SUSPENDED)
LATER = (
    Requirement("later_no_reason", "L’acte est motivé.", "R11, R12"),
    Requirement("later_ended", "Ce qui est annulé ou retiré ne peut qu’être rectifié.", "R11, R12"),
    Requirement("later_already_suspended", "On ne suspend pas ce qui l’est.", "R10"),
    Requirement("later_not_suspended", "On ne confirme que ce qui est suspendu.", "R10"),
    Requirement("later_decided_tomorrow", "L’acte n’est pas daté d’un jour à venir.", "choix"),
    Requirement("later_decided_too_soon", "L’acte ne précède pas ce qu’il touche.", "choix"),
    Requirement("later_not_heard", "Un retrait suit l’audition du candidat.", "R11, R6412-7"),
    Requirement("later_heard_too_soon", "L’audition suit la délivrance.", "R11"),
    Requirement("later_heard_after", "L’audition précède le retrait.", "R11"),
)

# ----------------------------------------------------------------------------------- labels and standing

LABEL = Table(
    "Nom du résultat (R8)",
    "domaine, § 5, R8",
    ("absent", "excusé", "tout le demandé est acquis", "une part du demandé est acquise"),
    (
        Line({"absent": YES}, "absent", "Absent."),
        Line({"excusé": YES}, "excused", "Excusé."),
        Line({"tout le demandé est acquis": YES}, "full", "Validation totale."),
        Line({"une part du demandé est acquise": YES}, "partial", "Validation partielle."),
        Line({}, "none", "Non-validation."),
    ),
)

STANDING = Table(
    "Mention du répertoire (R9)",
    "code du travail, art. L6113-9",
    (
        "délivré pendant un enregistrement",
        "VAE",
        "recevable pendant un enregistrement",
        "formation",
        "formation commencée pendant un enregistrement",
    ),
    (
        Line({"délivré pendant un enregistrement": YES}, "in_force", "Délivré pendant l’enregistrement."),
        Line(
            {"VAE": YES, "recevable pendant un enregistrement": YES},
            "protected_L6113_9",
            "L’article L6113-9 protège la recevabilité de VAE prononcée pendant l’enregistrement.",
        ),
        Line(
            {"formation": YES, "formation commencée pendant un enregistrement": YES},
            "protected_L6113_9",
            "Il protège la formation commencée pendant l’enregistrement.",
        ),
        Line({}, "no_register_claim", "Rien ne permet d’invoquer le répertoire ; le bloc reste acquis."),
    ),
)

OPENING = Table(
    "Ouverture d’une candidature (R9)",
    "domaine, § 5, R9",
    ("pendant un enregistrement", "après la fin d’un enregistrement"),
    (
        Line({"pendant un enregistrement": YES}, "open", "La fiche est enregistrée ce jour-là."),
        Line({"après la fin d’un enregistrement": YES}, "stopped", "La fiche avait expiré : arrêtée."),
        Line({}, "open", "Rien ne dit qu’elle avait expiré : l’organisme juge."),
    ),
)

# What the functions of `reading` compute on days and sets, where no table would be shorter.
PRINCIPLES = (
    Requirement("unit", "Seul un bloc entier s’acquiert.", "R1"),
    Requirement("sources", "Jury, acquisition vérifiée, équivalence, reprise : tout compte également.", "R2"),
    Requirement(
        "permanence",
        "Un bloc acquis le reste ; si sa version ou son certificat limite sa validité, chaque acte qui le donne"
        " vaut du jour de l’acte au même quantième tant de mois plus tard, ce jour compris.",
        "R6",
    ),
    Requirement("valid", "Un bloc est valide un jour donné si l’un de ces actes couvre ce jour.", "R6"),
    Requirement(
        "through",
        "Ce qu’une équivalence donne finit avec le premier des blocs qu’elle demande, ou avec la validité du"
        " bloc pour lequel elle compte ; une chaîne d’équivalences ne prolonge rien.",
        "R2 c, R6 ; domaine, § 9",
    ),
    Requirement(
        "whole",
        "La certification est obtenue le premier jour où tous les blocs d’une même version sont valides"
        " ensemble ; l’acte de ce jour qui complète l’ensemble la date ; de plusieurs, le dernier bloc.",
        "R7",
    ),
    Requirement("first", "De plusieurs actes sur un bloc, le plus ancien vaut ; les autres sont notés.", "§ 5"),
    Requirement("one", "Un seul certificat en vigueur par personne et par bloc.", "R13"),
)

TABLES = (EXTERNAL, BALLOT, DECIDED, EQUIVALENCE, NOT_HELD, LABEL, STANDING, OPENING)
LISTS: Mapping[str, tuple[Requirement, ...]] = {
    "Le jury (J1 à J15)": PREDICATES,
    "La clôture (R3 à R5)": CLOSING,
    "L’octroi (R3)": GRANT,
    "Ce qui est acquis, et jusqu’à quand (R1, R2, R6, R7, R13)": PRINCIPLES,
    "Les actes ultérieurs (R10 à R12)": LATER,
}
