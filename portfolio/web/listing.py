"""A list whose state is in its address: words looked for, filters, sort, page.

One template draws every such list.

The number of a page of results, as the address of a list carries it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from portfolio.db.paging import MAX_OFFSET_PAGE, BoundedCount, Order, Page, Position, decode_cursor
from portfolio.web.forms import clean_line

WORDS, SORT, PAGE, AFTER, BEFORE = "cherche", "tri", "page", "apres", "avant"
_MAX_WORDS_CHARS = 200
_MAX_CHOICE_CHARS = 60


@dataclass(frozen=True)
class Option:
    """One value of a filter, in the address and on the screen, with how many rows have it when that is known."""

    value: str
    label: str
    number: int | None = None


@dataclass(frozen=True)
class Filter:
    """A filter of a list. `is_shortcut`: its values are links with counts above the list, not a drop-down."""

    name: str
    label: str
    options: tuple[Option, ...]
    every: str = "Toutes"
    is_shortcut: bool = False
    total: int | None = None


@dataclass(frozen=True)
class Sort:
    """A sort that a list offers."""

    name: str
    label: str
    order: Order


@dataclass(frozen=True)
class ListState:
    """The search, filters, sort order and page number that a URL requests of a list."""

    words: str
    choices: Mapping[str, str]
    sort: Sort
    position: Position
    cursor: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_filtered(self) -> bool:
        """Tell whether words or a filter narrow the list."""
        return bool(self.words or self.choices)

    def parameters(self, sorts: Sequence[Sort]) -> dict[str, str]:
        """Return the parameters of the address, without the page; the first sort is not written."""
        found = {name: value for name, value in self.choices.items() if value}
        if self.words:
            found[WORDS] = self.words
        if self.sort.name != sorts[0].name:
            found[SORT] = self.sort.name
        return found


def read_state(
    filters: Sequence[Filter], sorts: Sequence[Sort], arguments: MultiDict[str, str] | None = None
) -> ListState:
    """Read the state of a list from the address. A value that was not offered is ignored."""
    asked = request.args if arguments is None else arguments
    sort = next((each for each in sorts if each.name == asked.get(SORT)), sorts[0])
    choices = {}
    for each in filters:
        value = asked.get(each.name, "")[:_MAX_CHOICE_CHARS]
        if value and any(option.value == value for option in each.options):
            choices[each.name] = value
    words = clean_line(asked.get(WORDS, ""))[:_MAX_WORDS_CHARS]
    return ListState(words, choices, sort, *_position(asked, sort))


def _position(asked: MultiDict[str, str], sort: Sort) -> tuple[Position, dict[str, str]]:
    number = asked.get(PAGE, "1")
    page = max(int(number), 1) if number.isdecimal() and len(number) < 7 else 1
    for name, is_backwards in ((AFTER, False), (BEFORE, True)):
        text = asked.get(name, "")
        if (values := decode_cursor(text, sort.order)) is not None:
            return Position(page, values, is_backwards), {name: text}
    return Position(min(page, MAX_OFFSET_PAGE)), {}


@dataclass(frozen=True)
class Listing:
    """A page of a list, ready for `components/listing.html`."""

    endpoint: str
    values: Mapping[str, Any]
    state: ListState
    filters: tuple[Filter, ...]
    sorts: tuple[Sort, ...]
    page: Page
    count: BoundedCount
    search_label: str
    exports: tuple[tuple[str, str], ...] = ()

    @property
    def rows(self) -> tuple[Any, ...]:
        """Return the rows of this page."""
        return self.page.rows

    @property
    def shortcuts(self) -> tuple[Filter, ...]:
        """Return the filters shown as links."""
        return tuple(each for each in self.filters if each.is_shortcut)

    @property
    def menus(self) -> tuple[Filter, ...]:
        """Return the filters shown as drop-downs; one without a choice is left out."""
        return tuple(each for each in self.filters if not each.is_shortcut and each.options)

    def address(self, **changes: str | None) -> str:
        """Return the address of this list with other choices, on its first page."""
        asked = self.state.parameters(self.sorts) | changes
        return url_for(self.endpoint, **{**self.values, **{name: value for name, value in asked.items() if value}})

    def export_address(self, kind: str) -> str:
        """Return the address of what is shown as a file: the same words, filters and sort, every page."""
        return url_for(self.endpoint, **{**self.values, **self.state.parameters(self.sorts), "format": kind})

    @property
    def next_address(self) -> str | None:
        """Return the address of the next page."""
        return self._page_address(AFTER, self.page.next, self.state.position.page + 1)

    @property
    def previous_address(self) -> str | None:
        """Return the address of the page before."""
        number = self.state.position.page - 1
        if self.page.previous is not None and number <= 1:
            return self.address()
        return self._page_address(BEFORE, self.page.previous, number)

    def _page_address(self, name: str, cursor: str | None, number: int) -> str | None:
        if cursor is None:
            return None
        return self.address(**{PAGE: str(number), name: cursor})

    @property
    def is_paged(self) -> bool:
        """Tell whether the list has other pages than this one."""
        return self.page.previous is not None or self.page.next is not None

    @property
    def has_menu_choice(self) -> bool:
        """Tell whether a drop-down or the sort was changed: these are then shown open."""
        names = {each.name for each in self.menus}
        return bool(names & self.state.choices.keys()) or self.state.sort.name != self.sorts[0].name

    @property
    def fields(self) -> dict[str, str]:
        """Return the choices that the search form carries along: those shown as links."""
        names = {each.name for each in self.shortcuts}
        return {name: value for name, value in self.state.choices.items() if name in names}


# Beyond, an offset costs the database more than a person can read.
MAX_PAGE = 1000


def page_number(name: str = "page") -> int:
    """Return the number of the page that the address asks for, from 1; 1 when it is no number."""
    wanted = request.args.get(name, "")
    return min(max(int(wanted), 1), MAX_PAGE) if wanted.isascii() and wanted.isdigit() and len(wanted) < 9 else 1
