"""The law of the dossier: its states, what covers a competency, the one next action, what a submission lacks."""

from portfolio.dossier.rules.coverage import (
    Backing,
    ClaimFact,
    Coverage,
    CoverageState,
    Lack,
    Opinion,
    Story,
    backing_of,
    coverage_from,
    coverage_of,
)
from portfolio.dossier.rules.draft import CompetencyFact, Draft, MisplacedPassage, OwnText, PieceFact
from portfolio.dossier.rules.readiness import BLOCKING, Gap, MissingItem, missing_for_submission
from portfolio.dossier.rules.said import ClaimText, ExperienceText
from portfolio.dossier.rules.state import DossierRefusal, DossierState, Stage
from portfolio.dossier.rules.steps import Ground, NextAction, Step, next_action
from portfolio.dossier.rules.themes import Theme, theme_of

__all__ = [
    "BLOCKING",
    "Backing",
    "ClaimFact",
    "ClaimText",
    "CompetencyFact",
    "Coverage",
    "CoverageState",
    "DossierRefusal",
    "DossierState",
    "Draft",
    "ExperienceText",
    "Gap",
    "Ground",
    "Lack",
    "MisplacedPassage",
    "MissingItem",
    "NextAction",
    "Opinion",
    "OwnText",
    "PieceFact",
    "Stage",
    "Step",
    "Story",
    "Theme",
    "backing_of",
    "coverage_from",
    "coverage_of",
    "missing_for_submission",
    "next_action",
    "theme_of",
]
