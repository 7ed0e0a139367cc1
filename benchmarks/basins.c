/* Gradient descent on the mean of (sin(b cos(a x)) - y)^2 from many starts, float32, as one would write it for speed:
 * 64 starts at a time in registers and the first cache, sine and cosine as polynomials, all cores.
 * Compiled by basins.py: gcc -O3 -march=native -ffast-math -fopenmp -shared -fPIC. */
#include <math.h>

#define TILE 64

static inline void sine_cosine(float v, float *sine, float *cosine)
{
    float multiple = rintf(v * 0.63661977f);
    float r = ((v - multiple * 1.5703125f) - multiple * 4.837513e-4f) - multiple * 7.5497899e-8f;
    float z = r * r;
    float s = r + r * z * (-1.6666654611e-1f + z * (8.3321608736e-3f + z * -1.9515295891e-4f));
    float c = 1.0f - 0.5f * z + z * z * (4.166664568e-2f + z * (-1.388731625e-3f + z * 2.443315711e-5f));
    int quadrant = (int)multiple;
    float first = (quadrant & 1) ? c : s, second = (quadrant & 1) ? s : c;
    *sine = (quadrant & 2) ? -first : first;
    *cosine = ((quadrant + 1) & 2) ? -second : second;
}

/* a, b, loss: [start], a multiple of 64; a and b begin at the starts and end at the ends. x, y: [point]. */
void descend(float *a, float *b, float *loss, const float *x, const float *y, int starts, int points, int steps,
             float rate)
{
#pragma omp parallel for schedule(static)
    for (int first = 0; first < starts; first += TILE) {
        for (int step = 0; step <= steps; step++) {
            float sum[TILE] = {0}, slope_a[TILE] = {0}, slope_b[TILE] = {0};
            for (int p = 0; p < points; p++) {
#pragma omp simd
                for (int i = 0; i < TILE; i++) {
                    float sine, cosine, outer_sine, outer_cosine;
                    sine_cosine(a[first + i] * x[p], &sine, &cosine);
                    sine_cosine(b[first + i] * cosine, &outer_sine, &outer_cosine);
                    float residual = outer_sine - y[p], along = residual * outer_cosine;
                    sum[i] += residual * residual;
                    slope_b[i] += along * cosine;
                    slope_a[i] -= along * b[first + i] * sine * x[p];
                }
            }
            for (int i = 0; i < TILE; i++) {
                loss[first + i] = sum[i] / points;
                if (step < steps) {
                    a[first + i] -= rate * 2 * slope_a[i] / points;
                    b[first + i] -= rate * 2 * slope_b[i] / points;
                }
            }
        }
    }
}
