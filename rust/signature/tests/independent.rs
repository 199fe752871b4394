//! The group and its encoding against an implementation that shares nothing with this one:
//! `goldilocks-crypto` 0.1 of crates.io (MIT or Apache-2.0). Its signatures hash with another
//! Poseidon2 and take another challenge, so only fields, scalars, points and the equation are
//! compared.

use goldilocks_crypto::{Fp5Element, Point as OtherPoint, ScalarField};
use zkperp_signature::{Challenge, Gfp5, Point, PublicKey, Scalar, sum_vartime};

/// Scalars without pattern.
fn scalars() -> impl Iterator<Item = Scalar> {
    let mut word = 1_u64;
    let mut next = move || {
        word = word.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(57);
        (word >> 56) as u8
    };
    (0..24).map(move |_| Scalar::from_bytes_reduced(&std::array::from_fn(|_| next())))
}

fn theirs(s: Scalar) -> ScalarField {
    ScalarField::from_bytes_le(&s.to_bytes()).expect("40 bytes")
}

fn their_element(element: Gfp5) -> Fp5Element {
    Fp5Element::from_bytes_le(&element.to_bytes()).expect("40 bytes")
}

fn assert_same(ours: Point, theirs: &OtherPoint) {
    assert_eq!(ours.encode().to_bytes(), theirs.encode().to_bytes_le());
}

#[test]
fn field() {
    let elements: Vec<Gfp5> = scalars()
        .map(|s| Point::GENERATOR.times_vartime(&s).encode())
        .collect();
    for pair in elements.windows(2) {
        let (a, b) = (their_element(pair[0]), their_element(pair[1]));
        assert_eq!((pair[0] * pair[1]).to_bytes(), a.mul(&b).to_bytes_le());
        assert_eq!((pair[0] + pair[1]).to_bytes(), a.add(&b).to_bytes_le());
        assert_eq!(pair[0].square().to_bytes(), a.square().to_bytes_le());
        assert_eq!(pair[0].inverse().to_bytes(), a.inverse().to_bytes_le());
        assert_eq!(pair[0].sqrt_vartime().is_some(), a.sqrt().is_some());
    }
}

#[test]
fn scalar_arithmetic() {
    let scalars: Vec<Scalar> = scalars().collect();
    for pair in scalars.windows(2) {
        let (a, b) = (theirs(pair[0]), theirs(pair[1]));
        assert_eq!((pair[0] + pair[1]).to_bytes(), a.add(b).to_bytes_le());
        assert_eq!((pair[0] - pair[1]).to_bytes(), a.sub(b).to_bytes_le());
        assert_eq!((pair[0] * pair[1]).to_bytes(), a.mul(&b).to_bytes_le());
    }
}

#[test]
fn points_and_encodings() {
    let mut previous = (Point::GENERATOR, OtherPoint::generator());
    for s in scalars() {
        let ours = Point::GENERATOR.times_vartime(&s);
        let other = OtherPoint::generator().mul(&theirs(s));
        assert_same(ours, &other);
        assert_same(ours.double(), &other.double());
        assert_same(ours + previous.0, &other.add(&previous.1));
        let decoded = OtherPoint::decode(&their_element(ours.encode())).expect("an element");
        assert!(decoded.equals(&other));
        assert_eq!(Point::decode_vartime(ours.encode()), Ok(ours));
        previous = (ours, other);
    }
}

#[test]
fn decoding_refuses_the_same_elements() {
    let mut accepted = 0;
    for i in 0..64 {
        let mut bytes = [0; 40];
        bytes[0] = i;
        bytes[17] = i;
        let w = Gfp5::from_bytes(&bytes).expect("small coefficients");
        let ours = Point::decode_vartime(w);
        assert_eq!(
            ours.is_ok(),
            OtherPoint::decode(&their_element(w)).is_some()
        );
        accepted += u32::from(ours.is_ok());
    }
    assert!((16..48).contains(&accepted));
}

#[test]
fn sums_of_the_equation() {
    let scalars: Vec<Scalar> = scalars().collect();
    for (i, pair) in scalars.windows(2).enumerate() {
        let key = Point::GENERATOR.times_vartime(&pair[0]).encode();
        let challenge =
            Challenge(0x0123_4567_89ab_cdef_0f1e_2d3c_4b5a_6978_u128.rotate_left(5 * i as u32));
        let public = PublicKey::from_felts(key.to_felts()).expect("a key");
        let ours = sum_vartime(&public, &pair[1], challenge).expect("not excluded");
        let other_key = OtherPoint::decode(&their_element(key)).expect("an element");
        let first = OtherPoint::generator().mul(&theirs(pair[1]));
        assert_same(
            ours,
            &first.add(&other_key.mul(&theirs(challenge.scalar()))),
        );
    }
}
