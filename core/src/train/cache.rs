//! What the frozen vision tower made of each picture, kept on disk: every epoch and every
//! attribute reads it again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::image::Image;
use crate::train::output::{clear_aside, write_atomic};
use crate::train::run::SHARED;
use crate::train::{Base, Encoded, TrainError};

/// A folder of encoded pictures, one file each: its values as little-endian f32, under the
/// picture's SHA-256. Processes may share it.
#[derive(Debug)]
pub struct VisionCache {
    folder: PathBuf,
    side: u32,
    /// The names of pictures that were read before.
    known: BTreeMap<PathBuf, PathBuf>,
    /// How often the vision tower ran.
    pub encoded: usize,
}

impl VisionCache {
    /// The cache in `folder` of what `base` makes of pictures letterboxed to `side` pixels.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path, base: &Base, side: u32) -> Result<Self, TrainError> {
        let folder = folder.join(format!("{}-{side}", base.fingerprint()));
        std::fs::create_dir_all(&folder).map_err(|error| TrainError::Run {
            path: folder.clone(),
            reason: format!("cannot be made: {error}"),
        })?;
        clear_aside(&folder, SHARED)?;
        Ok(Self { folder, side, known: BTreeMap::new(), encoded: 0 })
    }

    /// One picture, from the cache or through the tower.
    ///
    /// # Errors
    /// When the picture cannot be read or is none, or the cache cannot be written.
    pub fn get(&mut self, picture: &Path, base: &mut Base) -> Result<Rc<Encoded>, TrainError> {
        let tokens = base.tokens(self.side);
        let bytes = tokens.values * 4;
        if let Some(encoded) =
            self.known.get(picture).and_then(|file| read(file, bytes, tokens.grid))
        {
            return Ok(Rc::new(encoded));
        }
        let content = read_picture(picture)?;
        let sum = Sha256::digest(&content);
        let name: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        let file = self.folder.join(format!("{name}.f32"));
        let encoded = match read(&file, bytes, tokens.grid) {
            Some(encoded) => encoded,
            None => {
                let encoded = base.encode(&decode(picture, &content)?, self.side)?;
                let values = encoded.values.iter().flat_map(|value| value.to_le_bytes());
                write_atomic(&file, &values.collect::<Vec<u8>>())?;
                self.encoded += 1;
                encoded
            }
        };
        self.known.insert(picture.to_owned(), file);
        Ok(Rc::new(encoded))
    }
}

/// A cached picture, where the file is there and whole.
fn read(file: &Path, bytes: usize, grid: [usize; 3]) -> Option<Encoded> {
    let content = std::fs::read(file).ok().filter(|content| content.len() == bytes)?;
    let (values, _) = content.as_chunks::<4>();
    Some(Encoded { values: values.iter().map(|value| f32::from_le_bytes(*value)).collect(), grid })
}

/// A picture's file.
pub(crate) fn read_picture(path: &Path) -> Result<Vec<u8>, TrainError> {
    std::fs::read(path).map_err(|error| TrainError::Picture {
        path: path.to_owned(),
        reason: format!("cannot be read: {error}"),
    })
}

/// A picture.
pub(crate) fn decode(path: &Path, content: &[u8]) -> Result<Image, TrainError> {
    Image::decode(content)
        .map_err(|error| TrainError::Picture { path: path.to_owned(), reason: error.to_string() })
}
