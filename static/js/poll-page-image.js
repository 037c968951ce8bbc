// Waits for a page that is being drawn, then shows it in place, without moving who reads. Without this, « Actualiser » does it.
// The image of a page may come before its text: then the text alone is waited for.
const FIRST = 400;
const LONGEST = 15000;

export default function pending(element, mount) {
  let wait = FIRST;

  async function look() {
    if (!element.isConnected) return;
    if (!document.hidden) {
      const isReady = element.dataset.text ? !isInUse() : await hasImage();
      if (isReady && (await show())) return;
      wait = Math.min(wait * 1.3, LONGEST);
    }
    setTimeout(look, wait);
  }

  async function hasImage() {
    const answer = await fetch(element.dataset.image, { credentials: "same-origin" }).catch(() => null);
    // What is said changes too: the worker that draws has stopped, or is back.
    const paused = Number(answer?.headers.get("Retry-After")) > 5;
    const isAwaited = answer?.status === 202 || answer?.status === 503;
    const changed = isAwaited && paused !== Boolean(element.dataset.paused);
    return answer && (answer.status === 200 || answer.status === 422 || changed);
  }

  // Who has begun to type or to mark beside the page keeps what is there.
  function isInUse() {
    const place = element.closest("[data-page]").parentElement;
    return place.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
  }

  async function show() {
    const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-page]");
    if (!fresh || (element.dataset.text && fresh.parentElement.querySelector("[data-text]"))) return false;
    // Of a file whose pages were made meanwhile, their number and what turns them are new too.
    const turn = page.querySelector(".pager");
    if (turn) document.querySelector(".pager")?.replaceWith(turn);
    const place = element.closest("[data-page]").parentElement;
    const sheet = fresh.parentElement;
    place.replaceWith(sheet);
    mount(sheet);
    return true;
  }

  setTimeout(look, FIRST);
}
