// Waits for a page that is being drawn, and says why one is not there. Without this, the text of the image says which page it is.
const TRIES = 20;

export default function page(element) {
  const image = element.querySelector("img");
  const say = element.querySelector(".leaf__say");
  let tries = 0;

  async function failed() {
    const answer = await fetch(image.src, { credentials: "same-origin" }).catch(() => null);
    const text = answer && !answer.ok && answer.headers.get("Content-Type")?.startsWith("text/plain") ? await answer.text() : "";
    const later = !answer || answer.ok || answer.status === 503;
    if (say) say.textContent = text || (later ? "Encore un instant : la page se prépare." : "Cette page ne peut pas être montrée : téléchargez la pièce.");
    if (!later || ++tries > TRIES) return;
    const wait = answer?.ok ? 0 : Number(answer?.headers.get("Retry-After") ?? 2) * 1000;
    setTimeout(() => { image.loading = "eager"; image.src = image.src; }, wait);
  }

  image.addEventListener("error", failed);
  image.addEventListener("load", () => { if (say) say.textContent = ""; });
  if (image.complete && image.currentSrc && !image.naturalWidth) failed();
}
