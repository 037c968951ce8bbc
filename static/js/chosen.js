// Lists the files chosen in a field: they add up, each can be taken out, and one that cannot be sent is set apart with its reason.
// The whole page takes the files that are dropped on it, so that none opens in its place.
import { say, size } from "./main.js";
import { pieceWith } from "./same-file.js";

const sameFile = (one, other) =>
  one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;

// `takeOut(file)`: stop the sending under way for a file that is taken out of it; false when it is too late.
export default function chosen(box, input, isBusy, takeOut) {
  const part = (name) => box.querySelector(`[data-upload-${name}]`);
  const limit = Number(box.dataset.limit);
  let files = [];
  let faults = []; // sentences: the files that were set apart
  const known = new Map(); // the piece that has a file already: it stays in the list, and is not sent
  const sent = () => files.filter((file) => !known.has(file));

  function write() {
    const list = new DataTransfer();
    for (const file of sent()) list.items.add(file);
    input.files = list.files;
    box.closest("[data-appears]")?.removeAttribute("hidden");
    draw();
  }

  const tell = () =>
    part("error").replaceChildren(
      ...faults.flatMap((sentence) => [sentence, document.createElement("br")]).slice(0, -1),
    );

  function faultOf(file) {
    if (file.size > limit) return say(box, "large", { name: file.name, size: size(file.size) });
    return file.size ? "" : say(box, "blank", { name: file.name });
  }

  // A file that was moved, erased, or is on a stick that was pulled out.
  async function isReadable(file) {
    try {
      await file.slice(0, 1).arrayBuffer();
      return true;
    } catch {
      return false;
    }
  }

  function setApart(file, sentence) {
    files = files.filter((other) => other !== file);
    faults.push(
      sentence ? `«\u00a0${file.name}\u00a0» : ${sentence}` : say(box, "unreadable", { name: file.name }),
    );
    write();
    tell();
  }

  async function check() {
    const found = sent();
    const readable = await Promise.all(found.map(isReadable));
    found.filter((_, index) => !readable[index]).forEach((file) => setApart(file));
    return !readable.includes(false);
  }

  function add(given, folders = []) {
    faults = folders.map((name) => say(box, "folder", { name }));
    for (const file of given) {
      const fault = faultOf(file);
      if (fault) faults.push(fault);
      else if (!input.multiple) files = [file];
      else if (!files.some((other) => sameFile(other, file))) files.push(file);
      else faults.push(say(box, "twice", { name: file.name }));
    }
    if (!input.multiple && given.length > 1) faults.push(say(box, "single"));
    write();
    tell();
    check();
    files.forEach(compare);
  }

  const compared = new WeakSet();

  async function compare(file) {
    if (compared.has(file)) return;
    compared.add(file);
    const piece = await pieceWith(file, box.dataset.same);
    if (!piece || !files.includes(file) || isBusy()) return;
    known.set(file, piece);
    write();
    part("live").textContent = say(box, "known", piece);
  }

  // The person wants a second piece of the same file: the form says so.
  function addAnyway(file) {
    known.delete(file);
    const form = input.form;
    if (!form.querySelector("[name=twice]"))
      form.append(
        Object.assign(document.createElement("input"), { type: "hidden", name: "twice", value: "y" }),
      );
    write();
    part("list").querySelectorAll("button")[0]?.focus();
  }

  function remove(file) {
    if (isBusy() && !takeOut(file)) return void (part("live").textContent = say(box, "checking"));
    known.delete(file);
    const place = files.indexOf(file);
    files = files.filter((other) => other !== file);
    write();
    part("live").textContent = say(box, "removed", { name: file.name });
    (part("list").querySelectorAll("button")[Math.min(place, files.length - 1)] ?? input).focus();
  }

  function line(file) {
    const item = part("line").content.firstElementChild.cloneNode(true);
    item.querySelector("[data-name]").textContent = file.name;
    item.querySelector("[data-size]").textContent = size(file.size);
    item.querySelector("button .vh").textContent = ` ${file.name}`;
    item.querySelector("button").addEventListener("click", () => remove(file));
    if (known.has(file)) explain(item.querySelector("[data-known]"), file);
    return item;
  }

  function explain(place, file) {
    const piece = known.get(file);
    const link = Object.assign(document.createElement("a"), {
      href: piece.address,
      textContent: say(box, "known", piece),
    });
    const again = Object.assign(document.createElement("button"), {
      type: "button",
      className: "button button--link",
      textContent: say(box, "anyway"),
    });
    again.addEventListener("click", () => addAnyway(file));
    place.replaceChildren(link, ` ${say(box, "not-sent")} `, again);
    place.hidden = false;
  }

  const isPicture = (file) => file.type.startsWith("image/");

  function draw() {
    part("list").replaceChildren(...files.map(line));
    part("list").hidden = !files.length;
    const pictures = sent().filter(isPicture).length;
    const joined = part("joined");
    if (joined) joined.hidden = pictures < 2;
    if (joined && pictures < 2) joined.querySelector("input").checked = false;
    const total = size(files.reduce((sum, file) => sum + file.size, 0));
    part("total").textContent = files.length > 1 ? say(box, "total", { n: files.length, size: total }) : "";
  }

  input.addEventListener("change", () => {
    if (input.files.length) add([...input.files]);
    else write(); // the dialogue was closed: what was chosen before stays
  });
  if (input.files.length)
    add([...input.files]); // chosen before this module came
  else draw();

  const holdsFiles = (event) => box.isConnected && event.dataTransfer?.types.includes("Files");
  const isOurs = (event) =>
    (event.target.closest?.("form")?.querySelector("[data-upload]") ??
      document.querySelector("[data-upload]")) === box;
  const shade = (shown) => {
    part("drop").hidden = !shown;
  };

  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = isBusy() ? "none" : "copy";
    shade(isOurs(event) && !isBusy());
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) shade(false);
  });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault(); // else the browser would open the file in the place of the page
    shade(false);
    if (!isOurs(event)) return;
    if (isBusy()) return void (part("live").textContent = say(box, "busy"));
    const folders = [...event.dataTransfer.items]
      .map((item) => item.webkitGetAsEntry?.())
      .filter((entry) => entry?.isDirectory)
      .map((entry) => entry.name);
    add(
      [...event.dataTransfer.files].filter((file) => !folders.includes(file.name)),
      folders,
    );
  });

  // Photographs that become one piece are joined on the server: they go with the form.
  const isJoined = (file) => isPicture(file) && Boolean(part("joined")?.querySelector("input").checked);
  return {
    files: sent,
    listed: () => files,
    faults: () => faults,
    add,
    isBusy,
    isJoined,
    check,
    setApart,
    tell,
  };
}
