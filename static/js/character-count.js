// Says how many characters are left, once that matters: in the last quarter. Nothing is cut: a pasted text stays whole, and one reads by how much it is too long.
import { say } from "./main.js";

const QUIET = 1000; // the ear is told when the fingers rest, not at each key

export default function counter(area) {
  const shown = area.closest(".field").querySelector(".field__left");
  const most = Number(area.dataset.max);
  if (!shown || !most) return;

  const heard = document.createElement("p");
  heard.className = "vh";
  heard.setAttribute("aria-live", "polite");
  shown.after(heard);

  function sentence() {
    const left = most - area.value.length;
    if (left === -1) return say(shown, "over-one");
    if (left < 0) return say(shown, "over", { n: (-left).toLocaleString("fr") });
    if (left < 2) return say(shown, left ? "one" : "none");
    return say(shown, "left", { n: left.toLocaleString("fr") });
  }

  let timer;
  function count() {
    shown.textContent = sentence();
    shown.classList.toggle("is-near", most - area.value.length <= most / 4);
    shown.classList.toggle("is-over", area.value.length > most);
  }

  function update() {
    count();
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (most - area.value.length < most / 10) heard.textContent = sentence();
    }, QUIET);
  }

  area.addEventListener("input", update);
  count();
}
