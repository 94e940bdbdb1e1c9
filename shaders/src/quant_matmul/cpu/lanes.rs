//! The instructions that 16-bit products are made of, by kind of processor.

use std::arch::x86_64::{__m128, __m128i, __m256, __m256i, __m512, __m512i, _mm512_dpbusd_epi32};

use pulp::bytemuck::{Pod, cast_slice, pod_read_unaligned};
use pulp::{NullaryFnOnce, cast, simd_type};

use super::rounded::PAIRS;

/// A vector of 32-bit integers, each of which can also be read as a pair of 16-bit ones, and of as
/// many floats.
pub(super) trait Lanes: Copy + Send + Sync {
    /// Integers or floats.
    const WIDTH: usize;
    /// Integers.
    type Ints: Pod;
    /// Floats.
    type Floats: Pod;

    /// Runs `op` where the instructions are allowed; `op` must be inlined.
    fn run<Op: NullaryFnOnce>(self, op: Op) -> Op::Output;
    /// Zeros.
    fn zeros(self) -> Self::Ints;

    /// The first of some words.
    #[inline(always)]
    fn words(self, words: &[u32]) -> Self::Ints {
        pod_read_unaligned(cast_slice(&words[..Self::WIDTH]))
    }

    /// The same word everywhere.
    fn word(self, word: u32) -> Self::Ints;
    /// `sum + a.low · b.low + a.high · b.high`
    fn dot(self, sum: Self::Ints, a: Self::Ints, b: Self::Ints) -> Self::Ints;
    /// A block of 4-bit integers as pairs, each less `zero`.
    fn nibbles(self, words: &[u32; 4], zero: i16) -> [u32; PAIRS];
    /// A block of 8-bit integers as pairs.
    fn bytes(self, words: &[u32; 8]) -> [u32; PAIRS];
    /// As floats, rounded.
    fn floats(self, ints: Self::Ints) -> Self::Floats;

    /// The first of some floats.
    #[inline(always)]
    fn load(self, floats: &[f32]) -> Self::Floats {
        pod_read_unaligned(cast_slice(&floats[..Self::WIDTH]))
    }

    /// The same float everywhere.
    fn float(self, float: f32) -> Self::Floats;
    /// `a · b`
    fn mul(self, a: Self::Floats, b: Self::Floats) -> Self::Floats;
    /// `a · b + sum`
    fn mul_add(self, a: Self::Floats, b: Self::Floats, sum: Self::Floats) -> Self::Floats;

    /// `to += floats`
    #[inline(always)]
    fn add_to(self, floats: Self::Floats, to: &mut [f32]) {
        for (to, float) in to.iter_mut().zip(cast_slice::<_, f32>(&[floats])) {
            *to += float;
        }
    }

    /// All floats' sum.
    #[inline(always)]
    fn sum(self, floats: Self::Floats) -> f32 {
        cast_slice::<_, f32>(&[floats]).iter().sum()
    }
}

simd_type! {
    /// AVX-512 with the dot products of VNNI.
    pub struct Avx512 {
        sse: "sse",
        sse2: "sse2",
        avx: "avx",
        avx2: "avx2",
        fma: "fma",
        avx512f: "avx512f",
        avx512bw: "avx512bw",
        avx512vl: "avx512vl",
        avx512vnni: "avx512vnni",
    }
}

impl Lanes for Avx512 {
    const WIDTH: usize = 16;
    type Ints = __m512i;
    type Floats = __m512;

    #[inline(always)]
    fn run<Op: NullaryFnOnce>(self, op: Op) -> Op::Output {
        self.vectorize(op)
    }

    #[inline(always)]
    fn zeros(self) -> __m512i {
        self.avx512f._mm512_setzero_si512()
    }

    #[inline(always)]
    fn word(self, word: u32) -> __m512i {
        self.avx512f._mm512_set1_epi32(word.cast_signed())
    }

