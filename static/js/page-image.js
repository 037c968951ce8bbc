// Waits for a page that is being drawn, says why one is not there, and turns pages with the arrows of a keyboard.
// Without this, the text of the image says which page it is, and its links turn it.
const TRIES = 20;

export default function page(element) {
  const image = element.querySelector("img");
  const say = element.querySelector(".page-view__say");
  let tries = 0;

  async function failed() {
    const answer = await fetch(image.src, { credentials: "same-origin" }).catch(() => null);
    const text =
      answer && answer.status !== 200 && answer.headers.get("Content-Type")?.startsWith("text/plain")
        ? await answer.text()
        : "";
    // 202: it is being drawn; 503: what draws it, or its store, is away.
    const later = !answer || answer.ok || answer.status === 503;
    const away = answer?.status === 503 && !text; // the store of files itself does not answer
    if (say)
      say.textContent =
        text ||
        (away
          ? "Les fichiers ne sont pas accessibles en ce moment, et ce n’est pas de votre fait. La page viendra d’elle-même."
          : later
            ? "Encore un instant : la page se prépare."
            : "Cette page ne peut pas être montrée : téléchargez la pièce.");
    if (!later || ++tries > TRIES) return;
    const wait = answer?.status === 200 ? 0 : Number(answer?.headers.get("Retry-After") ?? 2) * 1000;
    setTimeout(() => {
      image.loading = "eager";
      image.src = image.src;
    }, wait);
  }

  function turn(event) {
    const to = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    const busy =
      event.altKey ||
      event.ctrlKey ||
      event.metaKey ||
      event.shiftKey ||
      event.target.closest("input, textarea, select, .page-view--large");
    if (to && !busy && element.isConnected) document.querySelector(`.pager a[rel=${to}]`)?.click();
  }

  if (say) document.addEventListener("keydown", turn);
  image.addEventListener("error", failed);
  image.addEventListener("load", () => {
    if (say) say.textContent = "";
  });
  if (image.complete && image.currentSrc && !image.naturalWidth) failed();
}
