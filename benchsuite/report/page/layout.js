// How large a chart is: words are measured first, so that nothing is cut off and nothing overlaps.

const pen = document.createElement("canvas").getContext("2d");
const NARROW = 560;
const LABEL = "11px";

function widest(texts, style = "12px") {
  pen.font = `${style} ${getComputedStyle(document.body).fontFamily}`;
  return Math.ceil(Math.max(0, ...texts.map((text) => pen.measureText(text).width)));
}

function parameter(item, name) {
  return item.params.find((each) => each.name === name).value;
}

// Where a value is between the ends of an axis, as a part of its length.
function along({ scale }, value) {
  const [low, high] = scale.domain;
  if (scale.type === "linear") return (value - low) / (high - low);
  return Math.log(value / low) / Math.log(high / low);
}

// How far the labels of ticks reach beyond both ends of an axis of this many pixels.
function overhang(item, pixels) {
  const texts = parameter(item, "xTexts");
  const reach = parameter(item, "xTicks").map((value, i) => [along(item.positions.x, value) * pixels, widest([texts[i]]) / 2]);
  const most = (found) => Math.ceil(Math.max(4, ...found)) + 2;
  return [most(reach.map(([at, half]) => half - at)), most(reach.map(([at, half]) => at + half - pixels))];
}

// A heading in two lines where one is too short for it, parted after a comma.
function folded(row, room) {
  if (widest([row.case], "bold 12px") <= room) return row;
  const parts = row.case.match(/[^,/]*[,/]?/g);
  let first = "";
  while (parts.length && widest([first + parts[0]], "bold 12px") <= room) first += parts.shift();
  return first ? { ...row, case: `${first}\n${parts.join("")}`, folded: true } : row;
}

// Jobs under one another: a line each, two where names must stand above their dots.
function dotsLayout(item, room) {
  const { rows, headings } = item.datasets;
  const names = widest(rows.map((row) => row.label), "bold 12px") + 12;
  const values = widest(rows.map((row) => row.text), "bold 12px") + 14;
  const narrow = room < NARROW || names + values > 0.6 * room;
  const [before, after] = overhang(item, room - 20);
  const left = narrow ? before : Math.max(before, names);
  const right = narrow ? after : Math.max(after, values);
  return {
    width: room - left - right,
    height: item.lines * (narrow ? 36 : 21),
    padding: { left, right, top: 4, bottom: 46 },
    params: { narrow: Number(narrow), left, room },
    datasets: narrow ? { ...item.datasets, headings: headings.map((row) => folded(row, room)) } : item.datasets,
  };
}

// Over two axes: about as high as a page of a book is to its width.
function planeLayout(item, room) {
  const left = widest(parameter(item, "yTexts")) + 12;
  const ends = item.datasets.labels.filter((row) => row.kind === "end").map((row) => row.text);
  const [, after] = overhang(item, room - left - 10);
  const right = Math.max(after, Math.min(widest(ends, LABEL) + 10, 0.35 * room));
  const width = room - left - right;
  const height = Math.round(Math.min(400, Math.max(230, 0.55 * room)));
  return {
    width,
    height,
    padding: { left, right, top: 30, bottom: 46 },
    params: { narrow: Number(room < NARROW), left, room },
    datasets: { ...item.datasets, labels: placed(item.datasets, item.positions, width, height, right) },
  };
}

function layout(kind, item, room) {
  return kind === "dots" ? dotsLayout(item, room) : planeLayout(item, room);
}
