// Overlays: what moves in each kind of panel. Each kind has traces, as Plotly describes them, and says what they show
// now. Plotly draws those in space; those of flat panels are ours, see ink.js.

const GAP = NaN;
const RISE = 2.5, HIGHER = 5; // as much more as the surface would swallow of a thick line, and of a dot

// Return the overlay of a picture: `traces(page)`, and `data(page)` with one entry for each of them.
function overlayOf(picture) {
  return OVERLAYS[picture.kind] ?? { traces: () => [], data: () => [] };
}

const hidden = { hoverinfo: 'skip', showlegend: false };

function line(color, more = {}) {
  return { type: 'scatter', mode: 'lines', x: [], y: [], line: { color, width: 3 }, ...hidden, ...more };
}

function dots(color, size, more = {}) {
  const marker = { color, size, line: { color: '#FFFFFF', width: 2 }, ...more };
  return { type: 'scatter', mode: 'markers', x: [], y: [], marker, ...hidden };
}

const PROBE = '#E69F00';

const none = { x: [], y: [] };

// Every descent that moves has its traces; the pointer has the last one.
const OVERLAYS = {
  space: {
    traces: (page) => {
      const of = (rival) => {
        const color = page.isRace ? inPage(rival.color, page.theme) : rival.color === '#000000' ? inkOf(page.theme) : '#D7141A';
        const path = { ...line(color), type: 'scatter3d', z: [], line: { color, width: 7 } };
        return [path, { ...dots(color, 10), type: 'scatter3d', z: [] }];
      };
      return [...page.rivals().flatMap(of), { ...dots(PROBE, 8), type: 'scatter3d', z: [] }];
    },
    data: (page, picture) => {
      const of = (rival) => {
        const points = wayOf(page, picture.live.axes, rival);
        const here = inSpace(points.at(-1), picture, HIGHER);
        return [columnsOf(points.map((at) => inSpace(at, picture))), columnsOf([here])];
      };
      const probe = page.probe ? [inSpace(probeOn(page, picture.live.axes), picture, HIGHER)] : [];
      return [...page.rivals().flatMap(of), columnsOf(probe)];
    },
  },
  plane: {
    traces: (page) => {
      const of = (rival) => {
        const color = inPage(rival.color, page.theme);
        return [line('#FFFFFF', { line: { color: '#FFFFFF', width: 5.5 } }), line(color), here(color)];
      };
      return [...page.rivals().flatMap(of), dots(PROBE, 13)];
    },
    data: (page, picture) => {
      const of = (rival) => {
        const points = wayOf(page, picture.live.axes, rival);
        return [columnsOf(points), columnsOf(points), columnsOf(points.slice(-1))];
      };
      const probe = page.probe ? [probeOn(page, picture.live.axes)] : [];
      return [...page.rivals().flatMap(of), columnsOf(probe)];
    },
  },
  line: {
    traces: (page) => {
      const of = (rival) => {
        const color = page.isRace ? inPage(rival.color, page.theme) : '#D7141A';
        return [dots(color, 6, { line: { width: 0 } }), here(color)];
      };
      return [...page.rivals().flatMap(of), dots(PROBE, 13)];
    },
    data: (page, picture) => {
      const of = (rival) => {
        const points = wayOf(page, picture.live.axes, rival).map(([x, loss]) => [x, drawable(loss)]);
        return [columnsOf(points), columnsOf(points.slice(-1))];
      };
      const probe = page.probe ? [probeOn(page, picture.live.axes)] : [];
      return [...page.rivals().flatMap(of), columnsOf(probe)];
    },
  },
  history: {
    traces: (page) => {
      if (page.isRace) return page.rivals().map((rival) => here(inPage(rival.color, page.theme)));
      return [dots(inkOf(page.theme), 12, { color: '#FFFFFF', line: { color: inkOf(page.theme), width: 3 } })];
    },
    data: (page, picture) => {
      if (page.isRace) return page.rivals().map((rival) => standingOf(page, rival, picture.live));
      const { columns, scale } = picture.live;
      const step = page.descent().step[page.index];
      const values = columns.map((column) => plotted(drawable(page.valueOf(column)), scale));
      return [{ x: columns.map(() => step), y: values }];
    },
  },
  data: {
    traces: (page) => {
      if (!page.model) return [];
      const of = (rival) => {
        const color = page.isRace ? inPage(rival.color, page.theme) : inkOf(page.theme);
        return { ...line(color), name: rival.name ?? page.word('now'), showlegend: true };
      };
      const probe = line(PROBE, { line: { color: PROBE, width: 3, dash: 'dash' } });
      return [...page.rivals().map(of), { ...probe, name: page.word('probed'), showlegend: true }];
    },
    data: (page) => {
      if (!page.model) return [];
      const curves = page.rivals().map((rival) => curveAt(page.model, page.paramsOf(rival)));
      return [...curves, page.probe ? curveAt(page.model, page.probe.params) : none];
    },
  },
  against: {
    traces: (page) => {
      if (!page.model?.points) return [];
      const of = (rival) => {
        const color = page.isRace ? inPage(rival.color, page.theme) : inkOf(page.theme);
        return { ...dots(color, 5, { line: { width: 0 }, opacity: 0.6 }), name: rival.name ?? page.word('here'), showlegend: true };
      };
      const probe = dots(PROBE, 5, { line: { width: 0 }, opacity: 0.8 });
      return [...page.rivals().map(of), { ...probe, name: page.word('pointer'), showlegend: true }];
    },
    data: (page) => {
      if (!page.model?.points) return [];
      const dotsOf = page.rivals().map((rival) => predictedAt(page.model, page.paramsOf(rival)));
      return [...dotsOf, page.probe ? predictedAt(page.model, page.probe.params) : none];
    },
  },
};

