//! A PDF file as numbered objects (ISO 32000-1, 7.5): what cards need of the format and no more.

/// The number of an object.
pub(super) type Number = usize;

/// A file on its way.
#[derive(Default)]
pub(super) struct File {
    bytes: Vec<u8>,
    /// Where each object begins; none is written yet where it is 0.
    begins: Vec<usize>,
}

impl File {
    pub(super) fn new() -> Self {
        // Bytes beyond ASCII tell programs that this is no text (7.5.2).
        Self { bytes: b"%PDF-1.7\n%\x80\x80\x80\x80\n".to_vec(), begins: Vec::new() }
    }

    /// A number for an object to come.
    pub(super) fn number(&mut self) -> Number {
        self.begins.push(0);
        self.begins.len()
    }

    /// Writes an object.
    pub(super) fn object(&mut self, number: Number, text: &str) {
        self.begin(number);
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.extend_from_slice(b"\nendobj\n");
    }

    /// Writes a stream; `fields` are those of its dictionary besides the length.
    pub(super) fn stream(&mut self, number: Number, fields: &str, bytes: &[u8]) {
        self.begin(number);
        let head = format!("<< /Length {} {fields} >>\nstream\n", bytes.len());
        self.bytes.extend_from_slice(head.as_bytes());
        self.bytes.extend_from_slice(bytes);
        self.bytes.extend_from_slice(b"\nendstream\nendobj\n");
    }

    fn begin(&mut self, number: Number) {
        self.begins[number - 1] = self.bytes.len();
        self.bytes.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
    }

    /// The whole file, with the list of where its objects begin.
    pub(super) fn finish(mut self, catalog: Number, info: Number) -> Vec<u8> {
        let (list, count) = (self.bytes.len(), self.begins.len() + 1);
        let mut end = format!("xref\n0 {count}\n0000000000 65535 f \n");
        for begin in &self.begins {
            let kind = if *begin == 0 { 'f' } else { 'n' };
            end.push_str(&format!("{begin:010} 00000 {kind} \n"));
        }
        end.push_str(&format!(
            "trailer\n<< /Size {count} /Root {catalog} 0 R /Info {info} 0 R >>\nstartxref\n{list}\n%%EOF\n"
        ));
        self.bytes.extend_from_slice(end.as_bytes());
        self.bytes
    }
}

/// Bytes as a string of hexadecimal digits (7.3.4.3).
pub(super) fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("<{digits}>")
}

/// A text as UTF-16 with its mark (7.9.2.2).
pub(super) fn text(text: &str) -> String {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    hex(&units.flat_map(u16::to_be_bytes).collect::<Vec<_>>())
}
