//! A compiled program is checked before it runs; each edit of a good one is refused by its name.

use serde_json::{Value as Json, json};
use zkperp_field::{P, PrimeField64};
use zkperp_vm::Program;
use zkperp_vm::builtins::Builtin;
use zkperp_vm::hints::UnknownHint;
use zkperp_vm::program::ProgramError;

use crate::support::{compiled, program};

fn edited(edit: impl FnOnce(&mut Json)) -> ProgramError {
    let mut json: Json = serde_json::from_str(&compiled("fibonacci")).unwrap();
    edit(&mut json);
    Program::from_json(&json.to_string()).unwrap_err()
}

#[test]
fn a_good_program_is_read() {
    let fibonacci = program("fibonacci");
    assert_eq!(fibonacci.builtins(), [Builtin::Output]);
    assert_eq!(fibonacci.words().len(), fibonacci.code().len());
    assert_eq!(fibonacci.locate(4), "__main__.__end__+0");
    assert_eq!(fibonacci.locate(1000), "program+1000");
    assert_eq!(
        fibonacci.words()[2].as_canonical_u64(),
        0x1104_8001_8001_8000
    );
}

#[test]
fn what_is_not_a_compiled_program_is_refused() {
    assert!(matches!(
        Program::from_json("{}"),
        Err(ProgramError::Json(_))
    ));
    assert!(matches!(
        Program::from_json("["),
        Err(ProgramError::Json(_))
    ));
    let stark_prime = "0x800000000000011000000000000000000000000000000000000000000000001";
    let other = edited(|json| json["prime"] = json!(stark_prime));
    assert_eq!(other, ProgramError::Prime(stark_prime.to_owned()));
}

#[test]
fn words_are_canonical() {
    for text in [
        "",
        "0x",
        "12",
        "0xg",
        "0x+1",
        "0x10000000000000000",
        &format!("{P:#x}"),
    ] {
        let error = edited(|json| json["data"][7] = json!(text));
        assert_eq!(
            error,
            ProgramError::Word {
                index: 7,
                text: text.to_owned()
            }
        );
    }
}

#[test]
fn builtins_are_known_and_in_order() {
    let builtins = |names: Json| edited(|json| json["builtins"] = names);
    let unknown = ProgramError::UnknownBuiltin("pedersen".to_owned());
    assert_eq!(builtins(json!(["output", "pedersen"])), unknown);
    let swapped = builtins(json!(["output", "muldiv", "poseidon2"]));
    assert_eq!(swapped, ProgramError::BuiltinOrder(Builtin::Poseidon2));
    let twice = builtins(json!(["output", "output"]));
    assert_eq!(twice, ProgramError::BuiltinOrder(Builtin::Output));
    assert_eq!(builtins(json!([])), ProgramError::NoOutput);
    assert_eq!(builtins(json!(["range_check"])), ProgramError::NoOutput);
    let header = ProgramError::Header {
        index: 1,
        found: 1,
        expected: 2,
    };
    assert_eq!(builtins(json!(["output", "range_check"])), header);
}

#[test]
fn the_header_is_that_of_proof_mode() {
    for index in [0, 1, 2, 4, 5] {
        let error = edited(|json| json["data"][index] = json!("0x7"));
        assert!(matches!(error, ProgramError::Header { index: i, found: 7, .. } if i == index));
    }
    let short = edited(|json| {
        json["hints"] = json!({});
        json["data"].as_array_mut().unwrap().truncate(6);
    });
    assert_eq!(short, ProgramError::NoMain);
}

#[test]
fn hints_are_on_the_list_and_at_a_word() {
    let code = "memory[ap] = 5".to_owned();
    let listed = edited(|json| json["hints"]["24"][0]["code"] = json!(code));
    assert_eq!(
        listed,
        ProgramError::Hint {
            pc: 24,
            source: UnknownHint(code)
        }
    );
    for place in ["32", "-1", "x", "4294967320"] {
        let error = edited(|json| json["hints"] = json!({ place: [] }));
        assert_eq!(error, ProgramError::HintPlace(place.to_owned()));
    }
}