// Return where one of a race stands: over steps, evaluations or time, no lower than the floor of the panel.
function standingOf(page, rival, { over, column, floor }) {
  const index = page.recordOf(rival);
  const value = column < 0 ? rival.excess[index] : rival.params[column][index];
  return { x: [rival[over][index]], y: [drawable(floor === null || floor === undefined ? value : Math.max(value, floor))] };
}

function here(color) {
  return dots('#FFFFFF', 14, { line: { color, width: 4 } });
}

function inPage(color, theme) {
  return theme === 'dark' ? (DARK_INK[color] ?? color) : color;
}

// Return the way of a descent so far: the parameters of some axes, then the loss.
function wayOf(page, axes, { params, loss, ...rival }) {
  return Array.from({ length: page.recordOf(rival) + 1 }, (_, index) => [...axes.map((axis) => params[axis][index]), loss[index]]);
}

function probeOn(page, axes) {
  const names = page.descents.names;
  return [...axes.map((axis) => page.probe.params[names[axis]]), page.probe.loss];
}

// Return a point lifted off the surface, also off a slice whose other parameters have values of their own; nothing
// outside of the box.
function inSpace([x, y, loss], picture, rise = RISE) {
  const { low, high, log, lift } = picture.live;
  const { xaxis, yaxis } = picture.figure.layout.scene;
  const within = (value, [first, last]) => value >= first && value <= last;
  if (!within(x, xaxis.range) || !within(y, yaxis.range) || !(loss <= high)) return [GAP, GAP, GAP];
  const ground = groundAt(picture, x, y);
  const height = Math.max(loss, low, ground <= high ? ground : low), top = high + lift * (high - low);
  if (log) return [x, y, Math.min(height * Math.pow(high / low, rise * lift), high * Math.pow(high / low, lift))];
  return [x, y, Math.min(height + rise * lift * (high - low), top)];
}

// Return the height of the surface as it is drawn, NaN where there is none.
function groundAt(picture, x, y) {
  picture.sheet ??= unpacked(picture.figure.data.find((trace) => trace.type === 'surface') ?? null);
  if (!picture.sheet) return NaN;
  const { x: across, y: along, z } = picture.sheet;
  return between(along, y, (row) => between(across, x, (column) => z[row][column]));
}

// Return traces without points, which explain an overlay in the legend.
function explained(traces) {
  return traces.filter((trace) => trace.showlegend).map((trace) => ({ ...trace, x: [null], y: [null] }));
}

function columnsOf(points) {
  const [x, y, z] = [0, 1, 2].map((place) => points.map((point) => point[place]));
  return { x, y, z };
}
