"""How a person acts on a page: with a mouse, or with a keyboard alone."""

import contextlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from playwright.sync_api import ElementHandle, Error, Locator, Page, Request

Files = Path | Sequence[Path]
MOST_STOPS = 400


class Hands(Protocol):
    """What a person does to a field, a link or a button."""

    def press(self, target: Locator) -> None: ...
    def write(self, target: Locator, text: str) -> None: ...
    def tick(self, target: Locator) -> None: ...
    def choose(self, target: Locator, label: str) -> None: ...
    def attach(self, target: Locator, files: Files) -> None: ...


class Mouse:
    """A mouse, as most people on a computer."""

    def press(self, target: Locator) -> None:
        target.click()
        wait_until_sent(target.page)

    def write(self, target: Locator, text: str) -> None:
        target.fill(text)

    def tick(self, target: Locator) -> None:
        target.check()

    def choose(self, target: Locator, label: str) -> None:
        target.select_option(label=label)

    def attach(self, target: Locator, files: Files) -> None:
        target.set_input_files(files)


def wait_until_sent(page: Page) -> None:
    """Wait while a form asks whether the server answers, before it is sent (static/js/forms.js)."""
    for _ in range(400):
        with contextlib.suppress(Error):
            if not page.evaluate("document.querySelector('form[data-asking]') !== null"):
                return
        page.wait_for_timeout(20)


# The element that has the focus shows it, and nothing lies over it, on each of its lines (WCAG 2.4.7, 2.4.11).
HAS_FOCUS = "(wanted) => wanted === document.activeElement"
SHOWS_FOCUS = """(wanted) => {
    const drawn = (node) => {
        const style = getComputedStyle(node);
        return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    };
    const labels = [...(wanted.labels ?? [])];
    return [wanted, wanted.parentElement, ...labels, ...labels.map((label) => label.parentElement)].some(drawn);
}"""
IN_SIGHT = """(wanted) => [...wanted.getClientRects()].every((box) => {
    if (box.width < 3 || box.height < 3) return true;
    const x = Math.min(Math.max(box.left + Math.min(box.width / 2, 12), 0), innerWidth - 1);
    const y = Math.min(Math.max(box.top + Math.min(box.height / 2, 12), 0), innerHeight - 1);
    const top = document.elementFromPoint(x, y);
    if (top === null || wanted === top || wanted.contains(top) || top.contains(wanted)) return true;
    return [...(wanted.labels ?? [])].some((label) => label.contains(top));
})"""
SAME_CHOICE = """(wanted) => {
    const active = document.activeElement;
    return active.type === 'radio' && wanted.type === 'radio' && active.name === wanted.name && active.form === wanted.form;
}"""

