//! Random numbers from a seed, and numbers at which code breaks.

/// A xorshift generator.
pub struct Random(u64);

impl Random {
    /// Seeds that are close give numbers that are not.
    pub const fn new(seed: u64) -> Self {
        let mut state = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Self((state ^ (state >> 31)) | 1)
    }

    pub const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `bound`, or 0.
    pub const fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { (self.next() >> 11) as usize % bound }
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Instead of a number `old` in a file of `length` bytes: mostly one at an edge.
    pub fn number(&mut self, old: u64, length: usize) -> u64 {
        let power = 1_u64 << self.below(64);
        let near = self.below(9) as u64;
        match self.below(16) {
            0 => near,
            1 => old.wrapping_add(1),
            2 => old.wrapping_sub(1),
            3 => old.wrapping_add(32),
            4 => old.wrapping_mul(2),
            5 => old / 2,
            6 => old ^ power,
            7 => length as u64,
            8 => (length as u64).wrapping_sub(near),
            9 => power,
            10 => power.wrapping_sub(1),
            11 => u64::MAX.wrapping_sub(near),
            12 => (u64::MAX / 4).wrapping_sub(near),
            13 => self.below(length) as u64,
            14 => self.below(300) as u64,
            _ => self.next(),
        }
    }
}
