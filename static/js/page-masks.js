// Draws rectangles over the image of a page; the form sends them in thousandths of its width and height.
const NAMESPACE = "http://www.w3.org/2000/svg";
const SMALLEST = 4;

export default function pageMasks(form) {
  const sheet = form.querySelector("[data-mask-sheet]");
  const field = form.querySelector("[data-mask-rectangles]");
  const overlay = sheet.querySelector("svg");
  const image = sheet.querySelector("img");
  const undo = form.querySelector("[data-mask-undo]");
  const drawn = [];
  let start = null;
  let rectangle = null;

  function place(event) {
    const box = sheet.getBoundingClientRect();
    const part = (value, from, length) =>
      Math.round(Math.min(Math.max((value - from) / length, 0), 1) * 1000);
    return [part(event.clientX, box.left, box.width), part(event.clientY, box.top, box.height)];
  }

  function sides(from, to) {
    const [left, top] = [Math.min(from[0], to[0]), Math.min(from[1], to[1])];
    return [left, top, Math.max(from[0], to[0]) - left, Math.max(from[1], to[1]) - top];
  }

  function show([left, top, width, height]) {
    Object.entries({ x: left, y: top, width, height }).forEach(([name, value]) =>
      rectangle.setAttribute(name, value),
    );
  }

  function begin() {
    rectangle = document.createElementNS(NAMESPACE, "rect");
    overlay.append(rectangle);
  }

  function write() {
    field.value = drawn.map((one) => one.sides.join(",")).join(";");
    undo.hidden = drawn.length === 0;
  }

  function keep(found) {
    drawn.push({ sides: found, rectangle });
    write();
  }

  // With a finger, drawing and moving the page are two things: a button says which.
  const tools = form.querySelector("[data-mask-tools]");
  const draw = tools.querySelector("[data-mask-draw]");
  const larger = tools.querySelector("[data-mask-larger]");
  const say = tools.querySelector("[data-mask-say]");
  const isDrawing = () => draw.getAttribute("aria-pressed") === "true";
  function setDrawing(on) {
    draw.setAttribute("aria-pressed", String(on));
    sheet.classList.toggle("mask-sheet--moving", !on);
    say.textContent = on ? say.dataset.sayDraw : say.dataset.sayMove;
  }
  tools.hidden = false;
  setDrawing(!matchMedia("(pointer: coarse)").matches);
  draw.addEventListener("click", () => setDrawing(!isDrawing()));
  larger.addEventListener("click", () => {
    const on = sheet.classList.toggle("mask-sheet--larger");
    larger.setAttribute("aria-pressed", String(on));
  });

  undo.addEventListener("click", () => {
    drawn.pop().rectangle.remove();
    write();
  });
  // What was drawn before a refused form is drawn again.
  field.value
    .split(";")
    .filter(Boolean)
    .forEach((text) => {
      const found = text.split(",").map(Number);
      if (found.length !== 4 || !found.every(Number.isFinite)) return;
      begin();
      show(found);
      keep(found);
    });

  sheet.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary || !image.naturalWidth || !isDrawing()) return;
    event.preventDefault();
    sheet.setPointerCapture(event.pointerId);
    start = place(event);
    begin();
  });
  sheet.addEventListener("pointermove", (event) => start && show(sides(start, place(event))));
  sheet.addEventListener("pointerup", (event) => {
    if (!start) return;
    const found = sides(start, place(event));
    start = null;
    if (found[2] < SMALLEST || found[3] < SMALLEST) return rectangle.remove();
    show(found);
    keep(found);
  });
  sheet.addEventListener("pointercancel", () => {
    rectangle?.remove();
    start = null;
  });
}
