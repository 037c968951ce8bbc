// Asks the questions of a form one by one, with what was answered before in sight; the fields and their saving are the same.
import { say } from "./main.js";

export default function conversation(form) {
  const bar = form.querySelector("[data-conversation]");
  const fields = [...form.querySelectorAll("textarea")].map((area) => area.closest(".field"));
  if (!bar || fields.length < 2) return;
  const part = (name) => bar.querySelector(`[data-part="${name}"]`);
  const said = part("said");
  let at = -1; // all the questions at once

  function show(next) {
    at = next;
    for (const [place, field] of fields.entries()) field.hidden = at >= 0 && place !== at;
    part("begin").textContent = say(bar, at < 0 ? "begin" : "all");
    part("back").hidden = at < 1;
    part("next").hidden = at < 0 || at === fields.length - 1;
    part("place").textContent = at < 0 ? "" : say(bar, "place", { n: at + 1, all: fields.length });
    said.replaceChildren(...fields.slice(0, Math.max(at, 0)).flatMap(answered));
    if (at >= 0) fields[at].querySelector("textarea").focus();
  }

  function answered(field) {
    const text = field.querySelector("textarea").value.trim();
    if (!text) return [];
    const asked = Object.assign(document.createElement("dt"), { className: "field__label" });
    asked.textContent = field.querySelector("label").firstChild.textContent.trim();
    const told = Object.assign(document.createElement("dd"), { className: "typed", textContent: text });
    return [asked, told];
  }

  part("begin").addEventListener("click", () =>
    show(at < 0 ? Math.max(0, fields.findIndex((field) => !field.querySelector("textarea").value.trim())) : -1),
  );
  part("back").addEventListener("click", () => show(at - 1));
  part("next").addEventListener("click", () => show(at + 1));
  // What prevents the saving is shown: nothing that is wrong stays hidden.
  if (!form.querySelector(".field--wrong")) bar.hidden = false;
}
