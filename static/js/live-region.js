// Reads a part of the page again every other second, and replaces it when the server has another one (ETag, 304).
// The part holds no field in which one types; what is typed elsewhere on the page is never touched.
import { say } from "./main.js";

const INTERVAL_MS = 1500;
const LONGEST_MS = 15000;

export default function liveRegion(element, mount) {
  const content = element.querySelector("[data-live-content]");
  const state = element.querySelector("[data-live-state]");
  let tag = "";
  let wait = INTERVAL_MS;

  async function read() {
    const headers = tag ? { "If-None-Match": tag } : {};
    const answer = await fetch(element.dataset.url, { credentials: "same-origin", headers, cache: "no-store", redirect: "error" }).catch(() => null);
    if (answer?.status === 304) return state.textContent = "", true;
    if (!answer?.ok) return state.textContent = say(element, "lost"), false;
    const first = tag === "";
    tag = answer.headers.get("ETag") ?? "";
    show(await answer.text(), first);
    return true;
  }

  function show(html, first) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const known = document.activeElement?.closest?.("[data-live-content]") ? pathOf(document.activeElement) : null;
    content.replaceChildren(...page.body.childNodes);
    if (!first) state.textContent = say(element, "fresh");
    if (known) content.querySelector(known)?.focus();
    mount(content);
  }

  // The same button or link in the new content: by its address, or by the address of its form.
  function pathOf(focused) {
    const form = focused.closest("form")?.getAttribute("action");
    if (form) return `form[action="${CSS.escape(form)}"] ${focused.value ? `[value="${CSS.escape(focused.value)}"]` : "button"}`;
    const href = focused.getAttribute("href");
    return href ? `a[href="${CSS.escape(href)}"]` : null;
  }

  async function loop() {
    if (!element.isConnected) return;
    if (!document.hidden) wait = await read() ? INTERVAL_MS : Math.min(wait * 2, LONGEST_MS);
    setTimeout(loop, wait);
  }

  document.addEventListener("visibilitychange", () => { if (!document.hidden) read(); });
  setTimeout(loop, INTERVAL_MS);
}
