"""The stores hold the tables of the models, and the world of the tests stands on both."""

from tests import factories


def test_a_whole_draft_stands_on_both_stores(db):
    with db.transaction() as session:
        made = factories.world(session)
    with db.reader() as session:
        found = session.get_one(type(made.candidacy), made.candidacy.id)
        assert [block.number for block in found.blocks] == [1, 2, 3, 4]
