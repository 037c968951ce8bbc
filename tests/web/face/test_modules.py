"""Check what the modules add in a browser, and that nothing is missing without them."""

import pytest
from playwright.sync_api import Browser, Page, Route

from portfolio.french_text import size
from tests.wait_until import open_settled, settle


def test_the_summary_takes_the_focus_and_leads_to_the_field(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(".summary:focus").wait_for()
    page.click(".summary a[href='#opinion-0']")
    assert page.evaluate("document.activeElement.id") == "opinion-0"


def test_a_fold_of_a_narrow_page_is_closed_before_it_is_painted(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.route("**/collapse-on-narrow.js", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.add_init_script("""
        window.shift = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((one) => { window.shift += one.value; }))
          .observe({ type: "layout-shift", buffered: true });
    """)
    page.goto(f"{address}/lire")
    page.locator("details[data-folded]").first.wait_for()
    page.wait_for_timeout(200)
    assert page.evaluate("window.shift") < 0.01


def test_a_password_can_be_read_by_who_types_it(page: Page, address: str) -> None:
    open_settled(page, address)
    page.get_by_role("button", name="Afficher le mot de passe").click()
    assert page.get_attribute("#password", "type") == "text"
    page.get_by_role("button", name="Masquer le mot de passe").click()
    assert page.get_attribute("#password", "type") == "password"


def test_the_counter_says_by_how_much_a_text_is_too_long(page: Page, address: str) -> None:
    page.goto(f"{address}/lire")
    page.fill("#g-story", "x" * 150)
    page.locator(".field__left:text-is('Il reste 50 caractères.')").wait_for()
    page.fill("#g-story", "x" * 203)
    assert page.text_content(".field__left") == "Il y a 3 caractères de trop."
    page.fill("#g-story", "x" * 201)
    assert page.text_content(".field__left") == "Il y a un caractère de trop."


def test_a_file_is_sent_and_the_answer_takes_the_place_of_the_form(
    page: Page, address: str, received: list[int]
) -> None:
    received.clear()
    page.goto(f"{address}/depot")
    page.fill("#title", "bon")
    page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x" * 5000})
    settle(page)
    page.dblclick("text=Déposer")
    page.wait_for_selector("h1:has-text('Bulletin')")
    assert page.url == f"{address}/lire"
    assert page.title() == "Compétence 3.1, preuve B3-02 – Acquis"
    assert received == [5000]


def test_a_refused_file_brings_the_form_back_with_what_was_typed(page: Page, address: str) -> None:
    page.goto(f"{address}/depot")
    page.fill("#title", "faux")
    page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x"})
    settle(page)
    page.click("text=Déposer")
    page.locator(".summary:focus").wait_for()
    assert page.input_value("#title") == "faux"
    assert page.url == f"{address}/depot"
    page.fill("#title", "bon")
    page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x"})
    page.click("text=Déposer")
    page.wait_for_selector("h1:has-text('Bulletin')")


def test_a_file_above_the_limit_is_never_sent(page: Page, address: str, received: list[int]) -> None:
    received.clear()
    open_settled(page, f"{address}/depot")
    page.set_input_files("#file", {"name": "gros.pdf", "mimeType": "application/pdf", "buffer": b"x" * 2_000_000})
    page.click("text=Déposer")
    assert "«\u00a0gros.pdf\u00a0» pèse 2\u00a0Mo, la limite est de 1\u00a0Mo." in (
        page.text_content("[data-upload-error]") or ""
    )
    assert received == []


def test_a_server_that_finds_it_too_large_is_understood(page: Page, address: str) -> None:
    open_settled(page, f"{address}/depot")
    page.fill("#title", "trop")
    page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x"})
    page.click("text=Déposer")
    page.locator("[data-upload-error]:has-text('dépasse la limite')").wait_for()
    assert page.input_value("#title") == "trop"


def test_a_lost_connection_is_said_and_the_same_file_goes_when_it_is_back(
    page: Page, address: str, received: list[int]
) -> None:
    received.clear()
    open_settled(page, f"{address}/depot")
    page.fill("#title", "bon")
    page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x" * 700})
    page.context.set_offline(True)
    page.click("text=Déposer")
    page.locator("[data-upload-state]:has-text('La connexion est coupée. Rien n’est perdu')").wait_for()
    page.get_by_role("button", name="Réessayer").wait_for()
    page.context.set_offline(False)
    page.wait_for_selector("h1:has-text('Bulletin')")
    assert received == [700]


def test_a_button_pressed_twice_sends_once_and_says_so(page: Page, address: str) -> None:
    open_settled(page, f"{address}/lire")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.method))
    with page.expect_navigation():
        told = page.evaluate(
            "() => { const b = document.querySelector('button[data-busy=\"Envoi…\"]:not(.button--link)');"
            " b.click(); b.click(); return [b.textContent, b.getAttribute('aria-disabled')]; }"
        )
    assert told == ["Envoi…", "true"]
    assert sent.count("POST") == 1


def test_a_page_that_does_not_come_at_once_is_said_to_be_on_its_way(page: Page, address: str) -> None:
    open_settled(page, f"{address}/lire")
    awaited: list[Route] = []
    page.route("**/depot", lambda route: awaited.append(route))
    said = page.evaluate("""() => new Promise((said) => {
        new MutationObserver(() => said(document.documentElement.matches("[data-leaving]")))
          .observe(document.documentElement, { attributes: true });
        const link = Object.assign(document.createElement("a"), { href: "/depot" });
        document.body.append(link);
        link.click();
    })""")
    assert said
    awaited[0].continue_()
    page.wait_for_url("**/depot")
    assert page.locator("html[data-leaving]").count() == 0


def test_what_was_sent_is_said_to_be_on_its_way_as_long_as_no_answer_comes(page: Page, address: str) -> None:
    page.add_init_script("{ const wait = setTimeout; window.setTimeout = (act, ms) => wait(act, ms / 20); }")
    open_settled(page, f"{address}/lire")
    awaited: list[Route] = []
    page.route("**/*", lambda route: awaited.append(route) if route.request.method == "POST" else route.continue_())
    told = page.evaluate("""() => new Promise((tell) => {
        const button = document.querySelector("button[data-busy='Envoi…']:not(.button--link)");
        button.click();
        setTimeout(() => tell([document.documentElement.matches("[data-leaving]"), button.textContent]), 50_000);
    })""")
    assert told == [True, "Envoi…"]
    awaited[0].abort()


def test_leaving_a_typed_text_asks_first_and_leaving_an_untouched_page_does_not(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    open_settled(page, f"{address}/depot")
    page.goto(f"{address}/lire")
    assert asked == []
    open_settled(page, f"{address}/depot")
    page.type("#title", "un long récit")
    page.goto(f"{address}/lire")
    assert asked == ["beforeunload"]


def test_the_table_of_contents_is_folded_on_a_phone_and_open_on_a_wide_screen(page: Page, address: str) -> None:
    open_settled(page, f"{address}/lire")
    assert page.locator(".reader__toc[open]").count() == 1
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    settle(page)
    assert page.locator(".reader__toc[open]").count() == 0


def test_a_page_of_a_file_takes_the_room_and_its_contents_are_folded(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    open_settled(page, f"{address}/lire-une-page")
    assert page.locator(".reader__toc[open]").count() == 0
    sheet, side = page.locator(".reader__sheet").bounding_box(), page.locator(".reader__side").bounding_box()
    assert sheet["width"] > 900
    assert side["x"] >= sheet["x"] + sheet["width"], "what is said stands beside the page"


@pytest.mark.parametrize("path", ["lire", "lire-une-page"])
def test_the_keyboard_reaches_the_page_and_the_choice_without_the_contents(page: Page, address: str, path: str) -> None:
    for link, place in ((1, ".reader__sheet"), (2, ".reader__side form")):
        open_settled(page, f"{address}/{path}")
        for _ in range(link):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.locator(f"{place} :focus").count() == 1, page.evaluate("document.activeElement.outerHTML")


def test_a_sending_that_is_cancelled_leaves_the_form_as_it_was(page: Page, address: str, received: list[int]) -> None:
    received.clear()
    open_settled(page, f"{address}/depot")
    page.route("**/depot", lambda route: None)  # an answer that never comes
    page.fill("#title", "bon")
    page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x" * 700})
    page.click("text=Déposer", no_wait_after=True)
    page.click("text=Annuler l’envoi")
    page.locator("[data-upload-error]:has-text('Envoi annulé')").wait_for()
    assert page.input_value("#title") == "bon"
    assert page.get_attribute("button[type=submit]:has-text('Déposer')", "aria-disabled") is None
    assert received == []


def test_without_script_the_pages_still_work(browser: Browser, address: str, received: list[int]) -> None:
    received.clear()
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/depot")
    page.fill("#title", "bon")
    page.set_input_files("#file", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"x" * 42})
    page.click("text=Déposer")
    assert page.url == f"{address}/lire"
    assert received == [42]
    context.close()


def test_a_size_reads_the_same_in_the_page_and_in_the_browser(page: Page, address: str) -> None:
    page.goto(f"{address}/depot")
    sizes = [
        0,
        1,
        2,
        999,
        1_000,
        1_049,
        1_050,
        99_949,
        99_950,
        999_499,
        999_500,
        58_554_000,
        61_400_000,
        999_950_000,
        2**40,
    ]
    sizes += [7**power for power in range(1, 14)] + [512 * 1024 * 1024, 20 * 1024 * 1024, 1024**3]
    told = page.evaluate(
        """async (sizes) => {
          const { size } = await import(document.querySelector("script[type=module][src*=main]").src);
          return sizes.map(size);
        }""",
        sizes,
    )
    assert told == [size(siz) for siz in sizes]
