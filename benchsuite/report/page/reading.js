// Printing, saving a chart, and where in the report the reader is.

const beforePrint = { theme: null, opened: [] };
addEventListener("beforeprint", () => {
  beforePrint.theme = theme.root.dataset.theme || null;
  theme.set("light");
  beforePrint.opened = [...document.querySelectorAll("main details:not(.data):not([open])")];
  for (const details of beforePrint.opened) details.open = true;
});
addEventListener("afterprint", () => {
  theme.set(beforePrint.theme);
  for (const details of beforePrint.opened) details.open = false;
});

const SVG = "http://www.w3.org/2000/svg";

function add(parent, name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

function legendOf(figure, svg, top, ink) {
  let left = 6;
  for (const button of figure.element.querySelectorAll(".switch[aria-pressed='true']")) {
    const mark = button.querySelector(".mark");
    const look = getComputedStyle(mark);
    const group = add(svg, "g", { transform: `translate(${left + 6},${top})` });
    const path = { d: mark.firstElementChild.getAttribute("d"), fill: look.fill, stroke: look.stroke, "stroke-width": 1.4 };
    add(group, "path", path);
    const text = button.textContent.trim();
    add(group, "text", { x: 12, y: 4, "font-size": 12, fill: ink }, text);
    left += 34 + widest([text]);
  }
}

// The panels under one another, with the title and the legend that the page shows around them.
async function picture(figure) {
  const style = getComputedStyle(theme.root);
  const value = (name) => style.getPropertyValue(name).trim();
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("xmlns", SVG);
  svg.setAttribute("font-family", fontOf(document.body));
  const paper = add(svg, "rect", { x: 0, y: 0, fill: value("--paper") });
  add(svg, "text", { x: 6, y: 22, "font-size": 15, "font-weight": 600, fill: value("--ink") }, figure.element.querySelector("figcaption strong").textContent);
  legendOf(figure, svg, 42, value("--ink"));
  let top = 60;
  let width = 0;
  for (const place of figure.views) {
    await draw(place);
    const drawn = (await place.made.view.toSVG()).replace(/var\((--[\w-]+)\)/g, (_, name) => value(name));
    const panel = new DOMParser().parseFromString(drawn, "image/svg+xml").documentElement;
    const name = place.box.parentElement.querySelector(".name");
    if (name) add(svg, "text", { x: 6, y: top + 12, "font-size": 12, "font-weight": 600, fill: value("--ink") }, name.textContent);
    if (name) top += 18;
    panel.setAttribute("y", top);
    svg.append(document.importNode(panel, true));
    top += Number(panel.getAttribute("height")) + 6;
    width = Math.max(width, Number(panel.getAttribute("width")));
  }
  for (const element of [svg, paper]) {
    element.setAttribute("width", width);
    element.setAttribute("height", top);
  }
  return new XMLSerializer().serializeToString(svg);
}

for (const each of figures) {
  each.element.querySelector(".save").addEventListener("click", async () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([await picture(each)], { type: "image/svg+xml" }));
    link.download = `${each.element.dataset.name.replace(/[^\w-]+/g, "-") || "chart"}.svg`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
}

const links = new Map([...document.querySelectorAll(".bar nav a")].map((link) => [link.hash.slice(1), link]));
const reading = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const link = links.get(entry.target.querySelector("h2").id);
    if (!link) continue;
    if (entry.isIntersecting) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}, { rootMargin: "-30% 0px -65%" });
for (const section of document.querySelectorAll("main > section")) reading.observe(section);

// A link into a closed part opens it.
function openTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  for (let details = target && target.closest("details"); details; details = details.parentElement.closest("details")) {
    details.open = true;
  }
}
addEventListener("hashchange", openTarget);
openTarget();
