// Figures: unpack arrays, dress a figure for light or dark, and let it speak Chinese.

const DARK_PAGE = {
  '#1F2937': '#E5E7EB', '#6B7280': '#9CA3AF', '#E5E7EB': '#374151', '#FFFFFF': '#161E2C', '#F8FAFC': '#1B2536',
  '#D4D4D8': '#4B5563',
};
const DARK_INK = {
  '#1F2937': '#F3F4F6', '#000000': '#F3F4F6', '#6B7280': '#9CA3AF', '#0072B2': '#4FA3E3', '#D7141A': '#F4575C',
};
const SETTINGS = { displayModeBar: false, responsive: true, doubleClick: 'reset', scrollZoom: false };

// Return an array that was packed in base64, or the value itself; a packed table becomes an array of its rows.
function unpacked(value) {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(unpacked);
  if (!('bdata' in value)) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unpacked(each)]));
  const bytes = Uint8Array.from(atob(value.bdata), (letter) => letter.charCodeAt(0));
  const flat = value.dtype === 'f4' ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
  const numbers = Float64Array.from(flat);
  if (!value.shape) return numbers;
  const [rows, columns] = value.shape.split(',').map(Number);
  return Array.from({ length: rows }, (_, row) => numbers.subarray(row * columns, (row + 1) * columns));
}

// Return a copy of a picture's figure in this language and theme.
function figureIn(picture, language, theme) {
  const figure = structuredClone(picture.figure);
  for (const [path, words] of language === 'zh' ? picture.chinese : []) {
    const place = path.slice(0, -1).reduce((part, key) => part[key], figure);
    place[path.at(-1)] = words;
  }
  figure.layout.uirevision = 'kept';
  figure.layout.hoverlabel = { ...figure.layout.hoverlabel, align: 'left' };
  if (theme === 'dark') {
    recolor(figure.layout, DARK_PAGE);
    recolor(figure.data.filter((trace) => trace.mode !== 'text'), DARK_INK); // words stand on dots that stay white
  }
  return figure;
}

function recolor(part, colors) {
  for (const [key, value] of Object.entries(part)) {
    if (typeof value === 'string') part[key] = colors[value] ?? value;
    else if (value !== null && typeof value === 'object' && !('bdata' in value)) recolor(value, colors);
  }
}

function inkOf(theme) {
  return theme === 'dark' ? '#F9FAFB' : '#111827';
}

// The symmetric logarithm of ravine/view/axes_plotly.py.
function plotted(value, scale) {
  if (scale !== 'symlog') return value;
  const size = Math.abs(value);
  return size <= 2 ? value / 0.9 : Math.sign(value) * 2 * (1 / 0.9 + Math.log10(size / 2));
}

// Return a number as people write it, six digits at most.
function written(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const text = size !== 0 && (size < 1e-4 || size >= 1e7) ? value.toExponential(4) : String(Number(value.toPrecision(6)));
  return text.replaceAll('-', '−');
}
