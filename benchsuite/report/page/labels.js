// Where labels stand in a chart over two axes: each in the first place where it covers nothing, the most telling first.

const HIGH = 12;
const ORDER = { rule: 0, upright: 1, end: 2, mark: 3 };

// Offsets from the point, in the order of liking.
function offsets(kind) {
  const beside = [0, -7, 7, -14, 14, -21, 21].map((dy) => ["left", 8, dy]);
  const around = [["center", 0, -11], ["center", 0, 13], ["left", 8, 0], ["right", -8, 0], ["left", 6, -10], ["right", -6, -10], ["left", 6, 11], ["right", -6, 11]];
  return {
    rule: [["right", -3, -8], ["right", -3, 9], ["right", -90, -8], ["right", -90, 9]],
    upright: [["left", 5, 8], ["left", 5, 22], ["right", -5, 8], ["right", -5, 22], ["left", 5, 36]],
    end: beside,
    mark: around,
  }[kind];
}

function boxOf(at, width, [align, dx, dy]) {
  const left = at[0] + dx - { left: 0, center: width / 2, right: width }[align];
  return [left, at[1] + dy - HIGH / 2, left + width, at[1] + dy + HIGH / 2];
}

function overlap(a, b) {
  const across = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const down = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return across > 0 && down > 0 ? across * down : 0;
}

function cost(box, words, dots, frame) {
  const outside = [frame[0] - box[0], frame[1] - box[1], box[2] - frame[2], box[3] - frame[3]];
  const over = (found) => found.reduce((sum, each) => sum + overlap(box, each), 0);
  return 20 * outside.reduce((sum, far) => sum + Math.max(0, far), 0) + 4 * over(words) + over(dots);
}

// The labels with their offsets. A point's word that has no free place is left out: pointing at it and the table tell it.
function placed({ labels, places, curves }, axes, width, height, right) {
  const pixel = (row) => [along(axes.x, row.x) * width, (1 - along(axes.y, row.y)) * height];
  const dots = places.filter((row) => curves[row.curve].marked).map(pixel).map(([x, y]) => [x - 4, y - 4, x + 4, y + 4]);
  const words = [];
  const frame = [-4, -14, width + right, height + 4];
  return [...labels].sort((a, b) => ORDER[a.kind] - ORDER[b.kind]).flatMap((row) => {
    const at = pixel(row);
    const wide = widest([row.text], LABEL);
    const tried = offsets(row.kind).map((each, i) => ({ each, box: boxOf(at, wide, each), liking: i }));
    for (const one of tried) one.cost = cost(one.box, words, dots, frame) + one.liking;
    const best = tried.reduce((a, b) => (b.cost < a.cost ? b : a));
    if (row.kind === "mark" && words.some((each) => overlap(best.box, each) > 0)) return [];
    words.push(best.box);
    const [align, dx, dy] = best.each;
    return [{ ...row, align, dx, dy }];
  });
}
