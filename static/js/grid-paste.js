// Cells copied from a spreadsheet fill the table from the focused one; Enter goes down a line. The server reads every word again.
import { say } from "./main.js";

const plain = (text) =>
  text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .trim();

export default function (grid) {
  const lines = [...grid.querySelectorAll("tbody tr")].map((line) => [...line.cells].slice(1));
  const state = grid.parentElement.querySelector("[data-grid-state]");
  const place = (element) => {
    const cell = element?.closest("td");
    const line = lines.findIndex((cells) => cells.includes(cell));
    return line < 0 ? null : [line, lines[line].indexOf(cell)];
  };

  const choose = (cell, text) => {
    const [outcome, detail = ""] = text.split(/[;(]/);
    const options = [...(cell?.querySelector("select")?.options ?? [])].filter(({ value }) => value);
    const found = options.find(({ label }) => plain(label) === plain(outcome));
    if (!found) return false;
    found.selected = true;
    if (detail) cell.querySelector("input:not([type=hidden])").value = detail.replace(/\)\s*$/, "").trim();
    return true;
  };

  grid.addEventListener("keydown", (event) => {
    const here = place(event.target);
    if (event.key !== "Enter" || !here) return;
    event.preventDefault();
    lines[here[0] + 1]?.[here[1]]?.querySelector(event.target.localName + ":not([type=hidden])")?.focus();
  });

  document.addEventListener("paste", (event) => {
    const here = place(document.activeElement);
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!here || (document.activeElement.localName === "input" && !/[\t\n]/.test(text.trim()))) return;
    event.preventDefault();
    let done = 0;
    let unread = 0;
    text.replace(/\r?\n$/, "").split(/\r?\n/).forEach((line, down) => {
      line.split("\t").forEach((cell, right) => {
        if (!cell.trim()) return;
        if (choose(lines[here[0] + down]?.[here[1] + right], cell)) done += 1;
        else unread += 1;
      });
    });
    const told = say(grid, "pasted", { n: done });
    state.textContent = unread ? `${told} ${say(grid, "unread", { n: unread })}` : told;
    grid.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
