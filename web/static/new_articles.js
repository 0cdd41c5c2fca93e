// How many articles came since the page was looked at: asked every half minute, while somebody sees the page.
const EVERY = 30_000; // milliseconds
const line = document.getElementById("new");

async function ask() {
  if (!line || document.hidden) return;
  const query = new URLSearchParams({ q: line.dataset.query, seen: line.dataset.seen });
  try {
    const answer = await fetch(`/new-count?${query}`);
    if (!answer.ok) return;
    const found = await answer.json();
    if (!found.new) return;
    const link = document.createElement("a");
    link.href = found.url;
    link.textContent = `${found.new.toLocaleString("en")} new since you looked`;
    line.replaceChildren(link);
  } catch {
    // the next time, then
  }
}

setInterval(ask, EVERY);
document.addEventListener("visibilitychange", ask);
