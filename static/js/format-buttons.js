// Buttons that type the marks of bold words and of lists for their author; the text stays plain text.
// Mounted on a form that holds an element [data-format-words] with its sentences; they stand where there is no script.

function wrap(area, mark) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const words = value.slice(from, to).trim();
  const start = from + value.slice(from, to).search(/\S|$/);
  area.setRangeText(`${mark}${words}${mark}`, start, start + words.length, "end");
  if (!words) area.setSelectionRange(start + mark.length, start + mark.length);
}

function dash(area) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const start = value.lastIndexOf("\n", from - 1) + 1;
  const end = Math.max(to, start);
  const lines = value.slice(start, end).split("\n");
  const all = lines.every((line) => line.startsWith("- "));
  const changed = lines.map((line) => (all ? line.slice(2) : line.startsWith("- ") ? line : `- ${line}`));
  area.setRangeText(changed.join("\n"), start, end, "end");
}

export default function format(form) {
  const words = form.querySelector("[data-format-words]");
  const areas = [...form.querySelectorAll("textarea")];
  if (!words || !areas.length) return;
  // One bar for all the texts: it acts on the one that its author was in last.
  let area = areas[0];
  for (const each of areas) each.addEventListener("focus", () => (area = each));
  const bar = document.createElement("div");
  bar.className = "format-bar";
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", words.dataset.sayGroup);
  for (const [key, act] of [
    ["sayBold", () => wrap(area, "**")],
    ["sayList", () => dash(area)],
  ]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "format-bar__button";
    button.textContent = words.dataset[key];
    button.addEventListener("click", () => {
      act();
      area.focus();
      area.dispatchEvent(new Event("input", { bubbles: true }));
    });
    bar.append(button);
  }
  // The buttons type the marks: how they are typed need not be told.
  words.replaceWith(bar);
}
