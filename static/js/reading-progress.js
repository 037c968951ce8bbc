// Says how much of a large file the server has read, once all of it was sent: asks while the form waits for its answer.
import { say } from "./main.js";

const ASK_EVERY = 800; // ms

export default function readingProgress(form) {
  const state = form.querySelector("[data-upload-state]");
  const bar = form.querySelector("progress");
  const words = form.querySelector("[data-reading]");
  if (!state || !bar || !words) return;
  let timer = null;

  async function ask() {
    if (form.getAttribute("aria-busy") !== "true") return stop();
    try {
      const address = new URL(words.dataset.progress, location);
      address.searchParams.set("nonce", form.elements.nonce.value);
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      const { percent } = await answer.json();
      if (percent !== null && timer !== null) {
        bar.value = percent;
        state.textContent = say(words, "reading", { percent });
      }
    } catch {
      /* the form itself says when the server is away */
    }
  }

  function stop() {
    clearInterval(timer);
    timer = null;
  }

  form.addEventListener("submit", () => {
    if (timer === null) timer = setInterval(ask, ASK_EVERY);
  });
}
