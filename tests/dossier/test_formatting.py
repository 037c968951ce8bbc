"""Lists and bold words typed in a text, on every page and in the book."""

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.dossier.rules.texts import Span, formatted_html, spans_of, text_blocks

TYPED = "J’ai **piloté** le projet :\n- l’audit ;\n- la **refonte** du site.\n\nPuis <b>rien</b> & fin."


def test_lists_and_bold_words_are_read():
    assert formatted_html(TYPED) == (
        '<p class="typed">J’ai <strong>piloté</strong> le projet :</p>'
        '<ul class="typed-list"><li>l’audit ;</li><li>la <strong>refonte</strong> du site.</li></ul>'
        '<p class="typed">Puis &lt;b&gt;rien&lt;/b&gt; &amp; fin.</p>'
    )


def test_a_line_of_its_own_stays_in_its_paragraph():
    blocks = text_blocks("J’ai mené :\n- l’audit ;\n- la refonte.\n\nPuis le bilan.\nEn mars.")
    assert [(block.kind, ["".join(span.text for span in line) for line in block.lines]) for block in blocks] == [
        ("paragraph", ["J’ai mené :"]),
        ("list", ["l’audit ;", "la refonte."]),
        ("paragraph", ["Puis le bilan.", "En mars."]),
    ]


def test_asterisks_that_close_nothing_stay():
    assert spans_of("2 ** 3 et **fin") == (Span("2 ** 3 et **fin"),)
    assert spans_of("** pas gras **") == (Span("** pas gras **"),)
    assert spans_of("**un** et **deux**") == (Span("un", bold=True), Span(" et "), Span("deux", bold=True))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.words.append(data)


@given(st.text(alphabet="ab*- \n<>&\"'é", max_size=80))
def test_whatever_is_typed_makes_no_other_tag_and_loses_no_letter(text):
    reader = _Reader()
    reader.feed(formatted_html(text))
    assert reader.tags <= {"p", "ul", "li", "strong"}
    kept = [character for character in "".join(reader.words) if character in "abé<>&\"'"]
    assert kept == [character for character in text if character in "abé<>&\"'"]


@given(st.text(alphabet="ab*- \né", max_size=80))
def test_every_block_has_a_line_and_every_line_has_words(text):
    for block in text_blocks(text):
        assert block.lines
        assert all(line and all(span.text for span in line) for line in block.lines)
