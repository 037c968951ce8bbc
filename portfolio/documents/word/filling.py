"""The sandboxed process that fills a DOCX template: `template.docx` and values.json become `output.docx`, or
a fault is said.
"""

import difflib
import json
import re
import sys
import zipfile
from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from docx.oxml.ns import qn
from docxtpl.template import DocxTemplate
from jinja2 import ChainableUndefined, TemplateError, TemplateSyntaxError, Undefined, meta
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree

BOLD_START, BOLD_END = "\ue000", "\ue001"

# What a template may be, once its parts are written out, in bytes.
MAX_PARTS_BYTES = 60_000_000
_TAG = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
# What docxtpl offers beside the fields, and what a loop does.
_OWN_NAMES = frozenset({"loop", "range"})
_PREFIXES = re.compile(r"^\{([{%])(?:tr|tc|p|r)\s")


class UnknownField(Exception):  # noqa: N818 - an answer, not a fault of the program
    """A template names a field that does not exist; `siblings` are those that do at its place."""

    def __init__(self, name: str, siblings: Collection[str]) -> None:
        """Name the field."""
        super().__init__(name)
        self.siblings = siblings


class BrokenTag(Exception):  # noqa: N818 - an answer, not a fault of the program
    """A tag is never closed."""


def main() -> None:
    """Check the template on the values of samples.json, or fill it with values.json; the argument says which."""
    try:
        if sys.argv[3] == "check":
            answer: dict[str, Any] = _checked()
        else:
            _fill(json.loads(Path("values.json").read_text("utf-8")), ChainableUndefined)
            answer = {"fault": ""}
    except UnknownField as error:
        answer = _unknown(error)
    except BrokenTag as error:
        answer = {"fault": "broken_tag", "tag": str(error)}
    except SecurityError:
        answer = {"fault": "forbidden"}
    except TemplateError as error:
        answer = {"fault": "broken_tag", "tag": _tag_near(error)}
    except (ValueError, KeyError, zipfile.BadZipFile, etree.XMLSyntaxError):
        answer = {"fault": "unreadable"}
    except (TypeError, ArithmeticError, AttributeError, RecursionError):  # a tag computes, or calls what is not given
        answer = {"fault": "forbidden"}
    Path("answer.json").write_text(json.dumps(answer), "utf-8")


def _checked() -> dict[str, Any]:
    """Fill the template with each sample, the first one strictly: it has every field.

    A template without field is refused.
    """
    _refuse_large()
    samples = json.loads(Path("samples.json").read_text("utf-8"))
    _refuse_open_tags()
    tags = [" ".join(tag.split()) for source in _sources() for tag in _TAG.findall(source)]
    if not tags:
        return {"fault": "no_field"}
    _refuse_unknown_names(tags, samples[0])
    _fill(samples[0], _Strict)
    for sample in samples[1:]:
        _fill(sample, ChainableUndefined)
    return {"fault": "", "tags": len(tags)}


def _refuse_large() -> None:
    with zipfile.ZipFile("template.docx") as archive:
        if sum(part.file_size for part in archive.infolist()) > MAX_PARTS_BYTES:
            raise ValueError("too large once written out")


