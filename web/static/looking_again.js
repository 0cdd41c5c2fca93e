// A page that fills by itself: what it shows is asked for again and put in place. Nobody's focus or scrolling is disturbed, a
// button stops it (WCAG 2.2, 2.2.2), and a page that nobody sees asks for nothing.
const content = document.querySelector("[data-refresh]");
const button = document.getElementById("looking");
let looking = true;

async function look() {
  if (!looking || document.hidden || content.contains(document.activeElement)) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-refresh]");
    if (!answer.ok) return;
    if (found) content.replaceChildren(...found.childNodes);
    else location.reload(); // it is another page now: the first articles are there
  } catch {
    // the next time, then
  }
}

button.hidden = false;
button.addEventListener("click", () => {
  looking = !looking;
  button.textContent = looking ? "Stop looking again" : "Look again by itself";
});
setInterval(look, content.dataset.refresh * 1000);
