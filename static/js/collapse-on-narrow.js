// Folds a <details> where there is no room beside it. Without this it is simply open; until this runs, the style sheet
// keeps its content out of a narrow page, so that nothing moves.
export default function fold(details) {
  if (matchMedia("(min-width: 66rem)").matches) return;
  details.open = false;
  details.dataset.folded = "";
  // Where the page was going has moved up.
  document.getElementById(location.hash.slice(1))?.scrollIntoView({ behavior: "instant" });
}
