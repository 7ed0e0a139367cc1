// Player: the buttons, the slider and the keys that move one step marker through all panels.

const SECONDS = 8;

function startPlayer(page) {
  const element = (id) => document.getElementById(id);
  const slider = element('step');
  let last = 0, place = 0, frame = 0;

  function tick(now) {
    const length = page.descent().step.length - 1;
    place += (now - last) / 1000 * Number(element('speed').value) * Math.max(length / SECONDS, 1);
    last = now;
    page.go(Math.min(Math.floor(place), length));
    if (place < length) frame = requestAnimationFrame(tick);
    else pause();
  }

  function play() {
    if (page.index >= page.descent().step.length - 1) page.go(0);
    place = page.index;
    last = performance.now();
    page.isPlaying = true;
    frame = requestAnimationFrame(tick);
    page.showPlayer();
  }

  function pause() {
    cancelAnimationFrame(frame);
    page.isPlaying = false;
    page.showPlayer();
  }

  function goTo(index) {
    page.go(index); // first, for pause shows the index, and the next key may come before the next frame
    pause();
  }

  const toggle = () => (page.isPlaying ? pause() : play());
  const end = () => page.descent().step.length - 1;
  element('play').addEventListener('click', toggle);
  element('first').addEventListener('click', () => goTo(0));
  element('last').addEventListener('click', () => goTo(end()));
  element('back').addEventListener('click', () => goTo(page.index - 1));
  element('on').addEventListener('click', () => goTo(page.index + 1));
  slider.addEventListener('input', () => goTo(Number(slider.value)));
  const keys = {
    ' ': toggle, ArrowLeft: () => goTo(page.index - 1), ArrowRight: () => goTo(page.index + 1),
    Home: () => goTo(0), End: () => goTo(end()),
  };
  document.addEventListener('keydown', (event) => {
    const busy = event.target.closest?.('select, input, button, a, [role=application]');
    const own = busy && !(busy.getAttribute('role') === 'application' && event.key === ' ');
    if (own || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  page.goTo = goTo;
}

// Let a click or a drag over a history go to the nearest step.
function listenToSteps(page, plot) {
  let drags = false;
  keepFromPlotly(plot);
  const go = (event) => {
    const { xaxis } = plot._fullLayout;
    const at = xaxis.p2d(event.clientX - plot.getBoundingClientRect().left - xaxis._offset);
    const steps = page.descent().step;
    let nearest = 0;
    steps.forEach((step, index) => { if (Math.abs(step - at) < Math.abs(steps[nearest] - at)) nearest = index; });
    page.goTo(nearest);
  };
  plot.addEventListener('pointerdown', (event) => { drags = true; go(event); });
  plot.addEventListener('pointermove', (event) => { if (drags && event.buttons) go(event); });
  plot.addEventListener('pointerup', () => { drags = false; });
}