REACHED = f"(wanted) => ({HAS_FOCUS})(wanted) || ({SAME_CHOICE})(wanted)"
# What a person may want to use on a page, that is drawn and not switched off, one per group of radios.
USABLE = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
    .filter((node) => node.checkVisibility({visibilityProperty: true}) && !node.disabled && node.tabIndex >= 0
        && !node.closest('[inert]'))"""
# How often Tab is pressed before the focus can be there: the stops in between that are certain, in the order
# of the page, and its own.
STOPS_ON_THE_WAY = f"""(wanted) => {{
    const from = document.activeElement;
    const follows = (one, two) => one === document.body || one.compareDocumentPosition(two) & Node.DOCUMENT_POSITION_FOLLOWING;
    const upTo = (node) => node === wanted || follows(node, wanted);
    if (({REACHED})(wanted)) return 0;
    const ahead = follows(from, wanted);
    const certain = ({USABLE})().filter((node) => node.type !== 'radio');
    return certain.filter((node) => ahead ? follows(from, node) && upTo(node) : follows(from, node) || upTo(node)).length;
}}"""


class Keyboard:
    """A keyboard alone: Tab, letters, arrows, space and Enter; nothing else reaches the page."""

    def press(self, target: Locator) -> None:
        self._reach(target)
        page = target.page
        leaving: list[Request] = []

        def watch(request: Request) -> None:
            leaving.extend([request] if request.is_navigation_request() else [])

        page.on("request", watch)
        page.evaluate("() => { window.acquisLeft = false; }")
        page.keyboard.press("Enter")
        for _ in range(8):
            if leaving:
                break
            page.wait_for_timeout(10)
        if not leaving:
            wait_until_sent(page)
        page.remove_listener("request", watch)
        if leaving:
            self._wait_for_next(page)

    @staticmethod
    def _wait_for_next(page: Page) -> None:
        """Wait until another document stands there, complete; a download keeps the same one."""
        for _ in range(250):
            with contextlib.suppress(Error):
                if page.evaluate("window.acquisLeft === undefined && document.readyState === 'complete'"):
                    return
            page.wait_for_timeout(20)

    def write(self, target: Locator, text: str) -> None:
        self._reach(target)
        if target.get_attribute("type") == "date":
            self._write_date(target, date.fromisoformat(text))
            return
        target.page.keyboard.press("Control+a")
        target.page.keyboard.press("Delete")
        target.page.keyboard.insert_text(text)

    def tick(self, target: Locator) -> None:
        self._reach(target)
        keys = target.page.keyboard
        for _ in range(MOST_STOPS):
            if target.evaluate(HAS_FOCUS):
                break
            keys.press("ArrowDown")
        if not target.is_checked():
            keys.press("Space")
        assert target.is_checked(), f"the keyboard does not tick {target}"

    def choose(self, target: Locator, label: str) -> None:
        self._reach(target)
        shown = "(list) => list.selectedOptions[0].label"
        target.page.keyboard.press("Home")
        for _ in range(target.locator("option").count()):
            if target.evaluate(shown) == label:
                return
            target.page.keyboard.press("ArrowDown")
        assert target.evaluate(shown) == label, f"the arrows do not choose {label}"

    def attach(self, target: Locator, files: Files) -> None:
        self._reach(target)
        with target.page.expect_file_chooser() as opened:
            target.page.keyboard.press("Enter")
        opened.value.set_files(files)

    def _reach(self, target: Locator) -> None:
        """Press Tab until this element has the focus, then see that the focus shows and is not covered."""
        wanted = target.element_handle()
        for _ in range(wanted.evaluate(STOPS_ON_THE_WAY)):
            target.page.keyboard.press("Tab")
        for _ in range(MOST_STOPS):
            if wanted.evaluate(REACHED):
                break
            target.page.keyboard.press("Tab")
        else:
            raise AssertionError(f"Tab never reaches {target} on {target.page.url}")
        if wanted.evaluate(HAS_FOCUS):
            assert wanted.evaluate(SHOWS_FOCUS), f"nothing shows that {target} has the focus on {target.page.url}"
            assert self._comes_in_sight(wanted), f"something covers {target} when it has the focus on {target.page.url}"

    @staticmethod
    def _comes_in_sight(wanted: ElementHandle) -> bool:
        """Tell whether it is to be seen once the page has scrolled to it."""
        for _ in range(20):
            if wanted.evaluate(IN_SIGHT):
                return True
            wanted.owner_frame().page.wait_for_timeout(50)
        return False

    def _write_date(self, target: Locator, day: date) -> None:
        """Type a date in the order of the parts that this browser shows."""
        keys = target.page.keyboard
        for order in ("%d%m%Y", "%m%d%Y"):
            keys.type(day.strftime(order))
            if target.input_value() == day.isoformat():
                return
            keys.press("ArrowLeft")
            keys.press("ArrowLeft")
        raise AssertionError(f"the keyboard does not write {day} in {target}")


UNREACHED = f"""() => {{
    const usable = ({USABLE})();
    const seen = window.acquisStops ?? new Set();
    const group = (node) => node.type === 'radio' ? [...usable].filter((other) => other.name === node.name) : [node];
    return usable.filter((node) => !group(node).some((one) => seen.has(one))).map((node) => node.outerHTML.slice(0, 160));
}}"""
# From here on, what each Tab comes to is remembered, and how many of the last ones came to nothing new.
# The walk begins at the top of the page, wherever its address leads: an anchor would make it begin in the
# middle.
WALK = """() => {
    document.activeElement.blur();
    document.body.tabIndex = -1;
    document.body.focus({preventScroll: true});
    document.body.removeAttribute('tabindex');
    if (!window.acquisStops) addEventListener('keyup', () => {
        const active = document.activeElement;
        window.acquisAround = acquisStops.has(active) || active === document.body ? acquisAround + 1 : 0;
        acquisStops.add(active);
    }, true);
    window.acquisStops = new Set();
    window.acquisAround = 0;
}"""
STEPS = 8


def unreached(page: Page) -> list[str]:
    """Return what Tab never reaches on a page, walked from its top and once around."""
    page.evaluate(WALK)
    for _ in range(MOST_STOPS // STEPS):
        for _ in range(STEPS):
            page.keyboard.press("Tab")
        if page.evaluate(
            "acquisAround > 8"
        ):  # a date has several stops of its own: eight known ones in a row are a complete turn
            break
    return list(page.evaluate(UNREACHED))
