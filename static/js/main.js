// Mounts the module named by [data-module] on its element. Every page works without it.
// The map is fixed: an attribute never chooses which file is loaded.
const modules = {};

export function mount(root) {
  for (const element of root.querySelectorAll("[data-module]")) {
    for (const name of element.dataset.module.split(" ")) {
      if (name in modules) modules[name]().then((loaded) => loaded.default(element));
    }
  }
}

mount(document);
