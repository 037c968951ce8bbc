// On every page of a candidate: what waits on this telephone is sent, and said; whoever signs out is told of it. What it takes is fetched
// once the page is there.
import { unfinished } from "./draft-storage.js";
import { say } from "./main.js";

export const install = () =>
  navigator.serviceWorker?.register("/service-worker.js", { type: "module" }).catch(() => {});

export default async function banner(box) {
  const owner = document.body.dataset.owner;
  install();
  const { forget, retry, send, waiting } = await import("./captures.js");

  let leaving = false; // somebody is signing out: what is said to them stays

  async function show() {
    const { length } = await waiting(owner);
    const sentence = say(box, length > 1 ? "many" : "one", { n: length });
    box.querySelector("[data-state]").textContent = leaving ? `${sentence} ${say(box, "leaving")}` : sentence;
    box.hidden = !length;
    return length;
  }

  async function leave() {
    leaving = true;
    await forget();
    return !(await show());
  }

  const go = () => send(() => show());
  try {
    await show();
    unfinished.add(leave);
    addEventListener("online", go);
    retry(() => owner, go);
    await go();
    await show();
  } catch {
    /* a browser that keeps nothing: there is nothing to send */
  }
}
