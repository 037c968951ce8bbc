// Reads a part of the page again every other second, and replaces it when the server has another one (ETag, 304).
// The part holds no field in which one types; what is typed elsewhere on the page is never touched. What is pressed in it is sent first.
import { answered, isSending } from "./forms.js";
import { say } from "./main.js";

const INTERVAL_MS = 1500;
const LONGEST_MS = 15000;
// An answer that does not come is asked again: a page that waits for ever would look up to date.
const ANSWER_MS = 10000;

export default function liveRegion(element, mount) {
  const content = element.querySelector("[data-live-content]");
  const state = element.querySelector("[data-live-state]");
  let tag = "";
  let wait = INTERVAL_MS;
  let pressedAt = null;
  let late = null;

  async function read() {
    const headers = tag ? { "If-None-Match": tag } : {};
    const how = {
      credentials: "same-origin",
      headers,
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS),
    };
    const answer = await fetch(element.dataset.url, how).catch(() => null);
    if (answer?.status === 304) {
      answered();
      if (!late) state.textContent = "";
      showLate();
      return true;
    }
    const html = answer?.ok ? await answer.text().catch(() => null) : null;
    if (html === null) {
      state.textContent = say(element, "lost");
      return false;
    }
    answered();
    const first = tag === "";
    tag = answer.headers.get("ETag") ?? "";
    late = () => show(html, first);
    showLate();
    return true;
  }

  // A button replaced under the finger loses the click, and a form replaced on its way is never sent: the new content waits for both.
  function inUse() {
    const held = pressedAt !== null && performance.now() - pressedAt < LONGEST_MS;
    return held || isSending(content);
  }

  function showLate() {
    if (inUse()) return;
    late?.();
    late = null;
  }

  function press() {
    pressedAt ??= performance.now();
  }

  function release() {
    if (pressedAt !== null)
      setTimeout(() => {
        pressedAt = null;
        showLate();
      });
  }

  for (const kind of ["pointerdown", "keydown"]) content.addEventListener(kind, press);
  for (const kind of ["pointerup", "pointercancel", "keyup"]) window.addEventListener(kind, release);

  function show(html, first) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const known = document.activeElement?.closest?.("[data-live-content]")
      ? pathOf(document.activeElement)
      : null;
    content.replaceChildren(...page.body.childNodes);
    if (!first) state.textContent = say(element, "fresh");
    if (known) content.querySelector(known)?.focus();
    mount(content);
  }

  // The same button or link in the new content: by its address, or by the address of its form.
  function pathOf(focused) {
    const form = focused.closest("form")?.getAttribute("action");
    if (form)
      return `form[action="${CSS.escape(form)}"] ${focused.value ? `[value="${CSS.escape(focused.value)}"]` : "button"}`;
    const href = focused.getAttribute("href");
    return href ? `a[href="${CSS.escape(href)}"]` : null;
  }

  async function loop() {
    if (!element.isConnected) return;
    if (!document.hidden) wait = (await read()) ? INTERVAL_MS : Math.min(wait * 2, LONGEST_MS);
    setTimeout(loop, wait);
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) read();
  });
  setTimeout(loop, INTERVAL_MS);
}
