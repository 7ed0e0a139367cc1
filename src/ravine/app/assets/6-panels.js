// Beneath the pictures: what a step does, the report of a fit, the map of basins; copying and saving.
(function (own) {
  "use strict";
  let resting = null;

  // The explanation follows the marker once that rests.
  own.stepped = function () {
    clearTimeout(resting);
    if (!own.reply || (own.panel && own.panel !== "step-title") || own.player.timer) return;
    resting = setTimeout(async () => {
      const step = own.player.frames.steps[own.player.frame];
      try {
        const found = await own.ask("/ask/step", { state: own.state, step: step });
        if (found) own.set("step-text", { children: found.text });
      } catch (problem) {
        own.set("step-text", { children: problem.error || String(problem) });
      }
    }, 250);
  };

  own.fit = async function () {
    await own.settled();
    own.set("report-text", { children: own.texts.working });
    try {
      const found = await own.ask("/ask/report", { state: own.state });
      if (found) own.set("report-text", { children: found.text });
    } catch (problem) {
      own.set("report-text", { children: problem.error || String(problem) });
    }
  };

  // A report of a problem that is no longer shown must not come any more.
  own.forgetReport = function () {
    own.callOff("/ask/report");
    own.set("report-text", { children: "" });
  };

  own.mapBasins = async function () {
    await own.settled();
    if (own.state.plane.length !== 2) return own.set("basins-where", { children: own.texts["basins-only"] });
    const state = own.state;
    let stage = 0, stages = 3;
    busy(true);
    try {
      while (stage < stages) {
        own.set("basins-where", { children: own.fill(own.texts.stage, stage + 1, stages) + " · " + own.texts.working });
        own.set("basins-progress", { value: String(stage), max: String(stages), hidden: false });
        const found = await own.ask("/ask/basins", { state: state, stage: stage });
        if (!found) break;
        stages = found.stages;
        stage += 1;
        own.basins = found.picture;
        own.set("basins-text", { children: found.text });
        own.set("basins-where", { children: "" });
        own.paint();
        own.player.show(own.player.frame);
      }
    } catch (problem) {
      own.set("basins-where", { children: problem.error || String(problem) });
    }
    if (!own.isAsking("/ask/basins")) busy(false);
  };

  function busy(computing) {
    own.set("basins-stop", { disabled: !computing });
    own.set("basins-start", { disabled: computing });
    own.set("basins-hide", { disabled: !own.basins });
    if (!computing) own.set("basins-progress", { hidden: true });
  }

  own.stopBasins = function () {
    own.callOff("/ask/basins");
    own.set("basins-where", { children: "" });
    busy(false);
  };

  own.hideBasins = function () {
    if (own.isAsking("/ask/basins")) own.callOff("/ask/basins");
    own.basins = null;
    own.set("basins-text", { children: "" });
    own.set("basins-where", { children: "" });
    busy(false);
  };

  own.copy = async function (text, isWhole) {
    own.copied = text;
    try {
      await navigator.clipboard.writeText(text);
      own.say(isWhole === false ? own.texts["copied-part"] : own.texts.copied);
    } catch (problem) {
      own.say(own.texts["not-copied"]);
      const area = document.createElement("textarea");
      area.className = "copied";
      area.value = text;
      own.element("said").after(area);
      area.select();
      area.addEventListener("blur", () => area.remove());
    }
  };

  own.save = async function (what) {
    own.say(own.texts.working);
    try {
      const response = await own.ask("/download/" + what, { state: own.state });
      if (!response) return;
      const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition"))[1];
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await response.blob());
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      own.say("");
    } catch (problem) {
      own.trouble(problem.error || String(problem));
    }
  };
})(window.playground);
