// The page: its state, and what shows it.

class Page {
  constructor(data) {
    this.words = data.words;
    this.pictures = data.pictures.map((picture) => ({ ...picture, live: unpacked(picture.live) }));
    this.descents = data.descents && unpacked(data.descents);
    this.isRace = Boolean(this.descents?.starts[0].rivals);
    if (this.isRace) this.descents.starts = this.descents.starts.map(withLeader);
    this.model = data.model && unpacked(data.model);
    this.update = data.update && unpacked(data.update);
    this.planes = data.planes;
    this.language = data.language;
    this.theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    this.start = this.descents ? this.descents.best : 0;
    this.plane = 0;
    this.index = this.descents ? this.descent().step.length - 1 : 0;
    this.probe = null;
    this.isPlaying = false;
    this.isPrinting = false;
    this.isWaiting = false;
    this.isSpaceDue = false;
    this.isSpaceBusy = false;
  }

  descent() { return this.descents.starts[this.start]; }

  // Return the descents that move: one, or all of a race from this start.
  rivals() { return this.descent().rivals ?? [this.descent()]; }

  // Return the last record of a descent up to this step.
  recordOf({ step }) {
    const now = this.descent().step[this.index];
    if (step === this.descent().step) return this.index;
    let record = Math.min(this.index, step.length - 1);
    while (record > 0 && step[record] > now) record -= 1;
    while (record < step.length - 1 && step[record + 1] <= now) record += 1;
    return record;
  }

  word(key) { return this.words[this.language][key]; }

  // Return a parameter at this step; -1 is the loss.
  valueOf(column) { return column < 0 ? this.descent().loss[this.index] : this.descent().params[column][this.index]; }

  params() { return this.paramsOf(this.descent()); }

  paramsOf(rival) {
    const record = this.recordOf(rival);
    return Object.fromEntries(this.descents.names.map((name, column) => [name, rival.params[column][record]]));
  }

  go(index) {
    this.index = Math.max(0, Math.min(index, this.descent().step.length - 1));
    this.refresh();
  }

  // Take the place that a pointer asks for, or none.
  ask(place) {
    if (!place) this.probe = null;
    else {
      const { names } = this.descents;
      const along = Object.fromEntries(place.live.axes.map((axis, order) => [names[axis], place.values[order]]));
      this.probe = { params: { ...this.params(), ...place.live.held, ...along }, loss: place.loss };
    }
    this.refresh();
  }

  chooseStart(start) {
    const share = this.index / Math.max(1, this.descent().step.length - 1);
    this.start = start;
    this.index = Math.round(share * (this.descent().step.length - 1));
    this.draw();
  }

  choosePlane(plane) {
    this.plane = plane;
    this.probe = null;
    this.draw();
  }

  isShown(picture) {
    return (picture.choice < 0 || picture.choice === this.plane) && (picture.start < 0 || picture.start === this.start);
  }

  plotOf(picture) { return document.querySelector(`[data-panel="${this.pictures.indexOf(picture)}"] .plot`); }

  // Draw every panel anew: at first, and when language, theme, start or plane change.
  draw() {
    document.documentElement.dataset.theme = this.theme;
    document.documentElement.lang = this.language === 'zh' ? 'zh-Hans' : 'en';
    this.pictures.forEach((picture) => {
      const plot = this.plotOf(picture);
      plot.parentElement.hidden = !this.isShown(picture);
      if (this.isShown(picture)) this.drawPicture(picture, plot);
    });
    this.say();
    this.showPlayer();
    this.refresh();
  }

  drawPicture(picture, plot) {
    const figure = figureIn(picture, this.language, this.theme);
    if (picture.live.follows) follow(this, picture, figure);
    picture.traces = this.descents ? overlayOf(picture).traces(this, picture) : [];
    picture.first = figure.data.length;
    const added = picture.kind === 'space' ? picture.traces : explained(picture.traces);
    const isNew = !plot.classList.contains('js-plotly-plot');
    if (picture.kind === 'space' && !hasWebGL()) {
      plot.textContent = this.word('no_webgl');
      picture.traces = [];
      return;
    }
    if (this.isPrinting) Object.assign(figure.layout, { width: plot.clientWidth, height: plot.clientHeight });
    Plotly.react(plot, [...figure.data, ...added], figure.layout, SETTINGS);
    if (isNew && this.descents) this.listen(picture, plot);
  }

  listen(picture, plot) {
    plot.on('plotly_afterplot', () => this.showFlat(picture));
    if (picture.kind === 'plane' || picture.kind === 'line') {
      picture.arrays = picture.figure.data.map(unpacked);
      listenOn(this, picture, plot);
    }
    if (picture.kind === 'history' && (picture.live.over ?? 'step') === 'step') listenToSteps(this, plot);
  }

