// Strikes a point off the list as soon as its box is ticked. Without this the list is right again once saved.
import { say } from "./main.js";

export default function tally(list) {
  const boxes = [...list.querySelectorAll("a")].map((link) => [
    link,
    document.getElementById(link.hash.slice(1)),
  ]);

  function count() {
    let left = 0;
    for (const [link, box] of boxes) {
      link.parentElement.classList.toggle("side__doubt--done", box.checked);
      link.querySelector(".vh").hidden = !box.checked;
      if (!box.checked) left += 1;
    }
    list.querySelector("summary").textContent = say(list, left > 1 ? "left" : left ? "one" : "none", {
      n: left,
    });
  }

  list.closest("form").addEventListener("change", (event) => {
    if (event.target.name === "settled") count();
  });
}
