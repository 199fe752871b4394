// Whether five felts encode a public key: a total question (docs/spec/signature.md § 2).
//
// With a = 2 and b = 263 z in GF(p^5) = GF(p)[z] / (z^5 - 3), w is a key just when
// d = (w^2 - a)^2 - 4 b is a square. d is never 0 and 7 is not a square, so a witness t has either
// d = t^2 or d = 7 t^2, and no w has both. w = 0 falls under the second.

from lib.signature_builtin import PublicKey

// An element of GF(p^5), lowest power of z first.
struct Gfp5 {
    e0: felt,
    e1: felt,
    e2: felt,
    e3: felt,
    e4: felt,
}

const CURVE_A = 2;
const FOUR_B1 = 4 * 263;
const NON_SQUARE = 7;

// Proven here: the square of x; z^5 = 3.
func square(x: Gfp5*) -> Gfp5* {
    tempvar result = new Gfp5(
        e0=x.e0 * x.e0 + 6 * (x.e1 * x.e4 + x.e2 * x.e3),
        e1=2 * x.e0 * x.e1 + 3 * x.e3 * x.e3 + 6 * x.e2 * x.e4,
        e2=2 * x.e0 * x.e2 + x.e1 * x.e1 + 6 * x.e3 * x.e4,
        e3=2 * (x.e0 * x.e3 + x.e1 * x.e2) + 3 * x.e4 * x.e4,
        e4=2 * (x.e0 * x.e4 + x.e1 * x.e3) + x.e2 * x.e2,
    );
    return result;
}

// Proven here: the answer, 1 or 0. `root` is the prover's t, and a wrong one fails both equations.
func is_key_encoding(key: PublicKey*, root: Gfp5*) -> felt {
    alloc_locals;
    let w_squared = square(cast(key, Gfp5*));
    tempvar difference = new Gfp5(
        w_squared.e0 - CURVE_A, w_squared.e1, w_squared.e2, w_squared.e3, w_squared.e4
    );
    let d = square(difference);
    let t_squared = square(root);
    // The root says which case it is for; d is not 0, so the two can't both hold. Comparing one limb
    // that is not zero would do to choose; comparing all of one case and then of the other is plain.
    if (t_squared.e0 == d.e0) {
        if (t_squared.e1 == d.e1 - FOUR_B1) {
            if (t_squared.e2 == d.e2) {
                if (t_squared.e3 == d.e3) {
                    if (t_squared.e4 == d.e4) {
                        return 1;
                    }
                }
            }
        }
    }
    assert NON_SQUARE * t_squared.e0 = d.e0;
    assert NON_SQUARE * t_squared.e1 = d.e1 - FOUR_B1;
    assert NON_SQUARE * t_squared.e2 = d.e2;
    assert NON_SQUARE * t_squared.e3 = d.e3;
    assert NON_SQUARE * t_squared.e4 = d.e4;
    return 0;
}
