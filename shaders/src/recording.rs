//! Launches that are recorded once and played again. What a launch costs the processor, tens of
//! microseconds of looking up and binding, is more than a fast GPU takes for most of those that one
//! token needs.

use std::fmt;
use std::thread::{self, ThreadId};

use burn::backend::wgpu::{CubeBackend, CubeTensor};
use burn::tensor::{Tensor, TensorData};
use cubecl::client::Graph;
use cubecl::server::ServerError;

/// What was recorded, and what it gives.
#[derive(Debug)]
pub struct Recording<T> {
    graph: Graph,
    /// Whose queue it was recorded on: the work of other threads is in no order with it.
    thread: ThreadId,
    output: T,
}

/// Values of a tensor on a GPU that are written anew, in place, between times that a recording is
/// played.
#[derive(Debug, Clone)]
pub struct Input(CubeTensor);

/// Why launches are not recorded or not played.
#[derive(Debug)]
pub struct RecordingError(String);

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "launches cannot be recorded or played: {}", self.0)
    }
}

impl std::error::Error for RecordingError {}

impl RecordingError {
    /// That there is nothing to be recorded.
    #[must_use]
    pub fn processor() -> Self {
        Self("the processor launches nothing".to_owned())
    }
}

impl From<ServerError> for RecordingError {
    fn from(error: ServerError) -> Self {
        Self(error.to_string())
    }
}

impl Input {
    /// The values of `tensor`, which lie together and are shared with no other tensor but its clones;
    /// `None` on the processor.
    #[must_use]
    pub fn of<const D: usize>(tensor: Tensor<D>) -> Option<Self> {
        tensor.try_into_primitive::<CubeBackend>().ok().map(Self)
    }

    pub(crate) const fn new(tensor: CubeTensor) -> Self {
        Self(tensor)
    }

    /// Writes all values anew.
    ///
    /// # Panics
    /// When there are more or fewer of them, or they are of another type.
    pub fn write(&self, values: TensorData) {
        assert_eq!(values.dtype(), self.0.dtype, "an input keeps its type");
        assert_eq!(values.num_elements(), self.0.meta.num_elements(), "an input keeps its length");
        self.0.client.write(&self.0.handle, values.into_bytes());
    }
}

impl<T> Recording<T> {
    /// Records what `work` launches on the device of `input`. It is done once before, so that all is
    /// compiled and there is memory for it; what is recorded is not done until it is played.
    ///
    /// `work` launches and does nothing else: it reads nothing back and sends nothing. What it reads
    /// must live as long as the recording; what it changes in place is changed twice.
    ///
    /// # Errors
    /// When the device cannot record, or the work does more than launch. What it wrote into is then
    /// not to be used.
    pub fn new(input: &Input, mut work: impl FnMut() -> T) -> Result<Self, RecordingError> {
        let client = &input.0.client;
        client.graph_prepare()?;
        drop(work());
        client.start_capture()?;
        let output = work();
        let graph = client.stop_capture()?;
        Ok(Self { graph, thread: thread::current().id(), output })
    }

    /// What the recorded work gives: values of the last time that it was played.
    pub const fn output(&self) -> &T {
        &self.output
    }

    /// Plays it: after this, what it gives is computed anew from what is in its inputs.
    ///
    /// # Errors
    /// When the device refuses, or this is not the thread that recorded.
    pub fn play(&self) -> Result<(), RecordingError> {
        if self.thread != thread::current().id() {
            return Err(RecordingError("another thread recorded them".to_owned()));
        }
        // SAFETY: the recording's guards keep the memory of what was launched; its inputs and outputs
        // are written and read by this thread alone, whose queue it is played on.
        #[expect(unsafe_code, reason = "cubecl cannot know who else writes what is read")]
        unsafe {
            self.graph.replay()?;
        }
        Ok(())
    }
}
