// Folds a <details> where there is no room beside it. Without this it is simply open.
export default function fold(details) {
  if (!matchMedia("(min-width: 66rem)").matches) details.open = false;
}
