// What Dash tells of its controls, and what the page does about it.
(function (own) {
  "use strict";
  const nothing = () => window.dash_clientside.no_update;
  let typing = null;

  async function begin() {
    const wanted = new URLSearchParams(location.hash.slice(1)).get("language");
    const language = wanted || ((navigator.language || "en").startsWith("zh") ? "zh" : "en");
    own.dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    own.set("provider", { forceColorScheme: own.dark ? "dark" : "light" });
    await own.speak(language === "zh" ? "zh" : "en");
    const way = own.element("way");
    way.addEventListener("click", (event) => own.clicked(event, event.shiftKey || own.adds));
    way.addEventListener("keydown", own.keyed);
    own.element("fit").addEventListener("click", own.drawn);
    document.addEventListener("keydown", (event) => {
      const free = !/^(INPUT|TEXTAREA)$/.test(event.target.tagName) || event.target.type === "range";
      if ((event.ctrlKey || event.metaKey) && event.key === "z" && free) { event.preventDefault(); own.undo(); }
    });
    window.addEventListener("hashchange", () => own.open({ address: location.hash }));
    await own.open(location.hash.length > 1 ? { address: location.hash } : { example: "two-layer" });
  }

  own.open = async function (what) {
    try {
      const found = await own.ask("/ask/open", Object.assign({ language: own.language }, what));
      if (found) await own.request(found.state);
    } catch (problem) {
      own.trouble(problem.error || String(problem));
      if (!own.state) await own.open({ example: "two-layer" });
    }
  };

  function named(key, words) {
    const part = own.element("text-" + key);
    if (part && key === "upload") part.textContent = words; // what lies within an Upload can't be set otherwise
    else if (part) own.set("text-" + key, { children: words });
    else if (key === "upload" && own.texts[key] === words) setTimeout(() => named(key, words), 100);
  }

  own.speak = async function (language) {
    own.texts = await (await fetch("/texts/" + language)).json();
    own.language = language;
    document.documentElement.lang = language;
    for (const [key, words] of Object.entries(own.texts)) {
      named(key, words);
    }
    for (const id of ["noise", "rate", "steps"]) own.set(id, { thumbLabel: own.texts[id] });
    for (const id of ["way"]) own.element(id).setAttribute("aria-label", own.texts["way-label"]);
    for (const id of ["fit", "loss", "theme", "first", "back", "forward", "zoom-in", "zoom-out", "around"]) {
      own.element(id).setAttribute("aria-label", own.texts[id]);
      if (own.element(id).tagName === "BUTTON") own.element(id).title = own.texts[id];
    }
    for (const id of ["rate-number", "steps-number"]) own.element(id).setAttribute("aria-label", own.texts[id.split("-")[0]]);
    for (const id of ["add", "draw"]) own.set(id, { label: own.texts[id] });
    own.set("formula", { placeholder: own.texts["formula-hint"] });
    own.set("example", { data: own.texts.examples });
    own.player.told(false);
  };

  function changed(formula, noise, optimizers, rate, rateNumber, steps, stepsNumber, add, draw) {
    own.adds = Boolean(add);
    const state = own.state, triggered = window.dash_clientside.callback_context.triggered_id;
    if (!state || !own.values) return nothing();
    const data = state.data;
    if (triggered === "draw") own.turnDrawing(Boolean(draw));
    const near = (one, other) => Math.abs(one - other) <= 1e-6 * Math.max(1e-6, Math.abs(other));
    if (triggered === "formula" && formula !== state.formula) typed(formula);
    if (triggered === "noise" && data && data.kind === "sketch" && !near(noise, data.noise))
      own.change({ data: Object.assign({}, data, { noise: noise }) });
    if (triggered === "optimizers" && JSON.stringify(optimizers) !== JSON.stringify(state.optimizers)) {
      own.given.optimizers = optimizers;
      own.change({ optimizers: optimizers });
    }
    if (triggered === "rate" && !near(rate, Math.log10(state.learning_rate))) own.change({ learning_rate: Number(Math.pow(10, rate).toPrecision(2)) });
    if (triggered === "rate-number" && Number(rateNumber) > 0 && !near(rateNumber, state.learning_rate)) own.change({ learning_rate: Number(rateNumber) });
    if (triggered === "steps" && !near(steps, Math.log10(state.steps))) own.change({ steps: Math.min(5000, Math.max(1, Math.round(Number(Math.pow(10, steps).toPrecision(2))))) });
    if (triggered === "steps-number" && Number(stepsNumber) >= 1 && Number(stepsNumber) !== state.steps) own.change({ steps: Math.round(Number(stepsNumber)) });
    return nothing();
  }

  // The preview follows every letter; the descent waits until the formula can be read and the fingers rest.
  function typed(formula) {
    own.given.formula = formula;
    clearTimeout(typing);
    typing = setTimeout(async () => {
      try {
        const found = await own.ask("/ask/formula", { formula: formula });
        if (!found) return;
        own.trouble("");
        own.set("preview", { children: "$$" + found.latex + "$$" });
        own.change({ formula: formula });
      } catch (problem) {
        own.trouble(problem.error || String(problem));
      }
    }, 180);
  }

  const acts = {
    undo: () => own.undo(),
    theme: () => {
      own.dark = !own.dark;
      own.set("provider", { forceColorScheme: own.dark ? "dark" : "light" });
      own.paint();
      own.player.show(own.player.frame);
    },
    language: async () => {
      await own.speak(own.language === "en" ? "zh" : "en");
      own.request(Object.assign({}, own.state, { language: own.language }), { forgotten: true });
    },
    again: () => own.change({ data: Object.assign({}, own.state.data, { seed: own.state.data.seed + 1 }) }),
    apply: () => own.open({ model: own.picked.model, x: own.picked.x, y: own.picked.y, data: own.state.data }),
    clear: () => own.change({ starts: own.state.starts.slice(-1) }),
    first: () => { own.player.stop(); own.player.show(0); },
    back: () => { own.player.stop(); own.player.show(own.player.frame - 1); },
    play: () => own.player.play(),
    forward: () => { own.player.stop(); own.player.show(own.player.frame + 1); },
    "zoom-in": () => own.zoom(0.5),
    "zoom-out": () => own.zoom(2),
    around: () => own.change({ plane: [] }),
    "basins-start": () => own.mapBasins(),
    "basins-stop": () => own.stopBasins(),
    "basins-hide": () => { own.hideBasins(); own.paint(); own.player.show(own.player.frame); },
    "report-start": () => own.fit(),
    "copy-python": () => own.copy(own.reply.python),
    "copy-command": () => own.copy(own.reply.command),
    "copy-link": () => own.copy(location.href, own.reply.address_holds_all),
    "save-run": () => own.save("run"),
    "save-picture": () => own.save("picture"),
    "save-page": () => own.save("page"),
  };

  function pressed() {
    const id = window.dash_clientside.callback_context.triggered_id;
    if (id && acts[id] && own.state) acts[id]();
    return nothing();
  }

  function opened(example) {
    if (example && own.state) {
      own.open({ example: example });
      own.set("example", { value: null });
    }
    return nothing();
  }

  function dropped(contents, name) {
    if (contents) {
      own.set("upload", { contents: null });
      own.ask("/ask/upload", { contents: contents, name: name, language: own.language }).then(
        (found) => { own.picked = null; if (found) own.request(found.state); },
        (problem) => own.trouble(problem.error || String(problem)),
      );
    }
    return nothing();
  }

  function columned(x, y, model) {
    if (own.picked) own.picked = { x: x, y: y, model: model };
    return nothing();
  }

  function turned(panel) {
    own.panel = panel;
    if (own.stepped) own.stepped();
    return nothing();
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.ravine = { changed, pressed, opened, dropped, columned, turned };

  const waiting = setInterval(() => {
    if (own.element("way") && own.element("panels") && window.Plotly && window.dash_clientside.set_props) {
      clearInterval(waiting);
      begin();
    }
  }, 30);
})(window.playground);
