"""The words of a text as the index knows them: French stems without accents, and the passage that shows a
match [design].

Competencies that a document may show, found by the words that they have in common.

A lead, never a score of a person.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import mul
from statistics import fmean, pstdev
from uuid import UUID

import snowballstemmer

MAX_QUERY_CHARACTERS = 200
MAX_QUERY_WORDS = 12
# Characters before and after the first match of a passage.
PASSAGE_CHARACTERS = 110

_WORD = re.compile(r"[^\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
# Words that nearly every French text has: they would find everything.
_EMPTY_WORDS = (
    "a ai au aux avec c ce ces cette d dans de des du elle en est et etait etre il ils j je l la le les "
    "leur lui m ma mais me mes meme mon n ne nos notre nous on ont ou par pas plus pour qu que qui s sa se "
    "ses son sont sur t ta te tes toi ton tu un une vos votre vous y"
)
_EMPTY = frozenset(_EMPTY_WORDS.split())
_stemmer = snowballstemmer.stemmer("french")


@dataclass(frozen=True, slots=True)
class Passage:
    """An extract of a text: each part, and whether it matches a word of the query."""

    parts: tuple[tuple[str, bool], ...]


def index_words(text: str) -> str:
    """Return what the index keeps of a text: the stems of its words, in their order, separated by spaces."""
    return " ".join(stem for word in _WORD.findall(text) for stem in stems_of(word))


def query_words(query: str) -> list[tuple[str, ...]]:
    """Return one group of stems per word of a query: a text matches when it has one stem of each group."""
    words = _WORD.findall(query[:MAX_QUERY_CHARACTERS])
    groups = [stems for word in words if (stems := stems_of(word))]
    return list(dict.fromkeys(groups))[:MAX_QUERY_WORDS]


@lru_cache(maxsize=50_000)
def stems_of(word: str) -> tuple[str, ...]:
    """Return the stems of a word, without accents; none of a word that every text has.

    The stemmer reads accents, which people often leave out: « realise » must find « réalisé ». A word has its
    stem as it is written and as it is without accents, when they differ.
    """
    lower = word.lower().translate(_LIGATURES)
    bare = without_accents(lower)
    if bare in _EMPTY or not bare:
        return ()
    stems = (without_accents(_stemmer.stemWord(lower)), _stemmer.stemWord(bare))
    return tuple(dict.fromkeys(stem for stem in stems if stem))


def without_accents(text: str) -> str:
    """Return the letters and digits of a word, without their accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if sign.isalnum())


def passage_of(text: str, query: str) -> Passage:
    """Return the part of a text around its first match, with every match of it marked; its beginning
    without a match.
    """
    wanted = {stem for group in query_words(query) for stem in group}
    first = next((match for match in _WORD.finditer(text) if wanted & set(stems_of(match.group()))), None)
    at = first.start() if first else 0
    start, end = _bounds(text, at)
    parts = list(_marked(text[start:end], wanted))
    if start:
        parts.insert(0, ("… ", False))
    if end < len(text):
        parts.append((" …", False))
    return Passage(tuple(parts))


def _bounds(text: str, at: int) -> tuple[int, int]:
    """Return where a passage begins and ends, at spaces."""
    start, end = max(0, at - PASSAGE_CHARACTERS), min(len(text), at + 2 * PASSAGE_CHARACTERS)
    if start:
        start = text.find(" ", start, at) + 1 or start
    if end < len(text):
        end = max(text.rfind(" ", at, end), at + 1)
    return start, end


def _marked(text: str, wanted: set[str]) -> Iterator[tuple[str, bool]]:
    done = 0
    for match in _WORD.finditer(text):
        if wanted & set(stems_of(match.group())):
            if match.start() > done:
                yield text[done : match.start()], False
            yield match.group(), True
            done = match.end()
    if done < len(text):
        yield text[done:], False


MAX_SUGGESTIONS = 3
# A passage of so many words, each beginning half-way through the one before.
WINDOW_WORDS = 60
# A lesser sum of weights is found by chance: one everyday word of a page makes none, one that the candidate chose may.
MIN_SCORE, MIN_SAID = 1.3, 0.8
# Below, what is said of a piece is about something else; fewer words (« Photo 12 ») have no meaning to compare. What a
# near meaning counts beside the weights of words.
MIN_LIKENESS, MEANING, MIN_KNOWN_WORDS = 0.05, 0.67, 3
# What a word tells of a competency, by where it comes from.
OWN, EVERYDAY, CONFIRMED, AROUND = 1.0, 0.5, 0.4, 0.25
MAX_PASSAGE_CHARACTERS = 420
_LONG_WORD = re.compile(r"[^\W_]{3,}")
# Words of nearly every competency: they tell none of them from the others.
_USUAL = frozenset(stem for word in ("projet", "offre", "service", "ensemble") for stem in stems_of(word))


