//! The premium's moving average, which the mark follows (docs/spec/prices.md § 4, step 4).

use super::clamp;

/// The basis in ppm after `elapsed_ms` since the last tick: it moves from `basis_ppm` towards the
/// premium, cut off at ±`cap_ppm`, by the part that the elapsed time is of `window_ms`, all of it
/// when as much time has passed. `window_ms` is above 0.
#[must_use]
pub fn basis_ppm(
    basis_ppm: i64,
    premium_ppm: i64,
    cap_ppm: u64,
    elapsed_ms: u64,
    window_ms: u64,
) -> i64 {
    let passed = elapsed_ms.min(window_ms).cast_signed();
    let apart = clamp(premium_ppm, cap_ppm) - basis_ppm;
    basis_ppm + apart * passed / window_ms.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_by_the_part_of_the_window_that_has_passed() {
        assert_eq!(basis_ppm(0, 1000, 5000, 250, 1000), 250);
        assert_eq!(basis_ppm(-100, 1000, 5000, 5000, 1000), 1000);
        assert_eq!(basis_ppm(0, -9999, 5000, 1000, 1000), -5000);
        // Towards zero: what is left of a ppm does not move it.
        assert_eq!(basis_ppm(0, -3, 5000, 333, 1000), 0);
        assert_eq!(basis_ppm(7, 7, 5000, 1, 1000), 7);
    }
}
