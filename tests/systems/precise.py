"""The steady state of any generator in many digits, by sparse elimination in mpmath.

From the operators of its terms to complex matrix units: neither the real coordinates nor a kernel
of the package takes part.
"""

import mpmath

DIGITS = 50


def steady_state(generator, coefficients):
    """{(i, j): rho_ij} in 50 digits, for what the dynamics reaches from the populations.

    mpmath's numbers have exponents without bounds: populations of 1e-400 are like any other.
    """
    with mpmath.workdps(DIGITS):
        d = generator.dimension
        rows = _equations(generator.terms, coefficients, d)
        # The equations of the populations sum to zero: the likeliest state is the unit, for now.
        right = dict.fromkeys(rows, mpmath.mpf(0))
        rows[0], right[0] = {0: mpmath.mpf(1)}, mpmath.mpf(1)
        x = _solved(rows, right)
        trace = sum(x[i * (d + 1)] for i in range(d))
        return {divmod(place, d): value / trace for place, value in x.items()}


def _equations(terms, coefficients, d):
    rows = {}
    for coefficient, term in zip(coefficients, terms, strict=True):
        entries = (part.tolist() for part in term.entries())
        for to, source, value in zip(*entries, strict=True):
            row = rows.setdefault(to, {})
            change = mpmath.mpf(float(coefficient)) * mpmath.mpmathify(value)
            row[source] = row.get(source, 0) + change
    reached, new = set(), {i * (d + 1) for i in range(d)}
    while new:
        reached |= new
        new = {to for to, row in rows.items() if reached & row.keys()} - reached
    return {to: {k: v for k, v in rows[to].items() if k in reached} for to in reached}


def _solved(rows, right):
    rows = {i: dict(row) for i, row in rows.items()}
    holders = {i: {k for k, row in rows.items() if i in row} for i in rows}
    order, left = [], set(rows)
    while left:
        # The pivot that fills in least; 0 last, which everything is relative to.
        k = min(left, key=lambda k: (k == 0, (len(rows[k]) - 1) * len(holders[k] & left), k))
        order.append(k)
        left.remove(k)
        for i in holders[k] & left:
            factor = rows[i].pop(k) / rows[k][k]
            for j, value in rows[k].items():
                if j != k:
                    rows[i][j] = rows[i].get(j, 0) - factor * value
                    holders[j].add(i)
            right[i] -= factor * right[k]
    x = {}
    for k in reversed(order):
        rest = sum(value * x[j] for j, value in rows[k].items() if j != k)
        x[k] = (right[k] - rest) / rows[k][k]
    return x
