// The keyboard: / to the search box, j and k through what was found, o opens, ? tells the keys.
// Everything can be done without it.
const KEYS = [
  ["/", "to the search box"],
  ["j", "the next article"],
  ["k", "the article before"],
  ["o or Enter", "open the article"],
  ["?", "these keys"],
  ["Esc", "close"],
];

let chosen = -1;

function choose(step) {
  const hits = [...document.querySelectorAll(".hit")];
  if (!hits.length) return;
  hits[chosen]?.classList.remove("chosen");
  chosen = Math.min(hits.length - 1, Math.max(0, chosen + step));
  hits[chosen].classList.add("chosen");
  hits[chosen].querySelector("a")?.focus({ preventScroll: true });
  hits[chosen].scrollIntoView({ block: "nearest" });
}

function tellKeys() {
  const dialog = document.createElement("dialog");
  const title = document.createElement("h2");
  title.id = "keys";
  title.textContent = "Keys";
  dialog.setAttribute("aria-labelledby", "keys");
  const list = document.createElement("dl");
  list.className = "facts";
  for (const [key, meaning] of KEYS) {
    const term = document.createElement("dt");
    term.textContent = key;
    const told = document.createElement("dd");
    told.textContent = meaning;
    list.append(term, told);
  }
  const close = document.createElement("button");
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(title, list, close);
  document.body.append(dialog);
  dialog.showModal();
}

function toTheBox() {
  const box = document.getElementById("q");
  if (!box) { location.assign("/"); return; }
  box.focus();
  box.select();
}

const ACTIONS = {
  "/": toTheBox,
  "?": tellKeys,
  j: () => choose(1),
  k: () => choose(-1),
  o: () => document.querySelector(".hit.chosen a")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog")) return;
  const act = ACTIONS[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});
