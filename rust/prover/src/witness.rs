//! What the tables ask each other for, collected while they are filled.

use p3_field::PrimeField64;
use zkperp_field::F;

/// Requests on the buses whose providers are filled last.
#[derive(Debug)]
pub struct Requests {
    /// Requests per address; index = address - 1.
    pub memory: Vec<u32>,
    /// Requests per 16-bit value.
    pub range16: Vec<u32>,
    /// Inputs of the permutations asked for, in order.
    pub poseidon2: Vec<[F; 8]>,
    /// Inputs of the compressions asked for, in order.
    pub compress: Vec<[F; 8]>,
}

impl Requests {
    /// No requests yet, for a memory of `cells` addresses.
    #[must_use]
    pub fn new(cells: usize) -> Self {
        Self {
            memory: vec![0; cells],
            range16: vec![0; 1 << 16],
            poseidon2: Vec::new(),
            compress: Vec::new(),
        }
    }

    /// Asks for a memory cell.
    pub fn memory(&mut self, address: u32) {
        self.memory[address as usize - 1] += 1;
    }

    /// Asks for a 16-bit value.
    pub fn range16(&mut self, value: u16) {
        self.range16[usize::from(value)] += 1;
    }

    /// Asks for a 16-bit value given as a field element. One that isn't is not counted, so that
    /// the bus doesn't balance: a bad witness becomes a rejected proof, not a panic.
    pub fn range16_felt(&mut self, value: F) {
        if let Ok(value) = u16::try_from(value.as_canonical_u64()) {
            self.range16(value);
        }
    }

    /// Asks for a permutation.
    pub fn poseidon2(&mut self, input: [F; 8]) {
        self.poseidon2.push(input);
    }

    /// Asks for a compression.
    pub fn compress(&mut self, input: [F; 8]) {
        self.compress.push(input);
    }
}
