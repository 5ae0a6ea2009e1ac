// Charts: drawn by Vega when they come near, again when their width changes. Colours follow the theme by themselves,
// since they are custom properties of the style sheet.

const tip = document.getElementById("tip");

// Shown as text nodes: what a record holds is never markup.
function showTip(_, event, __, value) {
  tip.replaceChildren();
  tip.hidden = !value;
  if (!value) return;
  const list = document.createElement("dl");
  for (const [name, text] of Object.entries(value)) {
    if (!text) continue;
    const term = document.createElement("dt");
    const detail = document.createElement("dd");
    term.textContent = { case: "job", label: "backend", text: "value", interval: "95 % interval" }[name] || name;
    detail.textContent = text;
    list.append(term, detail);
  }
  tip.append(list);
  const box = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - box.width - 8))}px`;
  const below = event.clientY + 18;
  tip.style.top = `${below + box.height < innerHeight ? below : Math.max(4, event.clientY - box.height - 12)}px`;
}

const OPTIONS = {
  mode: "vega-lite", renderer: "svg", actions: false, defaultStyle: false, hover: false, tooltip: showTip,
  // Expressions are interpreted: compiling them would need a policy that lets text run as script.
  ast: true,
};

function figureOf(element) {
  const shown = [...element.querySelectorAll(".switch")].map(() => true);
  const source = element.querySelector("script[type='application/json']");
  let read = null;
  const found = { element, shown, kind: element.classList.contains("dots") ? "dots" : "plane" };
  found.items = () => (read ??= JSON.parse(source.textContent));
  found.views = [...element.querySelectorAll(".view")].map((box, i) => ({ box, i, figure: found, room: 0, view: null }));
  return found;
}

const figures = [...document.querySelectorAll("figure")].map(figureOf);
const places = new Map(figures.flatMap((each) => each.views.map((place) => [place.box, place])));

const drawings = JSON.parse(document.getElementById("drawings").textContent);

// A layer with the positions of a panel in it.
function positioned(layer, positions) {
  const whole = (found) => (found.along ? { ...positions[found.along], field: found.field } : found);
  const channels = Object.entries(layer.encoding).map(([name, found]) => [name, whole(found)]);
  return { ...layer, encoding: Object.fromEntries(channels) };
}

// What all panels of a kind share, what this one adds, and what its size comes to.
function sized(place) {
  const item = place.figure.items()[place.i];
  const shared = drawings[place.figure.kind];
  const { params, ...size } = layout(place.figure.kind, item, place.room);
  const values = { ...params, shown: place.figure.shown };
  const filled = [...shared.params, ...item.params].map((each) => (each.name in values ? { ...each, value: values[each.name] } : each));
  const layer = shared.layer.map((each) => positioned(each, item.positions));
  return { datasets: item.datasets, config: shared.config, layer, ...size, params: filled };
}

async function draw(place) {
  const room = place.box.clientWidth;
  if (!room || room === place.room) return;
  place.room = room;
  const size = sized(place);
  place.box.style.minHeight = `${size.height + size.padding.top + size.padding.bottom}px`;
  try {
    const holder = document.createElement("div");
    const made = await vegaEmbed(holder, { ...size, config: { ...size.config, font: fontOf(place.box) } }, OPTIONS);
    if (place.room !== room) return made.finalize();
    place.made?.finalize();
    place.made = made;
    place.box.replaceChildren(holder);
    made.view.signal("shown", place.figure.shown).run();
  } catch (error) {
    const note = document.createElement("p");
    note.className = "failed";
    note.textContent = "This chart could not be drawn; its data are in the table below.";
    place.box.replaceChildren(note);
    console.error(error);
  }
}

function fontOf(element) {
  return getComputedStyle(element).fontFamily;
}

const near = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) draw(places.get(entry.target));
}, { rootMargin: "600px" });
const resized = new ResizeObserver((entries) => {
  for (const entry of entries) if (places.get(entry.target).room) draw(places.get(entry.target));
});
for (const box of places.keys()) {
  near.observe(box);
  resized.observe(box);
}

// What is further down is drawn when there is nothing else to do, so that a printer finds it drawn.
const idle = window.requestIdleCallback || ((call) => setTimeout(call, 50));
function drawRest() {
  const left = [...places.values()].find((place) => !place.room && place.box.clientWidth);
  if (left) draw(left).then(() => idle(drawRest));
}
idle(drawRest);

for (const each of figures) {
  for (const button of each.element.querySelectorAll(".switch")) {
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      each.shown = each.shown.with(Number(button.dataset.series), on);
      for (const place of each.views) place.made?.view.signal("shown", each.shown).run();
    });
  }
}
for (const select of document.querySelectorAll(".choice select")) {
  select.addEventListener("change", () => {
    for (const option of select.options) document.getElementById(option.value).hidden = !option.selected;
    drawRest();
  });
}