@dataclass(frozen=True, slots=True)
class CompetencyWords:
    """Words known of a competency: its own, those around it (its block, how it is assessed), and the stems of what
    advisors confirmed for it in other dossiers.
    """

    text: str
    around: str = ""
    confirmed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A competency, and the passage that made it a lead: its page, 0 for the title, its parts, whether each matches."""

    competency_id: UUID
    page: int
    parts: tuple[tuple[str, bool], ...]


def suggest(
    competencies: Mapping[UUID, CompetencyWords],
    pages: Sequence[tuple[int, str]],
    among: Collection[UUID] | None = None,
    vector_of: Callable[[str], Sequence[float] | None] = lambda _: None,
) -> list[Suggestion]:
    """Return the competencies that a passage of a piece speaks of, the best first; three at most, often none.

    `pages`: the texts of the piece by page; 0 is what its candidate says of it: it is compared by the meaning of its
    words too. `among`: the only ones to return. `vector_of`: the vector of a word in lower case.
    """
    weights = _weights(competencies)
    meanings = Meanings(competencies, vector_of)
    best: dict[UUID, tuple[float, int, str, Collection[str]]] = {}
    for number, text in pages:
        for passage in _passages(text):
            found = _stems(passage)
            near = {} if number else meanings.likenesses(passage)
            for key, stems in weights.items():
                if among is not None and key not in among:
                    continue
                score = sum(stems[stem] for stem in found & stems.keys())
                if score <= (MIN_SCORE if number else MIN_SAID) and key not in near:
                    continue
                score += near.get(key, 0.0)
                if key not in best or score > best[key][0]:
                    best[key] = (score, number, passage, meanings.near_words(key, passage) if key in near else ())
    ranked = sorted(best.items(), key=lambda item: -item[1][0])[:MAX_SUGGESTIONS]
    return [
        Suggestion(key, page, _marked_passage(passage, weights[key], words))
        for key, (_, page, passage, words) in ranked
    ]


class Meanings:
    """The meanings of competencies: the sum of the vectors of their words, those that few of them have first."""

    def __init__(
        self, competencies: Mapping[UUID, CompetencyWords], vector_of: Callable[[str], Sequence[float] | None]
    ) -> None:
        self._vector_of = vector_of
        words = {key: self._known(words.text) for key, words in competencies.items()}
        having = Counter(word for each in words.values() for word in set(each))
        self._of = {
            key: _sum((vector, math.log(1 + len(words) / having[word])) for word, vector in each.items())
            for key, each in words.items()
        }

    def _known(self, text: str) -> dict[str, Sequence[float]]:
        lower = (word.lower() for word in _LONG_WORD.findall(text) if stems_of(word))
        return {word: vector for word in lower if (vector := self._vector_of(word))}

    def likenesses(self, text: str) -> dict[UUID, float]:
        """Return how much nearer than the others each competency is that a text is near to, in standard deviations."""
        known = self._known(text)
        if len(known) < MIN_KNOWN_WORDS or not self._of:
            return {}
        said = _sum((vector, 1.0) for vector in known.values())
        found = {key: sum(map(mul, said, meaning)) for key, meaning in self._of.items()}
        middle, spread = fmean(found.values()), pstdev(found.values())
        return {
            key: MEANING * (value - middle) / spread
            for key, value in found.items()
            if value > max(MIN_LIKENESS, middle)
        }

    def near_words(self, key: UUID, text: str) -> Collection[str]:
        """Return the three words of a text whose meaning is the nearest to a competency."""
        meaning = self._of[key]
        near = {word: sum(map(mul, vector, meaning)) for word, vector in self._known(text).items()}
        return sorted((word for word in near if near[word] > 0), key=lambda word: -near[word])[:3]


def _sum(weighted: Iterable[tuple[Sequence[float], float]]) -> list[float]:
    """Return the sum of vectors of length 1, each times its weight, brought to length 1; nothing of nothing."""
    rows = [[weight * number for number in vector] for vector, weight in weighted]
    total = [sum(numbers) for numbers in zip(*rows, strict=True)]
    return [number / length for number in total] if (length := math.hypot(*total)) else []


def _stems(text: str) -> frozenset[str]:
    """Return one stem a word: the first of those that the index knows."""
    return frozenset(stems[0] for word in _LONG_WORD.findall(text) if (stems := stems_of(word)))


# Words that people use at work for words of frameworks, which come first on each line. A trade may need one more line.
EVERYDAY_WORDS = """
logement locaux entretien | ménage nettoyage nettoyer laver aspirateur sol poussière vitre cuisine salle bain
logement locaux entretien | désinfecter rangement balai
linge textile | lessive repassage repasser machine vêtement couture draps
produits techniques appropriés | détergent javel vinaigre dosage étiquette
relation professionnelle | rendez-vous rôle discrétion secret présentation proches écoute confiance
compte rendre transmettre | cahier liaison signaler message responsable chef rapport transmission prévenir
famille proches | fille fils parent conjoint
planifier organiser temps | planning emploi horaire agenda semaine priorité ordre calendrier rétroplanning
intervention tâches | passage mission bénéficiaire
autonomie | stimuler mémoire promenade sortie loisir gestes isolement jeu lui-même elle-même conversation
sociale social | club visite voisin association atelier rencontre
toilette hygiène | douche lavabo bain gant savon change couche
habiller habillage | vêtement vestiaire chaussure chemise pantalon bas contention
déplacer mobilité transfert | marche fauteuil lit lever déambulateur manutention canne malade posture
repas alimentation | manger cuisine cuisiner menu plat mixé cuillère boire goûter biberon régime petit-déjeuner
repas alimentation | diabétique allergique pot
courses | achat supermarché magasin liste marché ticket
risques prévention sécurité | accident chute danger tapis barre protection secouriste sst sécuriser
urgence | secours pompier samu malaise appeler alerte secouriste
enfants enfance | bébé petit école jumeaux crèche nourrisson
apprentissages éveil | devoirs lecture compter histoire apprendre école leçon
jeux activités éducatives | peinture bricolage parc dessin pâte jouer activité comptine chanson spectacle marionnette
jeux activités éducatives | maternelle
levers couchers | sieste sommeil rituel nuit dormir coucher
soins | bain couche change médicament biberon
documents lettres courrier | word taper mise page modèle publipostage relire note procès-verbal rédiger corriger
documents lettres courrier | invitation
rapports présentations | diaporama powerpoint sommaire annexe rédiger procès-verbal
traçabilité classement conservation archivage | archive dossier ranger rangement armoire serveur registre ged
traçabilité classement conservation archivage | numérisation classer nommer retrouver
informations renseignement | renseigner tarif question demande
accueillir accueil visiteurs | réception recevoir public guichet entrée badge orienter livreur bonjour arrivant
accueillir accueil visiteurs | attendre appel
téléphoniques téléphone appels | standard message communication poste transfert
réunions | convocation salle ordre jour assemblée conseil agenda comité inviter date participant
déplacements voyage | train hôtel billet réservation trajet mission
équipe | collègue présence remplaçant agent salarié
achats ventes commercial | commande fournisseur fourniture bon livraison client
devis facturation facture | paiement payer impayé relance règlement encaissement prix
réclamations litige | plainte mécontent excuse remboursement insatisfait colère solution
clients usagers | usager mail réponse client adhérent
tableaux statistiques suivi | excel graphique indicateur formule chiffre croisé base données calcul fichier courbe
tableaux statistiques suivi | colonne
personnel ressources humaines recrutement | salarié embauche contrat mutuelle paie recruter poste organigramme
personnel ressources humaines recrutement | embaucher recrutement rtt formation alternant stagiaire renfort intérim
personnel ressources humaines recrutement | collègue
absences congés | maladie arrêt rtt vacances
transition changement transformation | former formation habitude outil numérique changer papier collaboratif atelier
transition changement transformation | crainte expliquer tablette réunion information
digitale digital numérique | internet web site ligne application informatique
projet opérations pilotage | chantier étape avancement jalon planning comité coordonner retard refonte rétroplanning
projet opérations pilotage | tâche gantt lancement calendrier
offre service concevoir créer | maquette prototype boutique conçu application nouveau cahier charges réservation
contraintes budgétaires budget | coût prix dépense euro délai enveloppe chiffrer financement recette
évaluer besoins | chiffrer étude analyse diagnostic
données usage audience | analytics visite fréquentation statistique questionnaire enquête réponse tableau bord rebond
données usage audience | clic parcours
veille recherche documentaire | newsletter presse flux rss alerte article tendance nouveauté concurrence lire anglais
marché positionnement contexte | concurrent benchmark cible public étude positionnement créneau clientèle
stratégie défendre | direction comité présentation argument argumentaire choix
communication marketing promotion | plan com campagne publicité publicitaire annonce promotion vente
modèle économique | business recette rentabilité plan boutique
réseaux sociaux supports implantation | facebook instagram linkedin twitter compte page plateforme présence charte
contenus rédactionnel éditorial | article blog vidéo texte image rédaction calendrier publication publier photo
contenus rédactionnel éditorial | newsletter éditorial
partenaires prestataires sous-traitance | fournisseur agence sous-traitant photographe devis appel offres négociation
contracter contrat sélectionner | signer signé choisir comparatif grille notation appel offres négociation convention
contracter contrat sélectionner | accord
santé soin patient | malade infirmier hôpital ordonnance médecin traitement tension
qualité conformité contrôle | audit norme procédure non-conformité iso vérifier mesure
maintenance réparation dépannage | panne réparer pièce outil moteur diagnostic entretien
parents familles coopérer | maman papa mère père cahier transmission
animer communiquer équipe | brief félicitation
logistique stock approvisionnement | inventaire entrepôt palette livraison colis préparation chariot cariste
formation pédagogie | cours stagiaire élève séance exercice évaluation tuteur apprenti
encadrer manager animer | chef équipe réunion entretien instruction motiver conflit
comptabilité gestion | compte bilan tva écriture banque trésorerie saisie
vente conseil client | magasin caisse rayon vitrine fidélité panier argumentaire
cuisine restauration | recette plat service menu haccp chef
construction travaux chantier | maçon béton plan sécurité engin devis artisan
"""


@cache
def _everyday_stems() -> Mapping[str, frozenset[str]]:
    """Return, for the stem of a word of frameworks, the stems of the words that people use of the same activity."""
    found: dict[str, frozenset[str]] = {}
    for line in EVERYDAY_WORDS.strip().splitlines():
        formal, _, plain = line.partition("|")
        for stem in _stems(formal):
            found[stem] = found.get(stem, frozenset()) | _stems(plain)
    return found


def _weights(competencies: Mapping[UUID, CompetencyWords]) -> Mapping[UUID, Mapping[str, float]]:
    """Return what each word tells of each competency: much when few competencies have it."""
    everyday = _everyday_stems()
    terms: dict[UUID, dict[str, float]] = {}
    for key, words in competencies.items():
        own = _stems(words.text)
        said = frozenset().union(*(everyday.get(stem, frozenset()) for stem in own))
        sources = (
            (_stems(words.around), AROUND),
            (words.confirmed, CONFIRMED),
            (said, EVERYDAY),
            (own - _USUAL, OWN),
            (own & _USUAL, 0.1),
        )
        terms[key] = {stem: weight for stems, weight in sources for stem in stems}
    known = Counter(stem for weights in terms.values() for stem in weights)
    return {
        key: {stem: weight * math.log(1 + len(terms) / known[stem]) for stem, weight in weights.items()}
        for key, weights in terms.items()
    }


def _passages(text: str) -> list[str]:
    words = list(re.finditer(r"\S+", text))
    step = WINDOW_WORDS // 2
    starts = range(0, max(1, len(words) - step), step)
    return [
        text[words[start].start() : words[min(start + WINDOW_WORDS, len(words)) - 1].end()] for start in starts if words
    ]


def _marked_passage(passage: str, wanted: Collection[str], near: Collection[str]) -> tuple[tuple[str, bool], ...]:
    text, parts, done = passage[:MAX_PASSAGE_CHARACTERS], list[tuple[str, bool]](), 0
    for match in _LONG_WORD.finditer(text):
        if match.group().lower() in near or any(stem in wanted for stem in stems_of(match.group())[:1]):
            parts += [(text[done : match.start()], False), (match.group(), True)]
            done = match.end()
    parts.append((text[done:] + (" …" if len(passage) > MAX_PASSAGE_CHARACTERS else ""), False))
    return tuple(part for part in parts if part[0])
