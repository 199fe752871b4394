//! A batch through real prove and verify, at the least bits that a venue takes.

use zkperp_field::{F, PrimeCharacteristicRing};
use zkperp_prover::parameters::{Venue, parameters};
use zkperp_prover::{prove::prove, verify::verify};

use crate::desk::{Desk, MARK, order};
use zkperp_engine::{Command, OrderType, Side};

#[test]
fn a_batch_is_proven_and_verified() {
    let mut desk = Desk::open();
    desk.rest(2, Side::Ask, MARK, 10);
    let id = desk.rest(3, Side::Bid, MARK - 1, 10);
    desk.place(1, order(Side::Bid, OrderType::Ioc, MARK, 4))
        .unwrap();
    desk.user(desk.sender(3).amend(id, MARK - 2, 5)).unwrap();
    desk.user(desk.sender(3).cancel(id)).unwrap();
    desk.user(desk.sender(1).withdraw(5)).unwrap();
    desk.command(Command::Time).unwrap();
    let proven = desk.prove();

    let params = parameters(Venue::OffChain, 100).unwrap();
    let (statement, proof) = prove(&proven.run, &params).unwrap();
    let report = verify(&statement.program, &statement, &proof).unwrap();
    assert!(report.bits >= 100.0, "{} bits", report.bits);
    let output: Vec<F> = proven.batch.output().into_iter().map(F::from_u64).collect();
    assert_eq!(statement.output, output);

    let mut other = statement.clone();
    *other.output.last_mut().unwrap() += F::ONE;
    assert!(verify(&statement.program, &other, &proof).is_err());
}
