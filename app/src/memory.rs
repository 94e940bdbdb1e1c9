//! How much memory was used.

use std::fmt;

use easel_core::device::Device;
use indicatif::HumanBytes;

/// Bytes on the device and on the host.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// The weights.
    pub weights: u64,
    /// All that is reserved on the device.
    pub device: Option<u64>,
    /// The most that the process held.
    pub host_peak: Option<u64>,
}

impl Memory {
    /// Measures now. A device that shares the host's memory reports none of its own.
    pub fn measure(device: &Device, weights: u64) -> Self {
        let usage = device.memory_pool_usage();
        Self { weights, device: usage.map(|usage| usage.bytes_reserved), host_peak: host_peak() }
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "weights on the device {}", HumanBytes(self.weights))?;
        if let Some(device) = self.device {
            write!(f, ", device memory {}", HumanBytes(device))?;
        }
        if let Some(peak) = self.host_peak {
            write!(f, ", peak host memory {}", HumanBytes(peak))?;
        }
        Ok(())
    }
}

/// Has the allocator keep what is freed, for what is wanted next.
///
/// glibc gives blocks above 32 MiB back at once, and a matrix of activations is larger: each would be
/// mapped anew, page by page, which took a third of a prefill's time.
pub fn keep_freed() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // A model's thread must find what another thread freed, and half a GiB may lie idle.
        let settings = [
            (libc::M_ARENA_MAX, 1),
            (libc::M_MMAP_THRESHOLD, i32::MAX),
            (libc::M_TRIM_THRESHOLD, 512 << 20),
        ];
        for (parameter, value) in settings {
            #[expect(unsafe_code, reason = "sets a number, before there are other threads")]
            // SAFETY: no pointers are involved, and glibc refuses what it does not know.
            unsafe {
                libc::mallopt(parameter, value)
            };
        }
    }
}

/// The process's largest resident size so far, where the system tells it (Linux).
fn host_peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory() {
        assert!(host_peak().unwrap() > 1 << 20);
    }
}
