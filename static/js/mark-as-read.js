// Says that a conversation was read, once its end has been before the eyes for a moment. Without this, its button says so.
import { say } from "./main.js";

const LOOKED_AT = 1500; // ms

export default function seen(form) {
  const button = form.querySelector("button");
  const state = form.querySelector("[role=status]");
  let timer;

  async function tell() {
    if (document.hidden) return;
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Requested-With": "autosave" },
      redirect: "manual",
    }).catch(() => null);
    if (answer?.status !== 204) return; // the button is still there
    watch.disconnect();
    button.hidden = true;
    state.textContent = say(form, "done");
  }

  const watch = new IntersectionObserver(
    ([entry]) => {
      clearTimeout(timer);
      if (entry.isIntersecting) timer = setTimeout(tell, LOOKED_AT);
    },
    { threshold: 1 },
  );
  watch.observe(form);
}
