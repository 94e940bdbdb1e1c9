//! How much memory this machine has.

/// Bytes in all, where the system tells.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn total() -> Option<u64> {
    of_meminfo(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

/// The same.
#[cfg(target_os = "macos")]
pub(super) fn total() -> Option<u64> {
    let told = std::process::Command::new("/usr/sbin/sysctl").args(["-n", "hw.memsize"]).output();
    String::from_utf8(told.ok()?.stdout).ok()?.trim().parse().ok()
}

/// The same; the app is told when it starts.
#[cfg(target_os = "ios")]
pub(super) fn total() -> Option<u64> {
    super::tablet::machine()?.memory
}

/// Other systems are not asked.
#[cfg(not(any(
    target_os = "android",
    target_os = "ios",
    target_os = "linux",
    target_os = "macos"
)))]
pub(super) const fn total() -> Option<u64> {
    None
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn of_meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_figure_is_read() {
        let text = "MemTotal:       16302104 kB\nMemFree:         1 kB\n";
        assert_eq!(of_meminfo(text), Some(16_302_104 * 1024));
        assert_eq!(of_meminfo("MemFree: 1 kB\n"), None);
        assert!(total().is_some_and(|bytes| bytes > 1 << 26));
    }
}
