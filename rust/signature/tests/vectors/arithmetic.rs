//! The vectors of the field, the scalars and the group: those of the curve's author and those of
//! the Python model.

use crate::read::{bytes, cases, element, load, point, scalar, text};
use serde_json::Value;
use zkperp_signature::{Gfp5, Point, Scalar};

fn check_field_operations(case: &Value) {
    let (a, b) = (element(&case["a"]), element(&case["b"]));
    assert_eq!(a + b, element(&case["sum"]));
    assert_eq!(a - b, element(&case["difference"]));
    assert_eq!(a * b, element(&case["product"]));
    assert_eq!(a * b.inverse(), element(&case["quotient"]));
}

#[test]
fn field() {
    check_field_operations(&load("pornin.json")["field"]);
    let vectors = load("field.json");
    cases(&vectors, "operations")
        .iter()
        .for_each(check_field_operations);
    for case in cases(&vectors, "squares") {
        let (value, is_square) = (element(&case["value"]), case["is_square"] == true);
        assert_eq!(value.is_nonzero_square(), is_square);
        assert_eq!(
            value.sqrt_vartime().map(Gfp5::square),
            is_square.then_some(value)
        );
    }
    for case in cases(&vectors, "encodings") {
        let encoding = bytes(&case["bytes"]);
        assert_eq!(element(&case["value"]).to_bytes(), encoding);
        assert_eq!(Gfp5::from_bytes(&encoding), Ok(element(&case["value"])));
    }
    for encoding in cases(&vectors, "not_canonical") {
        assert!(Gfp5::from_bytes(&bytes(encoding)).is_err());
    }
}

#[test]
fn scalars() {
    let pornin = &load("pornin.json")["reduction"];
    let reduced = Scalar::from_bytes_reduced(&bytes(&pornin["bytes"]));
    assert_eq!(reduced.to_bytes(), bytes(&pornin["scalar"]));
    let vectors = load("scalar.json");
    assert_eq!(scalar(&vectors["order"]), Scalar::ZERO);
    for case in cases(&vectors, "reductions") {
        assert_eq!(
            Scalar::from_bytes_reduced(&bytes(&case["bytes"])),
            scalar(&case["scalar"])
        );
    }
    for case in cases(&vectors, "operations") {
        let (a, b) = (scalar(&case["a"]), scalar(&case["b"]));
        assert_eq!(a + b, scalar(&case["sum"]));
        assert_eq!(a - b, scalar(&case["difference"]));
        assert_eq!(a * b, scalar(&case["product"]));
    }
    for encoding in cases(&vectors, "not_canonical") {
        assert!(Scalar::from_bytes(&bytes(encoding)).is_err());
    }
}

#[test]
fn the_authors_points() {
    let vectors = load("pornin.json");
    let named = |name: &str| point(&vectors["points"][name]);
    let (p1, p2) = (named("p1"), named("p2"));
    assert_eq!(p1 + p2, named("p1 + p2"));
    assert_eq!(p1.double(), named("2 p1"));
    assert_eq!(p2 + p2, named("2 p2"));
    assert_eq!(p1.double() + p2, named("2 p1 + p2"));
    assert_eq!(p1 + p2.double(), named("p1 + 2 p2"));
    for (name, w) in vectors["points"].as_object().expect("named points") {
        assert_eq!(named(name).encode(), element(w));
    }
    for w in cases(&vectors, "not_in_group") {
        assert!(Point::decode_vartime(element(w)).is_err());
    }
    let case = &vectors["multiple"];
    let s = Scalar::from_bytes(&bytes(&case["scalar"])).expect("a scalar");
    assert_eq!(
        point(&case["base"]).times_vartime(&s),
        point(&case["multiple"])
    );
}

#[test]
fn group() {
    let vectors = load("curve.json");
    for case in cases(&vectors, "sums") {
        let (left, right) = (point(&case["left"]), point(&case["right"]));
        assert_eq!((left + right).encode(), element(&case["sum"]));
        if text(&case["left"][0]) == text(&case["right"][0]) {
            assert_eq!(left.double().encode(), element(&case["sum"]));
        }
    }
    for case in cases(&vectors, "multiples") {
        let multiple = point(&case["base"]).times_vartime(&scalar(&case["scalar"]));
        assert_eq!(multiple.encode(), element(&case["multiple"]));
    }
    for case in cases(&vectors, "affine") {
        let affine = point(&case["w"]).to_affine();
        assert_eq!(
            (affine.x, affine.y),
            (element(&case["x"]), element(&case["y"]))
        );
        assert!(affine.is_on_curve());
    }
}
