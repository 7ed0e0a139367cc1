// Overlays: what moves in each kind of panel. Each kind has traces, as Plotly describes them, and says what they show
// now. Plotly draws those in space; those of flat panels are ours, see ink.js.

const GAP = NaN;
const RISE = 2.5; // as much more as the surface would swallow of a thick line

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

const OVERLAYS = {
  space: {
    traces: (page) => {
      const color = page.descent().color === '#000000' ? inkOf(page.theme) : '#D7141A';
      const path = { ...line(color), type: 'scatter3d', z: [], line: { color, width: 7 } };
      const here = { ...dots('#FFFFFF', 9), type: 'scatter3d', z: [] };
      here.marker.line = { color: '#D7141A', width: 4 };
      const probe = { ...dots(PROBE, 8), type: 'scatter3d', z: [] };
      return [path, here, probe];
    },
    data: (page, picture) => {
      const points = wayOf(page, picture.live.axes).map((at) => inSpace(at, picture));
      const probe = page.probe ? [inSpace(probeOn(page, picture.live.axes), picture)] : [];
      return [columnsOf(points), columnsOf(points.slice(-1)), columnsOf(probe)];
    },
  },
  plane: {
    traces: (page) => {
      const color = inPage(page.descent().color, page.theme);
      return [line('#FFFFFF', { line: { color: '#FFFFFF', width: 5.5 } }), line(color), here(color), dots(PROBE, 13)];
    },
    data: (page, picture) => {
      const points = wayOf(page, picture.live.axes);
      const probe = page.probe ? [probeOn(page, picture.live.axes)] : [];
      return [columnsOf(points), columnsOf(points), columnsOf(points.slice(-1)), columnsOf(probe)];
    },
  },
  line: {
    traces: (page) => [dots('#D7141A', 6, { line: { width: 0 } }), here('#D7141A'), dots(PROBE, 13)],
    data: (page, picture) => {
      const points = wayOf(page, picture.live.axes).map(([x, loss]) => [x, drawable(loss)]);
      const probe = page.probe ? [probeOn(page, picture.live.axes)] : [];
      return [columnsOf(points), columnsOf(points.slice(-1)), columnsOf(probe)];
    },
  },
  history: {
    traces: (page) => [dots(inkOf(page.theme), 12, { color: '#FFFFFF', line: { color: inkOf(page.theme), width: 3 } })],
    data: (page, picture) => {
      const { columns, scale } = picture.live;
      const step = page.descent().step[page.index];
      const values = columns.map((column) => plotted(drawable(page.valueOf(column)), scale));
      return [{ x: columns.map(() => step), y: values }];
    },
  },
  data: {
    traces: (page) => {
      if (!page.model) return [];
      const now = { ...line(inkOf(page.theme)), name: page.word('now'), showlegend: true };
      const probe = line(PROBE, { line: { color: PROBE, width: 3, dash: 'dash' } });
      return [now, { ...probe, name: page.word('probed'), showlegend: true }];
    },
    data: (page) => {
      if (!page.model) return [];
      const none = { x: [], y: [] };
      return [curveAt(page.model, page.params()), page.probe ? curveAt(page.model, page.probe.params) : none];
    },
  },
  against: {
    traces: (page) => {
      if (!page.model?.points) return [];
      const now = dots(inkOf(page.theme), 5, { line: { width: 0 }, opacity: 0.6 });
      const probe = dots(PROBE, 5, { line: { width: 0 }, opacity: 0.8 });
      return [{ ...now, name: page.word('here'), showlegend: true }, { ...probe, name: page.word('pointer'), showlegend: true }];
    },
    data: (page) => {
      if (!page.model?.points) return [];
      const none = { x: [], y: [] };
      return [predictedAt(page.model, page.params()), page.probe ? predictedAt(page.model, page.probe.params) : none];
    },
  },
};

function here(color) {
  return dots('#FFFFFF', 14, { line: { color, width: 4 } });
}

function inPage(color, theme) {
  return theme === 'dark' ? (DARK_INK[color] ?? color) : color;
}

// Return the way so far: the parameters of some axes, then the loss.
function wayOf(page, axes) {
  const { params, loss } = page.descent();
  return Array.from({ length: page.index + 1 }, (_, index) => [...axes.map((axis) => params[axis][index]), loss[index]]);
}

function probeOn(page, axes) {
  const names = page.descents.names;
  return [...axes.map((axis) => page.probe.params[names[axis]]), page.probe.loss];
}

// Return a point lifted off the surface; nothing outside of the box.
function inSpace([x, y, loss], picture) {
  const { low, high, log, lift } = picture.live;
  const { xaxis, yaxis } = picture.figure.layout.scene;
  const within = (value, [first, last]) => value >= first && value <= last;
  if (!within(x, xaxis.range) || !within(y, yaxis.range) || !(loss <= high)) return [GAP, GAP, GAP];
  const height = Math.max(loss, low), top = high + lift * (high - low);
  if (log) return [x, y, Math.min(height * Math.pow(high / low, RISE * lift), high * Math.pow(high / low, lift))];
  return [x, y, Math.min(height + RISE * lift * (high - low), top)];
}

// Return traces without points, which explain an overlay in the legend.
function explained(traces) {
  return traces.filter((trace) => trace.showlegend).map((trace) => ({ ...trace, x: [null], y: [null] }));
}

function columnsOf(points) {
  const [x, y, z] = [0, 1, 2].map((place) => points.map((point) => point[place]));
  return { x, y, z };
}
