"""What a reader finds in a PDF: its words, its pages, what is attached."""

import re

import pypdfium2

# PDFium gives this sign for a dash at the end of a line.
DASH = "\ufffe"


def pages_of(pdf: bytes) -> list[str]:
    """Return the text of each page, with single spaces, without the marks that isolate right-to-left names."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return [" ".join(re.sub(r"[\u2066-\u2069]", "", page.replace(DASH, "-")).split()) for page in pages]


def lines_of(pdf: bytes) -> str:
    """Return the text as it is set, with the ends of its lines."""
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


def words_of(pdf: bytes) -> str:
    return " ".join(pages_of(pdf))


def attachments_of(pdf: bytes) -> dict[str, bytes]:
    with pypdfium2.PdfDocument(pdf) as document:
        found = [document.get_attachment(place) for place in range(document.count_attachments())]
        return {one.get_name(): bytes(one.get_data()) for one in found}


def outside_of(pdf: bytes) -> list[str]:
    """Return the signs that stand outside the paper, or outside A4."""
    found = []
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            width, height = page.get_size()
            assert sorted((round(width), round(height))) == [595, 842]
            text = page.get_textpage()
            for place in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(place)
                if right > left and not (left >= 0 and right <= width and bottom >= 0 and top <= height):
                    found.append(text.get_text_range(place, 1))
    return found
