// Data drawn by hand: clicks on the picture of the data put points there, and its axes stand still meanwhile.
(function (own) {
  "use strict";
  const most = 300;
  own.drawing = null;

  own.turnDrawing = function (on) {
    const layout = own.element("fit")._fullLayout;
    own.drawing = on && layout && layout.xaxis ? { xaxis: [...layout.xaxis.range], yaxis: [...layout.yaxis.range] } : null;
    own.element("fit").classList.toggle("drawing", Boolean(own.drawing));
    own.paint();
    own.player.show(own.player.frame);
  };

  own.drawn = function (event) {
    const names = own.reply ? own.reply.columns_of_curve : [];
    if (!own.drawing || !names.length) return;
    const at = own.placeOf("fit", event);
    if (!at) return;
    const columns = own.pointsDrawn(own.state.data, names);
    if (columns[names[0]].length >= most) return own.trouble(own.fill(own.texts["drawn-enough"], most));
    names.forEach((name, index) => columns[name].push(rounded(at[index], own.drawing[index ? "yaxis" : "xaxis"])));
    own.change({ data: { kind: "own", name: own.texts.drawn, columns: columns } });
  };

  // The points so far; data that weren't drawn give way to the first one.
  own.pointsDrawn = function (data, names) {
    const given = data && data.kind === "own" ? data.columns : {};
    const isDrawn = Object.keys(given).length === 2 && names.every((name) => name in given);
    return Object.fromEntries(names.map((name) => [name, isDrawn ? [...given[name]] : []]));
  };

  function rounded(value, range) {
    const unit = Math.pow(10, Math.floor(Math.log10(Math.abs(range[1] - range[0]) / 1000)));
    return Number((Math.round(value / unit) * unit).toPrecision(12));
  }
})(window.playground);
