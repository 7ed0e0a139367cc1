// Probe: a pointer, a finger or the arrow keys ask for the curve and the loss at a place of the surface.

const CLOSE = 14;
const STRIDE = 0.02;

// Let a plane, or the curve over one parameter, answer pointers and keys.
function listenOn(page, picture, plot) {
  plot.tabIndex = 0;
  plot.setAttribute('role', 'application');
  let drags = false;
  keepFromPlotly(plot);
  plot.addEventListener('pointermove', (event) => {
    if (event.pointerType === 'mouse' || drags) page.ask(placeUnder(event, picture, plot));
  });
  plot.addEventListener('pointerdown', (event) => {
    drags = true;
    plot.setPointerCapture(event.pointerId);
    page.ask(placeUnder(event, picture, plot));
    chooseNear(event, page, picture, plot);
  });
  plot.addEventListener('pointerup', () => { drags = false; });
  plot.addEventListener('pointerleave', (event) => {
    drags = false;
    if (event.pointerType === 'mouse') page.ask(null);
  });
  plot.addEventListener('keydown', (event) => moveByKey(event, page, picture, plot));
  plot.addEventListener('blur', () => page.ask(null));
}

// Plotly would cover the page while a button is down, so that the pointer would seem to have left.
function keepFromPlotly(plot) {
  plot.addEventListener('mousedown', (event) => {
    if (!event.target.closest('.legend')) event.stopPropagation();
  }, true);
}

// Return parameters and loss under a pointer, null outside of the panel.
function placeUnder(event, picture, plot) {
  const { xaxis, yaxis } = plot._fullLayout;
  const box = plot.getBoundingClientRect();
  const across = event.clientX - box.left - xaxis._offset, down = event.clientY - box.top - yaxis._offset;
  if (across < 0 || across > xaxis._length || down < 0 || down > yaxis._length) return null;
  return placeAt(picture, [xaxis.p2d(across), yaxis.p2d(down)]);
}

// Return what is known at a place: the values of the axes, all parameters by name, and the loss.
function placeAt(picture, [x, y]) {
  const values = picture.live.axes.length > 1 ? [x, y] : [x];
  return { values, live: picture.live, loss: lossAt(picture, values) };
}

function lossAt(picture, [x, y]) {
  if (y === undefined) {
    const curve = picture.arrays.find((trace) => trace.type === 'scatter' && trace.mode === 'lines');
    return between(curve.x, x, (index) => curve.y[index]);
  }
  const field = picture.arrays.find((trace) => trace.type === 'contour');
  if (!field) return NaN;
  const row = (index) => between(field.x, x, (column) => field.z[index][column]);
  const band = between(field.y, y, row);
  const { levels } = picture.live;
  const below = Math.min(Math.floor(band), levels.length - 2);
  return levels[below] + (band - below) * (levels[below + 1] - levels[below]);
}

// Interpolate along evenly spaced places.
function between(places, at, value) {
  const share = (at - places[0]) / (places[places.length - 1] - places[0]) * (places.length - 1);
  const below = Math.max(0, Math.min(Math.floor(share), places.length - 2));
  return value(below) + (share - below) * (value(below + 1) - value(below));
}

// Choose the start whose path is nearest to a click, if it is close.
function chooseNear(event, page, picture, plot) {
  const { xaxis, yaxis } = plot._fullLayout;
  const box = plot.getBoundingClientRect();
  const [first, second] = picture.live.axes;
  if (second === undefined) return;
  let nearest = CLOSE, chosen = -1;
  page.descents.starts.forEach((descent, order) => {
    descent.step.forEach((_, index) => {
      const across = xaxis._offset + xaxis.d2p(descent.params[first][index]) + box.left - event.clientX;
      const down = yaxis._offset + yaxis.d2p(descent.params[second][index]) + box.top - event.clientY;
      const distance = Math.hypot(across, down);
      if (distance < nearest) [nearest, chosen] = [distance, order];
    });
  });
  if (chosen >= 0 && chosen !== page.start) page.chooseStart(chosen);
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };

function moveByKey(event, page, picture, plot) {
  if (event.key === 'Escape') page.ask(null);
  const move = ARROWS[event.key];
  if (!move) return;
  event.preventDefault();
  event.stopPropagation();
  const ranges = [plot._fullLayout.xaxis.range, plot._fullLayout.yaxis.range];
  const { axes } = picture.live;
  const from = page.probe ? probeOn(page, axes) : axes.map((axis) => page.valueOf(axis));
  const to = axes.map((_, place) => {
    const [low, high] = ranges[place];
    return Math.max(low, Math.min(high, from[place] + move[place] * STRIDE * (high - low)));
  });
  page.ask(placeAt(picture, to));
}
