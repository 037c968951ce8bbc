"""Check what a field makes of the signs that no name and no text should hold."""

from portfolio.web.forms import clean, clean_line


def test_marks_that_turn_a_text_around_are_taken_away_from_a_name():
    assert clean_line("Samia \u202eilaneB\u202c \u2066Benali\u2069") == "Samia ilaneB Benali"
    assert clean("سامية بنعلي") == "سامية بنعلي"


def test_what_no_store_can_hold_is_replaced_visibly():
    assert clean("a\x00b\ud800c\r\nd") == "a\ufffdb\ufffdc\nd"
