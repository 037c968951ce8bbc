"""The law of a candidacy: route, regime, scope, clocks."""

from __future__ import annotations

from enum import StrEnum


class Route(StrEnum):
    """How a person comes to the certification; VAE is the one with a livret 2."""

    VAE = "vae"
    INITIAL_TRAINING = "initial_training"
    APPRENTICESHIP = "apprenticeship"
    CONTINUING_TRAINING = "continuing_training"
    PROFESSIONALISATION = "professionalisation_contract"


class Regime(StrEnum):
    """Which procedure, hence which clocks, binds the candidacy (domain §2)."""

    FRANCE_VAE = "france_vae"
    CERFA = "cerfa"
    OTHER = "other"


class Scope(StrEnum):
    """The whole certification, or chosen blocks."""

    WHOLE = "whole"
    BLOCKS = "blocks"
