// In the page of a descent: the theme that the gallery was left in.
(() => {
  const { page } = window.ravine;
  let chosen = null;
  try { chosen = localStorage.getItem('ravine-theme'); } catch { /* a browser may forbid it */ }
  const theme = location.hash.slice(1) || chosen;
  if ((theme === 'dark' || theme === 'light') && theme !== page.theme) {
    page.theme = theme;
    page.draw();
  }
})();
