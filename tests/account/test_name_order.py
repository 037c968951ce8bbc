"""The order of names in a list: by last name, as in French."""

from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.account.rules import name_order, sort_name


def test_names_are_sorted_by_last_name_with_accents_as_in_french():
    names = ["Zoé Abadie", "Paul Étienne", "Anne Fabre", "Éric Dupont", "Ana Dupont", "Luc Œuvrard", "Lia Odin"]
    assert sorted(names, key=name_order) == [
        "Zoé Abadie",
        "Ana Dupont",
        "Éric Dupont",
        "Paul Étienne",
        "Anne Fabre",
        "Lia Odin",
        "Luc Œuvrard",
    ]


def test_a_last_name_begins_at_its_particle_and_de_is_not_sorted():
    names = ["Jean de La Fontaine", "Alfred de Musset", "Yann Le Goff", "Marie-Claire LEFEBVRE", "LAMY Inès"]
    assert sorted(names, key=name_order) == [
        "Jean de La Fontaine",
        "LAMY Inès",
        "Yann Le Goff",
        "Marie-Claire LEFEBVRE",
        "Alfred de Musset",
    ]


def test_a_name_of_one_word_or_of_none_is_sorted_too():
    assert sorted(["Zoé", "", "Aya"], key=name_order) == ["", "Aya", "Zoé"]


@given(st.lists(st.lists(st.text("abzéÉ", min_size=1, max_size=4), min_size=1, max_size=4).map(" ".join)))
def test_a_column_sorted_by_a_database_gives_the_same_order(names):
    by_column = sorted(names, key=sort_name)
    assert [name_order(name)[:2] for name in by_column] == sorted(name_order(name)[:2] for name in names)
