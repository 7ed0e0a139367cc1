// Playing: one step marker through all pictures, without asking the server.
(function (own) {
  "use strict";
  const player = (own.player = { frame: 0, frames: null, timer: null });
  const pace = 40;

  player.load = function (frames, has_curve) {
    player.stop();
    player.frames = frames;
    player.curves = (frames.curves || []).map(own.unpacked);
    player.across = frames.across ? own.unpacked(frames.across) : [];
    player.width = player.across.length;
    player.has_curve = has_curve;
    const range = player.range();
    range.max = frames.steps.length - 1;
    player.show(frames.steps.length - 1);
  };

  player.range = function () {
    let range = document.getElementById("scrub");
    if (!range) {
      range = document.createElement("input");
      Object.assign(range, { type: "range", id: "scrub", min: 0, max: 0, value: 0 });
      range.addEventListener("input", () => { player.stop(); player.show(Number(range.value)); });
      own.element("scrubber").append(range);
    }
    range.setAttribute("aria-label", own.texts.scrub);
    return range;
  };

  player.show = function (frame) {
    const frames = player.frames;
    if (!frames) return;
    player.frame = Math.max(0, Math.min(frame, frames.steps.length - 1));
    player.range().value = player.frame;
    player.range().setAttribute("aria-valuetext", own.texts.scrub + " " + frames.steps[player.frame]);
    for (const name of ["way", "loss", "fit"]) player.place(name);
    const best = frames.paths[0];
    const last = frames.steps[frames.steps.length - 1];
    own.element("where").textContent = own.fill(own.texts["at-step"], frames.steps[player.frame], last, own.short(best.loss[player.frame])) +
      " · " + frames.names.map((name, index) => name + " = " + own.short(best.params[player.frame][index])).join(", ");
    if (own.stepped) own.stepped();
  };

  // Put the dots where the descents are at this frame; a picture that was drawn anew asks for it too.
  player.place = function (name) {
    const frames = player.frames;
    if (!frames) return;
    const taken = (path) => Math.min(frames.steps[player.frame], path.steps);
    if (name === "way") own.mark(name, frames.paths.map((path) => [...onMap(path), path.color]));
    if (name === "loss") own.mark(name, frames.paths.map((path) => [taken(path), path.loss[player.frame], path.color]));
    if (name === "fit" && !player.has_curve) {
      const first = frames.paths[0];
      own.mark(name, first.params[player.frame].map((value) => [taken(first), value, own.dark ? "#e5e8ee" : "#1f2937"]));
    } else if (name === "fit") {
      const from = player.frame * player.width, ink = (index) => own.element("fit").data[1 + index].line;
      own.bend(name, player.across, player.curves.map((curve, index) => [curve.subarray(from, from + player.width), ink(index)]));
    }
  };

  function onMap(path) {
    const frames = player.frames, row = path.params[player.frame];
    const at = frames.plane.map((name) => row[frames.names.indexOf(name)]);
    return frames.plane.length === 2 ? at : [at[0], path.loss[player.frame]];
  }

  player.play = function () {
    if (!player.frames) return;
    if (player.timer) return player.stop();
    if (player.frame >= player.frames.steps.length - 1) player.show(0);
    player.timer = setInterval(() => {
      if (player.frame >= player.frames.steps.length - 1) return player.stop();
      player.show(player.frame + 1);
    }, pace);
    player.told(true);
  };

  player.stop = function () {
    if (player.timer) clearInterval(player.timer);
    player.timer = null;
    player.told(false);
  };

  player.told = function (playing) {
    const button = own.element("play");
    if (!button || !own.texts) return;
    own.set("play", { children: playing ? "❚❚" : "▶" });
    button.setAttribute("aria-label", playing ? own.texts.pause : own.texts.play);
  };
})(window.playground);
