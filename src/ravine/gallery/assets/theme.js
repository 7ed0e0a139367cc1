// Before anything is drawn: light or dark, as chosen last or as the system likes it.
(() => {
  let chosen = null;
  try { chosen = localStorage.getItem('ravine-theme'); } catch { /* a browser may forbid it */ }
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = chosen ?? (dark ? 'dark' : 'light');
})();
