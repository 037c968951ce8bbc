// Drags a block or a competency to its place, and cuts a competency where the cursor is. Without this, buttons do the same.
// Both send the form to the server, which moves the line and gives the whole form back: nothing typed is lost, nothing is saved.

import { say } from "./main.js";

function send(form, value) {
  const button = document.createElement("button");
  button.type = "submit";
  button.name = "do";
  button.value = value;
  button.hidden = true;
  form.append(button);
  form.requestSubmit(button);
}

const kind = (name) => (name.includes("-competencies-") ? "competency" : "block");

// The name of the place just after a line.
function after(name) {
  const end = name.lastIndexOf("-");
  return `${name.slice(0, end)}-${Number(name.slice(end + 1)) + 1}`;
}

function cuts(section) {
  section.addEventListener("click", (event) => {
    const button = event.target.closest("[data-cut]");
    if (!button) return;
    const text = button.closest("[data-line]").querySelector("textarea");
    const place = text.selectionStart;
    button.form.querySelector("input[name=cut]")?.remove();
    if (place > 0 && place < text.value.length) {
      // In characters, as the server counts them.
      button.form.append(
        Object.assign(document.createElement("input"), {
          type: "hidden",
          name: "cut",
          value: [...text.value.slice(0, place)].length,
        }),
      );
    }
  });
}

export default function order(section) {
  const form = section.closest("form");
  let dragged = null;
  let target = null;

  function mark(line, isAfter) {
    target?.line.classList.remove("line--before", "line--after");
    target = line ? { line, isAfter } : null;
    line?.classList.add(isAfter ? "line--after" : "line--before");
  }

  function over(event) {
    if (!dragged) return;
    const wanted = kind(dragged.dataset.line);
    let line = event.target.closest?.("[data-line]");
    if (line && kind(line.dataset.line) !== wanted)
      line = wanted === "block" ? line.parentElement.closest("[data-line]") : null;
    if (!line || line === dragged || !section.contains(line)) return;
    event.preventDefault();
    const box = line.getBoundingClientRect();
    mark(line, event.clientY > box.top + box.height / 2);
  }

  function end() {
    dragged?.classList.remove("line--dragged");
    mark(null);
    dragged = null;
  }

  function drop(event) {
    if (!dragged || !target) return;
    event.preventDefault();
    const place = target.isAfter ? after(target.line.dataset.line) : target.line.dataset.line;
    const order = `place:${dragged.dataset.line}:${place}`;
    end();
    send(form, order);
  }

  for (const line of section.querySelectorAll("[data-line]")) {
    const grip = Object.assign(document.createElement("span"), {
      className: "line__grip",
      textContent: "⠿",
      title: say(section, "grip"),
    });
    grip.setAttribute("aria-hidden", "true"); // a keyboard has the buttons
    line.querySelector(":scope > .line__head .line__moves, :scope > .line__feet .line__moves")?.prepend(grip);
    grip.draggable = true;
    grip.addEventListener("dragstart", (event) => {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", line.dataset.line);
      event.dataTransfer.setDragImage(line, 0, 0);
      dragged = line;
      line.classList.add("line--dragged");
    });
  }
  section.addEventListener("dragover", over);
  section.addEventListener("drop", drop);
  section.addEventListener("dragend", end);
  cuts(section);
}
