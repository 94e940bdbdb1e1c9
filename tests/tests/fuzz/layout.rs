//! Where the fields of a GGUF file lie.

/// What a field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The four letters, the version, and the numbers of tensors and keys.
    Start,
    /// The length of a key, a text or a tensor's name.
    Length,
    /// The kind of a value or of an array's elements, or a tensor's type.
    Type,
    /// How many elements an array has.
    Count,
    /// A number of the metadata, the alignment among them.
    Number,
    /// How many axes a tensor has, and their lengths.
    Axis,
    /// Where a tensor's data start.
    Offset,
}

/// A little-endian number in a file.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub at: usize,
    pub size: usize,
    pub kind: Kind,
}

impl Field {
    pub fn get(&self, file: &[u8]) -> u64 {
        let mut bytes = [0; 8];
        bytes[..self.size].copy_from_slice(&file[self.at..self.at + self.size]);
        u64::from_le_bytes(bytes)
    }

    pub fn set(&self, file: &mut [u8], value: u64) {
        file[self.at..self.at + self.size].copy_from_slice(&value.to_le_bytes()[..self.size]);
    }
}

/// The fields of a good file, and where its header ends.
pub fn fields(file: &[u8]) -> (Vec<Field>, usize) {
    let mut walk = Walk { file, at: 0, fields: Vec::new() };
    walk.next(4, Kind::Start);
    walk.next(4, Kind::Start);
    let tensors = walk.next(8, Kind::Start);
    for _ in 0..walk.next(8, Kind::Start) {
        walk.text();
        let kind = walk.next(4, Kind::Type);
        walk.value(kind);
    }
    for _ in 0..tensors {
        walk.text();
        for _ in 0..walk.next(4, Kind::Axis) {
            walk.next(8, Kind::Axis);
        }
        walk.next(4, Kind::Type);
        walk.next(8, Kind::Offset);
    }
    (walk.fields, walk.at)
}

struct Walk<'a> {
    file: &'a [u8],
    at: usize,
    fields: Vec<Field>,
}

impl Walk<'_> {
    fn next(&mut self, size: usize, kind: Kind) -> u64 {
        let field = Field { at: self.at, size, kind };
        self.fields.push(field);
        self.at += size;
        field.get(self.file)
    }

    fn text(&mut self) {
        self.at += self.next(8, Kind::Length) as usize;
    }

    fn value(&mut self, kind: u64) {
        match kind {
            8 => self.text(),
            9 => {
                let kind = self.next(4, Kind::Type);
                for _ in 0..self.next(8, Kind::Count) {
                    self.value(kind);
                }
            }
            0 | 1 | 7 => drop(self.next(1, Kind::Number)),
            2 | 3 => drop(self.next(2, Kind::Number)),
            10..=12 => drop(self.next(8, Kind::Number)),
            _ => drop(self.next(4, Kind::Number)),
        }
    }
}
