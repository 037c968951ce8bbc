"""Check what a French text shows of a long one."""

import pytest

from portfolio.french_text import NBSP, shortened


@pytest.mark.parametrize(
    ("characters", "shown"),
    [
        (40, "Piloter un dispositif, en ligne"),
        (31, "Piloter un dispositif, en ligne"),
        (30, "Piloter un dispositif, en…"),
        (26, "Piloter un dispositif, en…"),
        (25, "Piloter un dispositif…"),
        (8, "Piloter…"),
        (5, "Pilo…"),
    ],
)
def test_a_text_is_cut_between_two_words(characters: int, shown: str):
    assert shortened("Piloter un dispositif, en ligne", characters) == shown


def test_what_a_no_break_space_holds_together_is_not_parted():
    assert shortened(f"Voir le bloc{NBSP}3 de la fiche", 14) == "Voir le…"
