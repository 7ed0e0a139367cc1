// Special functions that browsers lack, accurate to about 1e-14.

function erf(x) {
  if (Number.isNaN(x)) return NaN;
  const size = Math.abs(x);
  return size < 2.5 ? erfSeries(x) : Math.sign(x) * (1 - erfcFraction(size));
}

function erfc(x) {
  if (Number.isNaN(x)) return NaN;
  if (x < 0) return 2 - erfc(-x);
  return x < 2.5 ? (x < 0.5 ? 1 - erfSeries(x) : erfcMiddle(x)) : erfcFraction(x);
}

// erf x = 2/√π·exp(−x²)·Σ 2ⁿ·x²ⁿ⁺¹/(2n + 1)!!, whose terms all have one sign.
function erfSeries(x) {
  let term = x, sum = x;
  for (let n = 1; n < 200 && Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
    term *= 2 * x * x / (2 * n + 1);
    sum += term;
  }
  return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
}

// Where 1 − erf x would cancel: the imaginary axis of the Faddeeva function.
function erfcMiddle(x) {
  return Math.exp(-x * x) * faddeeva(0, x)[0];
}

// Laplace's continued fraction, from its tail.
function erfcFraction(x) {
  if (x > 27) return 0;
  let tail = 0;
  for (let n = 80; n > 0; n -= 1) tail = n / 2 / (x + tail);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + tail));
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

function lgamma(x) {
  if (x === Infinity || x === -Infinity) return Infinity;
  if (x <= 0 && Number.isInteger(x)) return Infinity;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - lgamma(1 - x);
  const less = x - 1, base = less + 7.5;
  const sum = LANCZOS.reduce((total, factor, index) => total + (index ? factor / (less + index) : factor), 0);
  return 0.5 * Math.log(2 * Math.PI) + (less + 0.5) * Math.log(base) - base + Math.log(sum);
}

// The Voigt profile by the Faddeeva function w(x + i·y); see ravine/formula/faddeeva.py, which says how and why.
const STEP = Math.sqrt(Math.PI / 12);
const NODES = 12;
const FAR = 100;
const DOUBLE_FACTORIALS = [1];
for (let k = 1; k < 13; k += 1) DOUBLE_FACTORIALS.push(DOUBLE_FACTORIALS[k - 1] * (2 * k - 1));

function voigt(x, sigma, gamma) {
  sigma = Math.abs(sigma);
  if (gamma < 0) return 2 * gaussian(x, sigma, gamma) - voigt(x, sigma, -gamma);
  if (x * x + gamma * gamma < 2 * FAR * sigma * sigma) {
    const width = Math.SQRT2 * sigma;
    return faddeeva(x / width, gamma / width)[0] / (Math.sqrt(Math.PI) * width);
  }
  return wings(x, sigma, gamma) + (gamma < 0.1 * sigma ? gaussian(x, sigma, gamma) : 0);
}

function faddeeva(x, y) {
  const away = Math.abs(x);
  let turns = away / STEP;
  turns -= Math.round(turns);
  const halved = Math.abs(turns) < 0.25;
  const difference = away * away - y * y, product = 2 * away * y, squared = away * away + y * y;
  let real = 0, imaginary = 0;
  for (let k = 0; k < NODES; k += 1) {
    const node = (STEP * (k + (halved ? 0.5 : 0))) ** 2;
    const weight = Math.exp(-node) / (!halved && k === 0 ? 2 : 1);
    const share = weight / ((difference - node) ** 2 + product ** 2);
    real += share * (squared + node);
    imaginary += share * (squared - node);
  }
  const factor = 2 * STEP / Math.PI;
  const [poleReal, poleImaginary] = pole(away, y, turns, halved);
  return [factor * y * real + poleReal, Math.sign(x) * (factor * away * imaginary + poleImaginary)];
}

function pole(x, y, turns, halved) {
  if (y >= Math.max(x, Math.PI / STEP)) return [0, 0];
  const size = Math.exp(-2 * Math.PI / STEP * y), angle = 2 * Math.PI * turns, side = halved ? 1 : -1;
  let real = size * Math.cos(angle), imaginary = size * Math.sin(angle);
  const below = size * size + 1 + 2 * side * real;
  [real, imaginary] = [(size * size + side * real) / below, side * imaginary / below];
  const decay = 2 * Math.exp((y - x) * (y + x));
  const cosine = Math.cos(2 * x * y), sine = Math.sin(2 * x * y);
  return [decay * (cosine * real + sine * imaginary), decay * (cosine * imaginary - sine * real)];
}

// Re (i/π·ζ)·Σ (2k − 1)!!·(σ/ζ)²ᵏ with ζ = x + i·γ.
function wings(x, sigma, gamma) {
  const squared = x * x + gamma * gamma;
  const across = sigma * x / squared, along = -sigma * gamma / squared;
  const difference = across * across - along * along, product = 2 * across * along;
  let real = 0, imaginary = 0;
  for (let k = DOUBLE_FACTORIALS.length - 1; k >= 0; k -= 1) {
    [real, imaginary] = [
      real * difference - imaginary * product + DOUBLE_FACTORIALS[k], real * product + imaginary * difference,
    ];
  }
  return (gamma * real - x * imaginary) / (Math.PI * squared);
}

function gaussian(x, sigma, gamma) {
  if (!(sigma > 0)) return 0;
  const size = Math.exp((gamma - x) * (gamma + x) / (2 * sigma * sigma)) / (Math.sqrt(2 * Math.PI) * sigma);
  return size * Math.cos(x / sigma * (gamma / sigma));
}
