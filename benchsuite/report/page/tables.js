// Tables: sorted by a click on a heading, filtered all at once.

const tables = [...document.querySelectorAll("main table")];
const original = new Map(tables.map((table) => [table, [...table.tBodies[0].rows]]));
const collator = new Intl.Collator("en", { numeric: true });

function key(row, column, numeric) {
  const cell = row.cells[column];
  const text = cell.textContent.trim();
  if (!numeric || !text) return text;
  const value = Number(cell.dataset.value ?? text);
  return Number.isNaN(value) ? "" : value;
}

function order(a, b) {
  return typeof a === "number" ? a - b : collator.compare(a, b);
}

// Blank cells stay last, whichever way the others are sorted; rows that are level stay as they were.
function sorted(rows, column, direction) {
  const numeric = rows.some((row) => row.cells[column].dataset.value !== undefined);
  const keyed = rows.map((row) => [key(row, column, numeric), row]);
  const blank = ([found]) => found === "";
  const full = keyed.filter((pair) => !blank(pair));
  full.sort(([a], [b]) => (direction === "descending" ? order(b, a) : order(a, b)));
  return [...full, ...keyed.filter(blank)].map(([, row]) => row);
}

function sort(head) {
  const table = head.closest("table");
  const next = { ascending: "descending", descending: null }[head.getAttribute("aria-sort")];
  const direction = next === undefined ? "ascending" : next;
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  if (direction) head.setAttribute("aria-sort", direction);
  const rows = original.get(table);
  table.tBodies[0].append(...(direction ? sorted(rows, head.cellIndex, direction) : rows));
  apart(table);
}

// Once rows are out of their groups, each says again what its group had in common.
function apart(table) {
  const away = table.querySelector("[aria-sort]") || table.tBodies[0].querySelector("tr[hidden]");
  table.classList.toggle("apart", Boolean(away));
}

for (const button of document.querySelectorAll(".sort")) {
  button.addEventListener("click", () => sort(button.closest("th")));
}

const filter = {
  button: document.getElementById("filter"),
  form: document.getElementById("filters"),
  text: document.getElementById("text"),
  workload: document.getElementById("workload"),
  backend: document.getElementById("backend"),
  count: document.getElementById("count"),
  // The tables of charts' data stay whole: they say what is drawn.
  tables: tables.filter((table) => !table.closest("figure")),
  words: new Map(),
};

function choices(select, name) {
  const found = new Set();
  for (const table of filter.tables) {
    for (const row of original.get(table)) if (row.dataset[name]) found.add(row.dataset[name]);
  }
  for (const value of [...found].sort(collator.compare)) {
    const option = document.createElement("option");
    option.value = option.textContent = value;
    select.append(option);
  }
}

function words(table, row) {
  if (!filter.words.has(row)) {
    filter.words.set(row, `${table.caption.textContent} ${row.textContent}`.toLowerCase());
  }
  return filter.words.get(row);
}

// Which job a row is of is asked only of rows of jobs.
function fits(table, row, wanted, chosen) {
  if (chosen.workload || chosen.backend) {
    if (!row.dataset.backend) return false;
    if (chosen.workload && row.dataset.workload !== chosen.workload) return false;
    if (chosen.backend && row.dataset.backend !== chosen.backend) return false;
  }
  return wanted.every((word) => words(table, row).includes(word));
}

function applyFilter() {
  const wanted = filter.text.value.toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = { workload: filter.workload.value, backend: filter.backend.value };
  const active = Boolean(wanted.length || chosen.workload || chosen.backend);
  let all = 0;
  let left = 0;
  for (const table of filter.tables) {
    let here = 0;
    for (const row of original.get(table)) {
      const shown = !active || fits(table, row, wanted, chosen);
      row.hidden = !shown;
      here += shown;
      all += 1;
    }
    left += here;
    table.closest(".scroll").hidden = active && here === 0;
    apart(table);
  }
  filter.count.textContent = active ? `${left} of ${all} rows` : "";
}

choices(filter.workload, "workload");
choices(filter.backend, "backend");
filter.form.addEventListener("input", applyFilter);
filter.form.addEventListener("submit", (event) => event.preventDefault());
filter.form.addEventListener("reset", () => setTimeout(applyFilter));
filter.button.addEventListener("click", () => {
  filter.form.hidden = !filter.form.hidden;
  filter.button.setAttribute("aria-expanded", String(!filter.form.hidden));
  if (!filter.form.hidden) filter.text.focus();
});
