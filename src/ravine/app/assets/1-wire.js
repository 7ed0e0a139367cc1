// Questions to the server. A newer question of a kind calls off the one before, so that the last click counts.
window.playground = window.playground || {};
(function (own) {
  "use strict";
  const running = {};

  own.ask = async function (path, body, kind) {
    kind = kind || path;
    if (running[kind]) running[kind].abort();
    const control = new AbortController();
    running[kind] = control;
    let response, found;
    try { // until all of the answer is read: whoever calls it off before must not get it any more
      response = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        signal: control.signal,
      });
      const isFile = response.ok && response.headers.get("Content-Disposition");
      found = isFile ? response : await response.json();
    } catch (problem) {
      if (!control.signal.aborted) throw { error: own.texts.offline };
    } finally {
      if (running[kind] === control) delete running[kind];
    }
    if (control.signal.aborted) return null;
    if (!response.ok || found.error) throw found;
    return found;
  };

  own.callOff = function (kind) {
    if (running[kind]) running[kind].abort();
  };

  own.isAsking = (kind) => Boolean(running[kind]);

  own.set = (id, props) => window.dash_clientside.set_props(id, props);
  own.element = (id) => document.getElementById(id);
  own.fill = (text, ...values) => values.reduce((filled, value) => filled.replace("{}", value), text);
  own.short = (value) =>
    value === null || value === undefined ? "–" : String(Number(Number(value).toPrecision(6)));
})(window.playground);
