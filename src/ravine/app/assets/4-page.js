// The page: every control changes one value of the state; the server answers with all that is seen of it.
(function (own) {
  "use strict";
  own.state = null;
  own.reply = null;
  own.past = [];
  own.texts = {};
  own.dark = false;
  own.ground = [];
  own.basins = null;

  own.request = function (state, options) {
    own.answered = request(state, options);
    return own.answered;
  };

  async function request(state, options) {
    const kept = own.reply && own.reply.state;
    document.body.classList.add("asking");
    own.state = state;
    try {
      const reply = await own.ask("/ask/answer", { state: state, surface: own.reply && own.reply.surface });
      if (!reply) return;
      if (kept && !(options && options.forgotten)) remember(kept, reply.state);
      own.trouble("");
      own.show(reply);
    } catch (problem) {
      own.trouble(problem.error || String(problem));
    }
    if (!own.isAsking("/ask/answer")) document.body.classList.remove("asking");
  }

  // Wait until the page shows what was asked for last.
  own.settled = async function () {
    let seen = null;
    while (seen !== own.answered) {
      seen = own.answered;
      await seen;
    }
    await own.painted;
  };

  function remember(before, after) {
    if (JSON.stringify(before) === JSON.stringify(after)) return;
    own.past.push(before);
    if (own.past.length > 100) own.past.shift();
  }

  own.undo = function () {
    const before = own.past.pop();
    if (before) own.request(before, { forgotten: true });
  };

  own.change = function (changes) {
    own.request(Object.assign({}, own.state, changes));
  };

  own.trouble = function (sentence) {
    own.set("trouble", { children: sentence });
    if (sentence) own.say("");
  };

  // What was done, for a few seconds.
  let silence = null;
  own.say = function (sentence) {
    clearTimeout(silence);
    own.set("said", { children: sentence });
    if (sentence && sentence !== own.texts.working) silence = setTimeout(() => own.say(""), 6000);
  };

  own.show = function (reply) {
    const samePlane = own.reply && own.reply.surface === reply.surface;
    const sameMap = own.reply && mapKey(own.reply.state) === mapKey(reply.state);
    if (own.reply && problemKey(own.reply.state) !== problemKey(reply.state)) own.forgetReport();
    own.reply = reply;
    own.state = reply.state;
    if (!sameMap) own.hideBasins();
    if (!samePlane || reply.pictures.way.data.some((trace) => trace.type === "contour"))
      own.ground = reply.pictures.way.data.filter((trace) => trace.type === "contour");
    own.paint();
    own.player.load(reply.frames, reply.has_curve);
    history.replaceState(null, "", "#" + reply.address);
    own.set("preview", { children: "$$" + reply.latex + "$$" });
    own.showControls();
    own.showEnds();
  };

  const problemKey = (state) => JSON.stringify([state.formula, state.data]);

  // Of what a basin map depends on: not where a descent starts.
  function mapKey(state) {
    return JSON.stringify([state.formula, state.data, state.plane, state.optimizers[0], state.learning_rate, state.steps]);
  }

  own.paint = function () {
    const reply = own.reply;
    if (!reply) return;
    const way = reply.pictures.way, ways = way.data.filter((trace) => trace.type !== "contour");
    const map = own.basins ? own.basins.data.map((trace) => Object.assign({}, trace, { showlegend: false })) : null;
    const paths = map ? ways.filter((trace) => !(trace.marker && trace.marker.colorbar)) : ways;
    const data = reply.state.plane.length === 2 ? [...(map || own.ground), ...paths] : way.data;
    const drawn = [own.draw("way", { data: data, layout: way.layout })];
    const fit = reply.pictures.fit; // the ends stay faint behind the curve that moves
    const faint = fit.data.map((trace, index) => (reply.has_curve && index ? Object.assign({}, trace, { opacity: 0.3 }) : trace));
    drawn.push(own.draw("fit", { data: faint, layout: fit.layout }), own.draw("loss", reply.pictures.loss));
    own.painted = Promise.all(drawn);
    own.set("text-fit", { children: own.texts[reply.has_curve ? "fit" : "params"] });
  };

  own.showControls = function () {
    const state = own.state, data = state.data;
    setIfOther("formula", "value", state.formula);
    setIfOther("optimizers", "value", state.optimizers);
    own.set("text-optimizers-hint", { hidden: state.optimizers.length < 2 });
    own.values = { rate: state.learning_rate, steps: state.steps, noise: data && data.noise };
    own.set("rate", { value: Math.log10(state.learning_rate) });
    own.set("rate-number", { value: state.learning_rate });
    own.set("steps", { value: Math.log10(state.steps) });
    own.set("steps-number", { value: state.steps });
    own.set("sketch", { hidden: !(data && data.kind === "sketch") });
    if (data && data.kind === "sketch") own.set("noise", { value: data.noise, max: Math.max(1, data.noise) });
    own.set("own", { hidden: !(data && data.kind === "own") });
    if (data && data.kind === "own") showColumns(Object.keys(data.columns));
    own.set("about-data", { children: aboutData(data) });
    own.set("drawing", { hidden: !(own.reply && own.reply.columns_of_curve.length) });
    own.set("clear", { style: state.starts.length < 2 ? { display: "none" } : {} });
    own.set("undo", { disabled: own.past.length === 0 });
    own.set("report-start", { disabled: !data });
    showStarts(state.starts[state.starts.length - 1]);
  };

  function setIfOther(id, property, value) {
    own.given = own.given || {};
    if (JSON.stringify(own.given[id]) === JSON.stringify(value)) return;
    own.given[id] = value;
    own.set(id, { [property]: value });
  }

  function aboutData(data) {
    if (!data) return own.texts["no-data"];
    if (data.kind === "sketch")
      return data.formula + " · " + Object.entries(data.truth).map(([name, value]) => name + " = " + own.short(value)).join(", ");
    const columns = Object.keys(data.columns);
    return data.name + " · " + columns.join(", ") + " · " + data.columns[columns[0]].length;
  }

  function showColumns(names) {
    const picked = own.picked || {};
    own.picked = {
      x: names.includes(picked.x) ? picked.x : names.includes("x") ? "x" : names[0],
      y: names.includes(picked.y) ? picked.y : names.includes("y") ? "y" : names[names.length - 1],
      model: picked.model || "line",
    };
    own.set("column-x", { data: names, value: own.picked.x });
    own.set("column-y", { data: names, value: own.picked.y });
  }

  function showStarts(start) {
    const box = own.element("starts"), names = Object.keys(start);
    if (box.dataset.names !== names.join()) {
      box.dataset.names = names.join();
      box.replaceChildren(...names.map(startInput));
    }
    names.forEach((name) => {
      const input = box.querySelector(`input[data-name="${CSS.escape(name)}"]`);
      if (input !== document.activeElement) input.value = own.short(start[name]);
    });
  }

  function startInput(name) {
    const label = document.createElement("label"), said = document.createElement("span"), input = document.createElement("input");
    said.textContent = name;
    said.title = name;
    Object.assign(input, { type: "number", step: "any" });
    input.dataset.name = name;
    input.setAttribute("aria-label", own.texts.starts + " " + name);
    input.addEventListener("change", () => {
      if (input.value !== "" && Number.isFinite(Number(input.value))) own.moveStart({ [name]: Number(input.value) });
    });
    label.append(said, input);
    return label;
  }

  own.moveStart = function (values) {
    const starts = own.state.starts, last = Object.assign({}, starts[starts.length - 1], values);
    own.change({ starts: [...starts.slice(0, -1), last] });
  };

  own.addStart = function (values) {
    const starts = own.state.starts, last = Object.assign({}, starts[starts.length - 1], values);
    own.change({ starts: starts.length < 8 ? [...starts, last] : [...starts.slice(1), last] });
  };

  own.showEnds = function () {
    const box = own.element("ends"), reply = own.reply;
    const ends = reply.frames.paths.map((path) => {
      const said = document.createElement("span"), dot = document.createElement("span");
      dot.className = "dot";
      dot.style.background = path.color;
      const many = own.state.optimizers.length > 1 || reply.frames.paths.length === 1;
      const name = many ? path.label + ": " : "";
      const loss = own.short(path.loss[path.loss.length - 1]);
      said.append(dot, name + own.texts[path.status] + " " + own.fill(own.texts.after, path.steps, loss));
      return said;
    });
    const warnings = [...new Set(reply.warnings)].slice(0, 3).map((sentence) => {
      const said = document.createElement("span");
      said.className = "warning";
      said.textContent = sentence;
      return said;
    });
    box.replaceChildren(...ends, ...warnings);
  };

  // -- clicks and keys on the map -----------------------------------------------------------------------------

  own.clicked = function (event, adds) {
    const at = own.placeOf("way", event);
    if (!at || !own.reply) return;
    const plane = own.reply.state.plane, values = { [plane[0][0]]: rounded(at[0], plane[0]) };
    if (plane.length === 2) values[plane[1][0]] = rounded(at[1], plane[1]);
    (adds ? own.addStart : own.moveStart)(values);
  };

  function rounded(value, side) {
    const unit = Math.pow(10, Math.floor(Math.log10((side[2] - side[1]) / 1000)));
    return Number((Math.round(value / unit) * unit).toPrecision(12));
  }

  own.keyed = function (event) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    if (!own.state) return;
    if (event.key === "Enter") { event.preventDefault(); return own.addStart({}); }
    const way = ways[event.key];
    if (!way) return;
    event.preventDefault();
    const share = event.shiftKey ? 0.1 : 0.02, starts = own.state.starts, last = starts[starts.length - 1], values = {};
    own.state.plane.forEach((side, index) => {
      if (way[index]) values[side[0]] = rounded(last[side[0]] + way[index] * share * (side[2] - side[1]), side);
    });
    if (Object.keys(values).length) {
      own.state = Object.assign({}, own.state, { starts: [...starts.slice(0, -1), Object.assign({}, last, values)] });
      own.request(own.state);
    }
  };

  own.zoom = function (factor) {
    const plane = own.state.plane.map(([name, low, high], index) => {
      const start = own.state.starts[own.state.starts.length - 1][name];
      const path = own.reply.frames.paths[0], place = own.reply.frames.names.indexOf(name);
      const end = path.params[path.params.length - 1][place];
      const middle = factor < 1 && end > low && end < high ? end : (low + high) / 2, half = (factor * (high - low)) / 2;
      return [name, Number((middle - half).toPrecision(6)), Number((middle + half).toPrecision(6))];
    });
    own.change({ plane: plane });
  };
})(window.playground);
