// A range of the chart: drag over its columns. The form below it has the same range, for fingers, keys and pages without
// scripts; dragging only fills it in and sends it. Escape, or letting go where it began, leaves all as it was.
const FEWEST = 5; // pixels that are more than a click
const chart = document.querySelector("svg.chart");
const form = document.querySelector("form.range");

if (chart && form) {
  const { first, last } = form.elements;
  const columns = first.options.length;
  const { width, height } = chart.viewBox.baseVal;
  const shade = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  shade.setAttribute("class", "shade");
  shade.setAttribute("height", height);
  let from = null; // where the drag began, in pixels; null while nothing is dragged
  let dragged = false;

  const columnAt = (x) => {
    const box = chart.getBoundingClientRect();
    return Math.min(columns - 1, Math.max(0, Math.floor(((x - box.left) / box.width) * columns)));
  };

  const show = (x) => {
    const [left, right] = [columnAt(from), columnAt(x)].sort((a, b) => a - b);
    [first.selectedIndex, last.selectedIndex] = [left, right];
    shade.setAttribute("x", (left * width) / columns);
    shade.setAttribute("width", ((right - left + 1) * width) / columns);
    chart.append(shade);
  };

  const stop = () => {
    from = null;
    shade.remove();
  };

  const giveUp = () => {
    stop();
    form.reset();
  };

  chart.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    from = event.clientX;
    dragged = false;
  });
  chart.addEventListener("pointermove", (event) => {
    if (!event.buttons) stop(); // it was let go elsewhere
    if (from === null || (!dragged && Math.abs(event.clientX - from) < FEWEST)) return;
    if (!dragged) chart.setPointerCapture(event.pointerId);
    dragged = true;
    show(event.clientX);
  });
  chart.addEventListener("pointerup", (event) => {
    const meant = from !== null && dragged && Math.abs(event.clientX - from) >= FEWEST;
    if (meant) form.requestSubmit();
    else if (from !== null) giveUp();
    stop();
  });
  chart.addEventListener("pointercancel", giveUp);
  // columns are links: neither dragged away themselves nor followed after a drag
  chart.addEventListener("dragstart", (event) => event.preventDefault());
  chart.addEventListener("click", (event) => { if (dragged) event.preventDefault(); dragged = false; }, true);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && from !== null) giveUp(); });
}
