// Folds a <details> where there is no room beside it. Without this it is simply open.
export default function fold(details) {
  if (matchMedia("(min-width: 66rem)").matches) return;
  details.open = false;
  // Where the page was going has moved up.
  document.getElementById(location.hash.slice(1))?.scrollIntoView({ behavior: "instant" });
}
