// Updates: the present step taken apart. The optimizer's lines come as programs; here they meet the recorded numbers.

const NUMBERED = 3; // parameters whose arithmetic is written out
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

// Return the lines of update `step` of a descent with their values, null if a step before isn't known.
function linesOf(machine, descent, step) {
  if (!machine.lines || !isWhole(descent, step)) return null;
  descent.held ??= [machine.held];
  for (let update = descent.held.length; update < step; update += 1) {
    descent.held.push(afterUpdate(machine, descent, update).held);
  }
  return afterUpdate(machine, descent, step).lines;
}

function isWhole({ step }, last) {
  return step[last] === last;
}

// Make one update from what the optimizer held before it.
function afterUpdate(machine, { params, gradient, rate, held }, update) {
  const before = update - 1;
  const values = {
    ...machine.settings, ...(before ? {} : machine.first), ...machine.limits, ...held[before], t: update,
    alpha: rate[before], theta: params.map((each) => each[before]), g: gradient.map((each) => each[before]),
  };
  const count = params.length;
  const lines = machine.lines.map((line) => {
    Object.assign(values, normsOf(values.g, machine.sizes));
    const inputs = { ...values };
    const isShared = line.program.every(([kind, name]) => kind !== 1 || typeof values[name] === 'number');
    const found = Array.from(calculate(line.program, values, isShared ? 1 : count), roundingOf(machine));
    values[line.symbol] = isShared ? found[0] : found;
    return { line, inputs, value: values[line.symbol] };
  });
  return { lines, held: Object.fromEntries(Object.keys(machine.held).map((symbol) => [symbol, values[symbol]])) };
}

function roundingOf({ dtype }) {
  return dtype === 'float32' ? Math.fround : (value) => value;
}

// Return the length of the gradient over each parameter's own array, and over all.
function normsOf(gradient, sizes) {
  const slopes = Array.from(gradient);
  let first = 0;
  const norm = sizes.flatMap((size) => {
    const length = Math.hypot(...slopes.slice(first, first += size));
    return Array(size).fill(length);
  });
  return { norm, all_norm: Math.hypot(...slopes) };
}

// Return a line with the numbers of one parameter in it, and what comes out.
function withNumbers({ line, inputs, value }, index) {
  const one = (values) => (typeof values === 'number' ? values : values[index]);
  const text = line.template.reduce((said, piece, place) => {
    if (typeof piece === 'string') return said + piece;
    return said + numberIn(said, one(inputs[piece[0]]), line.template[place + 1] ?? '');
  }, '');
  return `${powered(text)} = ${sevenDigits(one(value))}`;
}

// Return a number between what stands before and after it: a negative one in parentheses where it needs them.
function numberIn(before, value, after) {
  const isLoose = /[·/+−^] ?$/.test(before) || (typeof after === 'string' && /^[\^⁰¹²³⁴⁵⁶⁷⁸⁹]/.test(after));
  return value < 0 && isLoose ? `(${sevenDigits(value)})` : sevenDigits(value);
}

// Write whole exponents above the line.
function powered(text) {
  return text.replace(/\^(\d+)(?![\d.e])/g, (_, digits) => Array.from(digits, (digit) => SUPERSCRIPTS[digit]).join(''));
}

function sevenDigits(value) {
  if (!Number.isFinite(value)) return written(value);
  const short = Number(value.toPrecision(7)), isTiny = short !== 0 && Math.abs(short) < 1e-4;
  return (isTiny ? short.toExponential() : String(short)).replace('e+', 'e').replaceAll('-', '−');
}

// -- what the page shows of it

function showUpdate(page) {
  if (!page.update) return;
  const box = document.getElementById('update'), losses = document.getElementById('losses');
  losses.replaceChildren();
  const { index } = page, descent = page.descent();
  if (index === 0) return box.replaceChildren(paragraph(page.word('before_updates')));
  const [from, to] = [descent.step[index - 1], descent.step[index]];
  if (to - from !== 1) return box.replaceChildren(paragraph(page.word('step_missing')));
  const lines = linesOf(page.update, descent, index);
  box.replaceChildren(
    paragraph(filledIn(page.word('from_to'), { start: descent.start, from, to })),
    heading(page.word('new_values')), changesOf(page, descent, index),
    heading(page.word('arithmetic')), ...arithmeticOf(page, lines),
  );
  losses.replaceChildren(heading(page.word('the_loss')), ...lossesOf(page, descent, index));
}

function changesOf(page, { params, gradient, move }, index) {
  const head = ['parameter', 'before', 'gradient', 'move', 'after'].map((key) => page.word(key));
  const rows = page.descents.names.slice(0, 12).map((name, column) => {
    const [before, after] = [params[column][index - 1], params[column][index]];
    return [name, ...[before, gradient[column][index - 1], move[column][index], after].map(sevenDigits)];
  });
  return tableOf([head, ...rows]);
}

function arithmeticOf(page, lines) {
  if (!lines) return [paragraph(page.word(page.update.lines ? 'lines_missing' : 'no_lines'))];
  const names = page.descents.names.slice(0, NUMBERED);
  return [paragraph(page.word('symbols')), ...lines.flatMap((each) => {
    const equation = paragraph('', 'equation');
    equation.append(element('code', each.line.formula), element('span', each.line.remark[page.language], 'remark'));
    const isShared = typeof each.value === 'number' || page.descents.names.length === 1;
    const numbers = isShared ? [withNumbers(each, 0)] : names.map((name, column) => `${name}: ${withNumbers(each, column)}`);
    return [equation, ...numbers.map((text) => paragraph(text, 'with-numbers'))];
  })];
}

// Show the loss before and after, and the decrease that the slope promised.
function lossesOf(page, { gradient, loss, move, decrease }, index) {
  const actual = decrease[index];
  const predicted = -gradient.reduce((sum, each, column) => sum + each[index - 1] * move[column][index], 0);
  const rows = [['before', loss[index - 1]], ['after', loss[index]], ['decrease', actual], ['predicted', predicted]];
  const table = tableOf([['', page.word('loss')], ...rows.map(([key, value]) => [page.word(key), sevenDigits(value)])]);
  const verdict = predicted <= 0 ? 'uphill' : actual < 0 ? 'rose' : '';
  return verdict ? [table, paragraph(page.word(verdict))] : [table];
}

function filledIn(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function tableOf(rows) {
  const wide = element('div', '', 'wide'), table = element('table', '', 'update');
  table.append(...rows.map((cells, order) => rowOf(cells, order === 0)));
  wide.append(table);
  return wide;
}

function paragraph(text, kind) { return element('p', text, kind); }

function heading(text) { return element('h3', text); }

function element(tag, text, kind = '') {
  const found = document.createElement(tag);
  found.textContent = text;
  if (kind) found.className = kind;
  return found;
}
