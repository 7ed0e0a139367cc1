// Paper: what fits the width of a window, and of a printed page.

// Draw anew when the width has changed: legends break their lines elsewhere then.
function followWidth(page) {
  let width = window.innerWidth, timer = 0;
  window.addEventListener('resize', () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    clearTimeout(timer);
    timer = setTimeout(() => page.draw(), 250);
  });
}

// Paper is white, whatever the screen is, and of its own width.
function printPlain(page) {
  let before = '';
  const show = (theme, isPrinting) => {
    document.body.classList.toggle('printing', isPrinting);
    page.theme = theme;
    page.isPrinting = isPrinting;
    page.draw();
    page.pictures.forEach((picture) => page.showFlat(picture));
    document.querySelectorAll('canvas.copy').forEach((copy) => copy.remove());
    if (isPrinting) document.querySelectorAll('.space:not([hidden]) .js-plotly-plot').forEach(copySpace);
  };
  window.addEventListener('beforeprint', () => {
    before ||= page.theme;
    show('light', true);
  });
  window.addEventListener('afterprint', () => {
    show(before || page.theme, false);
    before = '';
  });
}

// Space is shown with the next frame, which a printer doesn't wait for: it gets a copy that needs no frame.
function copySpace(plot) {
  const canvas = plot.querySelector('canvas');
  plot._fullLayout?.scene?._scene?.glplot?.redraw();
  if (!canvas) return;
  const copy = document.createElement('canvas');
  [copy.className, copy.width, copy.height, copy.style.cssText] = ['copy', canvas.width, canvas.height, canvas.style.cssText];
  copy.getContext('2d').drawImage(canvas, 0, 0);
  canvas.after(copy);
}
