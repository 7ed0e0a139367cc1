// Run a formula: a list of numbers, names and functions for a stack. Text is never evaluated.

// Return the values of a program, one for each of `count` points; `values` holds numbers and arrays of that length.
function calculate(program, values, count) {
  const stack = [];
  for (const [kind, what, size] of program) {
    if (kind === 0) stack.push(what);
    else if (kind === 1) stack.push(valueOf(values, what));
    else stack.push(applied(what, stack.splice(stack.length - size), count));
  }
  const [found] = stack;
  return typeof found === 'number' ? new Float64Array(count).fill(found) : found;
}

function valueOf(values, name) {
  if (!Object.hasOwn(values, name)) throw new Error(`no value for ${name}`);
  return values[name];
}

function applied(name, operands, count) {
  if (!Object.hasOwn(FUNCTIONS, name)) throw new Error(`no function ${name}`);
  const calculates = FUNCTIONS[name];
  if (operands.every((operand) => typeof operand === 'number')) return calculates(...operands);
  const result = new Float64Array(count);
  const row = new Array(operands.length);
  for (let point = 0; point < count; point += 1) {
    for (let place = 0; place < row.length; place += 1) {
      const operand = operands[place];
      row[place] = typeof operand === 'number' ? operand : operand[point];
    }
    result[point] = calculates(...row);
  }
  return result;
}

// Return points of the model's curves at parameters by name, a gap between those of different data sets.
function curveAt(model, params) {
  const x = [], y = [];
  for (const curve of model.curves ?? []) {
    const values = { ...model.constants, ...params, ...curve.others, [curve.input]: curve.x };
    if (x.length) { x.push(NaN); y.push(NaN); }
    x.push(...curve.x);
    y.push(...calculate(model.program, values, curve.x.length));
  }
  return { x, y: y.map(drawable) };
}

// Return what is predicted at the observed points.
function predictedAt(model, params) {
  const { columns, observed } = model.points;
  const found = calculate(model.program, { ...model.constants, ...params, ...columns }, observed.length);
  return { x: observed, y: Array.from(found, drawable) };
}

function drawable(value) {
  return Math.abs(value) <= 1e100 ? value : NaN;
}
