// The French sentences live in the templates, as data-say-… attributes; here one only fills their blanks.
export function say(element, key, blanks = {}) {
  const sentence = element.getAttribute(`data-say-${key}`) ?? "";
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => blanks[name] ?? whole);
}

export const hour = (date) => `${date.getHours()}\u00a0h\u00a0${String(date.getMinutes()).padStart(2, "0")}`;

export function size(bytes) {
  const units = [[1024 ** 3, "Go"], [1024 ** 2, "Mo"], [1024, "ko"]];
  const [unit, name] = units.find(([floor]) => bytes >= floor) ?? [1, "octets"];
  return `${(bytes / unit).toLocaleString("fr", { maximumFractionDigits: unit > 1024 ? 1 : 0 })} ${name}`;
}