    #[inline(always)]
    fn dot(self, sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
        // With VNNI a compiler makes one instruction of the two.
        self.avx512f._mm512_add_epi32(sum, self.avx512bw._mm512_madd_epi16(a, b))
    }

    #[inline(always)]
    fn nibbles(self, words: &[u32; 4], zero: i16) -> [u32; PAIRS] {
        let bytes: __m128i = cast(*words);
        let four = self.sse2._mm_set1_epi8(15);
        let low = self.sse2._mm_and_si128(bytes, four);
        let high = self.sse2._mm_and_si128(self.sse2._mm_srli_epi16::<4>(bytes), four);
        let both = self.avx._mm256_set_m128i(high, low);
        let wide = self.avx512bw._mm512_cvtepu8_epi16(both);
        cast(self.avx512bw._mm512_sub_epi16(wide, self.avx512f._mm512_set1_epi16(zero)))
    }

    #[inline(always)]
    fn bytes(self, words: &[u32; 8]) -> [u32; PAIRS] {
        let bytes: __m256i = cast(*words);
        cast(self.avx512bw._mm512_cvtepi8_epi16(bytes))
    }

    #[inline(always)]
    fn floats(self, ints: __m512i) -> __m512 {
        self.avx512f._mm512_cvtepi32_ps(ints)
    }

    #[inline(always)]
    fn float(self, float: f32) -> __m512 {
        self.avx512f._mm512_set1_ps(float)
    }

    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        self.avx512f._mm512_mul_ps(a, b)
    }

    #[inline(always)]
    fn mul_add(self, a: __m512, b: __m512, sum: __m512) -> __m512 {
        self.avx512f._mm512_fmadd_ps(a, b, sum)
    }

    #[inline(always)]
    fn sum(self, floats: __m512) -> f32 {
        let [a, b]: [__m256; 2] = cast(floats);
        let [a, b]: [__m128; 2] = cast(self.avx._mm256_add_ps(a, b));
        let [a, b, c, d]: [f32; 4] = cast(self.sse._mm_add_ps(a, b));
        (a + b) + (c + d)
    }
}

simd_type! {
    /// AVX2 with fused multiply-add.
    pub struct Avx2 {
        sse2: "sse2",
        avx: "avx",
        avx2: "avx2",
        fma: "fma",
    }
}

impl Lanes for Avx2 {
    const WIDTH: usize = 8;
    type Ints = __m256i;
    type Floats = __m256;

    #[inline(always)]
    fn run<Op: NullaryFnOnce>(self, op: Op) -> Op::Output {
        self.vectorize(op)
    }

    #[inline(always)]
    fn zeros(self) -> __m256i {
        self.avx._mm256_setzero_si256()
    }

    #[inline(always)]
    fn word(self, word: u32) -> __m256i {
        self.avx._mm256_set1_epi32(word.cast_signed())
    }

    #[inline(always)]
    fn dot(self, sum: __m256i, a: __m256i, b: __m256i) -> __m256i {
        self.avx2._mm256_add_epi32(sum, self.avx2._mm256_madd_epi16(a, b))
    }

    #[inline(always)]
    fn nibbles(self, words: &[u32; 4], zero: i16) -> [u32; PAIRS] {
        let bytes: __m128i = cast(*words);
        let four = self.sse2._mm_set1_epi8(15);
        let low = self.sse2._mm_and_si128(bytes, four);
        let high = self.sse2._mm_and_si128(self.sse2._mm_srli_epi16::<4>(bytes), four);
        let zero = self.avx._mm256_set1_epi16(zero);
        cast(
            [low, high]
                .map(|half| self.avx2._mm256_sub_epi16(self.avx2._mm256_cvtepu8_epi16(half), zero)),
        )
    }

    #[inline(always)]
    fn bytes(self, words: &[u32; 8]) -> [u32; PAIRS] {
        let halves: [__m128i; 2] = cast(*words);
        cast(halves.map(|half| self.avx2._mm256_cvtepi8_epi16(half)))
    }

