// The gallery: figures that are drawn when they come into sight, code that is copied, descents that open in place.

const root = document.documentElement;
const DATA = JSON.parse(document.getElementById('data').textContent);
const drawn = new Set();

const hasWebGL = (() => {
  let known = null;
  return () => {
    known ??= Boolean(document.createElement('canvas').getContext('webgl'));
    return known;
  };
})();

// Draw a figure, or draw it anew when the theme has changed.
function draw(place) {
  const picture = DATA.plots[Number(place.dataset.plot)];
  if (picture.space && !hasWebGL()) {
    place.textContent = DATA.no_webgl;
    return;
  }
  const figure = figureIn(picture, 'en', root.dataset.theme);
  drawn.add(place);
  Plotly.react(place, figure.data, figure.layout, { ...SETTINGS, scrollZoom: false });
}

function drawInSight(places) {
  if (!('IntersectionObserver' in window)) {
    places.forEach(draw);
    return;
  }
  const watch = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) {
      if (!isIntersecting) continue;
      watch.unobserve(target);
      draw(target);
    }
  }, { rootMargin: '200px' });
  places.forEach((place) => watch.observe(place));
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // pages from a folder may not be allowed to
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
  }
}

function listenToCopies() {
  for (const button of document.querySelectorAll('button.copy')) {
    const said = button.textContent;
    button.addEventListener('click', async () => {
      await copy(button.closest('.code').querySelector('code').textContent);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = said; }, 1500);
    });
  }
}

// Open a descent in place; a second click closes it.
function listenToWalks() {
  for (const button of document.querySelectorAll('button.walk-here')) {
    button.addEventListener('click', () => {
      const walk = button.closest('.walk');
      const open = walk.querySelector('iframe');
      button.setAttribute('aria-expanded', String(!open));
      if (open) {
        open.remove();
        return;
      }
      const frame = document.createElement('iframe');
      frame.title = button.dataset.title;
      frame.src = `${button.dataset.frame}#${root.dataset.theme}`;
      walk.append(frame);
    });
  }
}

function listenToTheme() {
  document.getElementById('theme').addEventListener('click', () => {
    root.dataset.theme = root.dataset.theme === 'dark' ? 'light' : 'dark';
    try { localStorage.setItem('ravine-theme', root.dataset.theme); } catch { /* a browser may forbid it */ }
    drawn.forEach(draw);
    for (const frame of document.querySelectorAll('.walk iframe')) {
      const address = frame.src.split('#')[0];
      const fresh = frame.cloneNode();
      fresh.src = `${address}#${root.dataset.theme}`;
      frame.replaceWith(fresh);
    }
  });
}

function listenToKeys() {
  const links = { ArrowLeft: 'a[rel=prev]', ArrowRight: 'a[rel=next]' };
  document.addEventListener('keydown', (event) => {
    const busy = event.target.closest?.('select, input, button, summary, iframe, pre, .wide, .plot');
    const link = links[event.key] && document.querySelector(links[event.key]);
    if (busy || !link || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    link.click();
  });
}

// Paper is white, shows every picture and every answer.
function listenToPrinter() {
  let before = '';
  window.addEventListener('beforeprint', () => {
    before = root.dataset.theme;
    root.dataset.theme = 'light';
    document.querySelectorAll('.plot').forEach(draw);
    document.querySelectorAll('details').forEach((each) => { each.open = true; });
  });
  window.addEventListener('afterprint', () => {
    root.dataset.theme = before;
    drawn.forEach(draw);
  });
}

listenToTheme();
listenToKeys();
if (DATA) {
  drawInSight(document.querySelectorAll('.plot'));
  listenToCopies();
  listenToWalks();
  listenToPrinter();
}
