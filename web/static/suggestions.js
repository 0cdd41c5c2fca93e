// Suggestions while typing: a combobox with a list below it (WAI-ARIA Authoring Practices, "list autocomplete").
// Texts are put in as texts, never as markup.
const WAIT = 150; // milliseconds after the last key
const box = document.getElementById("q");

if (box) {
  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  box.after(list);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
    box.setAttribute(name, value);
  }

  let timer = 0;
  let asked = 0;
  let at = -1;

  const close = () => {
    list.hidden = true;
    at = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };

  const take = (item) => {
    box.value = item.dataset.query;
    close();
    box.focus();
  };

  const mark = (step) => {
    const items = [...list.children];
    items[at]?.setAttribute("aria-selected", "false");
    at = (at + step + items.length) % items.length;
    items[at].setAttribute("aria-selected", "true");
    box.setAttribute("aria-activedescendant", items[at].id);
  };

  const show = (found) => {
    list.replaceChildren(...found.map((each, number) => {
      const item = document.createElement("li");
      item.id = `suggestion-${number}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      item.dataset.query = each.query;
      item.textContent = `${each.name} (${each.kind}, ${each.articles})`;
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(item); });
      return item;
    }));
    at = -1;
    list.hidden = found.length === 0;
    box.setAttribute("aria-expanded", String(!list.hidden));
  };

  const ask = async () => {
    const number = ++asked;
    try {
      const answer = await fetch(`/suggestions?q=${encodeURIComponent(box.value)}`);
      const found = answer.ok ? await answer.json() : [];
      if (number === asked && document.activeElement === box) show(found);
    } catch {
      close(); // without suggestions, then
    }
  };

  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT); });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); mark(event.key === "ArrowDown" ? 1 : -1); }
    if (event.key === "Escape") { event.preventDefault(); close(); }
    if (event.key === "Enter" && at >= 0) { event.preventDefault(); take(list.children[at]); }
  });
}