    #[inline(always)]
    fn floats(self, ints: __m256i) -> __m256 {
        self.avx._mm256_cvtepi32_ps(ints)
    }

    #[inline(always)]
    fn float(self, float: f32) -> __m256 {
        self.avx._mm256_set1_ps(float)
    }

    #[inline(always)]
    fn mul(self, a: __m256, b: __m256) -> __m256 {
        self.avx._mm256_mul_ps(a, b)
    }

    #[inline(always)]
    fn mul_add(self, a: __m256, b: __m256, sum: __m256) -> __m256 {
        self.fma._mm256_fmadd_ps(a, b, sum)
    }
}

impl Avx512 {
    /// `sum +` of each four bytes the products' sum; `a` is unsigned.
    #[inline(always)]
    pub(super) fn dot_bytes(self, sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
        let Self { avx512vnni: _, .. } = self;
        #[expect(unsafe_code, reason = "pulp has no method for it")]
        // SAFETY: the field says that the processor has the instruction.
        unsafe {
            _mm512_dpbusd_epi32(sum, a, b)
        }
    }

    /// The lower and the upper four bits of each byte.
    #[inline(always)]
    pub(super) fn unsigned(self, bytes: __m512i) -> [__m512i; 2] {
        let four = self.avx512f._mm512_set1_epi32(0x0f0f_0f0f);
        let upper = self.avx512bw._mm512_srli_epi16::<4>(bytes);
        [self.avx512f._mm512_and_si512(bytes, four), self.avx512f._mm512_and_si512(upper, four)]
    }

    /// `256 · high + low`
    #[inline(always)]
    pub(super) fn joined(self, high: __m512i, low: __m512i) -> __m512i {
        self.avx512f._mm512_add_epi32(self.avx512f._mm512_slli_epi32::<8>(high), low)
    }

    /// Floats of 16 bits.
    #[inline(always)]
    pub(super) fn halves(self, bytes: &[u8; 32]) -> __m512 {
        self.avx512f._mm512_cvtph_ps(cast(*bytes))
    }

    /// Of sixteen floats the `at`-th four, each four times.
    #[inline(always)]
    pub(super) fn four(self, floats: __m512, at: usize) -> __m512 {
        self.avx512f._mm512_permutexvar_ps(cast(FOURS[at]), floats)
    }
}

/// Each of four numbers four times.
const FOURS: [[u32; 16]; 4] = {
    let mut fours = [[0; 16]; 4];
    let mut at = 0;
    while at < 64 {
        fours[at / 16][at % 16] = (at / 4) as u32;
        at += 1;
    }
    fours
};

impl Avx2 {
    /// One float in the first half, another in the second.
    #[inline(always)]
    pub(super) fn halves(self, floats: [f32; 2]) -> __m256 {
        // Both are brought by one load: each half then takes its own.
        let both: __m256 = cast(self.avx._mm256_set1_pd(cast(floats)));
        self.avx._mm256_permutevar_ps(both, cast([0, 0, 0, 0, 1, 1, 1, 1]))
    }

    /// Of each 16 bits of two 4-bit blocks the lowest four, the next, and so on.
    #[inline(always)]
    pub(super) fn quads(self, bits: __m256i) -> [__m256i; 4] {
        let four = self.avx._mm256_set1_epi16(15);
        [
            self.avx2._mm256_and_si256(bits, four),
            self.avx2._mm256_and_si256(self.avx2._mm256_srli_epi16::<4>(bits), four),
            self.avx2._mm256_and_si256(self.avx2._mm256_srli_epi16::<8>(bits), four),
            self.avx2._mm256_srli_epi16::<12>(bits),
        ]
    }

    /// Half a block of 8-bit integers in 16 bits each.
    #[inline(always)]
    pub(super) fn wide(self, words: &[u32]) -> __m256i {
        let bytes: __m128i = pod_read_unaligned(cast_slice(&words[..4]));
        self.avx2._mm256_cvtepi8_epi16(bytes)
    }
}
