// Numbers: the table of where a descent stands, or all of a race.

function showNumbers(page) {
  const descent = page.descent();
  const status = `${page.word('start')} ${descent.start} · ${descent.sentence}`;
  document.getElementById('status').textContent = page.descents.starts.length > 1 ? status : descent.sentence;
  const { probe, index } = page;
  const rows = [['', page.word('here'), page.word('gradient'), page.word('pointer')]];
  rows.push([page.word('loss'), written(descent.loss[index]), '', probe ? written(probe.loss) : '']);
  page.descents.names.slice(0, 16).forEach((name, column) => {
    const slope = descent.gradient[column][index];
    const asked = probe ? written(probe.params[name]) : '';
    rows.push([name, written(page.valueOf(column)), Number.isNaN(slope) ? '' : written(slope), asked]);
  });
  if (!Number.isNaN(descent.rate[index])) rows.push([page.word('rate'), written(descent.rate[index]), '', '']);
  document.getElementById('values').replaceChildren(...rows.map((cells, order) => rowOf(cells, order === 0)));
}

// Show where every optimizer of a race stands.
function showStandings(page) {
  const names = page.descents.names.slice(0, 6);
  const head = ['optimizer', 'step', 'loss'].map((key) => page.word(key));
  const rows = page.rivals().map((rival) => {
    const record = page.recordOf(rival);
    const values = names.map((_, column) => written(rival.params[column][record]));
    const isOver = record === rival.step.length - 1 && rival.step[record] <= page.descent().step[page.index];
    return [rival.name, written(rival.step[record]), written(rival.loss[record]), ...values, isOver ? page.word(rival.status) : ''];
  });
  const { probe } = page;
  if (probe) rows.push([page.word('pointer'), '', written(probe.loss), ...names.map((name) => written(probe.params[name])), '']);
  document.getElementById('status').textContent = '';
  const shown = [[...head, ...names, page.word('status')], ...rows].map((cells, order) => rowOf(cells, order === 0));
  page.rivals().forEach((rival, order) => {
    const dot = document.createElement('span');
    dot.className = 'dot';
    dot.style.background = inPage(rival.color, page.theme);
    shown[order + 1].firstChild.prepend(dot);
  });
  document.getElementById('values').replaceChildren(...shown);
}

function rowOf(cells, isHead) {
  const row = document.createElement('tr');
  cells.forEach((text, place) => {
    const cell = document.createElement(isHead || place === 0 ? 'th' : 'td');
    cell.textContent = text;
    row.append(cell);
  });
  return row;
}
