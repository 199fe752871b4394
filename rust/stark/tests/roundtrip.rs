//! Proofs of the test machine: accepted, reproducible, and refused after any change.

mod common;

use common::{FAST, Heights, Machine};
use p3_field::PrimeCharacteristicRing;
use zkperp_stark::{F, Params, ShapeError, VerifyError, prove, verify};

#[test]
fn an_honest_proof_is_accepted_and_reproducible() {
    let machine = Machine::new(Heights::SMALL, FAST);
    let statement = machine.statement();
    let proof = prove(&statement, machine.tables.clone()).unwrap();
    let report = verify(&statement, &proof).unwrap();
    assert!(report.bits >= 60.0, "{report:?}");
    assert_eq!(proof, prove(&statement, machine.tables.clone()).unwrap());
}

#[test]
fn the_production_parameters_reach_their_target() {
    for params in [Params::ONCHAIN, Params::OFFCHAIN] {
        let machine = Machine::new(Heights::SMALL, params);
        let proof = prove(&machine.statement(), machine.tables.clone()).unwrap();
        let report = verify(&machine.statement(), &proof).unwrap();
        assert!(report.bits >= 100.0, "{report:?}");
    }
}

#[test]
fn public_values_heights_and_parameters_are_bound() {
    let machine = Machine::new(Heights::SMALL, FAST);
    let proof = prove(&machine.statement(), machine.tables.clone()).unwrap();
    let mut public = machine.public.clone();
    public[3] += F::ONE;
    let other = machine.with_public(public);
    assert!(verify(&other.statement(), &proof).is_err());
    let mut other = machine.with_public(machine.public.clone());
    assert!(verify(&other.statement(), &proof).is_ok());
    other.shape.id += 1;
    assert!(verify(&other.statement(), &proof).is_err());
    other.shape.id -= 1;
    other.shape.params.target_bits = 90;
    assert!(matches!(
        verify(&other.statement(), &proof),
        Err(VerifyError::Security(_))
    ));
}

#[test]
fn the_statement_is_checked() {
    let mut machine = Machine::new(Heights::SMALL, FAST);
    machine.shape.log_rows[1] = 3;
    let refused = ShapeError::Height {
        table: 1,
        log_rows: 3,
        least: 4,
        most: 26,
    };
    assert_eq!(machine.statement().check(), Err(refused));
    machine.shape.log_rows.pop();
    assert!(matches!(
        machine.statement().check(),
        Err(ShapeError::Count { .. })
    ));
}