  // Show this step everywhere, at most once a frame.
  refresh() {
    if (this.isWaiting || !this.descents) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      this.pictures.forEach((picture) => this.showFlat(picture));
      (this.isRace ? showStandings : showNumbers)(this);
      showUpdate(this);
      this.showPlayer();
      this.isSpaceDue = true;
      this.showSpace();
    });
  }

  showFlat(picture) {
    if (picture.kind === 'space' || !this.isShown(picture) || !picture.traces?.length) return;
    picture.columns = overlayOf(picture).data(this, picture);
    drawAbove(this.plotOf(picture), picture.traces, picture.columns);
  }

  // Show this step in 3-D, which takes longest: as often as leaves half of the time to everything else.
  showSpace() {
    const picture = this.pictures.find((each) => each.kind === 'space' && this.isShown(each) && each.traces?.length);
    if (!picture) this.isSpaceDue = false;
    if (!this.isSpaceDue || this.isSpaceBusy) return;
    [this.isSpaceDue, this.isSpaceBusy] = [false, true];
    const began = performance.now();
    picture.columns = overlayOf(picture).data(this, picture);
    const [x, y, z] = ['x', 'y', 'z'].map((name) => picture.columns.map((each) => each[name]));
    Plotly.restyle(this.plotOf(picture), { x, y, z }, x.map((_, order) => picture.first + order)).then(() => {
      setTimeout(() => {
        this.isSpaceBusy = false;
        this.showSpace();
      }, performance.now() - began);
    });
  }

  showPlayer() {
    if (!this.descents) return;
    const element = (id) => document.getElementById(id);
    const descent = this.descent();
    const step = `${this.word('step')} ${written(descent.step[this.index])}`;
    element('step').max = descent.step.length - 1;
    element('step').value = this.index;
    element('step').setAttribute('aria-valuetext', step);
    element('where').textContent = step;
    element('where').setAttribute('aria-live', this.isPlaying ? 'off' : 'polite');
    element('play').classList.toggle('playing', this.isPlaying);
    element('play').setAttribute('aria-label', this.word(this.isPlaying ? 'pause' : 'play'));
    element('play').title = this.word(this.isPlaying ? 'pause' : 'play');
    element('start').value = this.start;
  }

  // Let all words of the page speak its language.
  say() {
    document.querySelectorAll('[data-word]').forEach((each) => { each.textContent = this.word(each.dataset.word); });
    document.querySelectorAll('[data-label]').forEach((each) => {
      each.setAttribute('aria-label', this.word(each.dataset.label));
      each.title = this.word(each.dataset.label);
    });
    document.querySelectorAll('[data-en]').forEach((each) => {
      each.textContent = each.dataset[this.language];
      const plot = each.nextElementSibling;
      if (plot?.classList.contains('plot')) plot.setAttribute('aria-label', each.textContent);
    });
    document.getElementById('language').textContent = this.language === 'zh' ? 'English' : '中文';
    this.descents?.starts.forEach((descent, order) => {
      const option = document.getElementById('start').options[order];
      const best = order === this.descents.best ? ` (${this.word('best')})` : '';
      option.textContent = `${descent.start}: ${descent.place}${best}`;
    });
  }
}

// Let the lines of a history be those of the chosen start.
function follow(page, picture, figure) {
  const { columns, scale } = picture.live;
  const descent = page.descent();
  columns.forEach((column, order) => {
    const trace = figure.data[order];
    trace.x = Array.from(descent.step);
    trace.y = Array.from(descent.params[column], (value) => plotted(drawable(value), scale));
    trace.mode = 'lines';
    delete trace.customdata;
    trace.hovertemplate = undefined;
    trace.hoverinfo = 'x+y+name';
  });
}

// Return the start of a race as its longest descent, which counts the steps.
function withLeader({ rivals }) {
  const last = ({ step }) => step[step.length - 1];
  const leader = rivals.reduce((one, other) => (last(other) > last(one) ? other : one));
  return { ...leader, rivals };
}

function hasWebGL() {
  return Boolean(document.createElement('canvas').getContext('webgl'));
}

function choices(id, texts, choose) {
  const select = document.getElementById(id);
  select.replaceChildren(...texts.map((text, order) => new Option(text, order)));
  select.addEventListener('change', () => choose(Number(select.value)));
  select.parentElement.hidden = texts.length < 2;
}

function begin() {
  const page = new Page(JSON.parse(document.getElementById('data').textContent));
  if (page.descents) {
    document.getElementById('player').hidden = false;
    document.getElementById('numbers').hidden = false;
    choices('start', page.descents.starts.map(() => ''), (start) => page.chooseStart(start));
    choices('plane', page.planes, (plane) => page.choosePlane(plane));
    startPlayer(page);
  }
  document.getElementById('language').addEventListener('click', () => {
    page.language = page.language === 'zh' ? 'en' : 'zh';
    page.draw();
  });
  document.getElementById('theme').addEventListener('click', () => {
    page.theme = page.theme === 'dark' ? 'light' : 'dark';
    page.draw();
  });
  document.getElementById('print').addEventListener('click', () => window.print());
  page.draw();
  followWidth(page);
  printPlain(page);
  window.ravine = { page, calculate, FUNCTIONS, linesOf, unpacked, withNumbers };
}

begin();