class _Strict(Undefined):
    """Refuse a name that is no field as soon as it is used, even where it would only be tested."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise UnknownField(str(self._undefined_name or ""), _fields_of(self._undefined_obj))

    __str__ = __iter__ = __len__ = __bool__ = __eq__ = __ne__ = _refuse
    __call__ = __getitem__ = __add__ = __html__ = _refuse
    __hash__ = Undefined.__hash__

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()


def _fields_of(value: Any) -> list[str]:
    return [str(name) for name in value] if isinstance(value, dict) else []


def _opened() -> Any:
    """Return the template; its library gives no types."""
    return DocxTemplate("template.docx")


def _environment(undefined: type[Undefined]) -> SandboxedEnvironment:
    return SandboxedEnvironment(undefined=undefined, autoescape=True)


def _fill(values: Mapping[str, Any], undefined: type[Undefined]) -> None:
    template = _opened()
    template.render(dict(values), _environment(undefined), autoescape=True)
    for root in _roots(template):
        _set_bold(root)
    template.docx.core_properties.title = str(values.get("titre_du_document", ""))[:250]
    template.docx.core_properties.last_modified_by = ""
    template.save("output.docx")


def _roots(template: Any) -> Iterator[Any]:
    """Yield the body, the headers and the footers of a filled template."""
    yield template.docx.element.body
    for relation in template.docx.part.rels.values():
        if not relation.is_external and hasattr(relation.target_part, "element"):
            yield relation.target_part.element


def _set_bold(root: Any) -> None:
    """Cut the runs at the marks of bold words, and set what is between two marks in bold."""
    for run in list(root.iter(qn("w:r"))):
        texts = [
            text for text in run.iter(qn("w:t")) if text.text and (BOLD_START in text.text or BOLD_END in text.text)
        ]
        if texts:
            _cut(run)


def _cut(run: Any) -> None:
    is_bold, properties = False, run.find(qn("w:rPr"))
    pieces: list[Any] = []
    for child in [element for element in run if element.tag != qn("w:rPr")]:
        if child.tag != qn("w:t"):
            pieces.append(_run_of(run, properties, deepcopy(child), is_bold=is_bold))
            continue
        for part in re.split(f"([{BOLD_START}{BOLD_END}])", child.text or ""):
            if part in (BOLD_START, BOLD_END):
                is_bold = part == BOLD_START
            elif part:
                text = deepcopy(child)
                text.text = part
                text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
                pieces.append(_run_of(run, properties, text, is_bold=is_bold))
    for piece in pieces:
        run.addprevious(piece)
    run.getparent().remove(run)


def _run_of(run: Any, properties: Any, child: Any, *, is_bold: bool) -> Any:
    made = etree.SubElement(run.getparent(), run.tag)
    run.getparent().remove(made)
    own = deepcopy(properties) if properties is not None else None
    if is_bold:
        own = own if own is not None else made.makeelement(qn("w:rPr"))
        if own.find(qn("w:b")) is None:
            # After the style and the fonts of the run: the order that the format asks for.
            before = [element for element in own if element.tag in (qn("w:rStyle"), qn("w:rFonts"))]
            own.insert(len(before), own.makeelement(qn("w:b")))
    if own is not None:
        made.append(own)
    made.append(child)
    return made


def _sources() -> Iterator[str]:
    """Yield the parts of a template as Jinja reads them: the body, the headers, the footers and the notes."""
    template = _opened()
    template.init_docx()
    sources = [template.get_xml()]
    sources += [
        part.blob.decode("utf-8", "replace")
        for part in template.docx.part.package.iter_parts()
        if re.search(r"\.(header|footer|footnotes)\+xml$", part.content_type)
    ]
    yield from (template.patch_xml(source) for source in sources)


def _refuse_open_tags() -> None:
    for source in _sources():
        rest = re.sub(r"<[^>]+>", "", _TAG.sub("", source))
        if found := re.search(r"\{[{%].{0,60}", rest, re.DOTALL):
            raise BrokenTag(_shown(found[0]))


def _refuse_open_loops(tags: list[str]) -> None:
    """Refuse a loop or a condition that has no end."""
    opened: list[str] = []
    for tag in tags:
        word = tag.strip("{%- }").split(" ")[0] if tag.startswith("{%") else ""
        if word in ("for", "if"):
            opened.append(tag)
        elif word in ("endfor", "endif") and opened:
            opened.pop()
    if opened:
        raise BrokenTag(_shown(opened[-1]))


def _refuse_unknown_names(tags: list[str], sample: Mapping[str, Any]) -> None:
    """Refuse a first name that no field has, and that no loop or assignment of the template gives,
    wherever it stands.
    """
    try:
        undeclared = meta.find_undeclared_variables(_environment(Undefined).parse("\n".join(tags)))
    except TemplateSyntaxError as error:
        _refuse_open_loops(tags)
        raise BrokenTag(_shown(tags[min(error.lineno, len(tags)) - 1])) from error
    unknown = sorted(undeclared - set(sample) - _OWN_NAMES)
    if unknown:
        raise UnknownField(unknown[0], list(sample))


def _unknown(error: UnknownField) -> dict[str, Any]:
    name = str(error)
    near = difflib.get_close_matches(name, error.siblings, n=1, cutoff=0.5)
    tags = (tag for source in _sources() for tag in _TAG.findall(source))
    tag = next((_shown(tag) for tag in tags if re.search(rf"\b{re.escape(name)}\b", tag)), name)
    return {"fault": "unknown_field", "tag": tag, "near": near[0] if near else ""}


def _tag_near(error: TemplateError) -> str:
    """Return the tag that stands where a template is broken; the beginning of one that is never closed."""
    lines = [line.strip() for line in getattr(error, "docx_context", ())]
    # docxtpl gives the three lines before the broken one, and some after it.
    around = lines[3:4] + lines
    for line in around:
        if found := re.search(r"\{[{%#].{0,80}?(?:[}%#]\}|$)", line):
            return _shown(found[0])
    return next((_shown(line[:80]) for line in around if line), "")


def _shown(tag: str) -> str:
    return " ".join(_PREFIXES.sub(r"{\1 ", tag).split())[:120]
