// Mounts the modules named by [data-module] on their elements. Every page works without them.
// The map is fixed: an attribute never chooses which file is loaded.
const modules = {
  counter: () => import("./counter.js"),
  fold: () => import("./fold.js"),
  keep: () => import("./keep.js"),
  kept: () => import("./kept.js"),
  leave: () => import("./leave.js"),
  once: () => import("./once.js"),
  page: () => import("./page.js"),
  pending: () => import("./pending.js"),
  reveal: () => import("./reveal.js"),
  seen: () => import("./seen.js"),
  summary: () => import("./summary.js"),
  tally: () => import("./tally.js"),
  upload: () => import("./upload.js"),
};

function mount(root) {
  for (const element of root.querySelectorAll("[data-module]")) {
    for (const name of element.dataset.module.split(" ")) {
      if (Object.hasOwn(modules, name)) modules[name]().then((module) => module.default(element, mount));
    }
  }
}

mount(document);
