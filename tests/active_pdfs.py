"""PDFs in which something acts by itself, and all that a PDF says, unpacked."""

import io

import pikepdf

from tests import samples

NAME, DICT, TEXT = pikepdf.Name, pikepdf.Dictionary, pikepdf.String


def active_pdf(*, compressed: bool = False, locked: bool = False) -> bytes:
    """A PDF with a script at its opening, one of its own name, one on a page, a form that is sent, links, an
    XFA form.
    """
    with pikepdf.open(io.BytesIO(samples.pdf(2, "Bonjour"))) as document:
        page = document.pages[0].obj
        script = DICT(S=NAME.JavaScript, JS=TEXT("app.alert('canari')"))
        document.Root.OpenAction = document.make_indirect(script)
        document.Root.AA = DICT(WC=DICT(S=NAME.JavaScript, JS=TEXT("canari()")))
        document.Root.Names = DICT(JavaScript=DICT(Names=[TEXT("f"), DICT(S=NAME.JavaScript, JS=TEXT("canari"))]))
        page.AA = DICT(O=DICT(S=NAME.URI, URI=TEXT("http://canari.example/vu")))

        def link(action):
            return document.make_indirect(DICT(Type=NAME.Annot, Subtype=NAME.Link, Rect=[0, 0, 50, 50], A=action))

        page.Annots = [
            link(DICT(S=NAME.URI, URI=TEXT("https://www.exemple.fr/page"))),
            link(DICT(S=NAME.URI, URI=TEXT("javascript:canari()"))),
            link(DICT(S=NAME.URI, URI=TEXT("file:///c:/canari.exe"))),
            link(DICT(S=NAME.SubmitForm, F=DICT(FS=NAME.URL, F=TEXT("http://canari.example")))),
            link(DICT(S=NAME.GoTo, D=[page, NAME.Fit], Next=[DICT(S=NAME.JavaScript, JS=TEXT("canari"))])),
            link(DICT(S=NAME.GoToR, F=TEXT("\\\\canari\\partage\\x.pdf"), D=[0, NAME.Fit])),
        ]
        document.Root.AcroForm = DICT(Fields=[], XFA=document.make_stream(b"<script>canari</script>"))
        made = io.BytesIO()
        document.save(
            made,
            object_stream_mode=pikepdf.ObjectStreamMode.generate if compressed else pikepdf.ObjectStreamMode.disable,
            encryption=pikepdf.Encryption(owner="propriétaire", user="") if locked else False,
        )
    return made.getvalue()


def carrying(inner: bytes, *, typed: bool) -> bytes:
    with pikepdf.open(io.BytesIO(samples.pdf(1))) as document:
        document.attachments["dossier.pdf"] = inner
        if not typed:
            for found in document.objects:
                if isinstance(found, pikepdf.Stream) and found.get("/Type") == NAME.EmbeddedFile:
                    del found["/Type"]
        made = io.BytesIO()
        document.save(made)
    return made.getvalue()


def unpacked(pdf: bytes) -> bytes:
    """Everything that a PDF says, its packed objects and its streams included."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        made = io.BytesIO()
        document.save(
            made, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.all,
            object_stream_mode=pikepdf.ObjectStreamMode.disable, fix_metadata_version=False,
        )  # fmt: skip
    return made.getvalue()


def dynamic_form(words: str, *, needs_rendering: bool, pages: int = 1) -> bytes:
    """A form that Adobe's program alone draws, whose pages say these words to the others."""
    with pikepdf.open(io.BytesIO(samples.pdf(pages, words))) as document:
        template = document.make_stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")
        document.Root.AcroForm = DICT(Fields=[], XFA=template)
        if needs_rendering:
            document.Root.NeedsRendering = True
        made = io.BytesIO()
        document.save(made)
    return made.getvalue()
