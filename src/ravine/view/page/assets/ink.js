// Ink: overlays of flat panels as SVG above the figure. Plotly would draw the whole panel anew for every step.

const SVG = 'http://www.w3.org/2000/svg';
const DASHES = { dash: '10 6' };

// Draw traces with these coordinates above a plot: lines cut at its axes, dots whole.
function drawAbove(plot, traces, columns) {
  const { xaxis, yaxis } = plot._fullLayout;
  const [frame, over] = partsAbove(plot);
  set(frame, { x: xaxis._offset, y: yaxis._offset, width: xaxis._length, height: yaxis._length });
  set(over, { transform: `translate(${xaxis._offset} ${yaxis._offset})` });
  const isWithin = ([x, y]) => x >= -1 && x <= xaxis._length + 1 && y >= -1 && y <= yaxis._length + 1;
  const places = columns.map(({ x, y }) => Array.from(x, (value, index) => [xaxis.d2p(value), yaxis.d2p(y[index])]));
  const drawn = (mode, draw) => traces.flatMap((trace, order) => (trace.mode === mode ? draw(trace, places[order]) : []));
  frame.replaceChildren(...drawn('lines', strokeOf));
  over.replaceChildren(...drawn('markers', (trace, points) => points.filter(isWithin).map((at) => dotOf(trace, at))));
}

// Return the two parts of a plot's overlay: what is cut at the axes, and what lies over them.
function partsAbove(plot) {
  let above = plot.querySelector(':scope > svg.above');
  if (!above) {
    above = document.createElementNS(SVG, 'svg');
    above.classList.add('above');
    above.append(document.createElementNS(SVG, 'svg'), document.createElementNS(SVG, 'g'));
    plot.append(above);
  }
  return above.children;
}

function strokeOf(trace, points) {
  const { color, width, dash } = trace.line;
  const path = document.createElementNS(SVG, 'path');
  const ink = { fill: 'none', stroke: color, 'stroke-width': width, 'stroke-linejoin': 'round', 'stroke-linecap': 'round' };
  set(path, { d: outlineOf(points), ...ink, ...(DASHES[dash] ? { 'stroke-dasharray': DASHES[dash] } : {}) });
  return path;
}

// Return a line through points as SVG writes it; what isn't known interrupts it.
function outlineOf(points) {
  let isPenUp = true;
  return points.map((at) => {
    if (!isKnown(at)) {
      isPenUp = true;
      return '';
    }
    const move = isPenUp ? 'M' : 'L';
    isPenUp = false;
    return `${move}${at[0].toFixed(2)} ${at[1].toFixed(2)}`;
  }).join('');
}

function dotOf(trace, [x, y]) {
  const { color, size, line, opacity } = trace.marker;
  const dot = document.createElementNS(SVG, 'circle');
  const rim = line?.width ? { stroke: line.color, 'stroke-width': line.width } : {};
  set(dot, { cx: x, cy: y, r: size / 2, fill: color, opacity: opacity ?? 1, ...rim });
  return dot;
}

// Far outside a browser would draw nothing anyway, after much thought.
function isKnown([x, y]) {
  return Math.abs(x) < 1e5 && Math.abs(y) < 1e5;
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}
