// Pictures as Plotly draws them: specifications come from the server, light or dark is the page's business.
(function (own) {
  "use strict";
  const settings = { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false };
  // The map keeps its room: Plotly would make space for long numbers after it has drawn the contours, and leave a gap.
  const room = { way: { l: 56, r: 84, t: 8, b: 92, autoexpand: false }, fit: { l: 52, r: 10, t: 28, b: 44 }, loss: { l: 52, r: 10, t: 28, b: 44 } };

  function colors() {
    return own.dark
      ? { ink: "#d7dce5", line: "#8b93a5", grid: "#353b4a" }
      : { ink: "#1f2937", line: "#6b7280", grid: "#e5e7eb" };
  }

  function axis(name, given, ink) {
    return Object.assign({}, given, {
      domain: [0, 1],
      gridcolor: ink.grid,
      linecolor: ink.line,
      tickcolor: ink.line,
      tickfont: Object.assign({}, given.tickfont, { color: ink.ink }),
      title: Object.assign({}, given.title, { font: { size: 14, color: ink.ink } }),
      automargin: name !== "way",
      fixedrange: true,
    });
  }

  function legend(name, given) {
    if (!given) return undefined;
    const placed = Object.assign({}, given, { orientation: "h", bgcolor: "rgba(0,0,0,0)" });
    if (name === "way") return Object.assign(placed, { x: 0.5, xanchor: "center", yref: "container", y: 0.004, yanchor: "bottom" });
    return Object.assign(placed, { x: 1, xanchor: "right", y: 1.01, yanchor: "bottom" });
  }

  function layoutOf(name, given) {
    const ink = colors();
    const kept = (axis) => (name === "fit" && own.drawing ? { range: own.drawing[axis], autorange: false } : {});
    return {
      autosize: true,
      margin: room[name],
      font: Object.assign({}, given.font, { color: ink.ink, size: 13 }),
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      xaxis: Object.assign(axis(name, given.xaxis, ink), kept("xaxis")),
      yaxis: Object.assign(axis(name, given.yaxis, ink), kept("yaxis")),
      legend: legend(name, given.legend),
      showlegend: name !== "loss",
      shapes: given.shapes,
      hovermode: "closest",
      hoverlabel: { font: { size: 12 } },
      dragmode: false,
      transition: { duration: 0 },
    };
  }

  function recolored(trace) {
    if (!own.dark || trace.type === "contour") return trace;
    const changed = Object.assign({}, trace);
    for (const part of ["line", "marker"])
      if (changed[part] && changed[part].color === "#000000") changed[part] = Object.assign({}, changed[part], { color: "#f3f4f6" });
    if (changed.marker && changed.marker.colorbar) {
      const bar = Object.assign({}, changed.marker.colorbar, { tickfont: { color: "#d7dce5", size: 11 } });
      bar.title = Object.assign({}, bar.title, { font: { color: "#d7dce5", size: 12 } });
      changed.marker = Object.assign({}, changed.marker, { colorbar: bar });
    }
    return changed;
  }

  function placedBar(trace) {
    if (!trace.marker || !trace.marker.colorbar) return trace;
    const bar = Object.assign({}, trace.marker.colorbar, { x: 1.01, y: 0.5, len: 1, yanchor: "middle" });
    return Object.assign({}, trace, { marker: Object.assign({}, trace.marker, { colorbar: bar }) });
  }

  own.draw = function (name, picture) {
    const plot = own.element(name), data = picture.data.map(placedBar).map(recolored);
    const drawn = window.Plotly.react(plot, data, layoutOf(name, picture.layout), settings);
    if (!plot.dataset.followed) {
      plot.dataset.followed = "yes";
      plot.on("plotly_afterplot", () => own.player.place(name));
    }
    return drawn;
  };

  // Curves above a picture, bent without drawing it anew; they end where its axes do.
  own.bend = function (name, across, curves) {
    const layer = own.element(name + "-marks"), layout = own.element(name)._fullLayout;
    if (!layout || !layout.xaxis) return;
    const space = "http://www.w3.org/2000/svg", x = layout.xaxis, y = layout.yaxis;
    const drawing = document.createElementNS(space, "svg");
    const id = name + "-clip", clip = `<clipPath id="${id}"><rect x="${x._offset}" y="${y._offset}" width="${x._length}" height="${y._length}"/></clipPath>`;
    drawing.innerHTML = clip + curves.map(([heights, ink]) => {
      const far = 10 * y._length; // so that what runs away doesn't overflow
      const points = Array.from(heights, (height, index) => {
        const top = Math.max(-far, Math.min(far, y.d2p(height)));
        return Number.isFinite(top) ? `${(x._offset + x.d2p(across[index])).toFixed(1)},${(y._offset + top).toFixed(1)}` : null;
      });
      return `<path clip-path="url(#${id})" stroke="${ink.color}" d="M${points.filter(Boolean).join("L")}"/>`;
    }).join("");
    layer.replaceChildren(drawing);
  };

  // Dots above a picture, moved without drawing it anew.
  own.mark = function (name, points) {
    const layer = own.element(name + "-marks"), layout = own.element(name)._fullLayout;
    if (!layout || !layout.xaxis) return;
    if (layer.querySelector("svg")) layer.replaceChildren();
    while (layer.children.length > points.length) layer.lastChild.remove();
    while (layer.children.length < points.length) layer.append(document.createElement("i"));
    points.forEach(([x, y, color], index) => {
      const dot = layer.children[index], left = layout.xaxis.d2p(x), top = layout.yaxis.d2p(y);
      const inside = left >= -1 && left <= layout.xaxis._length + 1 && top >= -1 && top <= layout.yaxis._length + 1;
      dot.hidden = x === null || y === null || !inside;
      dot.style.background = color;
      dot.style.transform = `translate(${layout.xaxis._offset + left}px, ${layout.yaxis._offset + top}px)`;
    });
  };

  own.unpacked = function (packed) {
    const bytes = Uint8Array.from(atob(packed.bdata), (letter) => letter.charCodeAt(0));
    return new Float32Array(bytes.buffer);
  };

  // Where a pointer is, in the numbers of the axes.
  own.placeOf = function (name, event) {
    const plot = own.element(name), layout = plot._fullLayout;
    if (!layout) return null;
    const box = plot.querySelector(".nsewdrag") && plot.querySelector(".nsewdrag").getBoundingClientRect();
    if (!box || event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom) return null;
    return [layout.xaxis.p2d(event.clientX - box.left), layout.yaxis.p2d(event.clientY - box.top)];
  };
})(window.playground);
