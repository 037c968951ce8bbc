// Computes the SHA-256 of a chosen file and writes it into the form. The file is never sent.
const HEAVIEST = 1 << 30;

export default function fileDigest(form) {
  const choice = form.querySelector("[data-file-choice]");
  const input = choice?.querySelector("input[type=file]");
  const target = form.querySelector("[name=sha256]");
  if (!input || !target || !globalThis.crypto?.subtle) return;
  const status = choice.querySelector("[role=status]");
  choice.hidden = false;
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    if (file.size > HEAVIEST) {
      status.textContent = input.dataset.sayHeavy;
      return;
    }
    status.textContent = input.dataset.sayReading;
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    target.value = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    status.textContent = "";
  });
}
