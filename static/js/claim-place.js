// Chooses a place with a finger or a mouse: a rectangle, words, or moments of a recording. Without this, the fields of the form say it.
import { say } from "./main.js";

const UNITS = 10000;
const MIN_SIDE = 100;

export default function place(element) {
  const form = element.querySelector("form");
  const modes = element.querySelector(".place-modes");
  const chosen = element.querySelector(".place-chosen");
  const media = document.querySelector(".player video, .player audio");
  const figure = document.querySelector(".page-view");
  if (modes) modes.hidden = !(media || figure);
  if (media) moments(element, form, media);
  else if (figure) regions(element, form, figure, chosen);
}

function moments(element, form, media) {
  let start = "0:00";
  element.addEventListener("click", (event) => {
    const which = event.target.closest("[data-place]")?.dataset.place;
    if (!which) return;
    const at = clock(media.currentTime);
    if (which === "start") {
      start = at;
      form.elements.passage.value = at;
    } else form.elements.passage.value = `${start}-${at}`;
    form.elements.passage.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function regions(element, form, figure, chosen) {
  const sheet = figure.querySelector(".page-view__sheet");
  const image = sheet.querySelector("img");
  const words = decode(figure.dataset.words);
  const texts = [...(document.getElementById("texte-page")?.textContent ?? "").matchAll(/\S+/g)];
  const buttons = [...element.querySelectorAll("[data-place]")];
  const clear = buttons.find((button) => button.dataset.place === "clear");
  let mode = "";
  let from = null;

  element.addEventListener("click", (event) => {
    const which = event.target.closest("[data-place]")?.dataset.place;
    if (which === "clear") forget();
    else if (which) begin(which === mode ? "" : which);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && mode) begin("");
  });

  function begin(which) {
    mode = which;
    figure.classList.toggle("page-view--drawing", Boolean(mode));
    for (const button of buttons)
      if (button.hasAttribute("aria-pressed"))
        button.setAttribute("aria-pressed", String(button.dataset.place === mode));
    if (mode) {
      chosen.textContent = say(element, mode === "region" ? "draw" : "select");
      figure.scrollIntoView({ block: "nearest" });
    }
  }

  sheet.addEventListener("pointerdown", (event) => {
    if (!mode || !event.isPrimary || event.button) return;
    event.preventDefault();
    sheet.setPointerCapture(event.pointerId);
    from = at(event);
  });
  sheet.addEventListener("pointermove", (event) => {
    if (from) draw(boxes(from, at(event)));
  });
  sheet.addEventListener("pointerup", (event) => {
    if (!from) return;
    const to = at(event);
    const start = from;
    from = null;
    if (mode === "region") keepRegion(start, to);
    else keepQuote(start, to);
  });
  sheet.addEventListener("pointercancel", () => {
    from = null;
    draw([]);
  });

  function at(event) {
    const box = image.getBoundingClientRect();
    const unit = (value, size) => Math.round(Math.min(Math.max(value / size, 0), 1) * UNITS);
    return [unit(event.clientX - box.left, box.width), unit(event.clientY - box.top, box.height)];
  }

  function boxes(start, end) {
    if (mode === "region")
      return [
        [
          Math.min(start[0], end[0]),
          Math.min(start[1], end[1]),
          Math.max(start[0], end[0]),
          Math.max(start[1], end[1]),
        ],
      ];
    const [first, last] = run(start, end);
    return words.slice(first, last + 1);
  }

  // The words from the one nearest to where the finger began to the one nearest to where it ended.
  function run(start, end) {
    const nearest = ([x, y]) => {
      let best = 0;
      let least = Infinity;
      words.forEach(([left, top, right, bottom], index) => {
        const across = Math.max(left - x, 0, x - right);
        const down = Math.max(top - y, 0, y - bottom);
        const far = across * across + 9 * down * down;
        if (far < least) [best, least] = [index, far];
      });
      return best;
    };
    const ends = [nearest(start), nearest(end)];
    return [Math.min(...ends), Math.max(...ends)];
  }

  function keepRegion(start, end) {
    const [box] = boxes(start, end);
    if (box[2] - box[0] < MIN_SIDE || box[3] - box[1] < MIN_SIDE) {
      draw([]);
      return;
    }
    draw([box]);
    form.elements.region.value = box.join(",");
    if (form.elements.quote) form.elements.quote.value = "";
    done("region");
  }

  function keepQuote(start, end) {
    const [first, last] = run(start, end);
    if (!texts[first] || !texts[last]) return;
    const found = texts.slice(first, last + 1);
    draw(words.slice(first, last + 1));
    form.elements.quote.value = found.map((match) => match[0]).join(" ");
    form.elements.position.value = String(found[0].index);
    form.elements.region.value = "";
    done("quote");
  }

  function done(what) {
    begin("");
    if (clear) clear.hidden = false;
    chosen.textContent = say(element, what);
    (form.elements.competency ?? form.elements.text).focus();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function forget() {
    for (const name of ["region", "position", "quote"])
      if (form.elements[name]) form.elements[name].value = "";
    draw([]);
    clear.hidden = true;
    chosen.textContent = "";
  }

  function draw(list) {
    let layer = sheet.querySelector(".page-marks--drawn");
    if (!layer) {
      layer = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      for (const [name, value] of Object.entries({
        class: "page-marks page-marks--drawn",
        viewBox: `0 0 ${UNITS} ${UNITS}`,
        preserveAspectRatio: "none",
        "aria-hidden": "true",
      }))
        layer.setAttribute(name, value);
      sheet.append(layer);
    }
    const group = document.createElementNS(layer.namespaceURI, "g");
    group.setAttribute("class", "page-mark page-mark--drawn");
    for (const [left, top, right, bottom] of list) {
      const rect = document.createElementNS(layer.namespaceURI, "rect");
      for (const [name, value] of Object.entries({
        x: left,
        y: top,
        width: right - left,
        height: bottom - top,
      }))
        rect.setAttribute(name, value);
      group.append(rect);
    }
    layer.replaceChildren(group);
  }
}

// Eight bytes for each word: left, top, right, bottom, in ten-thousandths of the page.
function decode(text) {
  if (!text) return [];
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const sides = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length >> 3 }, (_, word) =>
    [0, 2, 4, 6].map((offset) => sides.getUint16(8 * word + offset, true)),
  );
}
