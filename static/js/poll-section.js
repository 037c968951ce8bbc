// Waits for a document that is being prepared, then shows the new state of its section. Without this, « Actualiser » does it.
import { isSending } from "./forms.js";

const FIRST = 1500;
const LONGEST = 10000;

export default function pollSection(element, mount) {
  let wait = FIRST;

  async function look() {
    if (!element.isConnected) return;
    if (!document.hidden) {
      const answer = await fetch(location.pathname + location.search, { credentials: "same-origin" }).catch(() => null);
      if (answer?.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(element.id);
        if (fresh && !fresh.dataset.module && !isSending(element)) {
          element.replaceWith(fresh);
          mount(fresh.parentElement);
          return;
        }
        show(fresh);
      }
    }
    wait = Math.min(wait * 1.15, LONGEST);
    setTimeout(look, wait);
  }

  function show(fresh) {
    const [bar, next] = [element.querySelector("progress"), fresh?.querySelector("progress")];
    const [text, said] = [element.querySelector("[role=status]"), fresh?.querySelector("[role=status]")];
    if (bar && next) {
      bar.max = next.max;
      if (next.hasAttribute("value")) bar.value = next.value;
    }
    if (text && said && text.textContent !== said.textContent) text.textContent = said.textContent;
  }

  setTimeout(look, wait);
}
