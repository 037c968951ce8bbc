// The page open in the viewer: a sharper image when it is there, panning, swiping, and the keys that the page lists.
// Without this, the links of the page do the same.
const SIZES = { page: 1200, grande: 2000, detail: 3200 };
const SWIPE_PX = 60;
const TRIES = 20;

export default function viewer(figure) {
  const image = figure.querySelector("img");
  const zoomed = Number(figure.dataset.zoom) > 0;
  sharpen(figure, image);
  if (zoomed) pan(figure);
  else swipe(figure);
  keys(figure);
  showMarks(figure);
}

// Ask for the narrowest image that this screen shows sharply, and put it in place once it is drawn.
async function sharpen(figure, image) {
  const needed = image.clientWidth * Math.min(devicePixelRatio || 1, 3);
  const wanted = Object.keys(SIZES).find((size) => SIZES[size] >= needed * 0.95) ?? "detail";
  if (!image.clientWidth || SIZES[wanted] <= SIZES[image.dataset.size]) return;
  const url = `${figure.dataset.image}${figure.dataset.image.includes("?") ? "&" : "?"}taille=${wanted}`;
  for (let tries = 0; tries < TRIES && image.isConnected; tries++) {
    const answer = await fetch(url, { credentials: "same-origin" }).catch(() => null);
    if (answer?.status === 200) {
      await answer.blob();
      image.src = url;
      image.dataset.size = wanted;
      return;
    }
    if (answer && answer.status !== 202 && answer.status !== 503) return;
    await new Promise((resolve) => {
      setTimeout(resolve, Number(answer?.headers.get("Retry-After") ?? 2) * 1000);
    });
  }
}

// A mouse drags a page that is larger than its place; a finger scrolls it as the browser does.
function pan(figure) {
  let from = null;
  figure.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button || figure.classList.contains("page-view--drawing"))
      return;
    from = { x: event.clientX + figure.scrollLeft, y: event.clientY + figure.scrollTop };
    figure.classList.add("page-view--panning");
  });
  addEventListener("pointermove", (event) => {
    if (from) figure.scrollTo(from.x - event.clientX, from.y - event.clientY);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    addEventListener(end, () => {
      from = null;
      figure.classList.remove("page-view--panning");
    });
  }
  figure.addEventListener("dragstart", (event) => event.preventDefault());
}

// One finger that goes across turns the page; two fingers, or a page enlarged by them, belong to the browser.
function swipe(figure) {
  let from = null;
  figure.addEventListener(
    "touchstart",
    (event) => {
      const alone =
        event.touches.length === 1 &&
        (visualViewport?.scale ?? 1) < 1.05 &&
        !figure.classList.contains("page-view--drawing");
      from = alone ? { x: event.touches[0].clientX, y: event.touches[0].clientY } : null;
    },
    { passive: true },
  );
  figure.addEventListener(
    "touchend",
    (event) => {
      if (!from || event.touches.length) return;
      const across = event.changedTouches[0].clientX - from.x;
      const down = event.changedTouches[0].clientY - from.y;
      from = null;
      if (Math.abs(across) > SWIPE_PX && Math.abs(across) > 2 * Math.abs(down))
        turn(across < 0 ? "next" : "prev");
    },
    { passive: true },
  );
}

function turn(to) {
  document.querySelector(`.pager a[rel=${to}]`)?.click();
}

// Single characters act only while the page itself has the focus, so that they never surprise who types or speaks.
function keys(figure) {
  figure.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target !== figure) return;
    const steps = [...document.querySelectorAll(".zooms__step")];
    const here = steps.findIndex((step) => step.hasAttribute("aria-current"));
    const to = { "+": steps[here + 1], "=": steps[here + 1], "-": steps[here - 1], 0: steps[0] }[event.key];
    if (event.key === "/") document.getElementById("chercher")?.focus();
    else if (to) to.click();
    else return;
    event.preventDefault();
  });
}

// A place named in the margin is shown on the page at once when it is there, and the place that the address names is brought to view.
function showMarks(figure) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-mark]");
    const mark = link && figure.querySelector(`g[data-mark="${CSS.escape(link.dataset.mark)}"]`);
    if (!mark || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    for (const other of figure.querySelectorAll(".page-mark--shown"))
      other.classList.remove("page-mark--shown");
    mark.classList.add("page-mark--shown");
    bring(figure, mark);
  });
  const pointed = figure.querySelector(".page-mark--pointed, .page-mark--hit");
  if (pointed) requestAnimationFrame(() => bring(figure, pointed));
}

function bring(figure, mark) {
  const box = mark.getBoundingClientRect();
  const around = figure.getBoundingClientRect();
  if (Number(figure.dataset.zoom)) {
    figure.scrollBy(
      box.left + box.width / 2 - around.left - around.width / 2,
      box.top + box.height / 2 - around.top - around.height / 2,
    );
  }
  const now = mark.getBoundingClientRect();
  if (now.top < 0 || now.bottom > innerHeight)
    scrollBy({ top: now.top - innerHeight / 3, behavior: "instant" });
}
